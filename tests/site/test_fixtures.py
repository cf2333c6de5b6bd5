"""Integrity of the fixture files themselves: counts, order, references, words; no database."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from stdnum.cn import uscc

from fixtures.files import TABLES, as_line, filled, parents_first, read_table
from fixtures.make_claims import DIMENSIONS
from fixtures.make_ledger import organisation_codes
from projects.importing.cells.rows_below import FURTHER_AMOUNTS
from projects.models.words import RESULT_INDICATORS
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
        50,
        "code name_zh name_en unit kind is_summable definition_zh definition_en headline_rank",
    ),
    "tags": (
        19,
        "code bearer name_zh name_en is_yearly term_years is_of_group publisher"
        " definition_zh definition_en",
    ),
    "sources": (153, "code title publisher author published_on url kind is_copy note"),
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
    "light_rules": (7, "code kind step since_step threshold is_beyond colour source note"),
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


def test_organisations_are_named_once_and_their_credit_codes_are_valid() -> None:
    organisation_codes()  # raises when a name stands for two organisations
    for row in rows("organisations"):
        assert "name_zh" in row or "name_en" in row
        assert "uscc" not in row or uscc.is_valid(row["uscc"])


def test_indicators_are_few_and_each_is_used() -> None:
    imported = {indicator for indicator, _scope in FURTHER_AMOUNTS.values()}
    asked = {"tax_per_mu", "investment_intensity"}  # of every park, and no source says it yet
    asked |= {*RESULT_INDICATORS}  # of projects by the year
    assert {claim["indicator"] for _, claim in claims()} | imported | asked == codes("indicators")


def test_no_two_claims_of_one_date_compete_for_the_headline() -> None:
    """Of an indicator, nature and date one claim is of the whole; others say what narrows them."""
    found = Counter(
        (subject, claim["indicator"], claim["nature"], claim["as_of"])
        for subject, claim in claims()
        if "as_of" in claim and "investment_basis" not in claim and not {*DIMENSIONS} & {*claim}
    )
    assert [each for each, count in found.items() if count > 1] == []


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
