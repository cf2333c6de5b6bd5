"""What subscriptions report, to whom, and when; and the letter that ends by a link."""

import re
from datetime import date, datetime
from io import BytesIO, StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from docx import Document

from api.renderers import DOCX
from pages.pushing import messages
from parks.access import Role
from parks.accounts.erasure import erase
from parks.models import Delivery, Subscription
from parks.pushing import queue
from tests import factories
from tests.answers import sign_in
from tests.clocks import Clock
from tests.receivers import receiving

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("vocabularies", "investment_indicator"),
]
SITE = "https://ledger.example.org"
FRIDAY = datetime(2026, 11, 27, 8, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def clock(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Clock:
    settings.SITE_URL, settings.EMAIL_URL = SITE, "smtp://mail.example.org"
    settings.ALLOWED_HOSTS = ["*"]
    return Clock(monkeypatch, FRIDAY)


@pytest.fixture
def li() -> Any:
    """Somebody who edits a park with a project that is late; another park has one, too."""
    person = factories.UserFactory.create(username="li", email="li@example.org", is_staff=True)
    for code, name in (("town", "晶圆厂"), ("port", "码头")):
        park = factories.ParkFactory.create(code=code)
        project = factories.ProjectFactory.create(
            code=f"{code}-late", name_zh=name, name_en="", park=park, met={"signed": "2024-03"}
        )
        step = {"type": "started", "status": "scheduled", "planned": "2024-06"}
        factories.MilestoneFactory.create(project=project, **step)
        if code == "town":
            factories.MembershipFactory.create(user=person, park=park, role=Role.EDITOR)
    return person


def want(person: Any, language: str = "en", **given: Any) -> Subscription:
    return Subscription.objects.create(user=person, name="mine", language=language, **given)


def work() -> list[str]:
    """Write and send what is due; return the texts of the letters."""
    mail.outbox.clear()
    call_command("write_messages", stdout=StringIO())
    queue.send_due()
    return [str(letter.body) for letter in mail.outbox]


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Past the day planned"), ("zh-hans", "已过下一步计划日期")]
)
def test_a_letter_says_what_is_to_do_in_ones_own_parks(li: Any, language: str, word: str) -> None:
    want(li, language)
    (text,) = work()
    assert mail.outbox[0].to == ["li@example.org"]
    assert word in text
    assert "晶圆厂" in text
    assert "码头" not in text
    (page,) = re.findall(rf"{SITE}(/projects\?\S*overdue=true\S*)", text)
    client = Client()
    client.force_login(li)
    assert "晶圆厂" in client.get(page).content.decode()
    assert f"{SITE}/attention" in text


@pytest.mark.slow
def test_there_is_one_letter_in_a_week_or_day(li: Any, clock: Clock) -> None:
    want(li)
    want(li, pace="day")
    sent = []
    for _day in range(5):  # Friday to Tuesday
        sent.append(len(work()))
        assert not work()
        clock.forward(days=1)
    assert sent == [2, 1, 1, 2, 1]


def test_what_could_not_be_sent_is_tried_again_as_the_same_letter(
    li: Any, clock: Clock, settings: Any
) -> None:
    want(li)
    inbox = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nobody listens
    work()
    made = Delivery.objects.get()
    assert made.answer
    settings.EMAIL_BACKEND = inbox
    clock.now += queue.WAITS[0]
    queue.send_due()
    (letter,) = mail.outbox
    assert letter.extra_headers["Message-ID"] == f"<{made.event}@ledger.example.org>"


def test_a_link_ends_them_without_signing_in(li: Any) -> None:
    row = want(li)
    work()
    (letter,) = mail.outbox
    stop = letter.extra_headers["List-Unsubscribe"].strip("<>")
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop in letter.body
    mailer, path = Client(enforce_csrf_checks=True), stop.removeprefix(SITE)
    assert "Stop the mails" in mailer.get(path, headers={"Accept-Language": "en"}).content.decode()
    row.refresh_from_db()
    assert row.is_active  # whoever only looks at the link ends nothing
    assert mailer.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    row.refresh_from_db()
    assert not row.is_active
    assert mailer.post(f"{path}x").status_code == 404


def test_rights_are_those_of_the_moment_of_sending(li: Any, clock: Clock) -> None:
    want(li)
    call_command("write_messages", stdout=StringIO())
    li.memberships.all().delete()
    queue.send_due()
    assert mail.outbox == []
    assert "rights" in Delivery.objects.get().answer
    clock.forward(days=7)
    assert work() == []
    erase(li)
    assert not Subscription.objects.exists()


def test_nothing_is_written_without_the_address_of_the_site(settings: Any) -> None:
    settings.SITE_URL = ""
    with pytest.raises(CommandError, match="SITE_URL"):
        call_command("write_messages", stdout=StringIO())


def test_lights_that_changed_are_told_once(li: Any, clock: Clock) -> None:
    want(li, kind="lights", pace="day")
    assert work() == []  # what is seen first is no change
    park = li.memberships.get().park
    factories.LightRuleFactory.create(park=park, kind="late", step="started", colour="red")
    clock.forward(days=1)
    (text,) = work()
    assert "晶圆厂 no light → red light" in text
    clock.forward(days=1)
    assert work() == []


def test_a_list_tells_what_came_changed_and_left(li: Any, clock: Clock) -> None:
    want(li, kind="list", pace="day", query="/projects?park=town&standing=active")
    assert work() == []
    park = li.memberships.get().park
    editor = sign_in(li)
    factories.ProjectFactory.create(
        code="new", name_zh="新项目", name_en="", park=park, publication="draft"
    )
    address = "/api/v1/projects/town-late"
    editor.patch(address, {"note": "n"}, headers={"If-Match": "*"})
    clock.forward(days=1)
    (text,) = work()
    assert "New on the list: 1\n  - 新项目" in text
    assert "Rows that changed: 1\n  - 晶圆厂" in text
    editor.delete("/api/v1/projects/new", headers={"If-Match": "*"})
    clock.forward(days=1)
    (text,) = work()
    assert "No longer on the list: 1\n" in text
    assert "新项目" not in text  # which nobody can read any more


def test_a_list_that_became_too_long_is_switched_off(
    li: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = want(li, kind="list", pace="day", query="/projects")
    for most, is_active in ((2, True), (1, False)):
        monkeypatch.setattr(messages, "MOST_WATCHED", most)
        work()
        row.refresh_from_db()
        assert row.is_active is is_active
        clock.forward(days=1)
    assert "more than 1 projects" in row.problem


@pytest.mark.slow
def test_a_report_comes_once_when_its_period_is_over(li: Any, clock: Clock) -> None:
    park = li.memberships.get().park
    want(li, "zh-hans", kind="bulletin", pace="week")
    want(li, kind="bulletin", pace="month", park=park)
    want(li, "zh-hans", kind="bulletin", pace="quarter")
    sent = []
    for days in (0, 3, 1, 1, 30):  # Friday, 30 November, 1 and 2 December, 1 January
        clock.forward(days=days)
        work()
        sent.append([letter.subject for letter in mail.outbox])
        assert not work()
    week, month, quarter = "招商引资和项目建设情况周报", "Monthly report", "情况季报"
    assert [len(each) for each in sent] == [3, 1, 1, 0, 3]
    assert sent[1][0] == f"{week}（2026年第48周）"
    assert f"{month} on investment and projects (November 2026)" in sent[2][0]
    assert f"{quarter}（2026年第4季度）" in sent[4][2]


@pytest.mark.slow
def test_a_report_is_the_same_file_for_ever(li: Any, clock: Clock) -> None:
    park = li.memberships.get().park
    row = want(li, kind="bulletin", pace="month", park=park)
    (text,) = work()
    client = sign_in(li)
    clock.forward(minutes=1)
    factories.ProjectFactory.create(
        code="new", name_zh="新签", name_en="", park=park, met={"signed": "2026-10"}
    )
    edition = factories.EditionFactory.create(park=park, month=date(2026, 10, 1))
    for path in ("bulletin", f"editions/{edition.code}"):
        (name, content, kind) = mail.outbox[0].attachments[0]
        (query,) = re.findall(rf"{SITE}/{path}(\S*)\n", text)
        clock.forward(days=1)
        mark = "&" if query else "?"
        answer = client.get(
            f"/api/v1/{path}.docx{query}{mark}lang=en", secure=True, SERVER_NAME=SITE[8:]
        )
        assert b"".join(answer.streaming_content) == content
        assert (name[-5:], kind) == (".docx", DOCX)
        assert ("新签" in write_text(content)) is (path != "bulletin")
        Subscription.objects.filter(pk=row.pk).update(collected_at=None)
        (text,) = work()


def write_text(content: bytes) -> str:
    cells = [cell.text for table in Document(BytesIO(content)).tables for cell in table._cells]
    return " ".join(cells)


def test_robots_and_webhooks_get_the_address_of_a_report(li: Any, settings: Any) -> None:
    with receiving() as receiver:
        settings.PUSH_ALLOWED_HOSTS = [receiver.host]
        for channel in ("wecom", "webhook"):
            want(li, kind="bulletin", pace="month", channel=channel, address=receiver.url)
        work()
        robot, webhook = receiver.texts
    address = f"{SITE}/bulletin?period=2026-10&as_of=2026-11-27T00:00:00Z"
    assert address in robot["text"]["content"]
    assert (webhook["type"], webhook["data"]["url"]) == ("bulletin", address)
