"""Integrity of the fixture files themselves: counts, order, references, words; no database."""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from stdnum.cn import uscc

from fixtures.files import as_line, filled, parents_first
from fixtures.make_ledger import make_organisations, organisation_codes
from fixtures.make_projects import DATE_COLUMNS, STAGES
from fixtures.make_vocabularies import make_indicators

FOLDER = Path(__file__).resolve().parent.parent / "fixtures"

# Every file with its number of lines, and its keys in their order.
FILES: dict[str, tuple[int, str]] = {
    "regions": (
        3640,
        "code level parent kind name_zh name_en aliases valid_from valid_to is_statistical source",
    ),
    "region_groups": (11, "code family name_zh name_en definition source aliases members"),
    "sectors": (1971, "code level parent name_zh name_en hitech"),
    "sector_groups": (5, "code name_zh name_en source aliases members"),
    "indicators": (11, "code name_zh name_en unit kind is_summable definition"),
    "sources": (152, "code title publisher author published_on url kind is_copy note"),
    "organisations": (145, "code name_zh name_en uscc region parent note"),
    "parks": (
        51,
        "code name_zh name_en kind region operator brand is_placeholder source note figures",
    ),
    "events": (47, "code name_zh name_en kind held_on place region host park source note figures"),
    "projects": (
        150,
        "code park name_zh name_en kind function site_mode land_mu origin origin_basis "
        "origin_text sector sector_basis sector_text standing part_of reported_on source note "
        "investors milestones participations figures",
    ),
}
NESTED_KEYS = {
    "figures": (
        "code indicator value value_text qualifier investment_basis nature as_of as_reported "
        "said_by source note"
    ),
    "investors": "organisation role",
    "milestones": "type status planned_on actual_on agreement_type event source note",
    "participations": "event role agreement_type",
}

# What each key may point to; the same keys mean the same in every file.
REFERENCES = {
    "region": "regions",
    "origin": "regions",
    "operator": "organisations",
    "organisation": "organisations",
    "sector": "sectors",
    "park": "parks",
    "event": "events",
    "indicator": "indicators",
    "part_of": "projects",
}
# Sources of vocabularies are words; those of records are codes.
RECORDS = ("parks", "events", "projects")

QUALIFIERS = {"exact", "over", "at_least", "about", "nearly", "at_most", "under"}
NATURES = {"actual", "intended", "projected", "target", "at_capacity"}
AGREEMENTS = {"intent", "framework", "contract", "unknown"}
WORDS: dict[tuple[str, str], set[str]] = {
    ("regions", "level"): {"country", "province", "prefecture", "county"},
    ("region_groups", "family"): {"clusters", "economic-regions"},
    ("sectors", "level"): {"section", "division", "group", "class"},
    ("sectors", "hitech"): {"yes", "no"},
    ("indicators", "kind"): {"money", "count", "ratio", "area"},
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
    *("as_of", "reported_on", "planned_on", "actual_on"),
}

Row = dict[str, Any]


@cache
def rows(name: str) -> list[Row]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").open(encoding="utf-8")]


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


@pytest.mark.parametrize("name", FILES)
def test_a_file_has_the_number_of_lines_it_was_made_with(name: str) -> None:
    assert len(rows(name)) == FILES[name][0]


def test_every_fixture_file_is_known_here() -> None:
    assert {path.stem for path in FOLDER.glob("*.jsonl")} == set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_sorted_by_code_with_parents_before_children(name: str) -> None:
    parent = "part_of" if name == "projects" else "parent"
    assert [row["code"] for row in parents_first(rows(name), parent)] == [
        row["code"] for row in rows(name)
    ]


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_written_as_the_maker_writes_it(name: str) -> None:
    text = (FOLDER / f"{name}.jsonl").read_bytes().decode("utf-8")
    assert text == "".join(as_line(row) for row in rows(name))


@pytest.mark.parametrize("name", FILES)
def test_keys_stand_in_a_fixed_order_and_none_is_empty(name: str) -> None:
    for row in rows(name):
        assert list(row) == [key for key in FILES[name][1].split() if key in row]
        assert row == filled(**row)
        for key, part in nested(row):
            if key in NESTED_KEYS:
                assert list(part) == [each for each in NESTED_KEYS[key].split() if each in part]


@pytest.mark.parametrize("name", FILES)
def test_codes_are_unique_and_fit_into_an_address(name: str) -> None:
    found = Counter(row["code"].lower() for row in rows(name))
    assert max(found.values()) == 1
    assert all(re.fullmatch(r"[A-Za-z0-9_-]+", row["code"]) for row in rows(name))
    assert not RESERVED_CODES & set(found)


def test_codes_of_figures_are_unique_over_all_files() -> None:
    found = Counter(part["code"] for _, key, part in everything() if key == "figures")
    assert max(found.values()) == 1
    assert sum(found.values()) == 6 + 41 + 36 + 57


def test_every_reference_is_in_the_file_it_points_to() -> None:
    for name, kind, row in everything():
        for key, target in REFERENCES.items():
            if key in row:
                assert row[key] in codes(target), (name, row)
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


def test_files_made_from_tables_beside_them_are_up_to_date() -> None:
    assert rows("organisations") == make_organisations()
    assert rows("indicators") == make_indicators()
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


def test_the_first_park_has_its_headline_figures() -> None:
    (park,) = (row for row in rows("parks") if row["code"] == "baodi-zgc")
    figures = {row["indicator"]: (row["qualifier"], row["value"]) for row in park["figures"]}
    assert figures == {
        "area": ("exact", 14.5),
        "entities": ("over", 1500),
        "hitech_share_of_industrial_projects": ("nearly", 80),
        "invested": ("about", 17_600_000_000),
        "tax_per_year": ("exact", 1_100_000_000),
        "jobs": ("nearly", 10_000),
    }
    natures = {row["indicator"]: row["nature"] for row in park["figures"]}
    assert natures["tax_per_year"] == natures["jobs"] == "at_capacity"


def test_events_are_as_many_as_were_read() -> None:
    indicators = Counter(part["indicator"] for row in rows("events") for _, part in nested(row))
    assert indicators == {"declared_projects": 41, "declared_investment": 36}
    assert sum("held_on" in row for row in rows("events")) == 44


def test_projects_are_known_as_far_as_their_sources_go() -> None:
    projects = rows("projects")
    assert sum("figures" in row for row in projects) == 57
    assert sum("origin" in row for row in projects) == 71
    assert sum("origin_text" in row for row in projects) == 73
    assert sum("sector" in row for row in projects) == 144
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
    for project in rows("projects"):
        for figure in project.get("figures", []):
            assert isinstance(figure["value"], int)
            assert figure["value"] > 0
            assert (figure["investment_basis"] == "intended") == (figure["nature"] == "intended")
    bases = Counter(
        figure["investment_basis"]
        for project in rows("projects")
        for figure in project.get("figures", [])
    )
    assert bases == {"agreed": 8, "intended": 4, "reported": 45}
