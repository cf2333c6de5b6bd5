"""How many queries each answer makes: the same for one row and for a hundred, by this table."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from factory.django import DjangoModelFactory
from rest_framework.test import APIClient

from parks.models import (
    Organisation,
    Park,
    Person,
    Region,
    Sector,
    SectorGroup,
    SectorGroupMember,
    Source,
)
from parks.recording.recording import read_ledger_version, read_terms_version
from parks.recording.records import Identity
from parks.recording.seals import settle
from projects.models import Edition, Project
from tests.answers import API, clear_kept, found
from tests.factories import (
    EditionFactory,
    EventFigureFactory,
    FigureFactory,
    FundingFactory,
    IndicatorFactory,
    InvestorFactory,
    MilestoneFactory,
    OrganisationFactory,
    OrganisationTagFactory,
    ParkFactory,
    ParticipationFactory,
    PersonFactory,
    PostFactory,
    ProjectFactory,
    ProjectFigureFactory,
    ProjectTagFactory,
    RegionFactory,
    RegionGroupFactory,
    SectorFactory,
    SectorGroupFactory,
    SigningEventFactory,
    SourceFactory,
    TagFactory,
    TargetFactory,
    TimelineEntryFactory,
)
from tests.samples import IS_LONG, sample
from tests.site.test_access import NOTHING_TO_READ, ROUTES

pytestmark = pytest.mark.django_db

MANY = 50 if IS_LONG else 10  # a picture shows at most 60 targets

Rows = list[Any]


def stored(factory: type[DjangoModelFactory], rows: range, **columns: Rows) -> Rows:
    """One row for each number, with the values of these columns in turn, written at once."""
    model: type[Model] = factory._meta.model
    return model._default_manager.bulk_create(
        factory.build(**{name: values[place] for name, values in columns.items()})
        for place, _number in enumerate(rows)
    )


def each(rows: range, text: str) -> list[str]:
    return [text.format(number) for number in rows]


def regions(rows: range) -> list[Region]:
    return stored(RegionFactory, rows, code=each(rows, "33{:04}"))


def sectors(rows: range) -> list[Sector]:
    return stored(SectorFactory, rows, code=each(rows, "C{:04}"))


def sources(rows: range) -> list[Source]:
    return stored(SourceFactory, rows, code=each(rows, "s{:04}"))


def region_groups(rows: range) -> None:
    for number, region in zip(rows, regions(rows), strict=True):
        RegionGroupFactory.create(code=f"g{number:04}", members=[region.code, "310000"])


def sector_groups(rows: range) -> list[SectorGroup]:
    return [
        SectorGroupFactory.create(code=f"g{number:04}", members=[sector.code, "I65"])
        for number, sector in zip(rows, sectors(rows), strict=True)
    ]


def organisations(rows: range) -> Rows:
    parents = stored(OrganisationFactory, rows)
    return stored(OrganisationFactory, rows, parent=parents, region=regions(rows))


def parks(rows: range) -> list[Park]:
    made = stored(
        ParkFactory,
        rows,
        region=regions(rows),
        operator=stored(OrganisationFactory, rows),
        source=sources(rows),
    )
    for park, group in zip(made, sector_groups(rows), strict=True):
        park.leading_sectors.add(group)
    return made


def chain(rows: range) -> Rows:
    """The projects of a chain, each of which is in a link of its own."""
    made = projects(rows)
    group, _is_new = SectorGroup.objects.get_or_create(code="town", defaults={"name_zh": "芯片"})
    for project in made:
        SectorGroupMember.objects.create(group=group, sector_id=project.sector_id)
    return made


def projects(rows: range) -> Rows:
    """Projects of which each refers to rows of its own, the ones it is a part of included."""
    everywhere = parks(rows)
    wholes = stored(ProjectFactory, rows, park=everywhere, publication=["draft"] * len(rows))
    made = stored(
        ProjectFactory,
        rows,
        park=everywhere,
        origin=[park.region for park in everywhere],
        origin_basis=["stated"] * len(rows),
        sector_basis=["stated"] * len(rows),
        sector=[*Sector.objects.filter(code__in=each(rows, "C{:04}"))],
        source=[park.source for park in everywhere],
        part_of=wholes,
        duplicate_of=wholes,
    )
    for _twice in range(2):
        stored(InvestorFactory, rows, project=made, organisation=stored(OrganisationFactory, rows))
    return made


def events(rows: range) -> Rows:
    everywhere = parks(rows)
    return stored(
        SigningEventFactory,
        rows,
        park=everywhere,
        region=[park.region for park in everywhere],
        source=[park.source for park in everywhere],
    )


def targets(rows: range) -> Rows:
    everywhere = parks(rows)
    return stored(TargetFactory, rows, park=everywhere, source=[each.source for each in everywhere])


def editions(rows: range) -> Rows:
    return stored(EditionFactory, rows, park=parks(rows))


def rows_of_an_edition(rows: range) -> None:
    """The edition `town` of its park and projects, closed after them."""
    known = Park.objects.filter(code="town").first() or ParkFactory.create(code="town")
    if not Edition.objects.filter(code="town").exists():
        EditionFactory.create(code="april", park=known, month=date(2026, 2, 1))
        EditionFactory.create(code="town", park=known)
    made = stored(ProjectFactory, rows, park=[known] * len(rows))
    stored(FundingFactory, rows, project=made)
    stored(MilestoneFactory, rows, project=made)
    Edition.objects.filter(code="town").update(closed_at=timezone.now())


def the_project(rows: range) -> list[Project]:
    """The project `fab`, once for each row that is to belong to it."""
    known = Project.objects.filter(code="fab").first()
    return [known or ProjectFactory.create(code="fab")] * len(rows)


def the_event(rows: range) -> Rows:
    """The event `forum`, once for each row that is to belong to it."""
    model = SigningEventFactory._meta.model
    known = model.objects.filter(code="forum").first() or SigningEventFactory.create(code="forum")
    return [known] * len(rows)


def milestones(rows: range) -> None:
    happened = stored(SigningEventFactory, rows)
    columns = {"project": the_project(rows), "event": happened, "source": sources(rows)}
    stored(MilestoneFactory, rows, **columns)


def participations(rows: range) -> None:
    happened = stored(SigningEventFactory, rows)
    stored(ParticipationFactory, rows, project=the_project(rows), event=happened)


def tags(rows: range) -> Rows:
    return stored(TagFactory, rows)


def tags_of_the_project(rows: range) -> None:
    made = stored(TagFactory, rows, bearer=["project"] * len(rows))
    columns = {"project": the_project(rows), "tag": made, "source": sources(rows)}
    stored(ProjectTagFactory, rows, **columns)


def tags_of_the_organisation(rows: range) -> None:
    known = Organisation.objects.filter(code="maker").first()
    maker = known or OrganisationFactory.create(code="maker")
    columns = {"organisation": [maker] * len(rows), "tag": tags(rows), "source": sources(rows)}
    stored(OrganisationTagFactory, rows, **columns)


def indicators(rows: range, text: str, **rest: Any) -> Rows:
    return [IndicatorFactory.create(code=text.format(number), **rest) for number in rows]


def rows_of_a_project(rows: range) -> None:
    for make in (milestones, fundings, participations, figures_of_the_project):
        make(rows)
    firms = stored(OrganisationFactory, rows)
    stored(InvestorFactory, rows, project=the_project(rows), organisation=firms)


def said_by(rows: range) -> dict[str, Rows]:
    """A source and a post for each row."""
    posts = stored(PostFactory, rows, person=stored(PersonFactory, rows))
    return {"source": stored(SourceFactory, rows), "said_by": posts}


def claims(factory: type[DjangoModelFactory], rows: range, **owner: Rows) -> Rows:
    """Claims about an owner, each with its successor."""
    of_each = {
        "indicator": indicators(rows, "seen-{}", kind="count"),
        "amount_cny": [None] * len(rows),
        "value": ["5"] * len(rows),
        **owner,
    }
    newer = stored(factory, rows, **of_each)
    return stored(factory, rows, superseded_by=newer, **of_each, **said_by(rows))


def figures(rows: range) -> Rows:
    organisations = stored(OrganisationFactory, rows)
    claims(FigureFactory, rows, park=[None] * len(rows), organisation=organisations)
    return claims(FigureFactory, rows, park=stored(ParkFactory, rows, region=regions(rows)))


def figures_of_the_project(rows: range) -> Rows:
    return claims(ProjectFigureFactory, rows, project=the_project(rows))


def results(rows: range) -> None:
    """What was promised and reached in 2025, of a project each."""
    made = stored(ProjectFactory, rows, park=stored(ParkFactory, rows, region=regions(rows)))
    year = {"period_from": date(2025, 1, 1), "period_to": date(2025, 1, 1)}
    year |= dict.fromkeys([f"{name}_precision" for name in year], "year")
    alike = {"indicator": IndicatorFactory.create(code="jobs", kind="count"), **year}
    alike |= {"amount_cny": None, "value": "5", "investment_basis": ""}
    for nature in ("promised", "actual"):
        columns = {
            name: [value] * len(rows) for name, value in (alike | {"nature": nature}).items()
        }
        stored(ProjectFigureFactory, rows, project=made, **columns)


def figures_of_the_event(rows: range) -> Rows:
    return claims(EventFigureFactory, rows, event=the_event(rows))


def timeline(rows: range) -> Rows:
    everywhere = stored(ParkFactory, rows, region=regions(rows))
    return stored(TimelineEntryFactory, rows, park=everywhere, **said_by(rows))


def people(rows: range) -> None:
    made = stored(PersonFactory, rows)
    stored(PostFactory, rows, person=made, organisation=stored(OrganisationFactory, rows))


def fundings(rows: range) -> Rows:
    return stored(
        FundingFactory,
        rows,
        project=the_project(rows),
        month=[date(2000 + number // 12, number % 12 + 1, 1) for number in rows],
        amount_cny=[1] * len(rows),
        source=stored(SourceFactory, rows),
    )


def rows_of_a_park(rows: range) -> None:
    known = Park.objects.filter(code="town").first() or ParkFactory.create(code="town")
    if not Park.objects.filter(code="bay").exists():
        ParkFactory.create(code="bay")
    stored(
        FigureFactory,
        rows,
        park=[known] * len(rows),
        indicator=indicators(rows, "area-{}", kind="area"),
        **said_by(rows),
    )
    stored(ProjectFactory, rows, park=[known] * len(rows))
    known.leading_sectors.add(*sector_groups(rows))


def rows_of_a_source(rows: range) -> None:
    known = Source.objects.filter(code="report").first() or SourceFactory.create(code="report")
    cited = {"park": stored(ParkFactory, rows, region=regions(rows)), "source": [known] * len(rows)}
    stored(ProjectFactory, rows, **cited)
    stored(SigningEventFactory, rows, **cited)
    stored(FigureFactory, rows, indicator=indicators(rows, "seen-{}", kind="count"), **cited)


def posts_of_a_person(rows: range) -> None:
    known = Person.objects.filter(code="mayor").first() or PersonFactory.create(code="mayor")
    everywhere = stored(OrganisationFactory, rows)
    stored(PostFactory, rows, person=[known] * len(rows), organisation=everywhere)


def rows_of_an_event(rows: range) -> None:
    figures_of_the_event(rows)
    everywhere = stored(ParkFactory, rows, region=regions(rows))
    present = stored(ProjectFactory, rows, park=everywhere)
    stored(ParticipationFactory, rows, event=the_event(rows), project=present)


def changes(rows: range) -> None:
    for number in rows:
        SourceFactory.create(code=f"c{number:04}")
    settle()
    Identity.of_ledger()  # made at the first reading


# Each answer first asks in which state the ledger is: a part of its ETag. What is kept asks at its
# end whether that is still so; the feed asks instead what is not settled.
STATE, STILL = 1, 1
NOT_KEPT = ("changes", "imports/template.xlsx")
# What each answer is made of, and how many further queries it takes.
LISTS: dict[str, tuple[Callable[[range], Any], int]] = {
    "regions": (regions, 1),
    "region-groups": (region_groups, 2),
    "sectors": (sectors, 1),
    "sector-groups": (sector_groups, 2),
    "sources": (sources, 1),
    "organisations": (organisations, 1),
    "parks": (parks, 2),
    "projects": (projects, 4),  # projects, investors, wholes, duplicates
    "projects/fab/milestones": (milestones, 3),
    "projects/fab/participations": (participations, 2),
    "projects/fab/fundings": (fundings, 2),
    "projects/fab/figures": (figures_of_the_project, 2),
    "projects/fab/tags": (tags_of_the_project, 2),
    "organisations/maker/tags": (tags_of_the_organisation, 2),
    "tags": (tags, 1),
    "events": (events, 1),
    "events/forum/figures": (figures_of_the_event, 2),
    "events/forum/participations": (rows_of_an_event, 2),
    "figures": (figures, 3),  # one a table of claims
    "timeline": (timeline, 2),  # the dated entries, then those without a date
    "indicators": (lambda rows: indicators(rows, "seen-{}"), 1),
    "people": (people, 2),
}
# All facets at once, by parks and their versions; the names of 4, the parks, and two for groups
FACETS = 8
OTHERS: dict[str, tuple[Callable[[range], Any], int]] = {
    "projects/facets": (projects, FACETS),
    "projects/cohorts": (projects, 1),
    # the flows and the days of all steps at once
    **{f"projects/funnel{ending}": (projects, 1) for ending in ("", ".csv", ".xlsx")},
    # the group, its members twice, the marks of parks, and the sums
    **{f"sector-groups/town/links{ending}": (chain, 5) for ending in ("", ".csv", ".xlsx")},
    "projects/summary": (projects, 6),
    "projects/summary.csv": (projects, 4),  # groups are read once while nothing is written
    "projects/summary.xlsx": (projects, 4),
    # keys, projects, wholes, duplicates, and the six kinds of rows below them
    "projects.jsonl": (projects, 10),
    **{f"{a}.geojson": (make, 2) for a, make in (("projects", projects), ("parks", parks))},
    "projects/summary.svg": (projects, 3),
    "projects/summary.png": (projects, 3),
    "fundings": (fundings, 1),
    "fundings.csv": (fundings, 1),
    "fundings.xlsx": (fundings, 4),
    "fundings/summary": (fundings, 1),
    "fundings/summary.csv": (fundings, 1),
    "fundings/summary.xlsx": (fundings, 1),
    "fundings/summary.svg": (fundings, 2),
    "fundings/summary.png": (fundings, 2),
    "results": (results, 1),
    **{f"results.{ending}": (results, 2) for ending in ("csv", "xlsx")},  # and their number
    **{f"results/summary{ending}": (results, 1) for ending in ("", ".csv", ".xlsx")},
    # targets, parks, regions, marks of parks, and the sums of the year
    "targets": (targets, 5),
    "targets.csv": (targets, 6),  # and their number
    "targets.xlsx": (targets, 6),
    "targets.svg": (targets, 7),  # and the names of parks and regions
    "targets.png": (targets, 7),
    **dict.fromkeys(("editions", "editions.csv"), (editions, 1)),
    "editions.xlsx": (editions, 3),
    # the edition, the one before, and of both the projects, money, steps and amounts
    **{
        f"editions/town{end}": (rows_of_an_edition, 16)
        for end in ("/figures.csv", "/figures.xlsx", "/rows", "/rows.csv", "/rows.xlsx")
    },
    **{f"editions/town/codebook{end}": (rows_of_an_edition, 4) for end in ("", ".csv", ".xlsx")},
    "editions/town": (rows_of_an_edition, 17),
    "imports/template.xlsx": (parks, 0),
    "changes": (changes, 4),
    "parks/town/overview": (rows_of_a_park, 26),
    "events/forum/overview": (rows_of_an_event, 23),
    "sources/report": (rows_of_a_source, 19),
    "people/mayor": (posts_of_a_person, 2),
    "projects/fab": (rows_of_a_project, 8),
    "parks/town": (rows_of_a_park, 5),
    "events/forum": (rows_of_an_event, 3),
    "events/forum/follow-through": (rows_of_an_event, 4),
    "figures/summary": (rows_of_a_park, 4),
    "parks/compare": (rows_of_a_park, 3),
    **{f"projects/facets.{ending}": (projects, FACETS - 1) for ending in ("csv", "xlsx")},
    **{f"projects/cohorts.{ending}": (projects, 1) for ending in ("csv", "xlsx")},
    # number, sums, rows, names of parks and sectors, and the newest change
    "projects/dispatch.xlsx": (projects, 7),
    "events/forum/follow-through.csv": (rows_of_an_event, 4),
    "events/forum/follow-through.xlsx": (rows_of_an_event, 4),
    **{f"parks/compare.{ending}": (rows_of_a_park, 3) for ending in ("csv", "xlsx")},
}


# A list as CSV is one query, below an address also its owner. A workbook asks for the number of
# its rows and, where they have those, for the newest change and for the sources.
WORKBOOKS: dict[str, int] = {
    "regions": 2,
    "region-groups": 2,
    "sectors": 2,
    "sector-groups": 2,
    "sources": 3,
    "organisations": 4,
    "parks": 4,
    "projects": 10,  # with five further sheets, and the keys of its rows for them
    "projects/fab/milestones": 5,
    "projects/fab/participations": 4,
    "projects/fab/fundings": 5,
    "projects/fab/figures": 5,
    "projects/fab/tags": 5,
    "organisations/maker/tags": 5,
    "tags": 2,
    "events": 4,
    "events/forum/figures": 5,
    "events/forum/participations": 4,
    "figures": 12,  # four a table of claims
    "timeline": 4,
    "indicators": 2,
    "people": 4,
}
COMPARISONS = ("parks/compare", "parks/compare.csv", "parks/compare.xlsx")
ASKED: dict[str, dict[str, Any]] = {
    "projects/summary": {"group_by": "origin_province,sector_group,park"},
    "projects/summary.csv": {"group_by": "origin_province,sector_group,park"},
    "projects/summary.xlsx": {"group_by": "origin_province,sector_group,park"},
    "projects/summary.svg": {"group_by": "park"},
    "projects/summary.png": {"group_by": "park"},
    "fundings/summary": {"group_by": "funding_month,funding_kind"},
    "fundings/summary.svg": {"group_by": "park"},
    "fundings/summary.png": {"group_by": "park"},
    "changes": {"limit": 500},
    "figures/summary": {"indicator": "area-1", "nature": "actual"},
    **dict.fromkeys(COMPARISONS, {"parks": "town,bay"}),
}


def files() -> dict[str, tuple[Callable[[range], Any], int]]:
    """The files of lists, what they are made of, and their budgets."""
    made = {}
    for address, budget in WORKBOOKS.items():
        make, _budget = LISTS[address]
        queries_of_rows = 3 if address == "figures" else 1  # one a table of claims
        made[f"{address}.csv"] = (make, queries_of_rows + ("/" in address))
        made[f"{address}.xlsx"] = (make, budget)
    return made


def queries(api: APIClient, address: str, parameters: dict[str, Any]) -> int:
    clear_kept()
    read_terms_version(read_ledger_version())  # once for each version of the ledger
    with CaptureQueriesContext(connection) as captured:
        response = api.get(f"{API}/{address}", parameters)
        assert (response.status_code, bool(response.getvalue())) == (200, True)
    # But for the log of exports, which is one more of each file
    return sum("parks_accessrecord" not in query["sql"] for query in captured)


ANSWERS = LISTS | OTHERS | files()
# Before it copies, PostgreSQL is told how to write days
COPIED = {f"{address}.csv" for address in WORKBOOKS} - {"figures.csv"}
COPIED |= {"editions.csv", "fundings.csv"}
# What one database asks besides. What lies below a project is read by one statement on SQLite, and
# in one pipeline on PostgreSQL
BESIDES: dict[str, Counter[str]] = {
    "sqlite": Counter({"projects/fab": -5, "projects.jsonl": -5}),
    "postgresql": Counter(COPIED),
}
MAKERS = {make: make.__name__ for make, _budget in ANSWERS.values()}
# A picture is read by the same queries in both formats
COUNTED = {*LISTS, *OTHERS, *sample([*files()], 6)} - {a for a in OTHERS if a.endswith(".png")}


@pytest.mark.slow
@pytest.mark.parametrize("make", MAKERS, ids=MAKERS.get)
def test_answers_make_as_many_queries_for_many_rows_as_for_one(
    api: APIClient, make: Callable[[range], Any]
) -> None:
    def count() -> dict[str, int]:
        """The queries of each answer that is made of these rows."""
        return {
            address: queries(
                api, address, {"limit": 500} if address in LISTS else ASKED.get(address, {})
            )
            for address in expected
        }

    expected = {
        address: STATE
        + budget
        + (0 if address.endswith(NOT_KEPT) else STILL)
        + BESIDES[connection.vendor][address]
        for address, (maker, budget) in ANSWERS.items()
        if maker is make and address in COUNTED
    }
    make(range(1, 2))
    assert count() == expected
    make(range(2, MANY + 2))
    assert count() == expected


def test_every_list_has_its_budget() -> None:
    lists = {
        route.format(
            project="fab",
            event="forum",
            organisation="maker",
            code="forum" if "events" in route else "town",
        )
        for route in ROUTES
        # histories: tests/site/test_history_queries.py; documents ask what their pages ask, and
        # Parquet is made of the CSV
        if not route.endswith(("}", "/history", ".docx", ".pdf", ".parquet"))
        and (route, "GET") not in NOTHING_TO_READ
    }
    assert lists <= {*ANSWERS}


def test_counting_and_narrowing_add_a_fixed_number(api: APIClient) -> None:
    projects(range(1, 2))
    narrowed = {"origin": "330001", "sector": "C0001", "park_region": "330001"}
    counts = []
    for rows in (range(2, 3), range(3, MANY + 2)):
        projects(rows)
        counts.append(queries(api, "projects", narrowed | {"count": "exact", "limit": 500}))
    # The marks of parks, and the counts of those that were written to, are two of them
    assert counts[0] == counts[1] == STATE + 8 + STILL


def test_a_later_page_costs_what_the_first_does(api: APIClient) -> None:
    projects(range(1, MANY + 2))
    first = found(api.get(f"{API}/projects", {"limit": MANY // 3}))
    with CaptureQueriesContext(connection) as captured:
        found(api.get(first["next"]))
    assert len(captured) == STATE + LISTS["projects"][1] + STILL
