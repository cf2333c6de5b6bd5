"""What the first page of the admin shows of a person's work: parks, and what needs attention."""

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
    """A link of the first page; with how many rows it leads to, where that is counted."""

    text: str
    href: str
    count: int | None = None


@register.simple_tag(takes_context=True)
def list_beginnings(context: template.Context) -> list[Way]:
    """List what the person can begin with: a project, the funds of the month, an import."""
    person = context["request"].user
    pages = (
        (Project, _("Add a project"), reverse("admin:projects_project_add")),
        (Funding, _("Funds of the months"), reverse("admin:projects_funding_months")),
        (Project, _("Import a file"), reverse("admin:parks_importbatch_add")),
    )
    ways = [Way(_("All projects"), reverse("admin:projects_project_changelist"))]
    return [
        *(ways if works_on(person, Project) else ()),
        *(Way(text, at) for model, text, at in pages if may_write_some(person, Write.ADD, model)),
    ]


@register.simple_tag(takes_context=True)
def list_my_parks(context: template.Context) -> list[Way]:
    """List the parks that the person works on, the first PARKS_SHOWN, each with its projects."""
    person = context["request"].user
    parks = select_worked_on(Park.objects.order_by("code"), person)[:PARKS_SHOWN]
    projects = reverse("admin:projects_project_changelist")
    return [Way(park.name, f"{projects}?{urlencode({'park': park.code})}") for park in parks]


@register.simple_tag(takes_context=True)
def list_concerns(context: template.Context) -> list[Way]:
    """List what somebody should look at today, each with its list; nothing for other people."""
    request: HttpRequest = context["request"]
    try:
        answer: dict[str, Any] = ask_api(request, "attention", _ask_of_parks(request.user))
    except RefusedError as error:
        return [] if error.status in (401, 403) else [Way(str(error), reverse("pages:attention"))]
    found = [each for each in answer.values() if isinstance(each, dict) and each["count"]]
    return [Way(each["title"], _find_list(each["list_url"]), each["count"]) for each in found]


def _ask_of_parks(person: Any) -> dict[str, str]:
    """Ask about the parks that the person works on; about all, where these are many or all."""
    if rights_of(person).is_superuser:
        return {}
    codes = select_worked_on(Park.objects.order_by("code"), person).values_list("code", flat=True)
    few = [*codes[: MAX_VALUES + 1]]
    return {"park": ",".join(few)} if 0 < len(few) <= MAX_VALUES else {}


def _find_list(url: str) -> str:
    """Find the list of the admin that is narrowed as this one of the API is."""
    asked = urlsplit(url)
    is_of_projects = asked.path.endswith(reverse("project-list"))
    page = "projects_project" if is_of_projects else "parks_importbatch"
    return f"{reverse(f'admin:{page}_changelist')}?{asked.query}".rstrip("?")
