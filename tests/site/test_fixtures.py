"""Integrity of the fixture files themselves: counts, order, references, words; no database."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from stdnum.cn import uscc

from fixtures import seed_facts
from fixtures.files import TABLES, as_line, filled, parents_first, read_table
from fixtures.make_claims import DIMENSIONS
from fixtures.make_ledger import organisation_codes
from fixtures.make_projects import DATE_COLUMNS, STAGES
from projects.importing.cells.rows_below import FURTHER_AMOUNTS
from tests.paths import FIXTURES
from tests.together import together

CLAIM = (
    "indicator value currency qualifier investment_basis nature as_of as_of_basis period_from "
    "period_to period_text base_period origin origin_group sector sector_group place "
    "size_floor_cny scope_text scope_is_whole condition "
    "printed_conversion as_reported said_by said_by_text attribution source is_withdrawn note"
)
SUBJECTS = "park region region_group organisation"
FOLDER = FIXTURES

# Every file with its number of lines, and its keys in their order.
FILES: dict[str, tuple[int, str]] = {
    "regions": (
        3640,
        "code level parent kind name_zh name_en aliases valid_from valid_to is_statistical source",
    ),
    "region_groups": (
        13,
        "code family name_zh name_en definition_zh definition_en source aliases has_countries"
        " members",
    ),
    "sectors": (1971, "code level parent name_zh name_en hitech"),
    "sector_groups": (5, "code name_zh name_en source aliases members"),
    "indicators": (
        49,
        "code name_zh name_en unit kind is_summable definition_zh definition_en headline_rank",
    ),
    "tags": (
        19,
        "code bearer name_zh name_en is_yearly term_years is_of_group publisher"
        " definition_zh definition_en",
    ),
    "sources": (152, "code title publisher author published_on url kind is_copy note"),
    "organisations": (155, "code name_zh name_en uscc ownership region parent aliases source note"),
    "people": (17, "code name_zh name_en source note posts"),
    "parks": (
        51,
        "code name_zh name_en kind region aliases operator brand leading_sectors is_placeholder "
        "address source note",
    ),
    "figures": (184, f"code {SUBJECTS} {CLAIM}"),
    "timeline": (
        53,
        f"code {SUBJECTS} kind happened_on happened_on_basis nature name_zh name_en said_by "
        "said_by_text attribution as_reported source note",
    ),
    "events": (47, "code name_zh name_en kind held_on place region host park source note figures"),
    "projects": (
        150,
        "code park name_zh name_en kind function site_mode land_mu land_qualifier address origin "
        "origin_basis origin_text capital_type_stated sector sector_basis sector_text standing "
        "part_of reported_on source note "
        "investors milestones participations tags figures",
    ),
}
NESTED_KEYS = {
    "figures": f"code {CLAIM}",
    "posts": "code name_zh name_en organisation held_from held_to source",
    "investors": "organisation role",
    "milestones": "type status planned_on actual_on agreement_type event source note",
    "participations": "event role agreement_type",
    "tags": "tag detail source",
}

# What each key may point to; the same keys mean the same in every file.
REFERENCES = {
    "region": "regions",
    "region_group": "region_groups",
    "origin": "regions",
    "origin_group": "region_groups",
    "operator": "organisations",
    "organisation": "organisations",
    "sector": "sectors",
    "sector_group": "sector_groups",
    "park": "parks",
    "event": "events",
    "indicator": "indicators",
    "part_of": "projects",
}
# Sources of vocabularies are words; those of records are codes.
RECORDS = ("parks", "figures", "timeline", "events", "projects")

QUALIFIERS = {"exact", "over", "at_least", "about", "nearly", "at_most", "under"}
NATURES = {*"actual intended projected target at_capacity interest recommended".split()}
AGREEMENTS = {"intent", "framework", "contract", "unknown"}
WORDS: dict[tuple[str, str], set[str]] = {
    ("regions", "level"): {"country", "province", "prefecture", "county"},
    ("region_groups", "family"): {"clusters", "economic-regions"},
    ("sectors", "level"): {"section", "division", "group", "class"},
    ("sectors", "hitech"): {"yes", "no"},
    ("indicators", "kind"): {"money", "count", "ratio", "area", "text"},
    ("sources", "kind"): {"official", "media", "company", "academic", "other"},
    ("events", "kind"): {"signing", "start", "promotion", "opening"},
    ("parks", "brand"): {"zhongguancun"},
    ("projects", "kind"): {"new", "expansion", "upgrade", "relocation", "acquisition"},
    ("projects", "function"): {
        "manufacturing",
        "rnd",
        "headquarters",
        "services",
        "logistics",
        "incubation",
        "energy",
        "fund",
    },
    ("projects", "site_mode"): {"land", "lease", "owned"},
    ("projects", "origin_basis"): {"stated", "name"},
    ("projects", "sector_basis"): {"stated", "mapped"},
    ("figures", "qualifier"): QUALIFIERS,
    ("figures", "nature"): NATURES,
    ("figures", "investment_basis"): {"agreed", "planned", "intended", "reported"},
    ("figures", "attribution"): {"narration", "quotation", "reported", "data", "caption"},
    ("figures", "currency"): {"USD", "JPY"},
    ("projects", "capital_type_stated"): {"foreign", "hmt"},
    ("projects", "land_qualifier"): {"about"},
    ("timeline", "nature"): NATURES,
    ("timeline", "kind"): {
        *("agreement", "policy", "approval", "start", "opening", "renaming"),
        *("research", "recommendation", "description", "other"),
    },
    ("investors", "role"): {"lead", "co"},
    ("milestones", "type"): set(STAGES),
    ("milestones", "status"): {"scheduled", "met", "revoked"},
    ("milestones", "agreement_type"): AGREEMENTS,
    ("participations", "role"): {"signed", "started"},
    ("participations", "agreement_type"): AGREEMENTS,
}
RESERVED_CODES = {"summary", "facets", "cohorts", "bulk", "import", "unknown"}
PARTIAL_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
DATE_KEYS = {
    *("valid_from", "valid_to", "published_on", "held_on"),
    *("as_of", "period_from", "period_to", "happened_on", "held_from", "held_to"),
    *("reported_on", "planned_on", "actual_on"),
}

Row = dict[str, Any]


@cache
def rows(name: str) -> list[Row]:
    text = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


@cache
def codes(name: str) -> frozenset[str]:
    return frozenset(row["code"] for row in rows(name))


def nested(row: Row) -> Iterator[tuple[str, Row]]:
    """The parts of a row that are rows themselves, each with the key it stands under."""
    for key in (*NESTED_KEYS, "members"):
        for part in row.get(key, []):
            yield key, part


def everything() -> Iterator[tuple[str, str, Row]]:
    """All rows and parts of rows: the file, what kind of row it is, and the row."""
    for name in FILES:
        for row in rows(name):
            yield name, name, row
            for key, part in nested(row):
                yield name, key, part


def claims() -> Iterator[tuple[str, Row]]:
    """All claims, each with what it is about: a subject of its own, an event or a project."""
    for row in rows("figures"):
        yield next(row[subject] for subject in SUBJECTS.split() if subject in row), row
    for name in ("events", "projects"):
        for row in rows(name):
            for claim in row.get("figures", []):
                yield row["code"], claim


@together("name", FILES)
def test_a_file_has_the_number_of_lines_it_was_made_with(name: str) -> None:
    assert len(rows(name)) == FILES[name][0]


def test_every_fixture_file_is_known_here() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == set(FILES)


@together("name", FILES)
def test_a_file_is_sorted_by_code_with_parents_before_children(name: str) -> None:
    parent = "part_of" if name == "projects" else "parent"
    assert [row["code"] for row in parents_first(rows(name), parent)] == [
        row["code"] for row in rows(name)
    ]


@together("name", FILES)
def test_a_file_is_written_as_the_maker_writes_it(name: str) -> None:
    text = (FOLDER / f"{name}.jsonl").read_bytes().decode("utf-8")
    assert text == "".join(as_line(row) for row in rows(name))


@together("name", FILES)
def test_keys_stand_in_a_fixed_order_and_none_is_empty(name: str) -> None:
    for row in rows(name):
        assert list(row) == [key for key in FILES[name][1].split() if key in row]
        assert row == filled(**row)
        for key, part in nested(row):
            if key in NESTED_KEYS:
                assert list(part) == [each for each in NESTED_KEYS[key].split() if each in part]


@together("name", FILES)
def test_codes_are_unique_and_fit_into_an_address(name: str) -> None:
    found = Counter(row["code"].lower() for row in rows(name))
    assert max(found.values()) == 1
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", row["code"]) for row in rows(name))
    assert not RESERVED_CODES & set(found)


def test_codes_of_figures_are_unique_over_all_files() -> None:
    found = Counter(claim["code"] for _, claim in claims())
    assert max(found.values()) == 1
    assert all(len(code) <= 64 for code in found)


def test_every_reference_is_in_the_file_it_points_to() -> None:
    posts = {post["code"] for person in rows("people") for post in person["posts"]}
    assert sum(len(person["posts"]) for person in rows("people")) == len(posts) == 18
    for name, kind, row in everything():
        assert row.get("said_by") in {*posts, None}, (name, row)
        assert codes("sector_groups") >= set(row.get("leading_sectors", []))
        for key, target in REFERENCES.items():
            if key in row:
                assert row[key] in codes(target), (name, row)
        if kind == "figures":  # elsewhere the place is in words
            assert row.get("place", "110000") in codes("regions"), (name, row)
        if "parent" in row:
            assert row["parent"] in codes(name), (name, row)
        if name in RECORDS:
            assert kind in ("investors", "participations") or row["source"] in codes("sources")


def test_every_word_is_one_of_its_vocabulary() -> None:
    for name, kind, row in everything():
        for (where, key), words in WORDS.items():
            if where == kind and key in row:
                assert row[key] in words, (name, row)


def test_every_date_is_a_year_a_month_or_a_day() -> None:
    for name, _, row in everything():
        for key in DATE_KEYS & set(row):
            assert PARTIAL_DATE.fullmatch(row[key]), (name, row)


def test_countries_are_those_of_their_table() -> None:
    with (FOLDER / "tables" / "countries.csv").open(encoding="utf-8", newline="") as table:
        countries = {row["code"]: (row["name_zh"], row["name_en"]) for row in csv.DictReader(table)}
    assert countries == {
        row["code"]: (row["name_zh"], row["name_en"])
        for row in rows("regions")
        if row["level"] == "country"
    }


def test_regions_are_the_divisions_of_both_lists_and_the_other_countries() -> None:
    levels = Counter(row["level"] for row in rows("regions"))
    assert levels == {"province": 34, "prefecture": 355, "county": 3006, "country": 245}
    assert not {"CN", "HK", "MO", "TW"} & codes("regions")
    assert {"710000", "810000", "820000"} <= codes("regions")
    names = {row["code"]: (row["name_zh"], row["name_en"]) for row in rows("regions")[-245:]}
    assert names["DE"] == ("德国", "Germany")
    assert names["US"] == ("美国", "United States")
    assert names["KR"] == ("韩国", "South Korea")
    assert names["DK"] == ("丹麦", "Denmark")


def test_a_division_lies_in_the_code_range_of_its_province() -> None:
    for row in rows("regions"):
        if row["level"] in ("prefecture", "county"):
            assert row["code"][:2] == row["parent"][:2]
        else:
            assert "parent" not in row


def test_no_alias_takes_the_name_of_another_province_or_country() -> None:
    taken = {
        name.lower(): row["code"]
        for row in rows("regions")
        if row["level"] in ("country", "province")
        for name in (row["name_zh"], row["name_en"])
    }
    for row in rows("regions"):
        for alias in row.get("aliases", []):
            assert alias not in (row["name_zh"], row.get("name_en"))
            assert taken.get(alias.lower(), row["code"]) == row["code"], row


def test_short_forms_that_no_suffix_gives_are_aliases() -> None:
    aliases = {row["code"]: row.get("aliases", []) for row in rows("regions")}
    assert "广西" in aliases["450000"]
    assert "新疆" in aliases["650000"]
    assert "恩施" in aliases["422800"]
    assert "延边" in aliases["222400"]
    assert "大厂" in aliases["131028"]
    assert "海南" not in aliases["632500"]
    assert "Macau" in aliases["820000"]


def test_region_groups_of_one_family_do_not_overlap() -> None:
    members: dict[str, list[str]] = {}
    for group in rows("region_groups"):
        if "family" in group:
            found = members.setdefault(group["family"], [])
            found += [member["region"] for member in group["members"]]
    assert len(members["clusters"]) == len(set(members["clusters"])) == 3 + 4 + 9
    assert len(members["economic-regions"]) == len(set(members["economic-regions"])) == 31


def test_sectors_carry_their_section_and_hang_together() -> None:
    levels = Counter(row["level"] for row in rows("sectors"))
    assert levels == {"section": 20, "division": 97, "group": 473, "class": 1381}
    for row in rows("sectors"):
        if "parent" in row:
            assert row["code"].startswith(row["parent"])
        else:
            assert row["level"] == "section"


def test_high_tech_is_known_for_manufacturing_alone() -> None:
    classes = [row for row in rows("sectors") if row["level"] == "class"]
    assert sum(row.get("hitech") == "yes" for row in classes) == 85
    assert all(("hitech" in row) == (row["code"][0] == "C") for row in classes)
    marks = {row["code"]: row.get("hitech") for row in rows("sectors")}
    assert (marks["C27"], marks["C13"], marks["C39"], marks["C"]) == ("yes", "no", None, None)


def test_sources_are_originals_copies_and_the_seed() -> None:
    copies = sum("is_copy" in row for row in rows("sources"))
    assert (copies, len(rows("sources")) - copies) == (96, 56)
    assert sum("url" not in row for row in rows("sources")) == 5
    assert sum("published_on" not in row for row in rows("sources")) == 31


def test_organisations_are_named_once_and_their_credit_codes_are_valid() -> None:
    organisation_codes()  # raises when a name stands for two organisations
    for row in rows("organisations"):
        assert "name_zh" in row or "name_en" in row
        assert "uscc" not in row or uscc.is_valid(row["uscc"])


def test_parks_are_real_ones_and_placeholders() -> None:
    placeholders = [row for row in rows("parks") if "is_placeholder" in row]
    assert len(placeholders) == 16
    assert all(row["kind"] == "district" for row in placeholders)
    assert len({row["park"] for row in rows("projects")}) == 49


def test_the_first_park_has_its_headline_figures_and_leading_sectors() -> None:
    seed = [
        row for row in rows("figures") if row.get("park") == "baodi-zgc" and row["source"] == "SEED"
    ]
    figures = {row["indicator"]: (row["qualifier"], row["value"]) for row in seed}
    assert figures == {
        "area": ("exact", 14.5),
        "entities": ("over", 1500),
        "hitech_share_of_industrial_projects": ("nearly", 80),
        "invested": ("about", 17_600_000_000),
        "tax_per_year": ("exact", 1_100_000_000),
        "jobs": ("nearly", 10_000),
    }
    (area,) = (row for row in seed if row["indicator"] == "area")
    assert area["scope_text"] == "rural land transformed"
    natures = {row["indicator"]: row["nature"] for row in seed}
    assert natures["tax_per_year"] == natures["jobs"] == "at_capacity"
    (park,) = (row for row in rows("parks") if row["code"] == "baodi-zgc")
    assert park["leading_sectors"] == ["zgc-ai", "zgc-energy", "zgc-equipment", "zgc-medicine"]


def test_events_are_as_many_as_were_read() -> None:
    totals = Counter(
        claim["indicator"]
        for event in rows("events")
        for claim in event.get("figures", [])
        if claim["code"] in (f"{event['code']}-projects", f"{event['code']}-investment")
    )
    assert totals == {"declared_projects": 41, "declared_investment": 36}
    assert sum("held_on" in row for row in rows("events")) == 44


def test_projects_are_known_as_far_as_their_sources_go() -> None:
    projects = rows("projects")
    amounts = [[each["indicator"] for each in row.get("figures", [])] for row in projects]
    assert sum("investment" in each for each in amounts) == 57 + 2  # in dollars, and in yen
    assert sum("origin" in row for row in projects) == 71
    assert sum("origin_text" in row for row in projects) == 73
    assert sum("sector" in row for row in projects) == 141
    assert sum(bool(stage_and_dates(row)[0]) for row in projects) == 144
    assert sum(any(stage_and_dates(row)[1].values()) for row in projects) == 99
    assert all(("origin" in row) == ("origin_basis" in row) for row in projects)
    assert all(("sector" in row) == ("sector_basis" in row) for row in projects)


def stage_and_dates(project: Row) -> tuple[str, dict[str, str]]:
    met = {row["type"]: row for row in project.get("milestones", []) if row["status"] == "met"}
    dates = {name: met.get(name, {}).get("actual_on", "") for name in DATE_COLUMNS}
    return max(met, key=STAGES.index, default=""), dates


def test_milestones_have_at_most_one_of_a_kind_and_are_met_or_planned() -> None:
    for project in rows("projects"):
        found = [(row["type"], row["status"]) for row in project.get("milestones", [])]
        assert len(found) == len(set(found))
        for row in project.get("milestones", []):
            assert ("planned_on" in row) == (row["status"] == "scheduled")
            assert "agreement_type" not in row or row["type"] in ("intended", "signed")


def test_every_participation_has_the_milestone_reached_at_its_event() -> None:
    for project in rows("projects"):
        for part in project.get("participations", []):
            (reached,) = (
                row["type"] for row in project["milestones"] if row.get("event") == part["event"]
            )
            assert (reached == "started") == (part["role"] == "started")


def test_amounts_are_whole_yuan_with_a_basis() -> None:
    amounts = [
        claim
        for project in rows("projects")
        for claim in project.get("figures", [])
        if claim["indicator"] == "investment"
    ]
    for claim in amounts:
        assert isinstance(claim["value"], int)
        assert claim["value"] > 0
        assert (claim["investment_basis"] == "intended") == (claim["nature"] == "intended")
    bases = Counter(claim["investment_basis"] for claim in amounts)
    assert bases == {"agreed": 8, "intended": 4, "reported": 45 + 5 + 2}
    assert sum("investment_basis" in claim for _, claim in claims()) == len(amounts)


def test_every_row_of_the_real_tables_is_a_claim_or_a_timeline_entry() -> None:
    in_file = Counter(row["source"] == "SEED" for row in rows("figures"))
    assert in_file == {False: 166, True: 18}
    of_events = sum(len(row.get("figures", [])) for row in rows("events"))
    # The 77th says what events.csv says, and only adds its words to that total.
    assert of_events == 41 + 36 + 76
    assert sum(row.get("as_reported") == "签约合作项目82个" for _, row in claims()) == 1
    of_projects = sum(len(row.get("figures", [])) for row in rows("projects"))
    assert of_projects == 57 + 2 + 33
    timeline = Counter(row["source"] == "SEED" for row in rows("timeline"))
    assert timeline == {False: 19, True: 34}


def test_indicators_are_few_and_each_is_used() -> None:
    imported = {each.indicator for each in FURTHER_AMOUNTS.values()}
    asked = {"tax_per_mu", "investment_intensity"}  # of every park, and no source says it yet
    assert {claim["indicator"] for _, claim in claims()} | imported | asked == codes("indicators")


def test_a_claim_is_in_the_unit_of_its_indicator() -> None:
    kinds = {row["code"]: row["kind"] for row in rows("indicators")}
    for _, claim in claims():
        kind = kinds[claim["indicator"]]
        assert isinstance(claim["value"], str) == (kind == "text")
        if kind == "money":
            assert isinstance(claim["value"], int)
        assert "currency" not in claim or kind == "money"


def test_a_claim_fits_its_columns_and_its_period_is_in_order() -> None:
    for _, claim in claims():
        assert len(claim.get("as_reported", "")) <= 300
        assert len(claim.get("scope_text", "")) <= 200
        if "period_from" in claim:
            assert claim["period_from"] <= claim["period_to"]


def test_figures_and_entries_are_about_one_subject() -> None:
    for row in (*rows("figures"), *rows("timeline")):
        assert sum(subject in row for subject in SUBJECTS.split()) == 1


def test_no_two_claims_of_one_date_compete_for_the_headline() -> None:
    """Of an indicator, nature and date one claim is of the whole; others say what narrows them."""
    found = Counter(
        (subject, claim["indicator"], claim["nature"], claim["as_of"])
        for subject, claim in claims()
        if "as_of" in claim and "investment_basis" not in claim and not {*DIMENSIONS} & {*claim}
    )
    assert [each for each, count in found.items() if count > 1] == []


# Two claims of one thing that are kept side by side: what they are about, and each value.
CONFLICTS = [
    ("baodi-zgc", "area", {12.5, 11}, "industrial land"),
    ("baodi-zgc", "area", {2, 3.5}, "supporting services"),
    ("baodi-zgc", "area", {14.5}, ""),
    ("baodi-zgc", "jobs", {117_000, 120_000, 8_000, 10_000}, ""),
    ("baodi-zgc", "planned_investment", {110 * 10**9, 39_670_000_000}, ""),
    ("baodi-zgc", "agreed_investment", {163 * 10**8}, ""),
    ("baodi-zgc", "project_investment", {17 * 10**9}, ""),
    ("baodi-zgc", "invested", {176 * 10**8}, ""),
    ("baodi-zgc", "hitech_share_of_enterprises", {80}, ""),
    ("baodi-zgc", "hitech_share_of_industrial_projects", {80}, ""),
    ("baodi-zgc", "tax_per_year", {10**9, 11 * 10**8}, ""),
    ("baodi-zgc-forum-2016", "signers", {22, 20}, ""),
    ("lenovo-park", "investment", {1_090_000_000, 1_700_000_000}, ""),
    ("hyundai-cangzhou", "investment", {12 * 10**9}, ""),
    ("hyundai-cangzhou", "phase_investment", {7_450_000_000}, "plant without suppliers"),
    ("telecom-bigdata", "investment", {10_200_000_000, 1_850_000_000}, ""),
    ("tencent-idc", "land_mu", {290}, ""),
    ("tbna-newinfra-2020", "declared_investment", {13_900_000_000, 1_390_000_000}, ""),
    ("cangzhou-bio", "area", {5.8667, 14}, ""),
]


@together(("subject", "indicator", "values", "scope"), CONFLICTS)
def test_conflicting_claims_stand_side_by_side(
    subject: str, indicator: str, values: set[float], scope: str
) -> None:
    found = {
        claim["value"]
        for about, claim in claims()
        if (about, claim["indicator"], claim.get("scope_text", "")) == (subject, indicator, scope)
    }
    assert found == values


def test_the_same_amount_may_be_nearly_and_exact() -> None:
    found = {
        (claim["source"], claim["qualifier"])
        for about, claim in claims()
        if about == "delixi-topcon" and claim["indicator"] == "investment"
    }
    assert found == {("S019", "nearly"), ("S020", "exact")}


def test_all_91_seed_facts_live_somewhere_and_the_page_says_where() -> None:
    facts = read_table(TABLES / "seed_facts.csv")
    assert [fact["id"] for fact in facts] == [f"F{number:03}" for number in range(1, 92)]
    assert seed_facts.PAGE.read_text(encoding="utf-8") == seed_facts.page()


def test_a_seed_fact_that_lives_nowhere_is_refused() -> None:
    fact = {"id": "F000", "lives_in": "figures", "code": "no-such-code", "member": ""}
    with pytest.raises(ValueError, match="F000: no no-such-code in figures"):
        seed_facts.kept(fact)
    fact |= {"code": "jjj-gdp-2024", "member": "no_such_member"}
    with pytest.raises(ValueError, match="jjj-gdp-2024 has no no_such_member"):
        seed_facts.kept(fact)


def test_what_the_article_printed_stands_as_printed() -> None:
    printed = {row["fact"]: row for row in read_table(TABLES / "seed_wording.csv")}
    said = {
        claim["code"]: claim
        for row in (*rows("figures"), *rows("timeline"), *rows("events"))
        for claim in (row, *row.get("figures", []))
    }
    for fact in read_table(TABLES / "seed_facts.csv"):
        if fact["id"] in printed:
            claim = said[fact["member"] or fact["code"]]
            words = printed[fact["id"]]
            names = {"as_reported": "as_reported", "condition": "condition"}
            names |= {"period": "period_text", "base": "base_period"}
            assert {each: claim.get(names[each], "") for each in names} == {
                each: words[each] for each in names
            }, fact["id"]


def test_every_seed_figure_and_entry_is_a_fact_that_lives_there() -> None:
    lives = {(fact["lives_in"], fact["code"]) for fact in read_table(TABLES / "seed_facts.csv")}
    for name in ("figures", "timeline"):
        of_seed = {(name, row["code"]) for row in rows(name) if row["source"] == "SEED"}
        assert of_seed <= lives
