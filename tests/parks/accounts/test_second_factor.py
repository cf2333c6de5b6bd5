"""The second factor of accounts with passwords, idle sessions, the log of sign-ins and exports."""

import io
import re
import time
from base64 import b32decode
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp

from parks.accounts import authentication
from parks.accounts.erasure import erase
from parks.accounts.second_factor import SPARE_CODES
from parks.models import AccessRecord, LoginAttempts
from tests.answers import API, read_through
from tests.factories import PASSWORD, UserFactory
from tests.together import together

pytestmark = pytest.mark.django_db
PAGE = "/second-factor"


@pytest.fixture
def person(settings: Any) -> User:
    settings.OTP_TOTP_THROTTLE_FACTOR = settings.OTP_STATIC_THROTTLE_FACTOR = 0
    settings.OTP_TOTP_SYNC = False  # a code that is half a minute old moved the clock of the device
    return UserFactory.create(username="wang", is_staff=True)


def sign_in(code: str = "", door: str = "/sign-in") -> tuple[Client, str]:
    """A client that tried to sign in, and what the page says; nothing if it is in."""
    LoginAttempts.objects.all().delete()  # of which there are more than a person may have
    client = Client(REMOTE_ADDR="192.0.2.1")
    data = {"username": "wang", "password": PASSWORD, "code": code}
    response = client.post(door, data)
    if response.status_code == 302:
        return client, ""
    page = response.content.decode()
    (error,) = re.findall(r'<p class="(?:wrong" role="alert|errornote)">\s*(.*?)\s*</p>', page)
    return client, error


def set_up(client: Client) -> tuple[bytes, str, list[str]]:
    """Set the second factor up as the page says; gives its key, the code, and the spare codes."""
    page = client.get(PAGE).content.decode()
    assert 'src="data:image/svg+xml' in page
    key = b32decode(re.findall(r"<code>(\w+)</code>", page)[0])
    wrong = client.post(PAGE, {"code": f"{(totp(key) + 1) % 10**6:06}"}).content.decode()
    assert "This code is wrong" in wrong
    code = f"{totp(key):06}"
    shown = client.post(PAGE, {"code": code}).content.decode()
    codes = re.findall(r"<code>(\w+)</code>", shown)
    assert len(codes) == SPARE_CODES
    return key, code, codes


@pytest.mark.both_databases
def test_once_it_is_set_up_nobody_gets_in_without_a_code(person: User) -> None:
    client, said = sign_in()
    assert said == ""
    key, used, codes = set_up(client)
    for door in ("/sign-in", "/admin/login/"):
        assert sign_in(door=door)[1] == "Enter the code of your second factor, too."
        assert sign_in("000000", door)[1] == "This code is wrong, or no longer valid."
    # A code that was used is used up: the next one, then a spare one
    assert sign_in(used)[1] == "This code is wrong, or no longer valid."
    later = f"{totp(key, drift=1):06}"
    assert sign_in(f"{later[:3]} {later[3:]}")[1] == ""
    assert [sign_in(codes[0])[1], sign_in(codes[0])[1]] == [
        *("", "This code is wrong, or no longer valid.")
    ]
    assert "remove it" in client.get(PAGE).content.decode()
    assert "This code is wrong" in client.post(PAGE, {"code": "1"}).content.decode()
    assert "password alone" in client.post(PAGE, {"code": codes[1]}).content.decode()
    assert sign_in()[1] == ""


def test_the_operator_removes_it_and_an_erasure_does(person: User) -> None:
    set_up(sign_in()[0])
    call_command("remove_second_factor", "wang", stdout=io.StringIO())
    for name in ("wang", "nobody"):
        with pytest.raises(CommandError, match="has no second factor"):
            call_command("remove_second_factor", name)
    set_up(sign_in()[0])
    erase(person)
    assert not person.totpdevice_set.exists()
    assert {*AccessRecord.objects.values_list("address", flat=True)} == {""}


def test_an_account_without_a_password_has_none(person: User) -> None:
    person.set_unusable_password()
    person.save()
    client = Client()
    client.force_login(person)
    assert client.get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302


def test_where_it_is_required_nothing_else_is_done_first(person: User, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    client, _said = sign_in()
    html = {"Accept": "text/html"}
    assert client.get("/projects", headers=html).headers["Location"] == PAGE
    refused = client.get(f"{API}/projects")
    assert (refused.status_code, PAGE in refused.json()["detail"]) == (403, True)
    set_up(client)
    assert client.get("/projects", headers=html).status_code == 200


@together(("minutes", "is_over"), [(119, False), (121, True)])
def test_an_idle_session_ends(person: User, minutes: int, is_over: bool) -> None:
    client, _said = sign_in()
    session = client.session
    session[authentication.SEEN] = int(time.time()) - minutes * 60
    session.save()
    status = client.get("/password").status_code
    assert status == (302 if is_over else 200)
    if not is_over:  # used again, so its time begins anew
        assert time.time() - client.session[authentication.SEEN] < 60


def test_sign_ins_and_exports_are_kept_for_half_a_year(person: User, settings: Any) -> None:
    client, _said = sign_in()
    read_through(client.get(f"{API}/parks.csv"))
    read_through(Client(REMOTE_ADDR="192.0.2.2").get(f"{API}/parks.xlsx"))  # without an account
    client.post("/sign-out")
    Client().post("/sign-in", {"username": "wang", "password": "wrong", "code": ""})
    Client().post("/sign-in", {"username": "pass phrase typed as a name", "password": "wrong"})
    told = io.StringIO()
    call_command("access_log", stdout=told)
    lines = [line.split(maxsplit=1)[1] for line in told.getvalue().splitlines()]
    assert lines == [
        "signed-in wang 192.0.2.1",
        "exported wang 192.0.2.1 /api/v1/parks.csv (0)",
        "exported - 192.0.2.2 /api/v1/parks.xlsx (0)",
        "signed-out wang 192.0.2.1",
        "refused wang 127.0.0.1",
        "refused - 127.0.0.1",
    ]
    for days, left in ((179, 6), (181, 0)):
        AccessRecord.objects.update(at=timezone.now() - timedelta(days=days))
        call_command("prune_changes", stdout=io.StringIO())
        assert AccessRecord.objects.count() == left
