"""What subscriptions report: collected once a day or week, and written when it is sent.

A collected payload has codes and counts. Names are looked up when the message is written, so that
it shows what its reader may see by then.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from api.asking import RefusedError, ask_api, ask_for_bytes, build_site_request
from api.renderers import DOCX
from config.database import history
from pages.addresses import find_page, join_address
from pages.language import say_name
from pages.periods import Period, find_newest_periods
from parks.access import select_readable
from parks.models import Delivery, Subscription
from parks.pushing.channels import Message
from parks.pushing.queue import switch_off
from parks.views import select_worked_parks
from projects.models import Edition, Light, Project
from projects.tracking.views import CONCERNS
from sheets.amounts import active_language
from sheets.dates import Precision, first_day
from sheets.fields import blame_column

FIRST_NAMED = 3  # of the projects of each concern; the page has all
MOST_TOLD = 50  # of those that changed
MOST_WATCHED = 2_000  # projects whose changes a subscription reports
_PAGE = 500

Payload = dict[str, Any]
Seen = dict[str, Any]  # by code, the light or the version of a project


def collect_messages(now: datetime) -> int:
    """Queue what subscriptions have to report; return how many messages."""
    return sum(collect(subscription, now) for subscription in find_waiting(now))


def find_waiting(now: datetime) -> QuerySet[Subscription]:
    """Find the subscriptions that were not looked at in this day, week, month or quarter."""
    today, is_due = timezone.localdate(now), Q(collected_at=None)
    begins = {"day": today, "week": today - timedelta(days=today.weekday())}
    begins |= {unit: first_day(today, unit) for unit in (Precision.MONTH, Precision.QUARTER)}
    for pace, day in begins.items():
        begun_at = timezone.make_aware(datetime.combine(day, time.min))
        is_due |= Q(pace=pace, collected_at__lt=begun_at)
    active = Subscription.objects.filter(is_due, is_active=True, user__is_active=True)
    return active.exclude(channel=Subscription.Channel.CALENDAR).select_related("user", "park")


def collect(subscription: Subscription, now: datetime) -> bool:
    """Look at what a subscription is about; return whether there is something to report.

    What was seen and the message are stored together: neither is lost or repeated if the process
    is killed, and of two processes only one stores them.
    """
    if not subscription.may_be_kept_by(subscription.user):
        return False
    with translation.override(subscription.language):
        try:
            seen, payload = _COLLECTORS[subscription.kind](subscription)
        except (RefusedError, ValidationError) as error:
            if getattr(error, "status", 400) == 400:  # its list can no longer be read
                switch_off(subscription, " ".join(getattr(error, "messages", [str(error)])), now)
            return False  # the role has ended, or the database is busy
    with transaction.atomic():
        before = subscription.collected_at
        same = Subscription.objects.filter(pk=subscription.pk, collected_at=before)
        is_news = payload["sections"] or subscription.kind == Subscription.Kind.BULLETIN
        if not same.update(collected_at=now, state=seen) or not is_news:
            return False
        Delivery.add(subscription, subscription.kind, payload, now)
    return True


def _collect_due(subscription: Subscription) -> tuple[Seen, Payload]:
    """Collect what needs attention, as /attention has it."""
    answer = _ask(subscription, "attention", _narrow_to_park(subscription))
    sections = [
        _build_section(
            capfirst(each["title"]),
            dict.fromkeys([row["code"] for row in each["results"][:FIRST_NAMED]], ""),
            find_page(each["list_url"]),
            count=each["count"],
        )
        for each in (answer[name] for name in CONCERNS)
    ]
    if subscription.park is None:
        waiting, page = answer["imports"], "/admin/parks/importbatch/"
        sections.append(
            _build_section(capfirst(waiting["title"]), {}, page, count=waiting["count"])
        )
    title = _("Park Ledger: what needs attention on %(day)s") % {"day": answer["day"]}
    return {}, _build_payload(title, "/attention", answer["parks"], *sections)


def _collect_lights(subscription: Subscription) -> tuple[Seen, Payload]:
    """Compare the lights of projects with those that were seen last."""
    within, before = _narrow_to_park(subscription), subscription.state
    seen = _read_all(subscription, "lights", {**within, "fields": "code,light"})
    words = {word: str(label) for word, label in Light.choices} | {None: _("no light")}
    changed = {
        code: f"{words[before.get(code)]} → {words[seen.get(code)]}"
        for code in sorted({*seen, *before})
        if before.get(code) != seen.get(code) and subscription.collected_at
    }
    parks = select_worked_parks(subscription.user).values_list("code", flat=True)
    page = join_address("/lights", within)
    section = _build_section(_("Lights that changed"), changed, page)
    title = _("Park Ledger: lights that changed")
    return seen, _build_payload(title, page, within.values() or parks, section)


def _collect_list(subscription: Subscription) -> tuple[Seen, Payload]:
    """Compare the rows of a list, and their versions, with those that were seen last."""
    seen, before = _read_list(subscription), subscription.state
    parts = {
        _("New on the list"): [code for code in seen if code not in before],
        _("Rows that changed"): [
            code for code in seen if before.get(code, seen[code]) != seen[code]
        ],
        _("No longer on the list"): [code for code in before if code not in seen],
    }
    sections = [
        _build_section(title, dict.fromkeys(codes, ""), subscription.query)
        for title, codes in parts.items()
        if subscription.collected_at
    ]
    title = f"{_('Park Ledger')}: {subscription}"
    return seen, _build_payload(title, subscription.query, [], *sections)


def _collect_bulletin(subscription: Subscription) -> tuple[Seen, Payload]:
    """Name the report of the period that ended: of its edition, or as it is at this moment.

    Both addresses answer the same file for ever.
    """
    text, park = find_newest_periods()[subscription.pace], subscription.park
    period, moment = Period.parse(text), history.read_clock().astimezone(UTC)
    dated = {"period": text, "as_of": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    page = join_address("/bulletin", {**_narrow_to_park(subscription), **dated})
    title = f"{say_name(vars(park))}: {period.title}" if park else period.title
    editions = select_readable(Edition, subscription.user).filter(park=park, month=period.first)
    if period.kind == Precision.MONTH and (edition := editions.first()):
        page = f"/editions/{edition.code}"
    return {}, _build_payload(title, page, [])


_COLLECTORS = {
    "due": _collect_due,
    "lights": _collect_lights,
    "list": _collect_list,
    "bulletin": _collect_bulletin,
}


def _build_section(title: str, notes: Mapping[str, str], page: str, **more: int) -> Payload:
    """Build a part of a message: how many projects, notes on the first of them, and their list."""
    named = dict([*notes.items()][:MOST_TOLD])
    return {"title": title, "notes": named, "page": page, "count": len(notes), **more}


def _build_payload(title: str, page: str, parks: Iterable[str], *sections: Payload) -> Payload:
    reported = [section for section in sections if section["count"]]
    return {"title": title, "page": page, "parks": [*parks], "sections": reported}


def _narrow_to_park(subscription: Subscription) -> dict[str, str]:
    return {"park": subscription.park.code} if subscription.park else {}


def check_list(subscription: Subscription) -> None:
    """Raise `ValidationError` for a list that cannot be read, or is too long to be watched."""
    try:
        _read_list(subscription)
    except RefusedError as error:
        raise blame_column("query", str(error), code="no_list") from error


def _read_list(subscription: Subscription) -> Seen:
    """Read the projects of the list, and their versions."""
    parts = urlsplit(subscription.query)
    if parts.path != "/projects" or parts.netloc:
        message = _("Give the address of a list of projects, from /projects? on.")
        raise blame_column("query", message, code="no_list")
    query = QueryDict(parts.query, mutable=True)
    query["fields"] = "code,version"
    return _read_all(subscription, "projects", query)


def _read_all(subscription: Subscription, resource: str, query: Mapping[str, Any]) -> Seen:
    """Read two fields of all rows, page by page; raise `ValidationError` if there are too many."""
    found: Seen = {}
    asked = QueryDict(mutable=True)
    asked.update(query)
    asked["limit"] = str(_PAGE)
    while True:
        answer = _ask(subscription, resource, asked)
        found |= {row["code"]: row.get("light", row.get("version")) for row in answer["results"]}
        if len(found) > MOST_WATCHED:
            message = _("The list has more than %(count)d projects: narrow it.")
            params = {"count": MOST_WATCHED}
            raise blame_column("query", message, code="too_many_rows", params=params)
        if not answer["next"]:
            return found
        asked = QueryDict(urlsplit(answer["next"]).query, mutable=True)


def _ask(subscription: Subscription, resource: str, question: Any) -> Any:
    """Ask the API as the user of a subscription, in the active language."""
    return ask_api(build_site_request(subscription.user), resource, question)


# --- Writing ------------------------------------------------------------------------------------


def write_message(delivery: Delivery) -> Message | None:
    """Write a message for its reader; None if the rights to read it have ended."""
    subscription, payload = delivery.subscription, delivery.payload
    if delivery.type in Delivery.ABOUT_ITSELF:
        title = _("Park Ledger: a test of “%(name)s”")
        text = _("Messages arrive here.")
        if delivery.type == Delivery.SWITCHED_OFF:
            title = _("Park Ledger: “%(name)s” was switched off")
            text = _("Its messages did not arrive: %(problem)s") % payload
        page = f"/admin/parks/subscription/{subscription.pk}/change/"
        payload = _build_payload(title % {"name": subscription}, page, [])
        return _join(delivery, payload, ["", text], [])
    worked = {*select_worked_parks(subscription.user).values_list("code", flat=True)}
    is_reader = subscription.user.is_active and subscription.may_be_kept_by(subscription.user)
    if not is_reader or not worked.issuperset(payload["parks"]):
        return None
    if delivery.type == Subscription.Kind.BULLETIN:
        return _join(delivery, payload, [], [])._replace(file=_make_file(subscription, payload))
    codes = [code for section in payload["sections"] for code in section["notes"]]
    found = select_readable(Project, subscription.user).filter(code__in=codes)
    names = {row["code"]: say_name(row) for row in found.values("code", "name_zh", "name_en")}
    lines, parts = [], []
    for section in payload["sections"]:
        url, count = f"{settings.SITE_URL}{section['page']}", section["count"]
        shown = [(code, note) for code, note in section["notes"].items() if code in names]
        lines += ["", f"{section['title']}: {count}"]
        lines += [f"  - {names[code]} {note}".rstrip() for code, note in shown]
        if shown and (more := count - len(shown)):
            rest = ngettext("and %(more)d more", "and %(more)d more", more) % {"more": more}
            lines.append(f"  - {rest}")
        lines.append(f"  {url}")
        rows = [{"code": code, "name": names[code], "note": note} for code, note in shown]
        parts.append({"title": section["title"], "count": count, "url": url, "projects": rows})
    return _join(delivery, payload, lines, parts)


def _make_file(subscription: Subscription, payload: Payload) -> tuple[str, bytes, str] | None:
    """Make the Word document of a report, for a letter."""
    if subscription.channel != Subscription.Channel.MAIL:
        return None
    page = urlsplit(payload["page"])
    question = {**QueryDict(page.query).dict(), "lang": active_language()}
    request = build_site_request(subscription.user)
    content = ask_for_bytes(request, f"{page.path.lstrip('/')}.docx", question)
    return f"{payload['title']}.docx", content, DOCX


def _join(delivery: Delivery, payload: Payload, lines: list[str], parts: list[Payload]) -> Message:
    """Join title, address and lines as a text, and as the data of a webhook."""
    url = f"{settings.SITE_URL}{payload['page']}"
    about = {"subscription": delivery.subscription_id, "title": payload["title"], "url": url}
    data = {
        "type": delivery.type,
        "timestamp": delivery.created_at.isoformat(),
        "data": {**about, "sections": parts},
    }
    return Message(payload["title"], "\n".join([payload["title"], url, *lines]), data)
