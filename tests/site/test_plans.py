"""What lists and details answer by their plans is what their serializers make of the same rows."""

import re
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest
from django.db import models
from django.db.models import Prefetch
from django.urls import URLPattern
from rest_framework.request import Request
from rest_framework.serializers import ListSerializer
from rest_framework.test import APIClient, APIRequestFactory

from api.merged_rows import MergedRows
from api.renderers import dump_json
from api.views import LedgerReadViewSet
from config.urls import api as addresses
from parks.models import HiTech, Organisation, Park, Person, Source, Subscription
from projects.lifecycle.lights import Lights
from projects.models import Project, SigningEvent
from projects.tracking.lights import LightListViewSet
from tests.answers import API
from tests.factories import (
    AssignmentFactory,
    EditionFactory,
    EventFigureFactory,
    FigureFactory,
    FundingFactory,
    IndicatorFactory,
    InvestorFactory,
    LightExcuseFactory,
    LightRuleFactory,
    MilestoneFactory,
    ObstacleFactory,
    OrganisationFactory,
    OrganisationTagFactory,
    ParkFactory,
    ParticipationFactory,
    PersonFactory,
    PlanMoveFactory,
    PostFactory,
    ProgressNoteFactory,
    ProjectFactory,
    ProjectFigureFactory,
    ProjectTagFactory,
    RegionFactory,
    RegionGroupFactory,
    ReturnFactory,
    SectorFactory,
    SectorGroupFactory,
    SigningEventFactory,
    SourceFactory,
    TagFactory,
    TargetFactory,
    TimelineEntryFactory,
    UserFactory,
    YearPlanFactory,
)
from tests.samples import HERE, IS_LONG, sample
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

EDGES = {"latitude": Decimal(-90), "longitude": Decimal(180)}
ODD_TEXT = "<b>&\"'\\ 北京\u2028𠮷 é\u0301 100%s %(x)s {} \u200b\ufeff"
# One of each precision, the first and the last of all
ODD_DAYS = [
    (date(1900, 1, 1), "day"),
    (date(2100, 12, 31), "day"),
    (date(2024, 2, 29), "day"),
    (date(2023, 10, 1), "quarter"),
    (date(2023, 11, 1), "month"),
    (date(2023, 1, 1), "year"),
]
OWNERS = {"project": "full", "event": "full-event", "organisation": "child"}


def choose_odd(column: Any, place: int) -> dict[str, Any]:
    """An odd value for a column, with its precision where it is a date."""
    if isinstance(column, models.DateTimeField):
        return {}
    if isinstance(column, models.DateField):
        day, precision = ODD_DAYS[place % len(ODD_DAYS)]
        name = f"{column.name}_precision"
        return {column.name: day} | ({name: precision} if has(column.model, name) else {})
    if isinstance(column, models.BooleanField):
        return {column.name: True}
    if column.name in EDGES:
        return {column.name: EDGES[column.name]}
    if isinstance(column, models.DecimalField):
        return {column.name: Decimal(10 ** (column.max_digits - column.decimal_places) - 1)}
    if isinstance(column, models.BigIntegerField):
        return {column.name: 9_007_199_254_740_993}
    if isinstance(column, models.CharField | models.TextField):
        if column.choices:
            return {column.name: column.choices[-1][0]}
        return {column.name: ODD_TEXT[: column.max_length]}
    return {}


def has(model: Any, name: str) -> bool:
    return any(column.name == name for column in model._meta.concrete_fields)


def spoil(row: Any, **given: Any) -> Any:
    """Fill every column of a row with an odd value, past all checks but the database's own."""
    columns = [
        column
        for column in row._meta.concrete_fields
        if not (column.primary_key or column.generated or column.is_relation)
        and not column.name.endswith("_precision")
        and column.name not in ("code", "publication", "default_publication", "standing", *given)
    ]
    odd: dict[str, Any] = {}
    for place, column in enumerate(columns):
        odd |= choose_odd(column, place)
    models.QuerySet(type(row)).filter(pk=row.pk).update(**odd, **given)
    return row


def make_places() -> None:
    RegionFactory.create(code="110000", aliases=[ODD_TEXT, "京"])
    RegionFactory.create(code="110105", name_en="", valid_from=2001, valid_to=2024)
    RegionFactory.create(code="DE", name_zh="")
    RegionGroupFactory.create(code="yrd", members=["110105", "110000"], aliases=[ODD_TEXT])
    RegionGroupFactory.create(code="none")
    SectorFactory.create(code="C")
    SectorFactory.create(code="C39", hitech=HiTech.values[-1])
    SectorGroupFactory.create(code="ic", members=["C39"], excluded=["C"])
    SectorGroupFactory.create(code="empty")


def make_sayers() -> Any:
    bare = SourceFactory.create(code="bare", publisher="")
    draft = SourceFactory.create(code="draft", park=ParkFactory.create())
    spoil(SourceFactory.create(code="full", park=draft.park), publication="")
    parent = OrganisationFactory.create(code="parent", park=draft.park)
    spoil(
        OrganisationFactory.create(code="child", parent=parent, source=draft, region_id="DE"),
        uscc="91120115MA05X0000X",
        aliases=f"{ODD_TEXT.splitlines()[0]}\n乙",
    )
    spoil(PersonFactory.create(code="person", source=bare, park=draft.park))
    PersonFactory.create(code="silent", name_en="")
    from_post = PostFactory.create(code="post", organisation=parent, name_en="", source=draft)
    spoil(PostFactory.create(code="later", person=from_post.person))
    return from_post


def make_parks(source: Source) -> Park:
    park = ParkFactory.create(code="bare", name_en="")
    full = ParkFactory.create(code="full", source=source, operator=OrganisationFactory.create())
    spoil(full, aliases="甲\n乙", kind=Park.Kind.values[-1])
    full.leading_sectors.add("ic", "empty")
    return park


def make_projects(post: Any, draft_park: Park) -> None:
    ProjectFactory.create(code="nothing", name_en="", park=draft_park)
    hidden = ProjectFactory.create(code="hidden")
    full = ProjectFactory.create(
        code="full",
        park=Park.objects.get(code="full"),
        origin_id="DE",
        sector_id="C39",
        source=Source.objects.get(code="draft"),
        part_of=hidden,
        duplicate_of=hidden,
    )
    for _each in range(3):
        InvestorFactory.create(project=full, organisation__name_zh="")
    event = SigningEventFactory.create(
        code="full-event", park=full.park, region_id="110105", source=full.source
    )
    spoil(event)
    bare = SigningEventFactory.create(code="bare-event", kind="", name_en="")
    ParticipationFactory.create(project=full, event=bare, role="presented")
    MilestoneFactory.create(project=full, type="started", on="2020")
    MilestoneFactory.create(project=full, event=event, on="2023-Q2", source=full.source)
    MilestoneFactory.create(project=full, status="revoked", planned="2031-05", note=ODD_TEXT)
    ParticipationFactory.create(project=full, event=event)
    ParticipationFactory.create(project=hidden, event=event, role="attended")
    for amount in (9_000_000_000_000, 1, -5):
        FundingFactory.create(project=full, reported_cny=amount, on=f"20{abs(amount) % 20:02}-01")
    FundingFactory.create(
        project=full, kind="foreign", is_cumulative=True, reported_cny=10, on="2024-01"
    )
    FundingFactory.create(
        project=full, kind="foreign", is_cumulative=True, reported_cny=3, on="2024-02"
    )
    make_claims(full, event, post)
    spoil(
        full, standing_on=None, standing_on_precision="", national_code="", land_mu=Decimal("0.10")
    )


def make_claims(project: Project, event: Any, post: Any) -> None:
    said = {"said_by": post, "source": project.source, "note": ODD_TEXT}
    earlier = FigureFactory.create(code="earlier", park=project.park, value="0.0001", on="1999")
    newer = FigureFactory.create(code="newer", park=project.park, value="1500.0000", **said)
    models.QuerySet(type(earlier)).filter(pk=earlier.pk).update(superseded_by=newer)
    FigureFactory.create(code="words", park=None, region_id="DE", value=None, value_text=ODD_TEXT)
    FigureFactory.create(
        code="dollars",
        park=None,
        organisation=OrganisationFactory.create(),
        value="-99999999999.9999",
        currency="USD",
        said_by_text="某人",
    )
    FigureFactory.create(code="group", park=None, region_group_id="yrd", value="14.5", on="2024-Q4")
    ProjectFigureFactory.create(code="amount", project=project, amount_cny=1, on="2024-05", **said)
    ProjectFigureFactory.create(code="nought", project=project, amount_cny=0, is_withdrawn=True)
    jobs = IndicatorFactory.create(code="jobs", kind="count", unit="people")
    for nature in ("promised", "actual"):
        ProjectFigureFactory.create(
            **{"code": nature, "project": project, "indicator": jobs, "nature": nature},
            **{"investment_basis": "", "amount_cny": None, "value": "0.5000", **said},
            **{"period_from": date(2025, 1, 1), "period_from_precision": "year"},
            **{"period_to": date(2025, 1, 1), "period_to_precision": "year"},
        )
    EventFigureFactory.create(code="declared", event=event, **said)
    spoil(TimelineEntryFactory.create(code="entry", said_by=post, source=project.source))
    TimelineEntryFactory.create(code="bare-entry")
    ProgressNoteFactory.create(project=project, text=ODD_TEXT, source=project.source)
    PlanMoveFactory.create(project=project, reason=ODD_TEXT)
    LightExcuseFactory.create(project=project, reason=ODD_TEXT)
    LightRuleFactory.create(code="rule", note=ODD_TEXT)
    LightRuleFactory.create(code="own", park=project.park, source=project.source)
    ObstacleFactory.create(project=project, problem=ODD_TEXT, solution=ODD_TEXT)
    ReturnFactory.create(project=project, reason=ODD_TEXT, answer=ODD_TEXT)
    ProgressNoteFactory.create(project=project, noted_by=ODD_TEXT, is_withdrawn=True)
    FundingFactory.create(project=project, kind="completed", on="2026-01")
    YearPlanFactory.create(project=project, note=ODD_TEXT, source=project.source)
    TargetFactory.create(code="aim", park=project.park, note=ODD_TEXT, source=project.source)
    EditionFactory.create(code="april", park=project.park, note=ODD_TEXT)
    EditionFactory.create(code="may", name="五月期报")
    TargetFactory.create(code="goal", region_id="DE", size_floor_cny=1)
    IndicatorFactory.create(code="odd", unit="", headline_rank=1, definition_en=ODD_TEXT)
    for tag in (TagFactory.create(code="hnte"), TagFactory.create(code="key", bearer="project")):
        spoil(tag, bearer=tag.bearer, valid_from=None, valid_to=None)
    child = Organisation.objects.get(code="child")
    OrganisationTagFactory.create(organisation=child, tag_id="hnte", source=project.source)
    ProjectTagFactory.create(project=project, tag_id="key", detail=ODD_TEXT)
    AssignmentFactory.create(project=project, office=ODD_TEXT)


def hide() -> None:
    """Hide rows that others refer to, past what refuses that."""
    hidden = {Source: "draft", Organisation: "parent", Person: "person", Park: "bare"}
    for model, code in {**hidden, Project: "hidden", SigningEvent: "bare-event"}.items():
        models.QuerySet(model).filter(code=code).update(publication="draft")


@kept_rows
def superuser(vocabularies: None) -> Any:
    make_places()
    post = make_sayers()
    make_projects(post, make_parks(post.source))
    hide()
    return UserFactory.create(is_superuser=True)


@pytest.fixture
def superuser_api(superuser: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(superuser)
    return client


def list_addresses(action: str) -> dict[str, URLPattern]:
    """The addresses at which views of the ledger's rows answer by an action, by name."""
    found = {}
    for address in addresses:
        kind = getattr(address.callback, "cls", None)
        actions = getattr(address.callback, "actions", None) or {}
        if kind and issubclass(kind, LedgerReadViewSet) and actions.get("get") == action:
            found[str(address.name)] = address
    return found


def make_view(address: URLPattern, action: str, person: Any) -> Any:
    callback: Any = address.callback
    view = callback.cls(**callback.initkwargs)
    view.kwargs = {name: OWNERS[name] for name in [getattr(view, "owner", None)] if name}
    view.request = Request(APIRequestFactory().get("/", SERVER_NAME="testserver"))
    view.request.user = person
    view.action, view.format_kwarg = action, None
    return view


def fill_in(address: URLPattern, **parts: Any) -> str:
    """The path of an address, with `parts` in the place of what stands in brackets."""
    text = str(address.pattern).strip("^$")
    return re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda found: str(parts[found[1]]), text)


def select_below(rows: Any, serializer: Any, person: Any) -> Any:
    """The rows that a serializer selects for a person, with all that it selects below them."""
    rows = serializer.select_rows(rows, person)
    for each in serializer().fields.values():
        if isinstance(each, ListSerializer):
            below = each.child.Meta.model._default_manager.all()
            below = type(each.child).select_rows(below, person)
            rows = rows.prefetch_related(Prefetch(each.source, below))
    return rows


def serialize(view: Any) -> dict[str, bytes]:
    """What the serializer itself makes of each row of a view, by what its address ends with."""
    serializer, person = view.get_serializer_class(), view.request.user
    rows = view.get_queryset()
    parts = rows.parts if isinstance(rows, MergedRows) else [rows]
    read = chain.from_iterable(select_below(part, serializer, person) for part in parts)
    context = view.get_serializer_context()
    if isinstance(view, LightListViewSet):
        context["lights"] = Lights(person).explain([*rows.values_list("pk", flat=True)])
    made = (serializer(row, context=context).data for row in read)
    return {str(data.get("code", data.get("id"))): dump_json(data) for data in made}


def subscribe(person: Any) -> None:
    """Make a subscription, which only its user sees."""
    Subscription.objects.create(user=person, name="weekly")


@pytest.mark.slow
def test_lists_are_what_their_serializers_make_of_the_rows(
    superuser_api: APIClient, superuser: Any
) -> None:
    subscribe(superuser)
    for address in list_addresses("list").values():
        view = make_view(address, "list", superuser)
        asked = {"limit": 500, **({"expand": view.expandable} if view.expandable else {})}
        answer = superuser_api.get(f"{API}/{fill_in(address, **OWNERS)}", asked)
        rows = answer.json()["results"]
        shown = {str(row.get("code", row.get("id"))): dump_json(row) for row in rows}
        assert shown, address.name
        assert shown == serialize(view), address.name


@pytest.mark.slow
def test_details_are_what_their_serializers_make_of_the_rows(
    superuser_api: APIClient, superuser: Any
) -> None:
    """Half of the rows on one database, half on the other."""
    for address in list_addresses("retrieve").values():
        view = make_view(address, "retrieve", superuser)
        for code, made in sample([*serialize(view).items()], 2, HERE):
            path = fill_in(address, **{**OWNERS, view.lookup_field: code})
            assert superuser_api.get(f"{API}/{path}").content == made, path


@pytest.mark.slow
def test_lists_are_narrowed_to_rows_by_their_codes(superuser_api: APIClient) -> None:
    narrowed = []
    for address in list_addresses("list").values():
        path = f"{API}/{fill_in(address, **OWNERS)}"
        filters = getattr(make_view(address, "list", None), "filterset_class", None)
        # whose code is meant
        is_of_projects = path.endswith(("/fundings", "/plans", "/results"))
        if filters is None or "code" not in filters.base_filters or is_of_projects:
            continue
        known = [row["code"] for row in superuser_api.get(path).json()["results"]]
        asked = {"code": f"{known[-1].swapcase()},{known[0]},No-Such"}
        rows = superuser_api.get(path, asked).json()["results"]
        assert [row["code"] for row in rows] == list(dict.fromkeys([known[0], known[-1]])), path
        narrowed.append(path)
    assert len(narrowed) == 18


@pytest.mark.slow
def test_fields_are_the_same_when_few_are_asked_for(
    superuser_api: APIClient, superuser: Any
) -> None:
    """Half of the fields on one database, half on the other; each alone in a long run."""
    subscribe(superuser)
    size = 1 if IS_LONG else 4
    for address in list_addresses("list").values():
        path = f"{API}/{fill_in(address, **OWNERS)}"
        whole = superuser_api.get(path).json()["results"]
        assert whole, path
        asked = sample([*whole[0]], 2, HERE)
        for fields in (asked[start : start + size] for start in range(0, len(asked), size)):
            found = superuser_api.get(path, {"fields": ",".join(fields)}).json()["results"]
            assert found == [{name: row[name] for name in fields} for row in whole], (path, fields)
