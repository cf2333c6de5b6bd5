"""Publishing many projects at once, in the admin: first what would change, then the change."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from parks.access import Publication, writable
from parks.admin.base import RowAdmin
from parks.admin.history import reason_field
from parks.admin.needed import settle_needed
from parks.models import Person, Post
from parks.models.made_for import OPEN
from parks.publishing import list_references, name_row
from projects.models import Project, ProjectFigure
from projects.models.rows import ProjectRow

PUBLISHED_AT_ONCE = 500  # whose keys one form sends
CONFIRMED = "publish_these"


class PublishingPage(RowAdmin):
    """A list of projects, of which those that are chosen can be published together."""

    @admin.action(description=gettext_lazy("Publish the selected projects"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Show what publishing would change; where that is confirmed, publish them."""
        mine = writable(request.user, queryset)
        hidden = mine.exclude(publication=Publication.PUBLISHED).select_related("park")
        drafts = list(hidden.order_by("park__code_key", "code_key")[: PUBLISHED_AT_ONCE + 1])
        if len(drafts) > PUBLISHED_AT_ONCE:
            told = _("Choose at most %(count)d projects.") % {"count": PUBLISHED_AT_ONCE}
            self.message_user(request, told, messages.ERROR)
            return None
        if not drafts:
            told = _("None of these is hidden, or you may not publish them.")
            self.message_user(request, told, messages.WARNING)
            return None
        if CONFIRMED not in request.POST:
            return self.preview(request, drafts, left_out=queryset.count() - len(drafts))
        rows: Any = self.model._default_manager.filter(pk__in=[row.pk for row in drafts])
        count = rows.update(publication=Publication.PUBLISHED)  # one revision: that of the page
        rows.derive()
        settle_needed(request, is_settled=True)  # the page before has named them
        said = ngettext(
            "%(count)d project was published.", "%(count)d projects were published.", count
        )
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
        return None

    def preview(self, request: HttpRequest, drafts: list[Any], left_out: int) -> HttpResponse:
        """Show which projects would be seen by everybody, and which only with their parks."""
        is_open = {
            project.pk: project.park.publication == Publication.PUBLISHED for project in drafts
        }
        context = {
            **self.admin_site.each_context(request),
            "title": _("Publish projects"),
            "opts": self.opts,
            "shown": [project for project in drafts if is_open[project.pk]],
            "waiting": [project for project in drafts if not is_open[project.pk]],
            "keys": [project.pk for project in drafts],
            "left_out": left_out,
            "needed": find_needed(drafts),
            "key_name": ACTION_CHECKBOX_NAME,
            "confirmed": CONFIRMED,
            **reason_field(request),
        }
        return TemplateResponse(request, "admin/projects/publish_projects.html", context)


def find_needed(projects: list[Any]) -> list[str]:
    """Name the drafts of sources, organisations and people that these projects refer to."""
    keys = [project.pk for project in projects]
    found: dict[Any, set[int]] = {}
    for model, field, target in list_references():
        path = "pk" if model is Project else "project"
        if model is Project or issubclass(model, ProjectRow | ProjectFigure):
            rows = model._default_manager.filter(**{f"{path}__in": keys})
            found.setdefault(target, set()).update(rows.values_list(field.attname, flat=True))
    found.setdefault(Person, set()).update(
        Post.objects.filter(pk__in=found.pop(Post) - {None}).values_list("person", flat=True)
    )
    return [
        f"{name_row(row)} ({row.code})"
        for model, wanted in found.items()
        for row in model.objects.filter(pk__in=wanted - {None}).exclude(OPEN)
    ]
