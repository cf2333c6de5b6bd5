"""Every field that people enter survives a merge: taken over where only the merged row says it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from parks.models import Organisation
from projects.models import Project
from projects.models.words import DERIVED
from sheets.fields import PrecisionField
from tests.answers import API, CarefulClient, error, found
from tests.factories import (
    OrganisationFactory,
    ParkFactory,
    ProjectFactory,
    RegionFactory,
    SectorFactory,
    SourceFactory,
)
from tests.samples import IS_LONGEST
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

FACTORIES: dict[type[models.Model], Any] = {
    Organisation: OrganisationFactory,
    Project: ProjectFactory,
}
KINDS: dict[str, Any] = {"organisations": Organisation, "projects": Project}
# Tested on their own below, or elsewhere: names become aliases, and the code leads on
ELSEWHERE = {"code", "aliases"}
# They always say something, so that of the row that stays remains
ALWAYS_SAID = {"publication", "park", "standing", "is_umbrella"}
# What the database allows only together
POINT = ("latitude", "longitude", "point_datum")
TOGETHER = {
    **dict.fromkeys(POINT, POINT),
    **dict.fromkeys(("reported_on", "reported_on_precision"), ("reported_on",)),
    **dict.fromkeys(("standing_on", "standing_on_precision"), ("standing_on",)),
}
# What both rows have to say for the field to be said at all
BESIDE: dict[str, dict[str, Any]] = {
    "land_qualifier": {"land_mu": Decimal("42.5")},
    "origin_basis": {"origin": "110000"},
    "sector_basis": {"sector": "C3973"},
    "point_accuracy": {"latitude": 39, "longitude": 117, "point_datum": "wgs84"},
    **dict.fromkeys(
        ("standing_on", "standing_on_precision", "lost_because", "lost_to"),
        {"standing": "terminated", "standing_reason": "资金未到位"},
    ),
}
EXAMPLES = {
    "uscc": ("91110000600037341L", "911101083271103464"),
    "further_columns": ("首谈单位：一", "首谈单位：二"),
    "national_code": ("2403-120115-89-05-123456", "2403-120115-89-05-123457"),
}


def list_fields(model: Any) -> list[str]:
    """List the fields of a mergeable model that people enter and may leave blank."""
    return [
        field.name
        for field in model._meta.concrete_fields
        if field.editable
        and not field.primary_key
        and field.name not in {*DERIVED, *ELSEWHERE, *ALWAYS_SAID}
        and field.name != "standing_reason"  # blank only beside a standing that needs none
    ]


def list_groups(*others: str) -> list[tuple[str, list[str]]]:
    """List all fields of a kind at once, but others apart from them, and some alone.

    In a long run each is alone as well.
    """
    groups = []
    for kind, model in KINDS.items():
        alone = {"name_zh", "name_en", *model.tells_apart}
        names = list_fields(model)
        apart = [name for name in names if name in others]
        groups.append((kind, [name for name in names if name not in (*alone, *others)]))
        groups += [(kind, apart)] if apart else []
        whole = [name for name in names if not name.endswith("_precision")]  # which is of a day
        groups += [(kind, [name]) for name in whole if IS_LONGEST or name in alone]
    return groups


def make_values(field: Any) -> tuple[Any, Any]:
    """Make two values that a field may have."""
    if field.name in EXAMPLES:
        return EXAMPLES[field.name]
    if field.choices and not isinstance(field, PrecisionField):
        return field.choices[0][0], field.choices[1][0]
    if isinstance(field, models.ForeignKey):
        return make_rows(field.related_model)
    if isinstance(field, models.DateField):
        return date(2024, 3, 1), date(2025, 6, 30)
    if isinstance(field, models.DecimalField | models.IntegerField):
        return 7, 8
    return "一", "二"


def make_rows(model: Any) -> tuple[Any, Any]:
    """Make two rows to which a field may refer."""
    if model.__name__ == "Region":
        return RegionFactory.create(code="310000"), RegionFactory.create(code="440000")
    if model.__name__ == "Sector":
        return SectorFactory.create(code="C2770"), SectorFactory.create(code="C3610")
    factory = {**FACTORIES, **{SourceFactory._meta.model: SourceFactory}}[model]
    return factory.create(), factory.create()


def refer(columns: dict[str, Any]) -> dict[str, Any]:
    """Put the rows in the place of the codes that BESIDE names."""
    made = {"origin": RegionFactory, "sector": SectorFactory}
    return {
        name: made[name].create(code=value) if name in made else value
        for name, value in columns.items()
    }


def with_precision(columns: dict[str, Any]) -> dict[str, Any]:
    """Add to dates the precision that stands beside them."""
    return columns | {
        f"{name}_precision": "day" for name, value in columns.items() if isinstance(value, date)
    }


def read_stored(model: Any, code: str, names: Any) -> dict[str, Any]:
    row = model.objects.get(code=code)
    return {name: getattr(row, name) for name in names}


def make_two(kind: str, names: list[str], *, both: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make `one`, which has some fields, and `two`, which has other values of them or none.

    Returns what each has.
    """
    model = KINDS[kind]
    columns = dict.fromkeys(each for name in names for each in TOGETHER.get(name, [name]))
    values = {each: make_values(model._meta.get_field(each)) for each in columns}
    if "point_datum" in values:
        values["point_datum"] = ("gcj02", "bd09")
    said = [with_precision({each: pair[n] for each, pair in values.items()}) for n in (0, 1)]
    beside = refer({each: v for name in names for each, v in BESIDE.get(name, {}).items()})
    blank = {each: model._meta.get_field(each).get_default() for each in said[1]}
    if {"name_zh", "name_en"} & {*names}:
        beside = {"name_zh": "名", "name_en": "Name"}
    shared = {"park": ParkFactory.create()} if model is Project else {}
    for code, own in (("one", said[0]), ("two", said[1] if both else blank)):
        FACTORIES[model].create(code=code, **shared)
        row = model.objects.get(code=code)
        for column, value in (beside | own).items():
            setattr(row, column, value)
        row.save()
    return said[0], said[1] if both else blank


def merge(api: CarefulClient, kind: str) -> Any:
    seen = api.get(f"{API}/{kind}/one").headers["ETag"]
    return api.post(f"{API}/{kind}/one/merge", {"into": "two"}, headers={"If-Match": seen})


@pytest.mark.slow
@together(("kind", "names"), list_groups(*BESIDE))
def test_fields_that_only_the_merged_row_has_are_taken_over_and_given_back(
    admin_api: CarefulClient, kind: str, names: list[str]
) -> None:
    said, blank = make_two(kind, names, both=False)
    told = found(merge(admin_api, kind))
    assert read_stored(KINDS[kind], "two", said) == said
    shown = {change["field"].removesuffix("_id") for change in told["changes"]}
    is_told = {name for name in names if shown & {name, name.removesuffix("_precision")}}
    assert is_told == {*names} - {*KINDS[kind].private}
    found(admin_api.post(f"{API}/{kind}/one/merge/undo"))
    assert read_stored(KINDS[kind], "one", said) == said
    assert read_stored(KINDS[kind], "two", said) == blank


@pytest.mark.slow
@together(("kind", "names"), list_groups())
def test_fields_that_both_rows_have_stay_as_in_the_kept_row(
    admin_api: CarefulClient, kind: str, names: list[str]
) -> None:
    _said, other = make_two(kind, names, both=True)
    answer = merge(admin_api, kind)
    if {*names} & {*KINDS[kind].tells_apart}:
        assert error(answer, 409)["code"] == "contradiction"
        return
    found(answer)
    assert read_stored(KINDS[kind], "two", other) == other


def test_what_always_says_something_stays(admin_api: CarefulClient) -> None:
    park = ParkFactory.create(code="town")
    ProjectFactory.create(
        code="one", park=park, standing="terminated", standing_reason="未开工", is_umbrella=True
    )
    ProjectFactory.create(code="two", park=park)
    found(merge(admin_api, "projects"))
    row = found(admin_api.get(f"{API}/projects/two"))
    assert (row["standing"], row["standing_reason"], row["is_umbrella"]) == ("active", "", False)


def test_what_describes_another_value_is_not_taken_over(admin_api: CarefulClient) -> None:
    park = ParkFactory.create(code="town")
    one = {"origin": RegionFactory.create(code="110000"), "origin_basis": "stated"}
    two = {"origin": RegionFactory.create(code="310000"), "land_mu": 170}
    ProjectFactory.create(
        code="one", park=park, origin_text="北京", land_mu=160, land_qualifier="over", **one
    )
    ProjectFactory.create(code="two", park=park, **two)
    found(merge(admin_api, "projects"))
    row = found(admin_api.get(f"{API}/projects/two"))
    names = ("origin", "origin_basis", "origin_text", "land_mu", "land_qualifier")
    assert [row[name] for name in names] == ["310000", None, "", 170, None]


def test_further_columns_of_both_rows_are_kept(admin_api: CarefulClient) -> None:
    park = ParkFactory.create(code="town")
    ProjectFactory.create(code="one", park=park, further_columns="线索来源：校友\n首谈单位：一")
    ProjectFactory.create(code="two", park=park, further_columns="首谈单位：二")
    found(merge(admin_api, "projects"))
    row = found(admin_api.get(f"{API}/projects/two"))
    assert [*row["further_columns"].items()] == [("首谈单位", "二"), ("线索来源", "校友")]


def test_the_words_of_an_unknown_origin_are_taken_over(admin_api: CarefulClient) -> None:
    park = ParkFactory.create(code="town")
    ProjectFactory.create(code="one", park=park, origin_text="华北")
    ProjectFactory.create(code="two", park=park, origin=RegionFactory.create(code="110000"))
    found(merge(admin_api, "projects"))
    assert found(admin_api.get(f"{API}/projects/two"))["origin_text"] == "华北"


@pytest.mark.both_databases
def test_a_part_that_becomes_one_with_its_whole_takes_over_what_that_is_part_of(
    admin_api: CarefulClient,
) -> None:
    park = ParkFactory.create(code="town")
    top = ProjectFactory.create(code="top", park=park)
    one = ProjectFactory.create(code="one", park=park, part_of=top)
    ProjectFactory.create(code="two", park=park, part_of=one)
    found(merge(admin_api, "projects"))
    assert found(admin_api.get(f"{API}/projects/two"))["part_of"] == "top"


def test_rows_of_which_each_is_above_the_other_are_not_made_one(admin_api: CarefulClient) -> None:
    park = ParkFactory.create(code="town")
    two = ProjectFactory.create(code="two", park=park)
    middle = ProjectFactory.create(code="middle", park=park, part_of=two)
    ProjectFactory.create(code="one", park=park, part_of=middle)
    refused = error(merge(admin_api, "projects"), 409)
    assert (refused["code"], refused["pointer"]) == ("contradiction", "#/into")
    assert Project.objects.filter(code="one").exists()
