"""Each named constraint: refused with its own words in a form, and by the database without one."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from parks.models import (
    ApiToken,
    Figure,
    ImportBatch,
    ImportMapping,
    Organisation,
    Park,
    RegionGroupMember,
    SavedList,
    SectorGroupMember,
    Source,
    Subscription,
)
from projects.models import Edition, Milestone, Project, Target
from tests import factories
from tests.samples import HERE, sample
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

MODELS: dict[str, type[models.Model]] = {
    constraint.name: model
    for app in ("parks", "projects")
    for model in apps.get_app_config(app).get_models()
    for constraint in model._meta.constraints
}
RETIRED = "retired_code_once"
OTHER_CODES = {RETIRED, "project_national_code_once"}
ITSELF = object()  # the key of the row itself
DAY = date(2024, 3, 5)
LONG_AGO, LATER = (datetime(year, 1, 1, tzinfo=UTC) for year in (2000, 2026))
NAMELESS = {"name_zh": "", "name_en": ""}
REVERSED = {"valid_from": date(2024, 1, 1), "valid_to": date(2023, 12, 31)}
SAYS_NOTHING = {"amount_cny": None, "value": None, "value_text": ""}
TWO_NUMBERS = {"amount_cny": 1, "value": "1.5"}
YUAN_IN_DOLLARS = {"amount_cny": 1, "value": None, "currency": "USD"}
PERIOD_REVERSED = {
    "period_from": date(2024, 1, 1),
    "period_from_precision": "year",
    "period_to": date(2023, 1, 1),
    "period_to_precision": "year",
}
USCC = "91110000600037341L"
WRITTEN_BY_CODE_ALONE = {
    "participation_with_role",  # a blank role follows from the event
    *("region_name_once", RETIRED, "seeded_row_once"),
    *("change_number_once", "seal_once"),
    *("distinctpair_once", "distinctpair_in_order"),
    *("distinctorganisations_once", "distinctorganisations_in_order"),
}

# Constraints, and what breaks them on a row that is otherwise valid.
BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("light_rule_of_a_step", {"step": ""}),
    ("light_rule_since_a_step", {"since_step": "signed"}),
    ("light_rule_of_two_steps", {"kind": "following", "since_step": "started"}),
    ("light_excuse_ends_after_it_begins", {"until_on": date(2026, 5, 31)}),
    *((name, NAMELESS) for name in MODELS if name.endswith("_has_a_name")),
    *((name, REVERSED) for name in MODELS if name.endswith("_valid_in_order")),
    ("source_published_in_full", {"published_on": DAY}),
    ("source_published_in_full", {"published_on_precision": "day"}),
    ("figure_about_one", {"park": None}),
    ("figure_about_one", {"region_id": "120115"}),
    ("post_held_from_in_full", {"held_from": DAY}),
    ("post_held_to_in_full", {"held_to_precision": "year"}),
    ("timelineentry_about_one", {"park": None}),
    ("timelineentry_dated_in_full", {"happened_on": DAY}),
    ("project_standing_in_full", {"standing_on": DAY}),
    ("project_standing_with_reason", {"standing": "closed", "standing_reason": ""}),
    ("project_reported_in_full", {"reported_on_precision": "month"}),
    ("project_review_in_full", {"review_on": DAY}),
    ("park_point_is_whole", {"latitude": 39}),
    ("project_point_is_whole", {"latitude": 39}),
    ("project_land_not_negative", {"land_mu": "-0.01"}),
    ("project_floor_area_not_negative", {"floor_area_m2": "-0.01"}),
    ("project_qualifier_of_land", {"land_qualifier": "over"}),
    ("project_investment_not_negative", {"investment_cny": -1}),
    ("project_basis_of_an_origin", {"origin_basis": "stated"}),
    ("project_basis_of_a_sector", {"sector_basis": "mapped"}),
    ("investor_share_at_most_all", {"share_bp": 10_001}),
    ("investor_share_at_most_all", {"share_bp": 0}),
    ("milestone_planned_in_full", {"planned_on": DAY}),
    ("milestone_actual_in_full", {"actual_on": DAY}),
    ("milestone_promised_in_full", {"promised_on": DAY}),
    ("milestone_source_of_promise", {"promise_source_id": ITSELF}),
    ("plan_move_to_in_full", {"to_on": None}),
    ("assignment_share_of_a_unit", {"share_bp": 5_000}),
    ("assignment_share_of_a_unit", {"share_bp": 10_001, "office": "招商局"}),
    ("obstacle_solved_after_raised", {"solved_on": date(2020, 1, 1)}),
    ("milestone_scheduled_not_met", {"status": "scheduled", "on": "2024"}),
    ("milestone_revoked_with_reason", {"status": "revoked", "reason": ""}),
    ("milestone_agreement_of_signing", {"type": "started", "agreement_type": "intent"}),
    ("api_token_expires_later", {"expires_at": LONG_AGO}),
    ("event_held_in_full", {"held_on": DAY}),
    ("funding_reduction_with_reason", {"reported_cny": -1, "note": ""}),
    ("funding_cumulative_not_negative", {"is_cumulative": True, "reported_cny": -1}),
    ("funding_of_one_currency", {"reported_value": 1}),
    ("funding_of_one_currency", {"currency": "USD"}),
    ("funding_recognised_in_full", {"recognised_on": DAY}),
    ("funding_recognised_in_yuan", {"kind": "foreign_agreed", "recognised_cny": 1}),
    ("membership_of_park_or_region", {"role": "district"}),
    ("membership_of_park_or_region", {"park": None}),
    ("progress_due_with_step", {"due_on": DAY}),
    ("target_of_one", {"park": None}),
    ("target_of_one", {"region_id": "120115"}),
    ("project_figure_basis_of_investment", {"investment_basis": ""}),
    ("project_figure_investment_not_negative", {"amount_cny": -1}),
    (
        "project_figure_increase_of_investment",
        {"adds_to_id": ITSELF, "amount_cny": None, "value_text": "若干", "investment_basis": ""},
    ),
]
# The same for all three kinds of claims.
BROKEN += [
    (f"{name}_{rule}", changes)
    for name in ("figure", "eventfigure", "projectfigure")
    for rule, changes in (
        ("as_of_in_full", {"as_of": DAY}),
        ("from_in_full", {"period_from": DAY}),
        ("to_in_full", {"period_to_precision": "year"}),
        ("says_something", SAYS_NOTHING),
        ("one_number", TWO_NUMBERS),
        ("yuan_without_currency", YUAN_IN_DOLLARS),
        ("period_in_order", PERIOD_REVERSED),
    )
]
# Constraints, and the columns that a second row must not share with a first.
REPEATED: list[tuple[str, list[str]]] = [
    *(
        (name, ["code"])
        for name in MODELS
        if name.endswith("_code_once") and name not in OTHER_CODES
    ),
    ("region_group_member_once_undated", ["group", "region"]),
    ("sector_group_member_once", ["group", "sector"]),
    ("organisation_uscc_once", ["uscc"]),
    ("project_national_code_once", ["national_code"]),
    ("funding_once_a_month", ["project", "kind", "month", "currency"]),
    ("investor_once", ["project", "organisation", "role"]),
    ("investor_one_lead", ["project", "role"]),
    ("participation_once", ["project", "event", "role"]),
    ("assignment_once", ["project", "role", "name"]),
    ("plan_once_a_year", ["project", "year"]),
    *(
        (f"{name}tag_once{ending}", [name, "tag", *columns])
        for name in ("organisation", "project")
        for ending, columns in (("", []), ("_a_year", ["year"]), ("_a_term", ["valid_from"]))
    ),
    ("target_once_a_park", ["park", "year", "measure", "size_floor_cny", "origin_scope"]),
    ("target_once_a_region", ["region", "year", "measure", "size_floor_cny", "origin_scope"]),
    ("obstacle_once", ["project", "raised_on", "problem"]),
    ("edition_once_a_month", ["park", "month"]),
    ("edition_name_once", ["park", "name"]),
    ("import_mapping_name_once", ["name"]),
    ("saved_list_once", ["user_id", "name"]),
    ("membership_once", ["user", "park"]),
    ("membership_once_in_region", ["user", "region"]),
    ("api_token_once", ["digest"]),
]
OTHERS = {"region_group_member_once", "organisation_not_its_own_parent", "project_not_of_itself"}

MEMBERS: dict[type[models.Model], Callable[[], dict[str, Any]]] = {
    RegionGroupMember: lambda: {
        "group": factories.RegionGroupFactory.create(),
        "region": factories.RegionFactory.create(),
    },
    SectorGroupMember: lambda: {
        "group": factories.SectorGroupFactory.create(),
        "sector": factories.SectorFactory.create(),
    },
    ApiToken: lambda: {
        **{"user": factories.UserFactory.create(), "name": "a test's", "prefix": "pl_123456"},
        **{"digest": "0" * 64, "created_at": LATER, "expires_at": LATER + timedelta(days=30)},
    },
    Subscription: lambda: {"name": "n", "user": factories.UserFactory.create(email="n@a.cn")},
    SavedList: lambda: {"name": "overdue", "query": "overdue=true", "user_id": 1, "park": None},
    ImportMapping: lambda: {"name": "monthly", "content": {"columns": {}}, "user_id": 1},
    ImportBatch: lambda: {
        **{"code": "imp-1", "resource": "projects", "sha256": "0" * 64, "user_id": 1},
        **{"state": "undone", "options": {"mode": "all"}, "counts": {"same": 1}},
        **{
            "summary": {"rows": 1},
            "outcome": "0" * 64,
            "packed_rows": b"-",
            "packed_content": b"-",
        },
        **{"applied_at": LATER, "undone_at": LATER},
    },
}


def valid(model: type[models.Model], **changes: Any) -> models.Model:
    """A stored row that keeps all rules, then changed in memory."""
    if model in MEMBERS:
        row = model._default_manager.create(**MEMBERS[model]())
    elif model is Organisation:
        row = factories.OrganisationFactory.create(uscc=USCC)
    elif model is Project:
        row = factories.ProjectFactory.create(national_code="2403-120115-89-05-123456")
    elif model is Target:
        row = factories.TargetOfParkFactory.create()
    elif model is Milestone and "on" in changes:
        row = factories.MilestoneFactory.create(on=changes.pop("on"))
    else:
        row = getattr(factories, f"{model.__name__}Factory").create()
    row.full_clean()
    for column, value in changes.items():
        setattr(row, column, row.pk if value is ITSELF else value)
    return row


def message_of(name: str) -> str:
    model = MODELS[name]
    constraint = next(each for each in model._meta.constraints if each.name == name)
    return str(constraint.get_violation_error_message())


def refusals(row: models.Model) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        row.validate_constraints()
    with pytest.raises(ValidationError):
        row.full_clean()
    return refused.value.messages


def assert_the_database_refuses(row: models.Model) -> None:
    """Without any check of ours: not by `save`, which may put things right or refuse by itself."""
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save_base(raw=True)


def test_every_constraint_is_broken_somewhere_below() -> None:
    tried = {case[0] for case in [*BROKEN, *REPEATED]} | OTHERS
    assert tried == {*MODELS} - WRITTEN_BY_CODE_ALONE


@pytest.mark.slow
@together(("name", "changes"), sample(BROKEN, 2, HERE))
def test_a_row_that_breaks_a_rule_is_refused(name: str, changes: dict[str, Any]) -> None:
    row = valid(MODELS[name], **changes)
    assert refusals(row) == [message_of(name)]
    assert_the_database_refuses(row)


@together(("name", "columns"), sample(REPEATED, 2, HERE))
def test_a_row_that_repeats_another_is_refused(name: str, columns: list[str]) -> None:
    model: Any = MODELS[name]
    row: Any = valid(model)
    row.pk, row._state.adding = None, True
    if "code" in (other := {field.name for field in model._meta.local_fields} - set(columns)):
        row.code = "another"
    for column in {"uscc", "national_code"} & other:
        setattr(row, column, "")
    if name == "investor_once":  # a second lead is refused by itself
        model.objects.update(role="co")
        row.role = "co"
    if name == "target_code_once":
        row.year += 1
    if model is Edition and "month" in other:
        row.month = date(2026, 4, 1)
    if model is Edition and "name" in other:
        row.name = "another"
    if name in ("target_once_a_region", "membership_once_in_region"):
        of_region: Any = {"park": None, "region": factories.RegionFactory.create()}
        of_region |= {"role": "district"} if hasattr(row, "role") else {}
        model.objects.update(**of_region)
        for column, value in of_region.items():
            setattr(row, column, value)
    if name == "investor_one_lead":
        row.organisation = factories.OrganisationFactory.create()
    assert refusals(row) == [message_of(name)]
    assert_the_database_refuses(row)


@together("model", [Project, Source, Park, Figure])
def test_codes_are_one_whatever_the_case(model: type[models.Model]) -> None:
    row = valid(model)
    row.pk, row._state.adding, row.code = None, True, row.code.upper()
    with pytest.raises(ValidationError, match="This code is taken."):
        row.full_clean()
    assert_the_database_refuses(row)


def test_a_region_may_join_a_group_again_at_another_date_only() -> None:
    member = valid(RegionGroupMember, valid_from=DAY)
    member.save()
    member.pk, member._state.adding = None, True
    assert refusals(member) == [message_of("region_group_member_once")]
    assert_the_database_refuses(member)
    member.valid_from = date(2025, 1, 1)
    member.full_clean()
    member.save_base(raw=True)


def test_an_organisation_is_not_its_own_parent() -> None:
    row = valid(Organisation)
    row.parent_id = row.pk
    assert refusals(row) == ["An organisation cannot be its own parent."]
    assert_the_database_refuses(row)


@pytest.mark.parametrize("column", ["part_of_id", "duplicate_of_id"])
def test_a_project_is_not_a_part_or_duplicate_of_itself(column: str) -> None:
    row = valid(Project)
    setattr(row, column, row.pk)
    assert refusals(row) == ["A project cannot be a part or duplicate of itself."]
    assert_the_database_refuses(row)


def test_what_is_not_money_is_not_counted_in_yuan() -> None:
    figure = valid(Figure, amount_cny=1, value=None)
    with pytest.raises(ValidationError, match="“area” is not counted in yuan."):
        figure.full_clean()


def test_a_loss_may_be_negative_where_an_investment_may_not() -> None:
    profit = factories.IndicatorFactory.create(code="profit", name_zh="利润", name_en="Profit")
    factories.FigureFactory.create(indicator=profit, amount_cny=-1, value=None).full_clean()


@together("code", ["91110000600037341M", "123", "91110000600037341"])
def test_a_credit_code_with_a_wrong_check_character_is_refused(code: str) -> None:
    organisation = valid(Organisation, uscc=code)
    with pytest.raises(ValidationError, match="is not a unified social credit code"):
        organisation.full_clean()


@together(
    ("factory", "protector", "column"),
    [
        (factories.RegionFactory, factories.ParkFactory, "region"),
        (factories.RegionFactory, factories.ProjectFactory, "origin"),
        (factories.SectorFactory, factories.ProjectFactory, "sector"),
        (factories.SourceFactory, factories.ProjectFactory, "source"),
        (factories.ParkFactory, factories.ProjectFactory, "park"),
        (factories.OrganisationFactory, factories.InvestorFactory, "organisation"),
        (factories.SigningEventFactory, factories.ParticipationFactory, "event"),
    ],
)
def test_what_others_refer_to_is_not_deleted(factory: Any, protector: Any, column: str) -> None:
    row = factory.create()
    protector.create(**{column: row})
    with pytest.raises((models.ProtectedError, ValidationError)):
        row.delete()
