"""Accounts: never deleted, and erased on demand without touching what they wrote."""

import io
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from parks.models import ApiToken, SavedList
from tests.admin_pages import address, save, saved
from tests.answers import API, problem, sign_in
from tests.factories import PASSWORD, MembershipFactory, ParkFactory, UserFactory
from tests.together import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang(db: None) -> User:
    """Somebody who is known by name and has every right there is."""
    names = {"first_name": "浩", "last_name": "王", "email": "wang@example.org"}
    person = UserFactory.create(username="wang", is_staff=True, **names)
    MembershipFactory.create(user=person)
    person.user_permissions.add(Permission.objects.get(codename="edit_vocabularies"))
    return person


def erase(*arguments: str) -> str:
    out = io.StringIO()
    call_command("erase_account", *arguments, stdout=out)
    return out.getvalue()


def test_erasing_blanks_the_person_and_keeps_the_number(wang: User, desk: Client) -> None:
    saved(save(desk, address(User, "change", wang.pk), first_name="Hao"))
    _token, secret = ApiToken.issue(wang, "dashboard", scope="write", days=9)
    SavedList.objects.create(user_id=wang.pk, name="hers", query="q=wang")
    session = sign_in(wang, Client)
    assert "erased" in erase("wang", "--no-input")
    row = User.objects.filter(pk=wang.pk).values().get()
    for name in ("wang", "王", "浩", "Hao", "example.org"):
        assert name not in str(row)
        assert name not in str([*LogEntry.objects.values()])
    assert row["username"] == f"erased-{wang.pk}"
    assert {row[name] for name in ("is_active", "is_staff", "is_superuser")} == {False}
    assert ApiToken.objects.get().user_id == wang.pk
    assert not SavedList.objects.exists()
    client = APIClient(headers={"Authorization": f"Bearer {secret}"})
    problem(client.get(f"{API}/parks"), 401)
    assert session.get("/admin/").status_code == 302
    assert not Client().login(username=row["username"], password=PASSWORD)
    wang.refresh_from_db()
    assert not wang.memberships.exists()
    assert wang.get_all_permissions() == set()


def test_the_admin_erases_the_selected_accounts_but_not_ones_own(wang: User, desk: Client) -> None:
    everybody = [account.pk for account in User.objects.all()]
    chosen = {"action": "erase", "_selected_action": everybody}
    saved(desk.post(address(User, "changelist"), chosen))
    wang.refresh_from_db()
    assert wang.username == f"erased-{wang.pk}"
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def test_no_account_is_deleted_in_the_admin(wang: User, desk: Client) -> None:
    assert desk.post(address(User, "delete", wang.pk), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in desk.get(address(User, "changelist")).content.decode()
    assert User.objects.filter(pk=wang.pk).exists()


def test_the_form_of_an_account_offers_the_one_permission_that_means_something(
    wang: User, desk: Client
) -> None:
    form = desk.get(address(User, "change", wang.pk)).context_data["adminform"].form
    offered = form.fields["user_permissions"].queryset
    assert [permission.codename for permission in offered] == ["edit_vocabularies"]


@together(
    ("of", "role", "is_right"),
    [
        ("region", "district", True),
        ("park", "district", False),
        ("region", "viewer", False),
        ("park region", "district", False),
        ("park region", "viewer", False),
        ("", "district", False),
        ("", "viewer", False),
    ],
)
def test_a_district_has_a_region_and_all_others_a_park(
    desk: Client, of: str, role: str, is_right: bool
) -> None:
    person, park = UserFactory.create(), ParkFactory.create()
    keys = {"park": park.pk, "region": park.region_id}
    given = {f"memberships-0-{name}": keys[name] for name in of.split()}
    page = address(User, "change", person.pk)
    save(desk, page, **given, **{"memberships-0-role": role, "memberships-TOTAL_FORMS": 1})
    assert person.memberships.exists() == is_right


@together("rights", ["permissions of Django", "editor", "vocabulary editor"])
def test_accounts_and_roles_are_for_superusers_alone(client: Client, rights: str) -> None:
    person = UserFactory.create(is_staff=True)
    if rights == "permissions of Django":
        person.user_permissions.set(Permission.objects.exclude(codename="edit_vocabularies"))
    elif rights == "editor":
        MembershipFactory.create(user=person)
    else:
        person.user_permissions.add(Permission.objects.get(codename="edit_vocabularies"))
    client.force_login(person)
    for page in ("/admin/auth/user/", "/admin/auth/group/", "/admin/parks/membership/"):
        assert client.get(page).status_code == 403
        assert client.get(f"{page}add/").status_code == 403
    change = {"username": "x", "is_superuser": "on"}
    assert client.post(address(User, "change", person.pk), change).status_code == 403


def test_no_answer_that_was_kept_has_a_name_that_is_gone(
    wang: User, desk: Client, admin_api: APIClient
) -> None:
    park = ParkFactory.create(code="town")
    MembershipFactory.create(user=wang, park=park)
    client = APIClient()
    client.force_authenticate(wang)
    body = {"name_zh": "项目", "park": "town", "code": "fab"}
    assert client.post(f"{API}/projects", body, format="json").status_code == 201

    def read_names() -> list[str]:
        answer = admin_api.get(f"{API}/projects/fab/history")
        return [entry["by"] for entry in answer.json()["results"]]

    assert read_names() == read_names() == ["wang"]
    saved(save(desk, address(User, "change", wang.pk), username="wang-hao"))
    assert read_names() == ["wang-hao"]
    erase("wang-hao", "--no-input")
    assert "wang" not in str(read_names())


def test_cookies_are_for_this_host_and_no_script_reads_that_of_the_session(settings: Any) -> None:
    UserFactory.create(username="wang")
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client()
    client.get("/sign-in", secure=True)
    client.post("/sign-in", {"username": "wang", "password": PASSWORD}, secure=True)
    assert {*client.cookies} == {"__Host-sessionid", "__Host-csrftoken"}
    for cookie in client.cookies.values():  # a prefix that browsers hold to just these
        asked = {name: cookie[name] for name in ("path", "domain", "secure", "samesite")}
        assert asked == {"path": "/", "domain": "", "secure": True, "samesite": "Lax"}
    assert client.cookies["__Host-sessionid"]["httponly"] is True
