"""API tokens: made once, shown once, kept as digests, and refused alike whatever is wrong."""

import hashlib
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from parks.models import ApiToken
from tests.admin_pages import address, save, saved, told
from tests.answers import API, found, problem, sign_in
from tests.factories import MembershipFactory, ProjectFactory, UserFactory
from tests.samples import sample
from tests.together import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(db: None) -> User:
    """Somebody who edits a park and signs in to the admin."""
    return MembershipFactory.create(user__username="wang").user


def create_token(*arguments: str) -> str:
    """What the command prints."""
    out, hint = io.StringIO(), io.StringIO()
    call_command("create_token", *arguments, stdout=out, stderr=hint)
    assert "not shown again" in hint.getvalue()
    return out.getvalue().strip()


def bearing(authorization: str) -> APIClient:
    return APIClient(headers={"Authorization": authorization})


def patch(client: APIClient, code: str) -> Any:
    body = {"note": "changed"}
    return client.patch(f"{API}/projects/{code}", body, headers={"If-Match": "*"})


# --- Making one ----------------------------------------------------------------------------------


def test_the_command_prints_a_token_of_256_bits_and_keeps_its_digest_alone(person: User) -> None:
    secret = create_token("wang", "--name", "dashboard", "--scope", "write", "--days", "90")
    assert re.fullmatch(r"pl_[A-Za-z0-9_-]{43}", secret)
    token = ApiToken.objects.get()
    assert (token.user, token.name, token.scope) == (person, "dashboard", "write")
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret.startswith(token.prefix)
    assert len(token.prefix) == 9
    assert token.expires_at - token.created_at == timedelta(days=90)


@together(
    ("arguments", "message"),
    sample(
        [
            (["nobody", "--name", "x"], "no active account"),
            (["left", "--name", "x"], "no active account"),
            (["wang", "--name", "x", "--days", "366"], "at most 365 days"),
            (["wang", "--name", "x", "--days", "0"], "must expire after it was created"),
            (["wang", "--name", "x" * 101], "at most 100"),
            (["wang", "--name", ""], "cannot be blank"),
            (["wang", "--name", "x", "--scope", "all"], "invalid choice"),
            (["wang"], "--name"),
        ],
        2,
    ),
)
def test_the_command_says_what_is_wrong(person: User, arguments: list[str], message: str) -> None:
    UserFactory.create(username="left", is_active=False)
    with pytest.raises(CommandError, match=message):
        create_token(*arguments)
    assert not ApiToken.objects.exists()


# --- Using one -----------------------------------------------------------------------------------


def test_a_read_token_says_why_it_does_not_write(person: User) -> None:
    park = person.memberships.get().park
    project = ProjectFactory.create(park=park)
    reader = bearing(f"Bearer {create_token('wang', '--name', 'x')}")
    assert problem(patch(reader, project.code), 403)["detail"] == "This token may only read."
    writer = bearing(f"Bearer {create_token('wang', '--name', 'x', '--scope', 'write')}")
    found(patch(writer, project.code))


def test_whatever_is_wrong_with_a_token_the_answer_is_the_same(person: User) -> None:
    secrets = {
        fault: create_token("wang", "--name", fault) for fault in ("expired", "revoked", "left")
    }
    now = timezone.now()
    ApiToken.objects.filter(name="expired").update(
        created_at=now - timedelta(days=2), expires_at=now
    )
    ApiToken.objects.filter(name="revoked").revoke()
    left = UserFactory.create(is_active=False)
    ApiToken.objects.filter(name="left").update(user=left)
    texts = set()
    for authorization in [
        *(f"Bearer {secret}" for secret in secrets.values()),
        *("Bearer pl_wrong", "Bearer", "Bearer ", "Token pl_wrong", "Basic d2FuZzp4", "密"),
    ]:
        header = authorization.encode().decode("latin-1")
        response = bearing(header).get(f"{API}/parks")
        answer = problem(response, 401)
        assert response.headers["WWW-Authenticate"].startswith("Bearer ")
        texts.add((answer["type"], answer["detail"], str(answer["errors"])))
    assert len(texts) == 1
    assert "a token as “Authorization: Bearer ...”" in str(texts)


def test_a_token_is_refused_from_the_moment_it_is_revoked_or_its_person_leaves(
    person: User,
) -> None:
    client = bearing(f"Bearer {create_token('wang', '--name', 'x')}")
    found(client.get(f"{API}/parks"))
    person.is_active = False
    person.save()
    problem(client.get(f"{API}/parks"), 401)
    person.is_active = True
    person.save()
    found(client.get(f"{API}/parks"))
    assert ApiToken.objects.revoke() == 1
    problem(client.get(f"{API}/parks"), 401)
    assert ApiToken.objects.revoke() == 0


def test_a_token_wins_over_a_session(person: User) -> None:
    project = ProjectFactory.create(park=person.memberships.get().park)
    client = bearing(f"Bearer {create_token('wang', '--name', 'x')}")
    client.force_login(UserFactory.create(superuser=True))
    problem(patch(client, project.code), 403)


def test_the_use_of_a_token_is_noted_once_a_minute(person: User) -> None:
    client = bearing(f"Bearer {create_token('wang', '--name', 'x')}")
    assert ApiToken.objects.get().last_used_at is None
    found(client.get(f"{API}/parks"))
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    found(client.get(f"{API}/parks"))
    assert ApiToken.objects.get().last_used_at == first
    earlier = first - timedelta(seconds=61)
    ApiToken.objects.update(last_used_at=earlier)
    found(client.get(f"{API}/parks"))
    assert ApiToken.objects.get().last_used_at > earlier


def test_a_token_costs_three_queries_however_long_the_list(
    person: User, api: APIClient, django_assert_num_queries: Any, settings: Any
) -> None:
    """The token with its person, the roles, and the right to edit what all share."""
    settings.CACHE_MAX_BYTES = 0  # no answer is kept
    client = bearing(f"Bearer {create_token('wang', '--name', 'x')}")
    found(client.get(f"{API}/parks"))
    with CaptureQueriesContext(connection) as alone:
        found(api.get(f"{API}/parks"))
    with django_assert_num_queries(len(alone) + 3):
        found(client.get(f"{API}/parks"))


# --- In the admin --------------------------------------------------------------------------------


@pytest.fixture
def desk(person: User) -> Client:
    """The browser of that person."""
    return sign_in(person, Client)


def made_in_admin(client: Client, **fields: Any) -> str:
    """The token that the page after the form shows."""
    response = save(client, address(ApiToken, "add"), **fields)
    saved(response)
    (message,) = (text for text in told(response) if "not shown again" in text)
    return re.search(r"pl_[\w-]{43}", message)[0]  # type: ignore[index]


def test_a_token_made_in_the_admin_is_shown_once(desk: Client, person: User) -> None:
    secret = made_in_admin(desk, name="export", scope="write", days=30)
    token = ApiToken.objects.get()
    assert (token.user, token.scope, token.digest) == (
        *(person, "write", hashlib.sha256(secret.encode()).hexdigest()),
    )
    shown = desk.get(address(ApiToken, "changelist")).content.decode()
    assert secret in shown
    for page in ("changelist", "change", "history"):
        keys = [] if page == "changelist" else [token.pk]
        text = desk.get(address(ApiToken, page, *keys)).content.decode()
        assert token.prefix in text or page == "history"
        assert secret not in text
        assert token.digest not in text


def test_a_form_asks_for_at_most_a_year(desk: Client) -> None:
    for days in (0, 366):
        response = save(desk, address(ApiToken, "add"), name="x", days=days)
        assert response.context_data["adminform"].form.errors["days"]
    response = save(desk, address(ApiToken, "add"), name="x" * 101, days=1)
    assert response.context_data["adminform"].form.errors["name"]
    assert not ApiToken.objects.exists()
    for days, name in ((1, "x" * 99), (365, "x" * 100)):
        assert save(desk, address(ApiToken, "add"), name=name, days=days).status_code == 302
    assert ApiToken.objects.count() == 2


def test_a_stored_token_is_neither_changed_nor_deleted(desk: Client) -> None:
    made_in_admin(desk, name="x")
    token = ApiToken.objects.get()
    assert desk.post(address(ApiToken, "change", token.pk), {"name": "y"}).status_code == 403
    assert desk.post(address(ApiToken, "delete", token.pk), {"post": "yes"}).status_code == 403


def test_people_see_and_revoke_their_own_tokens_alone(desk: Client, superuser: User) -> None:
    mine = made_in_admin(desk, name="mine")
    other, _secret = ApiToken.issue(superuser, "other", scope="write", days=1)
    everything = {"action": "revoke", "_selected_action": [t.pk for t in ApiToken.objects.all()]}
    assert "other" not in desk.get(address(ApiToken, "changelist")).content.decode()
    saved(desk.post(address(ApiToken, "changelist"), everything))
    problem(bearing(f"Bearer {mine}").get(f"{API}/parks"), 401)
    other.refresh_from_db()
    assert other.is_valid


def test_a_superuser_makes_tokens_for_others(client: Client, superuser: User) -> None:
    person = UserFactory.create()
    client.force_login(superuser)
    made_in_admin(client, user=person.pk, name="theirs")
    assert ApiToken.objects.get().user == person
