"""How a message is sent: by mail, to robots of WeCom, DingTalk and Feishu, and to webhooks."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlsplit

import orjson
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.translation import gettext as _

from api.outgoing import post
from config.mistakes import Mistake
from parks.models import Delivery, Subscription

MOST_ROBOT_BYTES = 2048  # of a text, as WeCom takes it
LONGEST_ANSWER = 500  # characters that are kept
_Robot = tuple[str, dict[str, Any]]  # the address and the body of a request
GONE = 410  # by which a webhook says that it wants no more


class Message(NamedTuple):
    """What is sent: words for people, the same as data for programs, and a file for letters."""

    title: str
    text: str
    data: Mapping[str, Any]
    file: tuple[str, bytes, str] | None = None  # its name, content and media type


class Outcome(NamedTuple):
    """Whether a message arrived, the status of HTTP, and what was answered."""

    is_sent: bool
    status: int | None
    answer: str


def send(delivery: Delivery, message: Message, now: datetime, *, by_mail: bool) -> Outcome:
    """Send a message on the channel of its subscription, or by mail in any case."""
    subscription = delivery.subscription
    try:
        if by_mail or subscription.channel == Subscription.Channel.MAIL:
            return _send_mail(delivery, message)
        if subscription.channel == Subscription.Channel.WEBHOOK:
            return _send_webhook(delivery, message, now)
        return _send_to_robot(subscription, message, now)
    except (Mistake, OSError) as error:
        return Outcome(False, None, str(getattr(error, "message", error))[:LONGEST_ANSWER])


def _send_mail(delivery: Delivery, message: Message) -> Outcome:
    """Send a letter to the user of the subscription; without EMAIL_URL it becomes a file."""
    stop = f"{settings.SITE_URL}{delivery.subscription.sign_stop_link()}"
    footer = _("To get no more of these letters:")
    letter = EmailMessage(
        message.title,
        f"{message.text}\n\n{footer}\n{stop}\n",
        to=[delivery.subscription.user.email],
        headers={
            "Message-ID": f"<{delivery.event}@{urlsplit(settings.SITE_URL).hostname}>",
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    if message.file:
        letter.attach(*message.file)
    letter.send()
    written = _("Written to %(folder)s: EMAIL_URL is not set.")
    answer = "" if settings.EMAIL_URL else written % {"folder": settings.EMAIL_FILE_PATH}
    return Outcome(True, None, answer)


def _send_webhook(delivery: Delivery, message: Message, now: datetime) -> Outcome:
    """Send a request signed as Standard Webhooks says."""
    body, stamp = orjson.dumps(message.data), str(int(now.timestamp()))
    key = base64.b64decode(delivery.subscription.secret.removeprefix("whsec_"))
    signed = b".".join((delivery.event.encode(), stamp.encode(), body))
    headers = {
        "webhook-id": delivery.event,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{_sign(key, signed)}",
    }
    answer = post(delivery.subscription.address, body, headers)
    text = answer.body.decode(errors="replace")
    if 300 <= answer.status < 400:
        text = _("Redirects are not followed: give the address that they lead to.")
    return Outcome(200 <= answer.status < 300, answer.status, text[:LONGEST_ANSWER])


def _send_to_robot(subscription: Subscription, message: Message, now: datetime) -> Outcome:
    """Send a text to a robot, which answers 200 to errors, too, with their code in the body."""
    text = message.text.encode()[:MOST_ROBOT_BYTES].decode(errors="ignore")
    address, body = _ROBOTS[subscription.channel](subscription, text, now)
    answer = post(address, orjson.dumps(body), {})
    try:
        reply = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        reply = None
    code = reply.get("errcode", reply.get("code")) if isinstance(reply, dict) else None
    is_sent = answer.status == 200 and code == 0
    return Outcome(is_sent, answer.status, answer.body.decode(errors="replace")[:LONGEST_ANSWER])


def _ask_wecom(subscription: Subscription, text: str, now: datetime) -> _Robot:
    return subscription.address, {"msgtype": "text", "text": {"content": text}}


def _ask_dingtalk(subscription: Subscription, text: str, now: datetime) -> _Robot:
    """Build the request; the signature is in the query, of a time in milliseconds."""
    address, body = _ask_wecom(subscription, text, now)
    if secret := subscription.secret:
        stamp = int(now.timestamp() * 1000)
        signature = quote_plus(_sign(secret.encode(), f"{stamp}\n{secret}".encode()))
        mark = "&" if "?" in address else "?"
        address = f"{address}{mark}timestamp={stamp}&sign={signature}"
    return address, body


def _ask_feishu(subscription: Subscription, text: str, now: datetime) -> _Robot:
    """Build the request; the signature is in the body, of nothing: its key is time and secret."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if secret := subscription.secret:
        stamp = str(int(now.timestamp()))
        body |= {"timestamp": stamp, "sign": _sign(f"{stamp}\n{secret}".encode(), b"")}
    return subscription.address, body


_ROBOTS: Mapping[str, Callable[[Subscription, str, datetime], _Robot]] = {
    Subscription.Channel.WECOM: _ask_wecom,
    Subscription.Channel.DINGTALK: _ask_dingtalk,
    Subscription.Channel.FEISHU: _ask_feishu,
}


def _sign(key: bytes, text: bytes) -> str:
    return base64.b64encode(hmac.digest(key, text, hashlib.sha256)).decode()
