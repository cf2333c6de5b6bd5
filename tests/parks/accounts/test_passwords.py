"""Changing a password: by its owner, by mail, by a superuser; and what ends with the old one."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from config.checks import check_openid, examine_mail
from parks.accounts.openid_roles import (
    GroupRole,
    check_group_roles,
    examine_group_roles,
    find_by_email,
    give_roles,
    merge_claims,
    parse_group_role,
    read_groups,
)
from parks.models import ApiToken
from tests.answers import sign_in
from tests.factories import PASSWORD, MembershipFactory, ParkFactory, RegionFactory, UserFactory
from tests.together import together

pytestmark = pytest.mark.django_db

NEW = "another long pass phrase"
TWICE = {"new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def li() -> Any:
    return UserFactory.create(username="li", email="li@example.org", is_staff=True)


@pytest.mark.parametrize("revokes", [True, False])
def test_a_new_password_ends_other_sessions_and_the_tokens_if_that_is_asked_for(
    li: Any, revokes: bool
) -> None:
    token, _secret = ApiToken.issue(li, "dashboard", scope="read", days=9)
    here, elsewhere = sign_in(li, Client), sign_in(li, Client)
    text = here.get("/password", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "API 令牌" in text
    answers = {"old_password": PASSWORD, **TWICE} | ({"revoke_tokens": "on"} if revokes else {})
    assert here.post("/password", answers).headers["Location"] == "/password/changed"
    assert here.get("/admin/").status_code == 200
    assert elsewhere.get("/admin/").status_code == 302
    token.refresh_from_db()
    assert token.is_valid is not revokes
    assert Client().login(username="li", password=NEW)


def test_a_new_password_is_chosen_by_a_link_that_holds_once(li: Any, settings: Any) -> None:
    settings.EMAIL_URL = "smtp://mail.example.org"
    client, elsewhere = Client(), sign_in(li, Client)
    assert "/password/forgotten" in client.get("/sign-in").content.decode()
    assert "/password/forgotten" in client.get("/admin/login/").content.decode()
    answer = client.post("/password/forgotten", {"email": "li@example.org"})
    assert answer.headers["Location"] == "/password/sent"
    (letter,) = mail.outbox
    assert letter.to == ["li@example.org"]
    (link,) = re.findall(r"http://testserver(/password/new/\S+)", letter.body)
    form = client.get(link).headers["Location"]
    assert client.post(form, TWICE).headers["Location"] == "/password/changed"
    assert elsewhere.get("/admin/").status_code == 302
    assert Client().login(username="li", password=NEW)
    used = Client().get(link, headers={"Accept-Language": "en"})
    assert "no longer works" in used.content.decode()


def test_of_an_unknown_address_no_other_thing_is_said_and_nobody_is_flooded(
    li: Any, settings: Any
) -> None:
    settings.EMAIL_URL = "smtp://mail.example.org"
    for email in ["nobody@example.org", *["li@example.org"] * 7]:
        answer = Client().post("/password/forgotten", {"email": email})
        assert answer.headers["Location"] == "/password/sent"
    assert len(mail.outbox) == 5
    User.objects.update(is_active=False)
    Client().post("/password/forgotten", {"email": "li@example.org"})
    assert len(mail.outbox) == 5


def test_without_mail_nothing_is_offered(li: Any) -> None:
    assert "/password/forgotten" not in Client().get("/sign-in").content.decode()
    assert Client().get("/password/forgotten").status_code == 404
    assert Client().get("/password/new/a/b").status_code == 404


def test_a_superuser_who_sets_a_password_is_asked_about_the_tokens(
    li: Any, superuser: User
) -> None:
    ApiToken.issue(li, "dashboard", scope="read", days=9)
    desk, elsewhere = sign_in(superuser, Client), sign_in(li, Client)
    answers = {"usable_password": "true", "password1": NEW, "password2": NEW}
    answer = desk.post(f"/admin/auth/user/{li.pk}/password/", answers, follow=True)
    assert f"/admin/parks/apitoken/?user={li.pk}" in answer.content.decode()
    assert elsewhere.get("/admin/").status_code == 302
    assert desk.get(f"/admin/parks/apitoken/?user={li.pk}").status_code == 200


def test_who_leaves_is_deactivated_and_keeps_nothing_open(li: Any, superuser: User) -> None:
    token, _secret = ApiToken.issue(li, "dashboard", scope="read", days=9)
    desk, elsewhere = sign_in(superuser, Client), sign_in(li, Client)
    chosen = {"action": "deactivate", "_selected_action": [li.pk, superuser.pk]}
    desk.post("/admin/auth/user/", chosen)
    token.refresh_from_db()
    assert token.revoked_at
    assert elsewhere.get("/admin/").status_code == 302
    superuser.refresh_from_db()
    assert superuser.is_active  # nobody locks themselves out


# --- Groups of a provider -----------------------------------------------------------------------


def test_groups_are_mapped_to_roles(li: Any, settings: Any) -> None:
    town, other = ParkFactory.create(code="town"), ParkFactory.create(code="other")
    MembershipFactory.create(user=li, park=other, role="editor")
    settings.OPENID_ROLES = [
        *("readers=viewer:town", "office=editor:TOWN", "readers=viewer:nowhere"),
        *("it=superuser", "words=vocabulary_editor"),
    ]
    give_roles(li, {"readers", "office", "words"})
    assert [*li.memberships.values_list("park", "role")] == [(town.pk, "editor")]
    li = User.objects.get(pk=li.pk)
    assert (li.is_staff, li.is_superuser) == (True, False)
    assert li.has_perm("parks.edit_vocabularies")
    give_roles(li, {"it"})
    assert li.is_superuser
    assert not li.memberships.exists()
    give_roles(li, set())
    li = User.objects.get(pk=li.pk)
    assert (li.is_staff, li.is_superuser) == (False, False)
    assert not li.has_perm("parks.edit_vocabularies")


def test_groups_are_mapped_to_districts(li: Any, settings: Any, caplog: Any) -> None:
    town = ParkFactory.create(code="town")
    settings.OPENID_ROLES = [
        *("office=editor:town", "bureau=district:120115", "bureau=district:999999")
    ]
    MembershipFactory.create(
        user=li, park=None, region=RegionFactory(code="120000"), role="district"
    )
    for _sign_in in range(2):
        give_roles(li, {"bureau", "office"})
        assert {*li.memberships.values_list("park", "region", "role")} == {
            (town.pk, None, "editor"),
            (None, "120115", "district"),
        }
    assert "999999" in caplog.text
    assert [warning.msg for warning in examine_group_roles()] == [
        "OPENID_ROLES names the region “999999”, which does not exist."
    ]
    give_roles(li, set())
    assert not li.memberships.exists()


def test_without_rules_roles_stay_as_they_were_given_by_hand(li: Any) -> None:
    MembershipFactory.create(user=li)
    give_roles(li, {"office"})
    assert li.memberships.count() == 1
    assert User.objects.get(pk=li.pk).is_staff


@together(
    ("text", "role"),
    [
        ("a b=editor:town", GroupRole("a b", "editor", "town")),
        ("/x=y=viewer:Town", GroupRole("/x=y", "viewer", "town")),
        ("it=superuser", GroupRole("it", "superuser")),
        *((wrong, None) for wrong in ("it", "=superuser", "a=editor", "a=boss", "a=superuser:x")),
    ],
)
def test_a_rule_is_understood_or_refused(text: str, role: GroupRole | None, settings: Any) -> None:
    settings.OPENID_ROLES = [text]
    assert [fault.id for fault in check_group_roles(None)] == ([] if role else ["ledger.E024"])
    if role:
        assert parse_group_role(text) == role


def test_claims_are_read_as_providers_write_them(li: Any, settings: Any) -> None:
    said = {
        "id_token": {"groups": "a, b c", "email": "x@y"},
        "userinfo": {"email": "li@example.org"},
    }
    claims = merge_claims(said)
    assert read_groups(claims) == {"a", "b", "c"}
    assert read_groups({"groups": ["a b"]}) == {"a b"}
    assert read_groups({"groups": 7}) == read_groups({}) == set()
    assert find_by_email({**claims, "email_verified": True}) is None
    settings.OPENID_JOIN_BY_EMAIL = True
    assert find_by_email({**claims, "email_verified": "true"}) is None
    assert find_by_email({**claims, "email_verified": True}) == li
    UserFactory.create(email="LI@example.org")
    assert find_by_email({**claims, "email_verified": True}) is None  # whose is it?


@together(
    ("issuer", "client", "faults"),
    [
        *[("", "", 0), ("https://login.example.org", "ledger", 0)],
        *[("http://127.0.0.1:9000", "ledger", 0), ("http://login.example.org", "ledger", 1)],
        *[("https://login.example.org", "", 1), ("", "ledger", 1)],
    ],
)
def test_a_provider_is_named_as_a_whole_and_by_https(
    issuer: str, client: str, faults: int, settings: Any
) -> None:
    settings.OPENID_ISSUER, settings.OPENID_CLIENT_ID = issuer, client
    settings.OPENID_CLIENT_SECRET = "a secret" if issuer else ""
    assert [fault.id for fault in check_openid(None)] == ["ledger.E023"] * faults


def test_doctor_tries_the_mail_server(settings: Any) -> None:
    assert [*examine_mail()] == []
    settings.EMAIL_URL = "smtp://127.0.0.1:9"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert [fault.id for fault in examine_mail()] == ["ledger.E027"]
