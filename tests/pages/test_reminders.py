"""A letter once a week of what needs attention: asked for, sent, and ended by a link."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from parks.access import Role
from parks.accounts.erasure import erase
from parks.models import Reminder
from tests import factories

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("vocabularies", "investment_indicator"),
]
SITE = "https://ledger.example.org"


@pytest.fixture(autouse=True)
def configured(settings: Any) -> Any:
    settings.SITE_URL, settings.EMAIL_URL = SITE, "smtp://mail.example.org"
    return settings


@pytest.fixture
def li() -> Any:
    """Somebody who works on a park with a project that is late; another park has one, too."""
    person = factories.UserFactory.create(username="li", email="li@example.org", is_staff=True)
    for code, name in (("town", "晶圆厂"), ("port", "码头")):
        park = factories.ParkFactory.create(
            code=code, name_zh=f"{name}园区", name_en=f"Park of the {code}"
        )
        project = factories.ProjectFactory.create(
            code=f"{code}-late", name_zh=name, name_en="", park=park, met={"signed": "2024-03"}
        )
        factories.MilestoneFactory.create(
            project=project,
            type="started",
            status="scheduled",
            planned_on=factories.first_day("2024-06"),
            planned_on_precision=factories.precision("2024-06"),
        )
        if code == "town":
            factories.MembershipFactory.create(user=person, park=park, role=Role.VIEWER)
    return person


def want(person: Any, language: str = "en") -> Reminder:
    return Reminder.objects.create(user=person, is_wanted=True, language=language)


def send() -> str:
    said = StringIO()
    call_command("send_reminders", stdout=said)
    return said.getvalue()


def test_it_is_asked_for_on_a_page_of_ones_own(li: Any) -> None:
    assert Client().get("/reminders").headers["Location"] == "/sign-in?next=/reminders"
    stranger, client = Client(), Client()
    stranger.force_login(factories.UserFactory.create(username="stranger"))
    assert stranger.get("/reminders").status_code == 404
    client.force_login(li)
    assert "/reminders" in client.get("/admin/").content.decode()
    page = client.get("/reminders", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "每周" in page
    answer = client.post("/reminders", {"is_wanted": "on", "language": "zh-hans"})
    assert answer.headers["Location"] == "/reminders/saved"
    assert client.get("/reminders/saved").status_code == 200
    assert Reminder.objects.get(user=li).language == "zh-hans"
    send()
    client.post("/reminders", {"language": "en"})
    assert not Reminder.objects.get(user=li).is_wanted


def test_who_has_no_address_cannot_ask_for_it(li: Any) -> None:
    li.email = ""
    li.save()
    client = Client()
    client.force_login(li)
    answer = client.post("/reminders", {"is_wanted": "on", "language": "en"})
    assert "no mail address" in answer.content.decode()
    assert not Reminder.objects.exists()


@pytest.mark.parametrize(
    ("language", "word", "park"),
    [
        ("en", "Past the day planned", "Park of the town"),
        ("zh-hans", "已过下一步计划日期", "晶圆厂园区"),
    ],
)
def test_a_letter_says_what_is_to_do_in_ones_own_parks(
    li: Any, language: str, word: str, park: str
) -> None:
    want(li, language)
    assert "1" in send()
    (letter,) = mail.outbox
    assert letter.to == ["li@example.org"]
    assert word in letter.body
    assert f"({park})" in letter.body
    assert "晶圆厂" in letter.body
    assert "码头" not in letter.body
    (page,) = re.findall(rf"{SITE}(/projects\?\S*overdue=true\S*)", letter.body)
    client = Client()
    client.force_login(li)
    assert "晶圆厂" in client.get(page).content.decode()
    assert f"{SITE}/attention" in letter.body


def test_there_is_one_letter_in_a_week(li: Any) -> None:
    reminder = want(li)
    send()
    send()
    assert len(mail.outbox) == 1
    reminder.refresh_from_db()
    Reminder.objects.update(sent_at=timezone.now() - timedelta(days=7))
    send()
    assert len(mail.outbox) == 2


def test_a_link_ends_them_without_signing_in(li: Any) -> None:
    reminder = want(li)
    send()
    (letter,) = mail.outbox
    stop = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop in letter.body
    mailer, path = Client(enforce_csrf_checks=True), stop.removeprefix(SITE)
    assert "Stop the mails" in mailer.get(path, headers={"Accept-Language": "en"}).content.decode()
    reminder.refresh_from_db()
    assert reminder.is_wanted  # whoever only looks at the link ends nothing
    answer = mailer.post(path, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    reminder.refresh_from_db()
    assert not reminder.is_wanted
    assert mailer.post(f"{path}x").status_code == 404
    Reminder.objects.update(sent_at=None)
    send()
    assert len(mail.outbox) == 1


def test_who_has_no_role_any_more_or_left_gets_none(li: Any) -> None:
    want(li)
    li.memberships.all().delete()
    other = factories.UserFactory.create(username="wang", email="wang@example.org")
    factories.MembershipFactory.create(user=other, role=Role.VIEWER)
    want(other)
    erase(other)
    assert "0" in send()
    assert mail.outbox == []
    assert [*Reminder.objects.values_list("user", flat=True)] == [li.pk]


def test_nothing_goes_out_unless_it_is_configured(li: Any, configured: Any) -> None:
    want(li)
    configured.EMAIL_URL = ""
    assert "not sent" in send()
    assert Reminder.objects.get().sent_at is None
    configured.SITE_URL = ""
    with pytest.raises(CommandError, match="SITE_URL"):
        send()


def test_what_could_not_be_sent_is_tried_again(li: Any, configured: Any) -> None:
    want(li)
    inbox = configured.EMAIL_BACKEND
    configured.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    configured.EMAIL_HOST, configured.EMAIL_PORT = "127.0.0.1", 1  # where nobody listens
    with pytest.raises(CommandError, match="li: "):
        send()
    configured.EMAIL_BACKEND = inbox
    send()
    assert len(mail.outbox) == 1
