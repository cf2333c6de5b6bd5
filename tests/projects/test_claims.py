"""/figures: the claims of parks, regions, organisations, projects and events in one list."""

import pytest
from rest_framework.test import APIClient

from config.database import history
from tests import factories
from tests.answers import API, codes, found, walk
from tests.samples import HERE, sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db


@kept_rows
def claims() -> None:
    """Claims about everything, two of one code, some without a day, and some in drafts."""
    source = factories.SourceFactory.create(code="S1", title="报道")
    wang = factories.PostFactory.create(
        code="mayor", person=factories.PersonFactory.create(code="wang")
    )
    town = factories.ParkFactory.create(code="town")
    fab = factories.ProjectFactory.create(code="fab", park=town)
    forum = factories.SigningEventFactory.create(code="forum")
    factories.FigureFactory.create(code="a", park=town, on="2023")
    factories.FigureFactory.create(
        code="D", park=None, region=factories.RegionFactory.create(code="120115")
    )
    maker = factories.OrganisationFactory.create(code="maker")
    factories.FigureFactory.create(code="g", park=None, organisation=maker, on="2024-06")
    factories.FigureFactory.create(code="same", park=town, on="2022", source=source)
    factories.ProjectFigureFactory.create(code="b", project=fab, on="2023", source=source)
    factories.ProjectFigureFactory.create(code="e", project=fab, on="2024-06")
    factories.ProjectFigureFactory.create(code="same", project=fab)
    factories.EventFigureFactory.create(code="c", event=forum, on="2023", said_by=wang)
    factories.EventFigureFactory.create(code="f", event=forum, as_reported="=1+1")
    factories.EventFigureFactory.create(code="same", event=forum, on="2022")
    hidden = factories.ProjectFactory.create(code="secret", park=town, publication="draft")
    factories.ProjectFigureFactory.create(code="canary-p", project=hidden, on="2023")
    drafted = factories.SigningEventFactory.create(code="closed", publication="draft", park=town)
    factories.EventFigureFactory.create(code="canary-e", event=drafted, on="2023")
    factories.FigureFactory.create(
        code="canary-f", park=factories.ParkFactory.create(publication="draft")
    )


IN_ORDER = {
    "code": "D a b c e f g same same same",
    "-code": "same same same g f e c b a D",
    "as_of": "same same a b c g e D same f",
    "-as_of": "e g c b a same same f same D",
}


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.usefixtures("claims")
@together("ordering", IN_ORDER)
@together("limit", sample(["1", "3", "2", "50"], 4, HERE))
def test_the_pages_are_the_one_list_cut_into_pieces_both_ways(
    api: APIClient, ordering: str, limit: str
) -> None:
    rows = walk(api, "figures", ordering=ordering, limit=limit)
    assert " ".join(row["code"] for row in rows) == IN_ORDER[ordering]
    assert len({row["claim_url"] for row in rows}) == len(rows) == 10
    page = found(api.get(f"{API}/figures", {"ordering": ordering, "limit": limit}))
    while page["next"]:
        page = found(api.get(page["next"]))
    back = page["results"]
    while page["previous"]:
        page = found(api.get(page["previous"]))
        back = page["results"] + back
    assert back == rows


@pytest.mark.usefixtures("claims")
def test_a_claim_says_what_it_is_about_and_where_it_stands(api: APIClient) -> None:
    page = found(api.get(f"{API}/figures", {"count": "exact"}))
    assert page["count"] == 10
    rows = {(row["subject_type"], row["code"]): row for row in page["results"]}
    subjects = ["park", "region", "region_group", "organisation", "project", "event"]
    for kind, code, subject, url in [
        ("park", "a", "town", "figures/a"),
        ("region", "D", "120115", "figures/D"),
        ("organisation", "g", "maker", "figures/g"),
        ("project", "b", "fab", "projects/fab/figures/b"),
        ("event", "c", "forum", "events/forum/figures/c"),
    ]:
        row = rows[kind, code]
        assert {name: row[name] for name in subjects} == dict.fromkeys(subjects) | {kind: subject}
        assert row["claim_url"] == f"http://testserver{API}/{url}"
        alone = found(api.get(row["claim_url"]))
        of_projects = {name: alone.get(name) for name in ("investment_basis", "adds_to")}
        assert alone.items() <= (of_projects | row).items()


@pytest.mark.usefixtures("claims")
@together(
    ("parameters", "expected"),
    sample(
        [
            ({"subject_type": "project"}, "b e same"),
            ({"subject_type": "event,region"}, "D c f same"),
            ({"subject_type_not": "project,event"}, "D a g same"),
            ({"project": "FAB"}, "b e same"),
            ({"project": "unknown"}, "D a c f g same same"),
            ({"event": "forum"}, "c f same"),
            ({"event": "forum", "project": "fab"}, ""),
            ({"park": "town"}, "a same"),
            ({"park": "town,unknown"}, "D a b c e f g same same same"),
            ({"region": "120115"}, "D"),
            (
                {"region": "unknown", "park": "unknown", "organisation": "unknown"},
                "b c e f same same",
            ),
            ({"region_group": "unknown", "subject_type": "event"}, "c f same"),
            ({"indicator": "declared_projects"}, "c f same"),
            ({"indicator_not": "area"}, "b c e f same same"),
            ({"source": "s1"}, "b same"),
            ({"said_by": "wang"}, "c"),
            ({"as_of_min": "2024"}, "e g"),
            ({"q": "公布项目"}, "c f same"),
            ({"latest": "1"}, "D a c e g"),
            ({"latest": "1", "project": "fab", "as_of_max": "2023"}, "b"),
            ({"superseded": "true"}, ""),
        ],
        2,
    ),
)
def test_the_list_is_narrowed_over_all_subjects(
    api: APIClient, parameters: dict[str, str], expected: str
) -> None:
    assert " ".join(codes(api, "figures", limit="2", **parameters)) == expected


@pytest.mark.usefixtures("claims")
def test_the_list_and_its_file_are_read_as_of_a_day(api: APIClient) -> None:
    today = str(history.today())
    now = walk(api, "figures", limit="4")
    assert walk(api, "figures", limit="4", as_of=today) == now
    answer = api.get(f"{API}/figures.csv", {"as_of": today, "columns": "code,event"})
    assert len(b"".join(answer.streaming_content).splitlines()) == 11
    page = api.get(f"{API}/figures", {"fields": "code,project", "limit": "3"})
    assert page.json()["results"][2] == {"code": "b", "project": "fab"}
    assert (
        api.get(
            f"{API}/figures",
            {"fields": "code,project", "limit": "3"},
            headers={"If-None-Match": page.headers["ETag"]},
        ).status_code
        == 304
    )
