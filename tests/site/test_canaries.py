"""Canaries in drafts: words of hidden rows alone, looked for at every address by each role."""

import io
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from parks.models import Subscription
from projects.models import Project
from tests.answers import API
from tests.factories import (
    AssignmentFactory,
    EditionFactory,
    EventFigureFactory,
    FigureFactory,
    FundingFactory,
    InvestorFactory,
    LightExcuseFactory,
    LightRuleFactory,
    MilestoneFactory,
    ObstacleFactory,
    OrganisationFactory,
    ParkFactory,
    ParticipationFactory,
    PersonFactory,
    PlanMoveFactory,
    PostFactory,
    ProgressNoteFactory,
    ProjectFactory,
    ProjectFigureFactory,
    ReturnFactory,
    SigningEventFactory,
    SourceFactory,
    TargetFactory,
    TimelineEntryFactory,
    YearPlanFactory,
)
from tests.openapi import inline, read_snapshot
from tests.samples import IS_LONGEST
from tests.seeded import kept_rows
from tests.site.test_access import OF_ROLES, client_of, person_with

pytestmark = pytest.mark.django_db

OWNERS = {"project": "fab", "event": "forum", "organisation": "firm"}
IN_TOWN, IN_YARD, OF_NONE, AT_WORK = "镇金丝雀", "院金丝雀", "野金丝雀", "工金丝雀"
MADE_FOR_TOWN = "荐金丝雀"  # an organisation, a source, a person
CANARIES = {IN_TOWN, IN_YARD, OF_NONE, AT_WORK, MADE_FOR_TOWN}
# What each role may come across
ROLES: dict[str, set[str]] = {
    "nobody": set(),
    "editor of bay": set(),
    "vocabulary editor": {OF_NONE, MADE_FOR_TOWN},
    "viewer of town": {IN_TOWN, AT_WORK, MADE_FOR_TOWN},
    "superuser": CANARIES,
}
NEEDED = {
    "parks/compare": "parks=town,bay",
    "figures/summary": "indicator=area&nature=actual",
    "summary.svg": "group_by=park",
}
# Roles take turns with the addresses, so that each is read by one of the three outside
TURNS = 3
# Pixels, what has the texts of a .docx beside it, and what is everybody's own
NOT_READ = ("summary.png", "targets.png", ".pdf", "imports")


def write_texts(row: Any, word: str, *names: str) -> None:
    """Write a canary into texts of a row, as a new version."""
    for name in names:
        setattr(row, name, word)
    row.save()


def add_project(word: str, code: str, **fields: Any) -> Any:
    """A project with a canary in each of its texts, and in those of the rows below it."""
    texts = ("name_zh", "name_en", "origin_text", "sector_text", "note", "open_issues")
    project = ProjectFactory.create(
        code=code,
        **dict.fromkeys((*texts, "responsible_unit", "further_columns", "standing_reason"), word),
        standing="suspended",
        **fields,
    )
    MilestoneFactory.create(project=project, note=word)
    FundingFactory.create(project=project, note=word)
    ProjectFigureFactory.create(project=project, note=word, as_reported=word, scope_text=word)
    add_note(project, word)
    return project


def add_note(project: Any, word: str) -> Any:
    """A note of progress with a canary in each of its texts."""
    texts = dict.fromkeys(("text", "next_step", "noted_by"), word)
    YearPlanFactory.create(project=project, note=word)
    AssignmentFactory.create(project=project, **dict.fromkeys(("name", "office", "note"), word))
    ReturnFactory.create(project=project, reason=word)
    PlanMoveFactory.create(project=project, reason=word)
    LightExcuseFactory.create(project=project, reason=word, approved_by=word)
    LightRuleFactory.create(park=project.park, note=word)
    ObstacleFactory.create(
        project=project,
        **dict.fromkeys(("problem", "responsible_unit", "responsible_person", "solution"), word),
    )
    return ProgressNoteFactory.create(project=project, **texts)


def add_made_for(park: Any, project: Any) -> None:
    """Drafts of the three kinds that were made for a park, to which a draft of it refers."""
    draft = {"park": park, "publication": "draft", "note": MADE_FOR_TOWN}
    names = dict.fromkeys(("name_zh", "name_en"), MADE_FOR_TOWN)
    firm = OrganisationFactory.create(code="firm", **names, **draft)
    InvestorFactory.create(project=project, organisation=firm)
    memo = SourceFactory.create(code="memo", title=MADE_FOR_TOWN, publisher=MADE_FOR_TOWN, **draft)
    post = PostFactory.create(person=PersonFactory.create(code="boss", **names, **draft), **names)
    ProjectFigureFactory.create(project=project, source=memo, said_by=post)


@kept_rows
def keys() -> dict[str, Any]:
    """Open rows beside hidden ones; the key of an open row by the address of its kind."""
    town = ParkFactory.create(code="town")
    ParkFactory.create(code="bay")
    names = {"name_zh": IN_YARD, "name_en": IN_YARD, "note": IN_YARD}
    yard = ParkFactory.create(code="yard", publication="draft", brand=IN_YARD, **names)
    FigureFactory.create(park=yard, note=IN_YARD, as_reported=IN_YARD)
    EditionFactory.create(park=yard, note=IN_YARD)
    EditionFactory.create(park=town, publication="draft", note=IN_TOWN)
    TargetFactory.create(park=yard, note=IN_YARD)
    TargetFactory.create(park=town, publication="draft", note=IN_TOWN)
    TimelineEntryFactory.create(park=yard, name_zh=IN_YARD, note=IN_YARD)
    forum = SigningEventFactory.create(code="forum", park=town)
    fab = ProjectFactory.create(code="fab", park=town, met=["signed"])
    write_texts(fab, AT_WORK, "open_issues", "responsible_unit", "further_columns")
    hidden = [
        add_project(IN_TOWN, "plan", park=town, publication="draft"),
        add_project(IN_TOWN, "gone", park=town),
        add_project(IN_YARD, "inside", park=yard),
    ]
    past = OrganisationFactory.create(code="past-firm", name_zh=MADE_FOR_TOWN, park=town)
    moment = timezone.now()  # when these two were public
    past.publication = "withdrawn"
    past.save()
    add_made_for(town, hidden[0])
    hidden[1].publication = "withdrawn"
    hidden[1].save()
    for project in hidden:
        ParticipationFactory.create(event=forum, project=project)
    fab.part_of = hidden[0]
    fab.save()
    for word, where in ((IN_TOWN, {"park": town}), (IN_YARD, {"park": yard}), (OF_NONE, {})):
        names = {"name_zh": word, "name_en": word, "host": word, "place": word, "note": word}
        event = SigningEventFactory.create(publication="draft", **names, **where)
        EventFigureFactory.create(event=event, note=word, as_reported=word)
        ParticipationFactory.create(event=event, project=fab)
        MilestoneFactory.create(project=fab, type="started", event=event)
    return {
        "moment": moment.isoformat().replace("+00:00", "Z"),
        "parks/{code}": "town",
        "projects/{code}": "fab",
        "events/{code}": "forum",
        "projects/{project}/progress/{code}": add_note(fab, AT_WORK).code,
        "figures/{code}": FigureFactory.create(park=town).code,
        "timeline/{code}": TimelineEntryFactory.create(park=town).code,
        "indicators/{code}": "area",
        "organisations/{code}": OrganisationFactory.create(code="open-firm").code,
        "sources/{code}": SourceFactory.create(code="open-paper").code,
        "people/{code}": PersonFactory.create(code="open-boss").code,
        "projects/{project}/milestones/{id}": fab.milestones.first().pk,
        "projects/{project}/fundings/{id}": FundingFactory.create(project=fab).pk,
        "projects/{project}/figures/{code}": ProjectFigureFactory.create(project=fab).code,
        "projects/{project}/participations/{id}": ParticipationFactory.create(
            event=forum, project=fab
        ).pk,
        "events/{event}/figures/{code}": EventFigureFactory.create(event=forum).code,
    }


@cache
def read_document() -> dict[str, Any]:
    """The addresses that the OpenAPI document describes."""
    return dict(inline(read_snapshot())["paths"])


def list_addresses(keys: dict[str, Any]) -> list[tuple[str, set[str]]]:
    """Every address of the OpenAPI document that is read, and the parameters that it takes."""
    found = []
    for path, methods in read_document().items():
        route = path.removeprefix(f"{API}/")
        of_one = route[: route.rindex("}") + 1] if "}" in route else ""
        is_left_out = any(word in route for word in NOT_READ) and "template" not in route
        if "get" not in methods or is_left_out:
            continue
        if of_one and of_one not in keys and re.search(r"\{(code|id)\}", of_one):
            continue  # a term of a vocabulary, or what nobody hides
        key = keys.get(of_one)
        address = f"{API}/{route}".format(code=key, id=key, **OWNERS)
        query = next((text for end, text in NEEDED.items() if end in route), "")
        takes = {each["name"]: each["schema"] for each in methods["get"].get("parameters", [])}
        if "expand" in takes:
            query = f"expand={','.join(takes['expand']['items']['enum'])}"
        found.append((f"{address}?{query}", {*takes}))
    return found


def vary(address: str, takes: set[str], moment: str, turn: int) -> Iterator[str]:
    """The same as of an earlier moment, and narrowed by a word; not of what takes long to make.

    Of what is asked in both ways roles take turns with one, and every other address is asked so;
    with LEDGER_LONG SQLite asks both of each.
    """
    if ".svg" in address or ".xlsx" in address or (turn % 2 and not IS_LONGEST):
        return
    joined = f"{address}{'&' if '=' in address else ''}"
    ways = {"as_of": f"{joined}as_of={moment}", "q": f"{joined}q=金丝"}
    asked = [way for name, way in ways.items() if name in takes]
    yield from asked if IS_LONGEST or len(asked) < 2 else [asked[turn // 2 % 2]]


CLOSED = [route.replace("{project}", "fab") for route in OF_ROLES]


def read_words(client: APIClient, address: str) -> set[str]:
    """The canaries in an answer: of a workbook in all of its parts."""
    response = client.get(address)
    of_roles = (401, 403) if any(each in address for each in CLOSED) else ()
    assert response.status_code in (200, 404, *of_roles), address
    data = response.getvalue()
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            data = b"".join(parts.read(name) for name in parts.namelist())
    text = data.decode(errors="ignore")  # a document has pictures
    return {word for word in CANARIES if word in text}


def sign_in(role: str) -> APIClient:
    return APIClient() if role == "nobody" else client_of(person_with(role))


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_a_canary_is_met_by_those_alone_who_may_see_its_row(
    keys: dict[str, Any], role: str
) -> None:
    client, met = sign_in(role), set()
    is_outside = IN_TOWN not in ROLES[role]
    for number, (address, takes) in enumerate(list_addresses(keys), [*ROLES].index(role)):
        if number % TURNS and not IS_LONGEST:
            continue
        variants = vary(address, takes, keys["moment"], number // TURNS) if is_outside else ()
        asked = [address, *variants]
        for each in asked:
            words = read_words(client, each)
            assert words <= ROLES[role], each
            met |= words
    assert met == ROLES[role]


MADE = ("organisations/firm", "organisations/past-firm", "sources/memo", "people/boss")


@pytest.mark.slow
@pytest.mark.parametrize("role", ["nobody", "editor of bay"])
def test_an_address_of_a_hidden_row_tells_nothing_of_it(keys: dict[str, Any], role: str) -> None:
    client = sign_in(role)
    for row in ("projects/plan", "projects/gone", "projects/inside", "parks/yard", *MADE):
        for end in ("", "/history", "/milestones", "/figures.csv", "/fundings", "/overview"):
            response = client.get(f"{API}/{row}{end}")
            assert response.status_code == 404
            assert [word for word in CANARIES if word in response.getvalue().decode()] == []


@pytest.mark.slow
@pytest.mark.parametrize("role", [role for role in ROLES if role != "nobody"])
def test_calendars_name_what_their_owners_may_see_and_news_what_all_may(
    keys: dict[str, Any], role: str
) -> None:
    reviewed = {"review_on": "2027-01-31", "review_on_precision": "day"}
    Project.objects.update(standing="active", **reviewed)
    row = Subscription(user=person_with(role), name="n", channel="calendar")
    address = row.draw_secret()
    row.save()
    met = read_words(APIClient(), address.removeprefix(settings.SITE_URL))
    assert met == ROLES[role] & {IN_TOWN, IN_YARD}
    assert read_words(APIClient(), "/news.atom") == set()
