"""The user's parks and the projects that need attention, for the first page of the admin."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from api.asking import RefusedError, ask_api
from api.readers import MAX_VALUES
from parks.access import Write, may_write_some, rights_of, select_worked_on, works_on
from parks.models import Park
from projects.models import Funding, Project

PARKS_SHOWN = 10
register = template.Library()


@dataclass(frozen=True)
class Way:
    """A link of the first page, with the number of rows behind it if they are counted."""

    text: str
    href: str
    count: int | None = None


@register.simple_tag(takes_context=True)
def list_beginnings(context: template.Context) -> list[Way]:
    """List the links to start from: projects, the funds of the months, an import."""
    person = context["request"].user
    pages = (
        (Project, _("Add a project"), reverse("admin:projects_project_add")),
        (Funding, _("Monthly funding"), reverse("admin:projects_funding_months")),
        (Project, _("Import a file"), reverse("admin:parks_importbatch_add")),
    )
    ways = [Way(text, at) for model, text, at in pages if may_write_some(person, Write.ADD, model)]
    if works_on(person, Project):
        ways.insert(0, Way(_("All projects"), reverse("admin:projects_project_changelist")))
    return ways


@register.simple_tag(takes_context=True)
def list_my_parks(context: template.Context) -> list[Way]:
    """List the first PARKS_SHOWN parks of the user, each linked to its projects."""
    person = context["request"].user
    parks = select_worked_on(Park.objects.order_by("code"), person)[:PARKS_SHOWN]
    projects = reverse("admin:projects_project_changelist")
    return [Way(park.name, f"{projects}?{urlencode({'park': park.code})}") for park in parks]


@register.simple_tag(takes_context=True)
def list_concerns(context: template.Context) -> list[Way]:
    """List what needs attention today, for users with a role."""
    request: HttpRequest = context["request"]
    try:
        answer: dict[str, Any] = ask_api(request, "attention", _name_parks(request.user))
    except RefusedError as error:
        return [] if error.status in (401, 403) else [Way(str(error), reverse("pages:attention"))]
    found = [each for each in answer.values() if isinstance(each, dict) and each["count"]]
    return [Way(each["title"], _find_list(each["list_url"]), each["count"]) for each in found]


def _name_parks(person: Any) -> dict[str, str]:
    """Build the filter by the parks of the user; none where they are many, or all."""
    if rights_of(person).is_superuser:
        return {}
    codes = select_worked_on(Park.objects.order_by("code"), person).values_list("code", flat=True)
    few = [*codes[: MAX_VALUES + 1]]
    return {"park": ",".join(few)} if 0 < len(few) <= MAX_VALUES else {}


def _find_list(url: str) -> str:
    """Return the URL of the admin's list with the filters of this list of the API."""
    parts = urlsplit(url)
    is_of_projects = parts.path.endswith(reverse("project-list"))
    page = "projects_project" if is_of_projects else "parks_importbatch"
    return f"{reverse(f'admin:{page}_changelist')}?{parts.query}".rstrip("?")
