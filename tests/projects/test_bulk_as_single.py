"""A row of a bulk is answered as the same body by POST or PATCH: rights, drafts, doubts, errors."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from rest_framework.test import APIClient

from tests import factories
from tests.answers import API, Row, found
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

PROJECTS = f"{API}/projects"
PATCHED = "fab"
# What only this write knows of a row, or what the ledger makes of it
OF_THE_WRITE = {"id", "code", "superseded_by", "created_at", "updated_at"}


@kept_rows(autouse=True)
def ledger(vocabularies: None) -> None:
    town, port = (factories.ParkFactory.create(code=code) for code in ("town", "port"))
    factories.ParkFactory.create(code="secret", name_zh="秘密园", publication="draft")
    for name, park, role in (
        ("editor", town, "editor"),
        ("editor of another", port, "editor"),
        ("viewer", town, "viewer"),
    ):
        factories.MembershipFactory.create(user__username=name, park=park, role=role)
    factories.UserFactory.create(username="superuser", superuser=True)
    factories.UserFactory.create(username="nobody")
    factories.SourceFactory.create(code="open")
    factories.SourceFactory.create(code="draft-of-town", park=town, publication="draft")
    factories.SourceFactory.create(code="draft-of-port", park=port, publication="draft")
    for code in ("maker", "seller"):
        factories.OrganisationFactory.create(code=code)
    made = {"park": town, "name_zh": "晶圆厂", "name_en": "", "note": "x"}
    fab = factories.ProjectFactory.create(
        code=PATCHED, investment=200_000_000, met={"signed": "2023-05"}, **made
    )
    factories.InvestorFactory.create(project=fab, organisation__code="owner")
    factories.ProjectFactory.create(code="whole", name_zh="整体项目", park=town, part_of=fab)
    factories.ProjectFactory.create(code="hidden", park=port, publication="draft")
    factories.ProjectFactory.create(code="gone", park=town).delete()


@pytest.fixture(autouse=True)
def nothing_kept(settings: LazySettings) -> None:
    """What is taken back is not recorded: no answer is to be kept in between."""
    settings.CACHE_MAX_BYTES = 0


def sign_in(name: str) -> APIClient:
    client = APIClient()
    user = User.objects.filter(username=name).first() or AnonymousUser()
    client.force_authenticate(None if user.is_anonymous else user)
    client.default_format = "json"
    return client


def new(**more: Any) -> Row:
    return {"name_zh": "新厂", "park": "town", "code": "new", **more}


SIGNED = {"type": "signed", "actual_on": "2024-03"}
PLANNED = {"type": "started", "status": "scheduled", "planned_on": "2027"}
# Bodies of POST
CREATED: dict[str, tuple[int, Row]] = {
    "whole": (
        201,
        new(
            milestones=[SIGNED, PLANNED],
            investors=[{"organisation": "maker"}, {"organisation": "seller", "share_bp": 10}],
            figures=[{"indicator": "tax_per_year", "value": "2000万元", "nature": "projected"}],
            investment_cny="超1.5亿元",
            investment_basis="agreed",
            origin="330100",
            sector="C3973",
            source="open",
        ),
    ),
    "of another park": (403, new(park="port")),
    "of a hidden park": (400, new(park="secret")),
    "without a name": (400, {"park": "town"}),
    "with a draft of the park": (409, new(source="draft-of-town")),
    "as a draft with a draft": (201, new(source="draft-of-town", publication="draft")),
    "with a draft of another park": (400, new(source="draft-of-port")),
    "part of a hidden project": (400, new(part_of="hidden")),
    "of unknown fields": (400, new(kidn="new", stage="signed", signed_on="2024")),
    "of wrong kinds": (
        400,
        new(kind="New", land_mu="20亩", is_umbrella="maybe", reported_on="2024-13"),
    ),
    "a code that is taken": (409, new(code="FAB")),
    "a code that was deleted": (409, new(code="gone")),
    "ended without a reason": (400, new(standing="terminated")),
    "a qualifier of nothing": (400, new(investment_qualifier="over")),
    "two who lead": (
        400,
        new(
            investors=[
                {"organisation": "maker", "role": "lead"},
                {"organisation": "seller", "role": "lead"},
            ]
        ),
    ),
    "the same investor twice": (400, new(investors=[{"organisation": "maker"}] * 2)),
    "milestones that are none": (
        400,
        new(
            milestones=[
                {"type": "sold"},
                {},
                {**SIGNED, "actual_on": "3 March"},
                {"id": 7, **SIGNED},
            ]
        ),
    ),
    "met in the future": (400, new(milestones=[{**SIGNED, "actual_on": "2199"}])),
    "an improbable amount": (409, new(investment_cny=28)),
    "the name of another": (409, new(name_zh="晶圆厂项目")),
    "an improbable figure": (
        409,
        new(figures=[{"indicator": "investment", "value": 5, "investment_basis": "agreed"}]),
    ),
}
# What others are answered who send these
POSTED = (new(), new(park="port"), new(park="secret"), new(source="draft-of-port"))
PATCHES = ({"note": "y"}, {"park": "port"}, {"source": "draft-of-town"})
OTHERS = {
    "superuser": ((201, 201, 201, 409), (200, 200, 409)),
    "editor of another": ((403, 201, 400, 403), (403, 403, 403)),
    "viewer": ((403,) * 4, (403,) * 3),
    "nobody": ((403,) * 4, (403,) * 3),
    "somebody not signed in": ((401,) * 4, (401,) * 3),
}
CONFIRMED = "?confirm=amounts,duplicates,publish_needed"


@pytest.mark.slow
@together("case", sample([*CREATED], 2))
def test_a_new_row_is_answered_as_by_post(case: str) -> None:
    compare("editor", "POST", *CREATED[case])


@pytest.mark.slow
@together("who", sample([*OTHERS], 2))
def test_who_may_not_write_one_may_not_write_many(who: str) -> None:
    posted, patched = OTHERS[who]
    for status, body in zip(posted, POSTED, strict=True):
        compare(who, "POST", status, body)
    for status, body in zip(patched, PATCHES, strict=True):
        compare(who, "PATCH", status, body)


def compare(who: str, method: str, status: int, body: Row) -> None:
    """Compare what is answered to a body alone and in a bulk, and again where it is asked about."""
    client = sign_in(who)
    for query in ("", CONFIRMED) if status == 409 else ("",):
        alone = write_one(client, method, body, query)
        assert query or alone[0] == status, alone
        assert write_many(client, method, body, query) == alone


def write_one(client: APIClient, method: str, body: Row, query: str) -> tuple[int, Any]:
    """Send a body alone, and take it back; the status, and what is there or wrong."""
    with transaction.atomic():
        if method == "POST":
            answer = client.post(f"{PROJECTS}{query}", body)
        else:
            address = f"{PROJECTS}/{PATCHED}{query}"
            answer = client.patch(address, body, headers={"If-Match": "*"})
        told = read_outcome(answer, client, body)
        transaction.set_rollback(True)
    return told


def write_many(client: APIClient, method: str, body: Row, query: str) -> tuple[int, Any]:
    """Send a body as a row of a bulk, and take it back: as `write_one` gives it."""
    updates = f"{'&' if query else '?'}on_existing=update"
    target, row = query, body
    if method == "PATCH":
        target, row = query + updates, {"code": PATCHED, **body}
    with transaction.atomic():
        answer = client.post(f"{PROJECTS}/bulk{target}", {"projects": [row]})
        status, told = read_outcome(answer, client, row)
        transaction.set_rollback(True)
    created = method == "POST" and status == 200
    return 201 if created else status, told


def read_outcome(answer: Any, client: APIClient, body: Row) -> tuple[int, Any]:
    """Read what is stored after a write, or what is wrong, place by place."""
    if answer.status_code < 300:
        stored = found(client.get(f"{PROJECTS}/{body.get('code', PATCHED)}"))
        return answer.status_code, strip(stored)
    problem = answer.json()
    errors = [
        {**error, "pointer": error["pointer"].replace("#/projects/0", "#")}
        for error in problem["errors"]
    ]
    return answer.status_code, (problem["type"], problem["detail"], errors)


def strip(shown: Any) -> Any:
    """Leave out what two writes of the same cannot have alike."""
    if isinstance(shown, list):
        return [strip(each) for each in shown]
    if isinstance(shown, dict):
        return {name: strip(shown[name]) for name in shown if name not in OF_THE_WRITE}
    return shown
