"""GET /projects: whole rows, every filter with its hits and its exact complement, orders, pages."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.db.models import Index, QuerySet
from rest_framework.test import APIClient

from api.lists.pagination import build_ordering_keys, build_segments
from parks.claims.views import FigureViewSet
from parks.views import OrganisationViewSet
from projects.models import Funding, Project, ProjectFigure
from projects.summaries.views import FundingListViewSet
from projects.views import ProjectViewSet
from tests import factories
from tests.answers import API, Row, codes, error, found, mistakes, problem, walk
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

YI = 100_000_000


def test_the_contact_is_shown_to_nobody(admin_api: APIClient) -> None:
    factories.ProjectFactory.create(code="fab", contact="王先生 13800000000")
    for address in ("projects", "projects/fab", "projects.csv"):
        response = admin_api.get(f"{API}/{address}")
        text = b"".join(response) if response.streaming else response.content
        assert b"13800000000" not in text
        assert b"contact" not in text
    for refused in (admin_api.post, admin_api.patch):
        address = "projects" if refused == admin_api.post else "projects/fab"
        assert mistakes(refused(f"{API}/{address}", {"contact": "x"}))["#/contact"]


@kept_rows
def ledger(vocabularies: None) -> None:
    """Projects that differ in everything they are filtered by."""
    town = factories.ParkFactory.create(code="town", region_id="120115")
    port = factories.ParkFactory.create(code="port", region_id="310115")
    forum = factories.SigningEventFactory.create(code="forum")
    report = factories.SourceFactory.create(code="report")
    chips = factories.ProjectFactory.create(
        code="chips",
        name_zh="芯片制造",
        national_code="2403-120115-89-05-123456",
        park=town,
        origin_id="330300",
        sector_id="C3973",
        kind="new",
        function="manufacturing",
        site_mode="land",
        land_mu="42.50",
        source=report,
        investment=2 * YI,
        investment__basis="agreed",
        met={"intended": "2023-11", "signed": "2024-03-05", "started": "2024-06"},
    )
    design = factories.ProjectFactory.create(
        code="Design",
        name_en="Chip design house",
        park=port,
        origin_id="310000",
        sector_id="I6520",
        kind="expansion",
        function="rnd",
        site_mode="lease",
        standing="suspended",
        investment=YI,
        met={"intended": "2024", "completed": "2025-Q1", "operating": None},
    )
    factories.ProjectFactory.create(
        code="pills",
        park=town,
        origin_id="DE",
        sector_id="C27",
        standing="terminated",
        land_mu=0,
        investment=0,
        investment__basis="planned",
        met={"signed": None},
    )
    factories.ProjectFactory.create(code="vague", park=port, source=report)
    maker = factories.OrganisationFactory.create(
        code="maker", name_zh="华芯公司", name_en="Maker Inc", aliases="老华\nOld Maker"
    )
    factories.InvestorFactory.create(project=chips, organisation=maker)
    factories.InvestorFactory.create(project=design, organisation=maker, role="co")
    factories.ParticipationFactory.create(event=forum, project=chips)
    factories.ParticipationFactory.create(event=forum, project=chips, role="started")
    factories.OrganisationFactory.create(code="idle")
    factories.SigningEventFactory.create(code="empty")
    at = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)  # already April in Shanghai
    QuerySet(Project).filter(code="chips").update(updated_at=at)  # as no recorded write can


ALL = ["Design", "chips", "pills", "vague"]
# Further filters, and the twins of all: `tests/projects/oracle/test_filter_oracle.py`
FOUND: list[tuple[dict[str, str], list[str]]] = [
    # what is not known is not found by any bound, not even by zero
    ({"investment_min": "1亿"}, ["Design", "chips"]),
    ({"investment_min": "100000001"}, ["chips"]),
    ({"investment_min": "0"}, ["Design", "chips", "pills"]),
    ({"investment_min": "5000万", "investment_max": "1.5亿元"}, ["Design"]),
    # days are those of Shanghai; a moment is exact
    ({"updated_from": "2026-04-01", "updated_to": "2026-04-01"}, ["chips"]),
    ({"updated_to": "2026-03"}, []),
    ({"updated_to": "2026-03-31T23:30:00Z"}, ["chips"]),
    ({"updated_to": "2026-03-31T23:29:59Z"}, []),
    ({"updated_to": "2026-04-01T07:30:00+08:00"}, ["chips"]),
]


@pytest.mark.both_databases
def test_amounts_and_moments_are_bounds(api: APIClient, ledger: None) -> None:
    wrong = {}
    for parameters, expected in FOUND:
        hits = codes(api, "projects", **parameters)
        if set(hits) != set(expected) or len(hits) != len(expected):
            wrong[str(parameters)] = hits
    assert wrong == {}


def test_the_regions_of_the_delta_with_at_least_a_hundred_million(
    api: APIClient, vocabularies: None
) -> None:
    park = factories.ParkFactory.create()
    for code, origin, amount in [
        ("shanghai", "310000", YI),
        ("hangzhou", "330106", 3 * YI),
        ("nearly", "320505", YI - 1),
        ("unsized", "340000", None),
        ("beijing", "110105", 9 * YI),
        ("somewhere", None, 9 * YI),
        ("wenzhou", "330302", 2 * YI),
    ]:
        factories.ProjectFactory.create(code=code, origin_id=origin, investment=amount, park=park)
    query = {"origin": "yrd", "investment_min": "1亿", "ordering": "-investment_cny"}
    assert codes(api, "projects", **query) == ["hangzhou", "wenzhou", "shanghai"]
    assert codes(api, "projects", origin="330300") == ["wenzhou"]
    assert set(codes(api, "projects", origin="浙江")) == {"hangzhou", "wenzhou"}


ORDERED = {
    "code": ["chips", "Design", "pills", "vague"],
    "-code": ["vague", "pills", "Design", "chips"],
    "investment_cny": ["pills", "Design", "chips", "vague"],
    "-investment_cny": ["chips", "Design", "pills", "vague"],
    "signed_on,code": ["chips", "Design", "pills", "vague"],
    "-signed_on,-code": ["chips", "vague", "pills", "Design"],
    "updated_at": ["chips"],
}


@pytest.mark.both_databases
def test_unknown_values_come_last_in_both_directions(api: APIClient, ledger: None) -> None:
    for ordering, expected in ORDERED.items():
        for limit in (500, 1, 2, 3):
            shown = codes(api, "projects", ordering=ordering, limit=limit)
            assert shown[: len(expected)] == expected, (ordering, limit)


def test_an_order_without_an_index_is_refused_with_those_that_have_one(api: APIClient) -> None:
    for name in ("land_mu", "intended_on", "started_on", "completed_on", "operating_on"):
        refused = problem(api.get(f"{API}/projects", {"ordering": f"-{name}"}))["errors"][0]
        assert (refused["parameter"], refused["code"]) == ("ordering", "unknown_value")
        assert refused["candidates"] == [*ProjectViewSet.ordering_fields]


def test_every_order_of_a_long_list_begins_as_an_index_does() -> None:
    long_lists: list[tuple[Any, Any]] = [
        *((view, view.queryset.model) for view in (ProjectViewSet, OrganisationViewSet)),
        *((FundingListViewSet, Funding), (FigureViewSet, ProjectFigure)),
    ]
    for view, model in long_lists:
        begins = {index_begin(index) for index in model._meta.indexes} | {model._meta.pk.name}
        begins |= {rule.fields[0] for rule in model._meta.total_unique_constraints}
        for name in view.ordering_fields:
            for term in (name, f"-{name}"):
                keys = build_ordering_keys(term, view, model)
                known = build_segments(keys, None, backward=False)[0]
                assert known.keys[0].path in begins, (model, term)


def index_begin(index: Index) -> str:
    """The column that an index begins with."""
    if index.fields:
        return index.fields[0].removeprefix("-")
    first = index.expressions[0]
    return getattr(getattr(first, "expression", first), "name", "")


@pytest.mark.both_databases
def test_every_order_is_total_and_may_be_walked_in_pages(api: APIClient, ledger: None) -> None:
    park = factories.ParkFactory.create()
    for number in range(8):
        factories.ProjectFactory.create(code=f"same-{number}", park=park, investment=YI)
    for name in [
        *("code", "name_zh", "name_en", "investment_cny", "stage_on", "signed_on"),
        *("created_at", "updated_at"),
    ]:
        for ordering in (name, f"-{name}"):
            whole = codes(api, "projects", ordering=ordering, limit=500)
            assert codes(api, "projects", ordering=ordering, limit=7) == whole, ordering
            assert len(set(whole)) == len(whole) == 12


@pytest.mark.both_databases
@together("ordering", ["investment_cny", "-investment_cny", "investment_cny,-code"])
def test_a_walk_over_known_and_unknown_amounts_leads_back(
    api: APIClient, ledger: None, ordering: str
) -> None:
    ways = []
    page = found(api.get(f"{API}/projects", {"limit": 1, "ordering": ordering}))
    for step in ("next", "previous"):
        met = [page["results"]]
        while page[step] and len(met) < 9:
            page = found(api.get(page[step]))
            met.append(page["results"])
        ways.append(met)
    assert len(ways[0]) == 4
    assert ways[1] == ways[0][::-1]


def test_a_page_leads_to_the_next_and_back(api: APIClient, ledger: None) -> None:
    first = found(api.get(f"{API}/projects", {"limit": 3, "count": "exact"}))
    assert (len(first["results"]), first["previous"], first["count"]) == (3, None, 4)
    second = found(api.get(first["next"]))
    assert (len(second["results"]), second["next"]) == (1, None)
    assert found(api.get(second["previous"]))["results"] == first["results"]


def test_a_row_written_during_a_walk_neither_repeats_nor_hides_another(
    api: APIClient, ledger: None
) -> None:
    first = found(api.get(f"{API}/projects", {"limit": 2}))
    factories.ProjectFactory.create(code="a-new-one")
    rest = found(api.get(first["next"]))["results"]
    assert [row["code"] for row in first["results"] + rest] == ORDERED["code"]


REFUSED: list[tuple[dict[str, str], str, str, str | None]] = [
    ({"park": "unknown"}, "park", "unknown_value", None),
    ({"park": "town,"}, "park", "empty_value", None),
    ({"national_code": "2403-120115"}, "national_code", "invalid_national_code", None),
    ({"reached": "unknown"}, "reached", "unknown_value", None),
    ({"origin_province": "浙江"}, "origin_province", "unknown_value", "330000"),
    ({"origin_city": "国外"}, "origin_city", "unknown_value", "foreign"),
    ({"origin_country": "德国"}, "origin_country", "unknown_value", "DE"),
    ({"origin_country": "330000"}, "origin_country", "unknown_value", None),
    ({"investment_min": "lots"}, "investment_min", "invalid", None),
    ({"investment_min": "超1亿"}, "investment_min", "invalid", None),
    ({"investment_min": "-1"}, "investment_min", "out_of_range", None),
    ({"investment_max": "9" * 40}, "investment_max", "out_of_range", None),
    ({"land_mu_min": "5公顷"}, "land_mu_min", "invalid", None),
    ({"land_mu_min": "1e3"}, "land_mu_min", "invalid", None),
    ({"land_mu_min": "１２"}, "land_mu_min", "invalid", None),
    ({"land_mu_min": "1,000"}, "land_mu_min", "invalid", None),
    ({"land_mu_min": "42."}, "land_mu_min", "invalid", None),
    ({"land_mu_min": "-1"}, "land_mu_min", "out_of_range", None),
    ({"land_mu_max": "100000000"}, "land_mu_max", "out_of_range", None),
    ({"land_mu_min": "42.505"}, "land_mu_min", "too_many_decimals", None),
    ({"updated_from": "2026-03-31T23:30:00"}, "updated_from", "invalid", None),
    ({"signed_year": "24"}, "signed_year", "invalid", None),
    ({"signed_year": "unkown"}, "signed_year", "invalid", "unknown"),
    ({"land_mu_max": "042.50"}, "land_mu_max", "invalid", None),
    ({"signed_year": "0999"}, "signed_year", "invalid", None),
    ({"ordering": "-invesment_cny"}, "ordering", "unknown_value", "-investment_cny"),
    ({"ordering": "code,-code"}, "ordering", "repeated_value", None),
]


def test_what_is_not_understood_is_refused_with_the_nearest_spelling(
    api: APIClient, ledger: None
) -> None:
    for parameters, parameter, code, suggestion in REFUSED:
        wrong = error(api.get(f"{API}/projects", parameters))
        said = (wrong["parameter"], wrong["code"], wrong.get("suggestion"))
        assert said == (parameter, code, suggestion), parameters


def test_all_mistakes_of_a_query_are_named_at_once(api: APIClient, ledger: None) -> None:
    response = api.get(f"{API}/projects?orgin=yrd&stage=sigend&limit=0&q=a&q=b&origin=suzhou")
    assert mistakes(response) == {
        "orgin": "unknown_parameter",
        "stage": "unknown_value",
        "limit": "out_of_range",
        "q": "repeated_parameter",
        "origin": "ambiguous_name",
    }


@together(
    "more",
    [{"limit": "1"}, {"count": "exact"}, {"fields": "code"}, {"expand": "figures"}]
    + [{"ordering": "code"}, {"ordering": ""}],
)
def test_a_cursor_serves_however_much_is_asked_of_its_list(
    api: APIClient, ledger: None, more: dict[str, str]
) -> None:
    asked = {"park": "port,town", "limit": "2", "ordering": "code", **more}
    first = found(api.get(f"{API}/projects", {"park": "port,town", "limit": "2"}))
    cursor = parse_qs(urlsplit(first["next"]).query)["cursor"][0]
    given = {name: value for name, value in asked.items() if value}
    page = found(api.get(f"{API}/projects", {**given, "cursor": cursor}))
    rest = ["pills", "vague"][: int(given["limit"])]
    assert [row["code"] for row in page["results"]] == rest
    back = found(api.get(page["previous"]))
    assert len(back["results"]) == int(given["limit"])


def test_a_cursor_serves_only_the_list_that_gave_it(api: APIClient, ledger: None) -> None:
    page = found(api.get(f"{API}/projects", {"limit": 1, "park": "town"}))
    wrong = error(api.get(page["next"].replace("park=town", "park=port")))
    assert (wrong["parameter"], wrong["code"]) == ("cursor", "cursor_mismatch")


@pytest.mark.parametrize("seen_by", ["nobody", "superuser"])
def test_drafts_and_withdrawn_projects_are_seen_by_superusers_alone(
    api: APIClient, superuser: User, seen_by: str
) -> None:
    hidden_park = factories.ParkFactory.create(publication="draft")
    factories.ProjectFactory.create(code="public")
    factories.ProjectFactory.create(code="draft", publication="draft")
    factories.ProjectFactory.create(code="withdrawn", publication="withdrawn")
    factories.ProjectFactory.create(code="inside", park=hidden_park)
    if seen_by == "superuser":
        api.force_login(superuser)
    expected = ["public"] if seen_by == "nobody" else ["draft", "inside", "public", "withdrawn"]
    rows: list[Row] = walk(api, "projects", count="exact")
    assert [row["code"] for row in rows] == expected
    answer: dict[str, Any] = found(api.get(f"{API}/projects", {"count": "exact"}))
    assert answer["count"] == len(expected)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("updated_from", "0001-01-01T00:00:00+14:00", "invalid"),
        ("updated_to", "9999-12-31T23:59:59-12:00", "invalid"),
        ("stage", "signed,", "empty_value"),
        ("origin", "DE,,US", "empty_value"),
        ("park", ",", "empty_value"),
    ],
)
def test_values_at_the_edge_are_refused(
    api: APIClient, vocabularies: None, name: str, value: str, code: str
) -> None:
    wrong = error(api.get(f"{API}/projects", {name: value}))
    assert (wrong["parameter"], wrong["code"]) == (name, code)
