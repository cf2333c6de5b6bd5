"""Weekly letters about what needs attention, for people with a role who asked for them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from api.asking import ask_api
from pages.addresses import find_page
from pages.language import say_name
from parks.accounts.reminders import sign_stop_link
from parks.models import Reminder
from parks.views import select_worked_parks
from projects.tracking.views import CONCERNS

FIRST_NAMED = 3  # of parks, and of projects of each kind; the page has all


def find_waiting(now: datetime) -> Any:
    """Return the wanted reminders that were not sent since Monday."""
    today = timezone.localdate(now)
    first = datetime.combine(today - timedelta(days=today.weekday()), time.min)
    monday = timezone.make_aware(first)
    wanted = Reminder.objects.filter(is_wanted=True, user__is_active=True).exclude(user__email="")
    return wanted.filter(Q(sent_at=None) | Q(sent_at__lt=monday)).select_related("user")


def send_letters(now: datetime) -> Iterator[tuple[Reminder, Exception | None]]:
    """Send the letters that wait; yields each reminder with what went wrong, if anything did.

    Two that run at once send none twice. What could not be sent waits on. Letters that become
    files (no EMAIL_URL) are not noted as sent.
    """
    for reminder in find_waiting(now):
        letter = write_letter(reminder)
        if letter is None or not _take(reminder, now):
            continue
        try:
            letter.send()
        except OSError as error:
            Reminder.objects.filter(pk=reminder.pk).update(sent_at=reminder.sent_at)
            yield reminder, error
        else:
            yield reminder, None


def _take(reminder: Reminder, now: datetime) -> bool:
    """Mark a reminder as sent; returns False if another process did so first."""
    if not settings.EMAIL_URL:
        return True
    same = Reminder.objects.filter(pk=reminder.pk, sent_at=reminder.sent_at, is_wanted=True)
    return bool(same.update(sent_at=now))


def write_letter(reminder: Reminder) -> EmailMessage | None:
    """Write the letter in the language of the person; None if nothing needs attention."""
    person = reminder.user
    worked = [*select_worked_parks(person).order_by("code")[: FIRST_NAMED + 1]]
    if not worked:
        return None
    with translation.override(reminder.language):
        parks = [park.name for park in worked]
        answer = ask_api(_build_request(person), "attention")
        concerns = [_describe(answer[name]) for name in CONCERNS if answer[name]["count"]]
        waiting = answer["imports"]
        if not concerns and not waiting["count"]:
            return None
        stop = f"{settings.SITE_URL}{sign_stop_link(reminder)}"
        about = {
            "day": answer["day"],
            "parks": [*parks[:FIRST_NAMED], *(["…"] if len(parks) > FIRST_NAMED else [])],
            "concerns": concerns,
            "waiting": waiting,
            "site": settings.SITE_URL,
            "stop": stop,
        }
        return EmailMessage(
            _("Park Ledger: what needs attention on %(day)s") % {"day": answer["day"]},
            render_to_string("pages/reminder_mail.html", about),
            to=[person.email],
            headers={
                "List-Unsubscribe": f"<{stop}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
        )


def _describe(concern: Mapping[str, Any]) -> dict[str, Any]:
    """Describe a concern: the number of projects, the first names, and the list."""
    return {
        "title": concern["title"],
        "count": concern["count"],
        "names": [say_name(row) for row in concern["results"][:FIRST_NAMED]],
        "more": max(0, concern["count"] - FIRST_NAMED),
        "url": f"{settings.SITE_URL}{find_page(concern['list_url'])}",
    }


def _build_request(person: Any) -> HttpRequest:
    """Build a local request of a person in the active language."""
    request: Any = HttpRequest()
    request.method = "GET"
    request.path = request.path_info = "/"
    request.META = {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.url_scheme": "http"}
    request.user, request.session = person, {}
    request.LANGUAGE_CODE = translation.get_language()
    return request
