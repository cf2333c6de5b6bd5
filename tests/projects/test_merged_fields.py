"""Every field that people enter survives a merge: taken over where only the merged row says it."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import models

from config.fields import PrecisionField
from parks.merging.merging import list_filled_in
from parks.models import Organisation
from projects.lifecycle.words import DERIVED
from projects.models import Project
from tests.answers import API, CarefulClient, error, found
from tests.factories import (
    OrganisationFactory,
    ParkFactory,
    ProjectFactory,
    RegionFactory,
    SectorFactory,
    SourceFactory,
)
from tests.samples import sample

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

FACTORIES: dict[type[models.Model], Any] = {
    Organisation: OrganisationFactory,
    Project: ProjectFactory,
}
KINDS = {"organisations": Organisation, "projects": Project}
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
        ("standing_on", "standing_on_precision"),
        {"standing": "terminated", "standing_reason": "资金未到位"},
    ),
}
EXAMPLES = {
    "uscc": ("91110000600037341L", "911101083271103464"),
    "national_code": ("2403-120115-89-05-123456", "2403-120115-89-05-123457"),
}


def list_fields() -> list[Any]:
    """List every field of a mergeable model that people enter and may leave blank."""
    return [
        pytest.param(kind, field.name, id=f"{kind}-{field.name}")
        for kind, model in KINDS.items()
        for field in model._meta.concrete_fields
        if field.editable
        and not field.primary_key
        and field.name not in {*DERIVED, *ELSEWHERE, *ALWAYS_SAID}
        and field.name != "standing_reason"  # blank only beside a standing that needs none
    ]


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


def make_two(kind: str, name: str, *, both: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make `one`, which says a field, and `two`, which says another value of it or nothing.

    Returns what each says.
    """
    model = KINDS[kind]
    values = {each: make_values(model._meta.get_field(each)) for each in TOGETHER.get(name, [name])}
    if "point_datum" in values:
        values["point_datum"] = ("gcj02", "bd09")
    said = [with_precision({each: pair[n] for each, pair in values.items()}) for n in (0, 1)]
    beside = refer(BESIDE.get(name, {}))
    blank = {each: model._meta.get_field(each).get_default() for each in said[1]}
    if name in ("name_zh", "name_en"):
        beside = {"name_zh": "名", "name_en": "Name"}
    shared = {"park": ParkFactory.create()} if model is Project else {}
    for code, columns in (("one", said[0]), ("two", said[1] if both else blank)):
        FACTORIES[model].create(code=code, **shared)
        row = model.objects.get(code=code)
        for column, value in (beside | columns).items():
            setattr(row, column, value)
        row.save()
    return said[0], said[1] if both else blank


def merge(api: CarefulClient, kind: str) -> Any:
    seen = api.get(f"{API}/{kind}/one").headers["ETag"]
    return api.post(f"{API}/{kind}/one/merge", {"into": "two"}, headers={"If-Match": seen})


def test_every_field_that_may_be_blank_is_filled_in() -> None:
    """Of which a day tries some, below."""
    filled = {(kind, name) for kind, model in KINDS.items() for name in list_filled_in(model)}
    assert {field.values for field in list_fields()} - filled == set()


@pytest.mark.parametrize(("kind", "name"), sample(list_fields(), 3))
def test_a_field_that_only_the_merged_row_says_is_taken_over_and_given_back(
    admin_api: CarefulClient, kind: str, name: str
) -> None:
    said, blank = make_two(kind, name, both=False)
    told = found(merge(admin_api, kind))
    assert read_stored(KINDS[kind], "two", said) == said
    shown = {change["field"].removesuffix("_id") for change in told["changes"]}
    is_told = bool(shown & {name, name.removesuffix("_precision")})
    assert is_told is (name not in KINDS[kind].private)
    found(admin_api.post(f"{API}/{kind}/one/merge/undo"))
    assert read_stored(KINDS[kind], "one", said) == said
    assert read_stored(KINDS[kind], "two", said) == blank


@pytest.mark.parametrize(("kind", "name"), sample(list_fields(), 3, turn=1))
def test_a_field_that_both_rows_say_stays_as_the_kept_row_says_it(
    admin_api: CarefulClient, kind: str, name: str
) -> None:
    said, other = make_two(kind, name, both=True)
    answer = merge(admin_api, kind)
    if name in KINDS[kind].tells_apart:
        assert error(answer, 409)["code"] == "contradiction"
        return
    found(answer)
    assert read_stored(KINDS[kind], "two", said) == other


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


def test_the_words_of_an_unknown_origin_are_taken_over(admin_api: CarefulClient) -> None:
    park = ParkFactory.create(code="town")
    ProjectFactory.create(code="one", park=park, origin_text="华北")
    ProjectFactory.create(code="two", park=park, origin=RegionFactory.create(code="110000"))
    found(merge(admin_api, "projects"))
    assert found(admin_api.get(f"{API}/projects/two"))["origin_text"] == "华北"


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
