"""“Advance to …”: one or several projects take a step, on a day, by one save."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.dates import PartialDate
from config.forms import DeclaredSelect, TypedDateField
from config.whole_numbers import find_whole
from parks.access import select_readable, select_writable
from parks.admin.history import one_revision, reason_field
from parks.models import Source
from projects.admin.doubts import CONFIRM_FIELD, DoubtedPage, link_candidates
from projects.admin.entering import USUAL_STEPS, find_usual
from projects.doubts.doubts import DoubtfulWriteError
from projects.lifecycle.words import STAGES, MilestoneStatus, Stage
from projects.models import Milestone, Project

ADVANCED_AT_ONCE = 100
_WHICH = "project"  # of the address: the keys of the projects


class AdvanceForm(forms.Form):
    """Which step was taken, and when."""

    stage = forms.ChoiceField(label=gettext_lazy("Advance to"), choices=Stage.choices)
    day = TypedDateField(
        label=gettext_lazy("On"), required=False, help_text=gettext_lazy("May be unknown.")
    )
    source = forms.ModelChoiceField(
        Source.objects.none(),
        required=False,
        label=capfirst(gettext_lazy("source")),
        widget=DeclaredSelect(Milestone._meta.get_field("source"), admin.site),
    )


class AdvancingPage(DoubtedPage):
    """A list of projects, and forms of them, from which projects advance by one save."""

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.advance_view)
        return [path("advance/", page, name="projects_project_advance"), *super().get_urls()]

    @admin.action(
        description=gettext_lazy("Advance the selected projects to …"), permissions=["change"]
    )
    def advance(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Go to the page on which the chosen projects advance."""
        rows = queryset.order_by("code_key").values_list("pk", flat=True)
        keys = list(rows[: ADVANCED_AT_ONCE + 1])
        if len(keys) > ADVANCED_AT_ONCE:
            told = _("Choose at most %(count)d projects.") % {"count": ADVANCED_AT_ONCE}
            self.message_user(request, told, messages.ERROR)
            return None
        return HttpResponseRedirect(find_advance_page(keys))

    def advance_view(self, request: HttpRequest) -> HttpResponse:
        """Ask which step the projects took; by POST, write it down for each."""
        keys = map(find_whole, request.GET.getlist(_WHICH)[:ADVANCED_AT_ONCE])
        projects = select_writable(Project.objects.filter(pk__in=keys), request.user)
        chosen = list(projects.order_by("code_key"))
        if not chosen:
            raise PermissionDenied
        form = self.build_advance_form(request, chosen)
        doubts: Any = ()
        if form.is_bound and form.is_valid():
            try:
                with one_revision(request), self.ask(request, [each.pk for each in chosen]):
                    for project in chosen:
                        advance(project, **form.cleaned_data)
                        self.log_change(request, project, self.describe_step(form))
            except ValidationError as error:
                form.add_error(None, error.messages)
            except DoubtfulWriteError as error:
                doubts = [(doubt.kind.value, link_candidates(doubt)) for doubt in error.doubts]
            else:
                return self.answer_advanced(request, chosen)
        context = {
            **self.admin_site.each_context(request),
            **reason_field(request),
            "title": _("Advance"),
            "opts": self.opts,
            "form": form,
            "chosen": chosen,
            "doubts": doubts,
            "confirm": CONFIRM_FIELD,
        }
        return TemplateResponse(request, "admin/projects/advance.html", context)

    def build_advance_form(self, request: HttpRequest, chosen: list[Any]) -> AdvanceForm:
        next_step = find_next_step(chosen[0].stage)
        usual = {"stage": next_step, "source": find_usual(request).get("source")}
        form = AdvanceForm(request.POST if request.method == "POST" else None, initial=usual)
        source: Any = form.fields["source"]
        source.queryset = select_readable(Source, request.user)
        return form

    def describe_step(self, form: AdvanceForm) -> str:
        given = form.cleaned_data
        return f"{_('Advanced')}: {Stage(given['stage']).label} {given['day'] or ''}".strip()

    def answer_advanced(self, request: HttpRequest, chosen: list[Any]) -> HttpResponse:
        """Say that it is done, and go back: to the one project, or to the list."""
        said = ngettext("%(count)d project advanced.", "%(count)d projects advanced.", len(chosen))
        messages.success(request, said % {"count": len(chosen)})
        if len(chosen) == 1:
            page = reverse("admin:projects_project_change", args=[chosen[0].pk])
            return HttpResponseRedirect(page)
        return HttpResponseRedirect(reverse("admin:projects_project_changelist"))


def advance(project: Project, stage: str, day: PartialDate | None, source: Source | None) -> None:
    """Write down that a project took a step: the one that is scheduled, or else a new one."""
    scheduled = Milestone.objects.filter(
        project=project, type=stage, status=MilestoneStatus.SCHEDULED
    )
    step = scheduled.order_by("id").first() or Milestone(project=project, type=stage)
    step.status = MilestoneStatus.MET
    step.actual_on = day.first if day else None
    step.actual_on_precision = day.precision if day else ""
    step.source = source or step.source
    step.full_clean()
    if step.pk is None and step.find_stored() is not None:
        return  # it is known already
    step.save()


def find_next_step(stage: str) -> str:
    """Find the usual step after a stage; the last one has none, and stays."""
    rank = STAGES.index(Stage(stage)) if stage else -1
    later = [step for step in (*USUAL_STEPS, Stage.FULL_CAPACITY) if STAGES.index(step) > rank]
    return str(later[0] if later else stage)


def find_advance_page(keys: list[int]) -> str:
    """Find the address of the page on which these projects advance."""
    query = urlencode({_WHICH: keys}, doseq=True)
    return f"{reverse('admin:projects_project_advance')}?{query}"
