"""304 where nothing that an answer shows has changed, and never where something has."""

import gzip
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from api import caching
from config.database import history
from parks.models import Park, Region, RegionGroup
from projects.models import Milestone, Project, SigningEvent
from tests import factories
from tests.answers import API, clear_kept, found
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

PROJECT = f"{API}/projects/fab"
SUMMARY = "projects/summary?group_by=stage"
# An answer of each kind
ADDRESSES = [
    "projects",
    "projects?fields=code,investment_cny&limit=5",
    "projects?stage=signed&count=exact",
    "projects/fab",
    "projects/fab?fields=code,stage",
    "projects/fab/milestones",
    "projects/fab/fundings",
    "projects/fab/figures",
    "projects/facets",
    "projects/cohorts",
    SUMMARY,
    "projects.csv",
    "projects.jsonl",
    "parks",
    "parks/town",
    "parks/compare?parks=town,bay",
    "figures",
    "figures/summary?indicator=area&nature=actual",
    "events",
    "events/forum",
    "events/forum/follow-through",
    "regions/330300",
    "region-groups/yrd",
    "organisations",
]
FEW_ADDRESSES = ["projects", "projects/fab", "projects.csv", "parks/town", SUMMARY]


@kept_rows(autouse=True)
def ledger(vocabularies: None) -> Project:
    """A project with rows of every kind."""
    town = factories.ParkFactory.create(code="town", region_id="330300")
    factories.ParkFactory.create(code="bay", region_id="330100")
    factories.FigureFactory.create(code="town-area", park=town, indicator_id="area", value=5)
    project = factories.ProjectFactory.create(code="fab", park=town, origin_id="330300")
    factories.MilestoneFactory.create(project=project, type="signed", on="2023-11")
    factories.FundingFactory.create(project=project)
    factories.ProjectFigureFactory.create(project=project, indicator_id="investment", amount_cny=5)
    factories.ParticipationFactory.create(project=project, event__code="forum")
    return project


def body(response: Any) -> bytes:
    """The whole answer; a file is closed when it has been read."""
    return response.getvalue()


def tag_of(client: APIClient, address: str, **headers: str) -> str:
    response = client.get(f"{API}/{address}", headers=headers)
    assert (response.status_code, bool(body(response))) == (200, True)
    return response.headers["ETag"]


def again(client: APIClient, address: str, tag: str, **headers: str) -> int:
    response = client.get(f"{API}/{address}", headers={"If-None-Match": tag, **headers})
    body(response)
    return response.status_code


# --- What has not changed ------------------------------------------------------------------------


@pytest.mark.slow
@together("address", ADDRESSES)
def test_what_has_not_changed_is_a_304_for_each_that_asks(
    api: APIClient, admin_api: APIClient, address: str
) -> None:
    for client in sample([api, admin_api], 2, ADDRESSES.index(address)):
        tag = tag_of(client, address)
        assert tag.startswith('"')
        response = client.get(f"{API}/{address}", headers={"If-None-Match": tag})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["ETag"] == tag
        head = client.head(f"{API}/{address}", headers={"If-None-Match": tag})
        assert (head.status_code, head.headers["ETag"]) == (304, tag)
        head = client.head(f"{API}/{address}")
        assert (head.headers["ETag"], body(head)) == (tag, b"")


def test_a_304_takes_one_query_of_the_ledger(
    api: APIClient, django_assert_num_queries: Any
) -> None:
    tag = tag_of(api, "projects")
    with django_assert_num_queries(1):
        assert again(api, "projects", tag) == 304


@together("sent", ["W/{}", '"other", {}', 'W/"other",W/{}'])
def test_a_tag_is_known_again_weakened_or_among_others(api: APIClient, sent: str) -> None:
    for address in ("projects", "projects/fab"):
        assert again(api, address, sent.format(tag_of(api, address))) == 304


def test_through_a_proxy_that_compresses_and_weakens_tags_all_is_as_without(
    api: APIClient, admin_api: APIClient, settings: Any
) -> None:
    for number in range(20):
        factories.ProjectFactory.create(code=f"long-{number}", park__code=f"park-{number}")
    # It takes the answers plain, as proxies do that compress themselves.
    others = [each for each in settings.MIDDLEWARE if "Compression" not in each]
    settings.MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware", *others]
    compressed = {"Accept-Encoding": "gzip"}
    for address in ("projects", "projects/fab", SUMMARY):
        plain = found(api.get(f"{API}/{address}"))
        answer = api.get(f"{API}/{address}", headers=compressed)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert json.loads(gzip.decompress(body(answer))) == plain
        tag = answer.headers["ETag"]
        assert tag.startswith('W/"')
        assert again(api, address, tag, **compressed) == 304
    tag = admin_api.get(PROJECT, headers=compressed).headers["ETag"]
    seen = {"If-Match": tag}
    found(admin_api.patch(PROJECT, {"note": "x"}, headers=seen))
    assert admin_api.patch(PROJECT, {"note": "y"}, headers=seen).status_code == 412
    assert again(api, "projects/fab", tag, **compressed) == 200


@together("sent", sample(["", "*", '"1"', '"1.0"', "nonsense", '""', '"."'], 2))
def test_a_tag_that_is_not_ours_brings_the_whole_answer(api: APIClient, sent: str) -> None:
    for address in ("projects", "projects/fab"):
        assert again(api, address, sent) == 200


def test_an_answer_says_who_may_keep_it_and_what_it_depends_on(
    api: APIClient, admin_api: APIClient
) -> None:
    for client, kept_by in ((api, "public"), (admin_api, "private")):
        tag = tag_of(client, "projects")
        for headers in ({}, {"If-None-Match": tag}):
            answer = client.get(f"{API}/projects", headers=headers)
            assert answer.headers["Cache-Control"] == f"{kept_by}, no-cache"
            varies = {name.strip() for name in answer.headers["Vary"].split(",")}
            assert varies >= {"Accept", "Accept-Language", "Authorization", "Cookie"}


def test_what_went_wrong_and_what_was_written_is_not_kept(
    api: APIClient, admin_api: APIClient
) -> None:
    for address in ("projects/none", "projects?zzz=1"):
        answer = api.get(f"{API}/{address}", headers={"If-None-Match": "*"})
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers
    assert admin_api.patch(PROJECT, {"note": "x"}).headers["Cache-Control"] == "no-store"


# --- What has changed ----------------------------------------------------------------------------

WRITES: dict[str, Callable[[], Any]] = {
    "a milestone": lambda: Milestone.objects.get().save(),
    "a milestone less": lambda: Milestone.objects.get().delete(),
    "a funding": lambda: factories.FundingFactory.create(
        project=Project.objects.get(), month=date(2020, 1, 1)
    ),
    "an investment": lambda: factories.ProjectFigureFactory.create(
        project=Project.objects.get(), indicator_id="investment", amount_cny=7
    ),
    "a project more": lambda: factories.ProjectFactory.create(park=Park.objects.get(code="town")),
    "a project less": lambda: Project.objects.get().delete(),
    "a project that is a draft": lambda: change(Project.objects.get(), publication="draft"),
    "an event that is withdrawn": lambda: change(
        SigningEvent.objects.get(), publication="withdrawn"
    ),
    "the name of a park": lambda: change(Park.objects.get(code="town"), name_zh="新园"),
    "a figure of a park": lambda: factories.FigureFactory.create(
        park=Park.objects.get(code="town"), indicator_id="area"
    ),
    "the name of a region": lambda: change(Region.objects.get(code="330300"), name_en="Elsewhere"),
    "a member of a group": lambda: leave_group("330000"),
}


def change(row: Any, **values: str) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save()


def leave_group(region: str) -> None:
    """Take a region out of a group, as the API does: the group has another version."""
    group = RegionGroup.objects.get(code="yrd")
    group.members.filter(region=region).delete()
    group.save()


@pytest.mark.slow
@together("write", [*WRITES])
def test_no_answer_is_stale_after_a_write(api: APIClient, admin_api: APIClient, write: str) -> None:
    turn = [*WRITES].index(write)
    asked = [(api, address, "en") for address in sample(ADDRESSES, 8, turn)]
    asked += [(admin_api, address, "zh-hans") for address in FEW_ADDRESSES]
    before = []
    for client, address, language in asked:
        answer = client.get(f"{API}/{address}", headers={"Accept-Language": language})
        before.append((answer.headers["ETag"], body(answer)))
    WRITES[write]()
    same = 0
    for (client, address, language), (tag, shown) in zip(asked, before, strict=True):
        is_same = again(client, address, tag, **{"Accept-Language": language}) == 304
        clear_kept()
        answer = client.get(f"{API}/{address}", headers={"Accept-Language": language})
        assert not is_same or body(answer) == shown, address
        same += is_same
    assert same < len(asked)


def test_a_write_that_was_undone_changes_no_tag(api: APIClient, admin_api: APIClient) -> None:
    tag = tag_of(api, "projects")
    assert admin_api.post(f"{API}/projects", {"name_zh": "厂"}).status_code == 400
    assert admin_api.patch(PROJECT, {"land_mu": -1}).status_code == 400
    assert again(api, "projects", tag) == 304


# --- What is part of an answer -------------------------------------------------------------------


def test_the_question_the_language_and_the_host_are_part_of_the_tag(api: APIClient) -> None:
    tags = {
        tag_of(api, "projects"),
        tag_of(api, "projects?limit=5"),
        tag_of(api, "projects?fields=code"),
        tag_of(api, "projects?stage=signed"),
        tag_of(api, "projects", **{"Accept-Language": "zh-hans"}),
        tag_of(api, "projects", Host="localhost"),
    }
    assert len(tags) == 6


def test_a_role_that_is_given_or_taken_makes_a_tag_old() -> None:
    person = factories.UserFactory.create()
    client = APIClient()
    client.force_login(person)
    factories.ProjectFactory.create(code="draft", park__code="town2", publication="draft")
    tag = tag_of(client, "projects")
    membership = factories.MembershipFactory.create(
        user=person, park=Park.objects.get(code="town2"), role="viewer"
    )
    assert again(client, "projects", tag) == 200
    tag = tag_of(client, "projects")
    membership.delete()
    assert again(client, "projects", tag) == 200


def test_the_day_is_part_of_the_tag(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = tag_of(api, "projects")
    monkeypatch.setattr(timezone, "localdate", lambda *_moment: date(2100, 1, 1))
    assert again(api, "projects", tag) == 200


def test_the_program_is_part_of_the_tag(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = tag_of(api, "projects")
    monkeypatch.setattr(caching, "digest_program", lambda: "another release")
    assert again(api, "projects", tag) == 200


def test_a_write_while_an_answer_is_read_makes_its_tag_too_old_never_the_answer(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = history.ledger_version

    def and_then_somebody_writes() -> str:
        version = known()
        Project.objects.get().save()
        return version

    monkeypatch.setattr(history, "ledger_version", and_then_somebody_writes)
    tag = tag_of(api, "projects/fab")
    monkeypatch.undo()
    assert again(api, "projects/fab", tag) == 200


OF_NOBODY_ELSE = (
    *(f"{API}/projects.csv", f"{API}/projects.xlsx", f"{API}/attention", f"{API}/imports"),
    *("/admin/", "/attention", "/password"),
)


@together("address", OF_NOBODY_ELSE)
def test_files_the_admin_and_what_needs_attention_are_kept_nowhere(
    admin_client: Any, address: str
) -> None:
    response = admin_client.get(address)
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    b"".join(response)
