"""Signing in by OpenID Connect, against a provider that runs as a program of its own."""

import json
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from config.checks import examine_provider
from parks.accounts.openid_roles import examine_group_roles
from tests.browsers import PATIENCE
from tests.contract.servers import Server, environment, run, serving
from tests.npm import install_packages
from tests.templates import BARE, make_file

HERE = Path(__file__).with_name("openid")
PEOPLE = {
    "li": {
        "name": "Li Na",
        "preferred_username": "lina",
        "email": "lina@example.org",
        "email_verified": True,
        "groups": ["investment office", "everybody"],
    },
    "zhou": {"preferred_username": "ann", "email": "ann@example.org", "groups": ["everybody"]},
    "ma": {"preferred_username": "ma", "email": "ann@example.org", "email_verified": True},
}
ROLES = "investment office=editor:town, auditors=viewer:town, it=superuser"
PREPARE = """
import django; django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from parks.models import Park, Region
call_command("migrate", verbosity=0)  # what a provider needs besides
Region.objects.create(code="120000", name_zh="天津市", name_en="Tianjin", level="province")
Park.objects.create(code="town", name_zh="科技城", region_id="120000", kind="other")
User.objects.create_user("ann", "ann@example.org", "a long pass phrase", is_staff=True)
"""
LOOK = """
SELECT u.username, u.is_staff, u.is_superuser, u.password LIKE '!%', s.uid, s.extra_data, p.code,
  m.role
FROM auth_user u LEFT JOIN socialaccount_socialaccount s ON s.user_id = u.id
LEFT JOIN parks_membership m ON m.user_id = u.id LEFT JOIN parks_park p ON p.id = m.park_id
ORDER BY u.id
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """A ledger that knows a provider, and that provider."""
    folder = tmp_path_factory.mktemp("openid")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = environment(
        folder,
        OPENID_ISSUER=f"http://127.0.0.1:{port}",
        OPENID_CLIENT_ID="ledger",
        OPENID_CLIENT_SECRET="a secret of a test",
        OPENID_NAME="City Hall",
        OPENID_SCOPES="openid,profile,email,groups",
        OPENID_ROLES=ROLES,
        OPENID_JOIN_BY_EMAIL="true",
    )
    shutil.copy(make_file(BARE), folder / "ledger.sqlite3")
    run(["-c", PREPARE], variables)
    with serving(variables) as server, provided(port, server):
        yield server, variables


@contextmanager
def provided(port: int, server: Server) -> Iterator[None]:
    packages = install_packages(HERE)
    callback = f"http://127.0.0.1:{server.port}/sign-in/openid/login/callback/"
    command = ["node", HERE / "provider.mjs", str(port), callback, json.dumps(PEOPLE)]
    with subprocess.Popen(command, cwd=packages.parent, stdout=subprocess.PIPE) as program:
        assert program.stdout
        assert program.stdout.readline() == b"listening\n"
        try:
            yield
        finally:
            program.terminate()


def sign_in(browser: Browser, server: Server, name: str, begin: str = "/sign-in") -> Page:
    """A window in which somebody has signed in at the provider, or was refused here."""
    page = browser.new_context(locale="en-US").new_page()
    page.set_default_timeout(PATIENCE)
    refused: list[str] = []
    page.on("console", lambda said: refused.append(said.text) if said.type == "error" else None)
    page.goto(f"http://127.0.0.1:{server.port}{begin}")
    page.get_by_role("link", name="Sign in with City Hall").click()
    page.fill("[name=login]", name)
    page.fill("[name=password]", "any")
    page.click("[type=submit]")
    page.click("[type=submit]")  # consent
    page.wait_for_url(f"http://127.0.0.1:{server.port}/**")
    assert not [text for text in refused if "Content Security Policy" in text]
    return page


def ask_database(variables: dict[str, str], sql: str) -> list[Any]:
    with sqlite3.connect(Path(variables["VAR_DIR"]) / "ledger.sqlite3") as database:
        return database.execute(sql).fetchall()


@pytest.mark.long("starts a provider, a server and a browser")
def test_a_person_signs_in_and_has_the_roles_of_the_groups(
    browser: Browser, site: tuple[Server, dict[str, str]]
) -> None:
    server, variables = site
    page = sign_in(browser, server, "li", "/admin/login/?next=/admin/")
    expect(page.locator("#user-tools")).to_contain_text("Li")
    made = ("lina", 1, 0, 1, "li", "{}", "town", "editor")
    assert ask_database(variables, LOOK)[1:] == [made]
    # Signing out leads to the provider, which ends its session and sends the browser back
    page.goto(f"http://127.0.0.1:{server.port}/password")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url(f"http://127.0.0.1:{server.port}/")
    page.goto(f"http://127.0.0.1:{server.port}/sign-in")
    page.get_by_role("link", name="Sign in with City Hall").click()
    expect(page.locator("[name=login]")).to_be_visible()  # not signed in there any more
    kinds = ask_database(variables, "SELECT what FROM parks_accessrecord ORDER BY id")
    assert kinds == [("signed-in",), ("signed-out",)]


@pytest.mark.long("starts a server")
def test_while_the_provider_is_away_a_page_says_so(
    site: tuple[Server, dict[str, str]], tmp_path: Path
) -> None:
    away = site[1] | {"OPENID_ISSUER": "http://127.0.0.1:9", "VAR_DIR": str(tmp_path)}
    shutil.copy(Path(site[1]["VAR_DIR"]) / "ledger.sqlite3", tmp_path)
    with serving(away) as server:
        answer = server.ask("/sign-in/openid/login/", Accept="text/html")
    assert (answer.status, answer.headers["retry-after"]) == (503, "60")
    assert "City Hall does not answer." in answer.body.decode()


@pytest.mark.long("starts a provider, a server and a browser")
def test_nobody_gets_into_an_account_by_its_name_or_an_address_that_was_not_verified(
    browser: Browser, site: tuple[Server, dict[str, str]]
) -> None:
    server, variables = site
    sign_in(browser, server, "zhou")
    ann, *others = ask_database(variables, LOOK)
    assert ann == ("ann", 1, 0, 0, *[None] * 4)
    assert others[-1][1:] == (0, 0, 1, "zhou", "{}", None, None)


@pytest.mark.long("starts a provider, a server and a browser")
def test_a_verified_address_joins_the_account_that_has_it(
    browser: Browser, site: tuple[Server, dict[str, str]]
) -> None:
    server, variables = site
    ask_database(variables, "UPDATE auth_user SET email = '' WHERE username != 'ann'")
    sign_in(browser, server, "ma")
    ann = ask_database(variables, LOOK)[0]
    assert ann == ("ann", 0, 0, 0, "ma", "{}", None, None)  # no group gives her a role


@pytest.mark.long("starts a provider, a server and a browser")
def test_a_deactivated_account_stays_outside(
    browser: Browser, site: tuple[Server, dict[str, str]]
) -> None:
    server, variables = site
    sign_in(browser, server, "li")
    ask_database(variables, "UPDATE auth_user SET is_active = 0 WHERE username = 'lina'")
    page = sign_in(browser, server, "li")
    expect(page.locator("article p")).to_have_text("This account is deactivated.")
    page.goto(f"http://127.0.0.1:{server.port}/password")
    expect(page).to_have_url(f"http://127.0.0.1:{server.port}/sign-in?next=/password")


@pytest.mark.long("starts a provider, a server and a browser")
@pytest.mark.django_db
def test_doctor_asks_the_provider_and_looks_for_the_parks(
    site: tuple[Server, dict[str, str]], settings: Any
) -> None:
    settings.OPENID_ISSUER = site[1]["OPENID_ISSUER"]
    assert [*examine_provider()] == []
    settings.OPENID_ISSUER = settings.OPENID_ISSUER.replace("127.0.0.1", "localhost")
    assert [fault.id for fault in examine_provider()] == ["ledger.E026"]  # it is called otherwise
    settings.OPENID_ISSUER = "http://127.0.0.1:9"
    assert [fault.id for fault in examine_provider()] == ["ledger.E026"]
    settings.OPENID_ROLES = ["a=editor:nowhere"]
    (fault,) = examine_group_roles()
    assert "“nowhere”" in fault.msg
