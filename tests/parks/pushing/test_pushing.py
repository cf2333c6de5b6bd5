"""Messages: each is sent once it can be, tried again, given up, logged; and signed as it should."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from rest_framework.test import APIClient
from standardwebhooks import Webhook

from parks.models import Delivery, Subscription
from parks.pushing import queue
from parks.pushing.channels import MOST_ROBOT_BYTES, Message, send
from tests.answers import API, sign_in
from tests.clocks import Clock
from tests.factories import MembershipFactory, ParkFactory, UserFactory
from tests.receivers import Receiver, receiving
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SUBSCRIPTIONS = f"{API}/subscriptions"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with receiving() as found:
        settings.PUSH_ALLOWED_HOSTS = [found.host]
        settings.SITE_URL = "https://ledger.example.org"
        yield found


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, NOW)


@pytest.fixture
def li() -> Any:
    person = UserFactory.create(username="li", email="li@example.org")
    MembershipFactory.create(user=person, park=ParkFactory.create(code="town"), role="editor")
    return person


@pytest.fixture
def client(li: Any) -> APIClient:
    return sign_in(li)


def subscribe(client: APIClient, receiver: Receiver, channel: str, **given: Any) -> int:
    body = {"name": channel, "channel": channel, "address": receiver.url, **given}
    answer = client.post(SUBSCRIPTIONS, body)
    assert answer.status_code == 201, answer.json()
    return int(answer.json()["id"])


def test_a_webhook_is_signed_so_that_the_official_library_takes_it(
    client: APIClient, receiver: Receiver
) -> None:
    key = subscribe(client, receiver, "webhook")
    secret = client.post(f"{SUBSCRIPTIONS}/{key}/secret").json()["secret"]
    event = client.post(f"{SUBSCRIPTIONS}/{key}/test").json()["event"]
    assert queue.send_due() == 1
    ((path, headers, body),) = receiver.came
    told = Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})
    assert (path, told["type"], headers["webhook-id"]) == ("/hook?key=k", "test", event)
    newer = client.post(f"{SUBSCRIPTIONS}/{key}/secret").json()["secret"]
    assert newer != secret
    shown = client.get(f"{SUBSCRIPTIONS}/{key}").json()
    assert "secret" not in shown
    (logged,) = client.get(f"{SUBSCRIPTIONS}/{key}/deliveries").json()
    assert (logged["event"], logged["status"], logged["due_at"]) == (event, 200, None)
    again = client.post(f"{SUBSCRIPTIONS}/{key}/deliveries/{event}")
    assert again.json()["due_at"]
    assert queue.send_due() == 1
    assert receiver.came[1][1]["webhook-id"] == event
    assert client.post(f"{SUBSCRIPTIONS}/{key}/deliveries/msg_{'0' * 32}").status_code == 404


def test_robots_get_texts_signed_as_each_of_them_says(
    client: APIClient, receiver: Receiver, clock: Clock
) -> None:
    for channel in ("wecom", "dingtalk", "feishu"):
        given = {} if channel == "wecom" else {"secret": "SECkey"}
        key = subscribe(client, receiver, channel, **given)
        client.post(f"{SUBSCRIPTIONS}/{key}/test")
        receiver.body = b'{"code":0,"msg":"success"}' if channel == "feishu" else b'{"errcode":0}'
        assert queue.send_due() == 1
    wecom, dingtalk, feishu = receiver.texts
    assert wecom["msgtype"] == dingtalk["msgtype"] == "text"
    assert "a test of “wecom”" in wecom["text"]["content"]
    assert "a test of “feishu”" in feishu["content"]["text"]
    assert feishu["msg_type"] == "text"
    seconds = int(NOW.timestamp())
    query = parse_qs(urlsplit(receiver.came[1][0]).query)
    signed = f"{seconds}000\nSECkey"
    assert query["timestamp"] == [f"{seconds}000"]
    assert query["sign"] == [sign(b"SECkey", signed.encode())]
    assert feishu["timestamp"] == str(seconds)
    assert feishu["sign"] == sign(f"{seconds}\nSECkey".encode(), b"")
    assert Delivery.objects.filter(sent_at=NOW).count() == 3


def sign(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()


@together(
    ("channel", "status", "body", "said"),
    [
        ("wecom", 200, b'{"errcode":93000,"errmsg":"invalid webhook url"}', "invalid webhook url"),
        ("dingtalk", 200, b'{"errcode":310000,"errmsg":"sign not match"}', "sign not match"),
        ("feishu", 200, b'{"code":19021,"msg":"sign match fail"}', "sign match fail"),
        ("feishu", 200, b"<html>", "<html>"),
        ("webhook", 500, b"broken", "broken"),
        ("webhook", 302, b"", "Redirects are not followed"),
    ],
)
def test_an_answer_that_is_an_error_is_one(
    settings: Any, channel: str, status: int, body: bytes, said: str
) -> None:
    with receiving() as receiver:
        settings.PUSH_ALLOWED_HOSTS = [receiver.host]
        receiver.status, receiver.body = status, body
        receiver.headers = {"Location": receiver.url}
        person = UserFactory.create(superuser=True)
        row = Subscription(user=person, name="n", channel=channel, address=receiver.url)
        row.save()
        made = Delivery.add(row, Delivery.TEST, {}, NOW)
        queue.send_due()
        made.refresh_from_db()
        assert (made.sent_at, made.status, len(receiver.came)) == (None, status, 1)
        assert said in made.answer


def test_what_fails_is_tried_again_given_up_and_switched_off_with_a_letter(
    client: APIClient, receiver: Receiver, clock: Clock
) -> None:
    key = subscribe(client, receiver, "webhook")
    row = Subscription.objects.get(pk=key)
    payload = {"title": "t", "page": "/", "parks": [], "sections": []}
    receiver.status, receiver.body = 500, b"broken"
    for count in range(1, queue.MOST_GIVEN_UP + 1):
        made = Delivery.add(row, "due", payload, clock.now)
        for wait in [timedelta(), *queue.WAITS]:
            clock.now += wait - timedelta(seconds=1)
            assert queue.send_due() == 0
            clock.now += timedelta(seconds=1)
            assert queue.send_due() >= 1  # the last one with the letter
            assert {headers["webhook-id"] for _path, headers, _body in receiver.came} == {
                made.event
            }
        receiver.came.clear()
        made.refresh_from_db()
        assert (made.due_at, made.tries) == (None, len(queue.WAITS) + 1)
        shown = client.get(f"{SUBSCRIPTIONS}/{key}").json()
        assert shown["is_active"] is (count < queue.MOST_GIVEN_UP)
    assert shown["problem"] == "500 broken"
    (letter,) = mail.outbox
    assert letter.to == ["li@example.org"]
    assert "500 broken" in letter.body
    receiver.status = 200
    client.patch(f"{SUBSCRIPTIONS}/{key}", {"is_active": True}, headers={"If-Match": "*"})
    shown = client.get(f"{SUBSCRIPTIONS}/{key}").json()
    assert (shown["is_active"], shown["problem"]) == (True, "")
    for age, left in ((queue.LOG_KEPT, 4), (queue.LOG_KEPT + timedelta(seconds=1), 3)):
        first = Delivery.objects.earliest("pk")
        assert queue.prune_deliveries(first.created_at + age) == 4 - left


def test_one_that_is_gone_is_switched_off_at_once(
    client: APIClient, receiver: Receiver, clock: Clock
) -> None:
    key = subscribe(client, receiver, "webhook")
    receiver.status = queue.GONE
    payload = {"title": "t", "page": "/", "parks": [], "sections": []}
    Delivery.add(Subscription.objects.get(pk=key), "due", payload, clock.now)
    queue.send_due()
    assert not Subscription.objects.get(pk=key).is_active


def test_one_that_another_process_has_is_left_until_its_lease_ends(
    client: APIClient, receiver: Receiver, clock: Clock
) -> None:
    key = subscribe(client, receiver, "wecom")
    client.post(f"{SUBSCRIPTIONS}/{key}/test")
    mine, theirs = Delivery.objects.get(), Delivery.objects.get()
    assert theirs.lease(clock.now)
    assert not mine.lease(clock.now)
    assert queue.send_due() == 0
    clock.now += Delivery.LEASE
    assert queue.send_due() == 1
    assert not theirs.finish(due_at=None)  # who was late stores nothing
    assert Delivery.objects.get().tries == 2


@together(
    ("body", "field", "said"),
    [
        ({"address": "http://example.org/"}, "address", "https://host"),
        ({"address": "https://u:p@example.org/"}, "address", "without a password"),
        ({"address": "ftp://example.org/"}, "address", "https://host"),
        ({"address": ""}, "address", "needed here"),
        ({"address": "https://example.org/" + "x" * 500}, "address", "500"),
        ({"name": "x" * 101}, "name", "100"),
        ({"name": "x" * 200}, "name", "100"),
        ({"channel": "mail"}, "address", "no use here"),
        ({"channel": "telegram"}, "channel", "wecom"),
        ({"kind": "list", "query": "/projects?stage=nonsense"}, "query", "nonsense"),
        ({"kind": "list", "query": "https://example.org/projects"}, "query", "/projects?"),
        ({"kind": "list"}, "query", "needed here"),
        ({"query": "/projects"}, "query", "no use here"),
        ({"park": "port"}, "park", "port"),
        ({"secret": "SEC", "channel": "wecom"}, "secret", "no use here"),
        ({"kind": "bulletin", "pace": "day"}, "pace", "week, month or quarter"),
        ({"kind": "lights", "channel": "calendar", "address": ""}, "kind", "what is due"),
    ],
)
def test_bad_input_changes_nothing_and_is_explained(
    body: dict[str, str], field: str, said: str
) -> None:
    person = UserFactory.create(superuser=True, email="a@example.org")
    given = {"name": "n", "channel": "webhook", "address": "https://example.org/", **body}
    answer = sign_in(person).post(SUBSCRIPTIONS, given)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["pointer"] == f"#/{field}"
    assert said in error["detail"]
    assert not Subscription.objects.exists()


def test_each_sees_their_own_and_those_of_parks_they_edit(
    client: APIClient, receiver: Receiver, li: Any
) -> None:
    own = subscribe(client, receiver, "webhook")
    shared = subscribe(client, receiver, "wecom", park="town")
    viewer, editor = (UserFactory.create() for _ in range(2))
    park = li.memberships.get().park
    MembershipFactory.create(user=viewer, park=park, role="viewer")
    MembershipFactory.create(user=editor, park=park, role="editor")
    for person, seen in ((li, {own, shared}), (viewer, set()), (editor, {shared})):
        listed = sign_in(person).get(SUBSCRIPTIONS).json()["results"]
        assert {row["id"] for row in listed} == seen
    other = sign_in(editor)
    other.credentials(HTTP_IF_MATCH="*")
    assert other.get(f"{SUBSCRIPTIONS}/{own}").status_code == 404
    assert other.post(f"{SUBSCRIPTIONS}/{own}/test").status_code == 404
    assert other.patch(f"{SUBSCRIPTIONS}/{shared}", {"name": "ours"}).status_code == 200
    assert Subscription.objects.get(pk=shared).user == editor  # with whose rights it reads now
    body = {"name": "n", "channel": "webhook", "address": receiver.url, "park": "town"}
    assert sign_in(viewer).post(SUBSCRIPTIONS, body).status_code == 403
    assert APIClient().get(SUBSCRIPTIONS).status_code == 401
    assert sign_in(UserFactory.create()).get(SUBSCRIPTIONS).status_code == 403
    assert other.patch(f"{SUBSCRIPTIONS}/{shared}", {"kind": "lights"}).status_code == 400


def test_names_and_addresses_are_stored_as_long_as_they_may_be(client: APIClient) -> None:
    for spare in (-1, 0, 1):
        body = {"name": "x" * (100 + min(spare, 0)), "channel": "feishu"}
        body["address"] = "https://example.org/".ljust(500 + min(spare, 0), "x")
        body["secret"] = "s" * (200 + spare)
        answer = client.post(SUBSCRIPTIONS, body)
        assert answer.status_code == (400 if spare > 0 else 201), answer.json()


def test_doctor_and_metrics_say_what_waits_and_what_is_off(
    client: APIClient, receiver: Receiver, clock: Clock
) -> None:
    key = subscribe(client, receiver, "wecom")
    client.post(f"{SUBSCRIPTIONS}/{key}/test")
    for later, count in ((queue.LATE_DELIVERY, 0), (queue.LATE_DELIVERY + timedelta(0, 1), 1)):
        clock.now = NOW + later
        assert [each.id for each in queue.examine_queue()] == ["ledger.W041"] * count
    read = queue.PUSH_GAUGE.read
    assert read() == {"waiting": 1, "overdue_seconds": 3601, "switched_off": 0}
    queue.send_due()
    queue.switch_off(Subscription.objects.get(), "broken", clock.now)
    assert [each.id for each in queue.examine_queue()] == ["ledger.W042"]
    assert read() == {"waiting": 1, "overdue_seconds": 0, "switched_off": 1}


def test_a_text_for_a_robot_is_cut(settings: Any) -> None:
    with receiving() as receiver:
        settings.PUSH_ALLOWED_HOSTS = [receiver.host]
        person = UserFactory.create(superuser=True)
        row = Subscription(user=person, name="n", channel="wecom", address=receiver.url)
        row.save()
        sizes = [MOST_ROBOT_BYTES + spare for spare in (-1, 0, 1)]
        for size in sizes:
            made = Delivery.add(row, "due", {}, NOW)
            send(made, Message("t", "x" * size, {}), NOW, by_mail=False)
        assert [len(each["text"]["content"]) for each in receiver.texts] == [
            min(size, MOST_ROBOT_BYTES) for size in sizes
        ]
