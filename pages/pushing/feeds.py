"""What is due as a calendar at a private address, and public news as a feed."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _, gettext_lazy, override
from django.views.decorators.cache import cache_control
from django.views.decorators.http import conditional_page

from api.requests import select_visible
from pages.discovery import require_public
from pages.language import say_name
from parks.access import select_readable
from parks.models import Subscription
from parks.models.access import digest_of
from parks.views import select_worked_parks
from projects.lifecycle.due import DUE_END, find_open_steps
from projects.models import Milestone, Obstacle, Project
from projects.models.words import MILESTONE_TYPES, MilestoneStatus
from sheets.dates import print_partial_date

MOST_DAYS = 2_000  # of each kind in a calendar, the first ones
MOST_NEWS = 50
_LINE = 75  # bytes of a line of iCalendar


@conditional_page
@cache_control(private=True, no_cache=True)
def answer_calendar(request: HttpRequest) -> HttpResponse:
    """Answer with what is due for whoever made the calendar, by the key of its address."""
    rows = Subscription.objects.filter(channel=Subscription.Channel.CALENDAR, is_active=True)
    digest = digest_of(request.GET.get("key", ""))
    found = rows.filter(secret=digest, user__is_active=True).select_related("user").first()
    if found is None or not found.may_be_kept_by(found.user):
        raise Http404
    root = request.build_absolute_uri("/projects/")
    with override(found.language):
        body = "".join(f"{fold_line(line)}\r\n" for line in write_calendar(found, root))
    return HttpResponse(body, "text/calendar; charset=utf-8")


def list_due_days(subscription: Subscription) -> Iterator[tuple[str, Any, date, str]]:
    """List the key, row, day and words of each step, obstacle and review that is due."""
    parks = select_worked_parks(subscription.user)
    parks = parks.filter(pk=subscription.park_id) if subscription.park_id else parks
    projects = select_readable(Project, subscription.user)
    projects = projects.filter(park__in=parks, standing="active")
    words = dict(MILESTONE_TYPES)
    steps = find_open_steps(DUE_END).filter(project__in=projects).select_related("project")
    obstacles = Obstacle.objects.filter(solved_on=None, project__in=projects)
    kinds: list[tuple[str, Any, str, Callable[[Any], str]]] = [
        ("step", steps, "due", lambda step: str(words[step.type])),
        ("obstacle", obstacles.select_related("project"), "due_on", lambda each: each.problem),
        ("next-step", projects, "next_step_due_on", lambda project: project.next_step),
        ("review", projects, "review_on", lambda _project: _("day of review")),
    ]
    for kind, rows, column, say in kinds:
        dated = rows.filter(**{f"{column}__isnull": False}).order_by(column, "pk")
        for row in dated[:MOST_DAYS]:
            yield f"{kind}-{row.pk}", row, getattr(row, column), say(row)


def write_calendar(subscription: Subscription, root: str) -> Iterator[str]:
    """Write the lines of an iCalendar of RFC 5545, an event of a whole day for each due day."""
    yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Park Ledger//EN")
    yield f"X-WR-CALNAME:{escape_text(subscription.name)}"
    for key, row, day, words in list_due_days(subscription):
        project = getattr(row, "project", row)
        yield from ("BEGIN:VEVENT", f"UID:{key}@park-ledger")
        yield f"DTSTAMP:{row.updated_at:%Y%m%dT%H%M%SZ}"
        yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
        yield f"SUMMARY:{escape_text(f'{say_name(vars(project))}: {words}')}"
        yield f"URL:{root}{project.code}"
        yield "END:VEVENT"
    yield "END:VCALENDAR"


def escape_text(text: str) -> str:
    """Escape a text of iCalendar."""
    for mark in "\\;,":
        text = text.replace(mark, f"\\{mark}")
    return "\\n".join(text.splitlines())


def fold_line(line: str) -> str:
    """Fold a line, so that none has more than 75 bytes and no letter is cut."""
    folded, room = "", _LINE
    for letter in line:
        size = len(letter.encode())
        if size > room:
            folded, room = f"{folded}\r\n ", _LINE - 1
        folded, room = folded + letter, room - size
    return folded


class NewsFeed(Feed):
    """The steps of published projects that were noted last."""

    feed_type = Atom1Feed
    title = gettext_lazy("Park Ledger: news of projects")
    author_name = gettext_lazy("Park Ledger")
    link = "/"

    def items(self) -> QuerySet[Milestone]:
        met = select_visible(Milestone, AnonymousUser()).filter(status=MilestoneStatus.MET)
        return met.select_related("project").order_by("-updated_at", "-pk")[:MOST_NEWS]

    def item_title(self, item: Milestone) -> str:
        return f"{say_name(vars(item.project))}: {dict(MILESTONE_TYPES)[item.type]}"

    def item_description(self, item: Milestone) -> str:
        return print_partial_date(item.actual_on, item.actual_on_precision) or ""

    def item_link(self, item: Milestone) -> str:
        return f"/projects/{item.project.code}#step-{item.pk}"

    def item_updateddate(self, item: Milestone) -> datetime:
        return item.updated_at


@conditional_page
@cache_control(no_cache=True)
def answer_news(request: HttpRequest) -> HttpResponse:
    """Answer with the public news as Atom."""
    require_public(request)
    return NewsFeed()(request)
