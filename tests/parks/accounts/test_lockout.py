"""The lock-out of the login page: after too many wrong passwords none is looked at."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from parks.models import LoginAttempts
from tests.factories import PASSWORD, UserFactory

LOGIN = "/admin/login/"
LOCKED = "Too many wrong passwords. Try again in a quarter of an hour."
BUSY = "busy"
WRONG = "Please enter the correct username and password"


@pytest.fixture
def person(db: None) -> User:
    return UserFactory.create(username="wang", is_staff=True)


def sign_in(name: str, password: str, address: str = "192.0.2.1", **headers: str) -> Any:
    data = {"username": name, "password": password}
    client = Client(raise_request_exception=False, REMOTE_ADDR=address)
    return client.post(LOGIN, data, headers=headers)


def said(response: Any) -> str:
    """What the login page says; nothing where it let somebody in."""
    if response.status_code == 302:
        return ""
    if response.status_code == 503:  # SQLite in memory does not wait for its turn
        return BUSY
    page = response.content.decode()
    return next(text for text in (LOCKED, WRONG) if text in page)


def fail(times: int, name: str = "wang", address: str = "192.0.2.1") -> list[str]:
    return [said(sign_in(name, f"wrong {number}", address)) for number in range(times)]


def pass_time(time: timedelta) -> None:
    for row in LoginAttempts.objects.all():
        LoginAttempts.objects.filter(pk=row.pk).update(forgotten_at=row.forgotten_at - time)


def test_after_five_wrong_passwords_the_right_one_gets_the_same_text(person: User) -> None:
    assert fail(5) == [WRONG] * 5
    assert fail(2) == [LOCKED, LOCKED]
    assert said(sign_in("wang", PASSWORD)) == LOCKED


def test_who_knows_the_password_gets_in_after_four_wrong_ones_and_starts_anew(person: User) -> None:
    for _day in range(2):
        assert fail(4) == [WRONG] * 4
        assert said(sign_in("wang", PASSWORD)) == ""


def test_a_name_that_is_nobodys_is_locked_in_the_same_way(person: User) -> None:
    assert fail(6, name="nobody") == [*(fail(5, name="zhang")), LOCKED]


def test_other_names_and_other_addresses_stay_open(person: User) -> None:
    UserFactory.create(username="zhang", is_staff=True)
    fail(6)
    assert said(sign_in("zhang", PASSWORD)) == ""
    assert said(sign_in("wang", PASSWORD, address="192.0.2.2")) == ""


@pytest.mark.both_databases
def test_it_opens_a_quarter_of_an_hour_after_the_fifth_wrong_password(person: User) -> None:
    fail(4)
    pass_time(timedelta(minutes=10))
    fail(1)
    pass_time(timedelta(minutes=14, seconds=50))
    assert said(sign_in("wang", PASSWORD)) == LOCKED
    pass_time(timedelta(seconds=10))
    assert said(sign_in("wang", PASSWORD)) == ""


def test_attempts_during_the_lock_out_do_not_make_it_longer(person: User) -> None:
    fail(5)
    pass_time(timedelta(minutes=14))
    assert fail(3) == [LOCKED] * 3
    pass_time(timedelta(minutes=1))
    assert said(sign_in("wang", PASSWORD)) == ""


def test_wrong_passwords_are_forgotten_after_a_quarter_of_an_hour(person: User) -> None:
    fail(4)
    pass_time(timedelta(minutes=15))
    assert fail(4) == [WRONG] * 4


def test_an_address_that_tries_many_names_is_locked_after_thirty(person: User) -> None:
    texts = [fail(1, name=f"name-{number}")[0] for number in range(31)]
    assert texts[:30] == [WRONG] * 30
    assert texts[30] == LOCKED
    assert said(sign_in("wang", PASSWORD)) == LOCKED
    assert said(sign_in("wang", PASSWORD, address="192.0.2.2")) == ""


def test_signing_in_as_oneself_does_not_clear_what_an_address_tried_on_others(person: User) -> None:
    for number in range(30):
        fail(1, name=f"name-{number}")
        if number % 10 == 0:
            assert said(sign_in("wang", PASSWORD)) == ""
    assert said(sign_in("wang", PASSWORD)) == LOCKED


def test_a_made_up_forwarding_header_does_not_make_another_address(person: User) -> None:
    for number in range(5):
        sign_in("wang", "wrong", **{"X-Forwarded-For": f"198.51.100.{number}"})
    answer = sign_in("wang", PASSWORD, **{"X-Forwarded-For": "198.51.100.9"})
    assert said(answer) == LOCKED


def test_nothing_that_was_typed_is_kept(person: User) -> None:
    fail(1, name="my-password-in-the-wrong-field")
    for row in LoginAttempts.objects.values():
        assert "my-password" not in str(row)
        assert "192.0.2.1" not in str(row)


def test_old_counts_are_cleared_away_when_somebody_signs_in(person: User) -> None:
    fail(1, name="long-ago")
    pass_time(timedelta(days=1, minutes=14))  # a day after the quarter of an hour
    assert said(sign_in("wang", PASSWORD)) == ""
    assert LoginAttempts.objects.filter(forgotten_at__lt=timezone.now()).exists()
    pass_time(timedelta(minutes=1))
    assert said(sign_in("wang", PASSWORD)) == ""
    assert not LoginAttempts.objects.filter(forgotten_at__lt=timezone.now()).exists()


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_a_hundred_wrong_passwords_at_once_five_are_looked_at(monkeypatch: Any) -> None:
    """Threads of their own, each with its own connection, as the server has them."""
    UserFactory.create(username="wang", is_staff=True)
    looked_at = []
    check_password = User.check_password

    def noted(account: User, password: str) -> bool:
        looked_at.append(password)
        return check_password(account, password)

    monkeypatch.setattr(User, "check_password", noted)

    def attempt(number: int) -> str:
        try:
            return said(sign_in("wang", f"wrong {number}"))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as threads:
        texts = [*threads.map(attempt, range(100))]
    assert texts.count(WRONG) == len(looked_at) <= 5
    assert texts.count(LOCKED) + texts.count(BUSY) >= 95
    assert LOCKED in texts
    if connection.vendor == "postgresql":
        assert len(looked_at) == 5
        assert BUSY not in texts
    assert said(sign_in("wang", PASSWORD)) == LOCKED
