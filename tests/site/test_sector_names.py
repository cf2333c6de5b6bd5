"""English names of sectors: each has one, told from its siblings, and those of our table."""

from collections import Counter

from fixtures.files import TABLES, read_table
from tests.conftest import read_fixture


def test_every_sector_has_an_english_name_that_tells_it_from_its_siblings() -> None:
    siblings: dict[tuple[str, str], set[str]] = {}
    for row in read_fixture("sectors"):
        assert row["name_en"].isascii(), row["code"]
        key = (row.get("parent", ""), row["name_en"].casefold())
        siblings.setdefault(key, set()).add(row["name_zh"])
    assert [key for key, chinese in siblings.items() if len(chinese) > 1] == []


def test_a_class_is_called_as_its_group_in_english_where_it_is_in_chinese() -> None:
    sectors = {row["code"]: row for row in read_fixture("sectors")}
    for row in sectors.values():
        group = sectors.get(row.get("parent", ""), {})
        same = row["name_zh"] == group.get("name_zh")
        if row["level"] in ("group", "class"):
            assert same == (row["name_en"] == group["name_en"]), row["code"]
            assert ("未列明" in row["name_zh"]) <= row["name_en"].endswith(" n.e.c."), row["code"]


def test_the_english_names_of_groups_and_classes_are_those_of_our_table() -> None:
    table = read_table(TABLES / "sector_names_en.csv")
    named = {row["code"]: row["name_en"] for row in read_fixture("sectors")}
    below = [row["code"] for row in read_fixture("sectors") if row["level"] in ("group", "class")]
    assert [row["code"] for row in table] == sorted(below)
    assert all(row["name_en"] == named[row["code"]] for row in table)
    assert Counter(row["source"] for row in table) == {"own": 1733, "isic": 121}
