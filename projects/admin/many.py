"""Actions on chosen projects: steps that are met, and changes that are made to all of them."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from rest_framework.exceptions import APIException

from api.problems.database_errors import find_violation
from config.database import history
from config.texts import find_whole
from parks.access import Publication, select_readable, select_writable
from parks.admin.base import show_page
from parks.admin.history import REASON, one_revision, reason_field
from parks.models import Source, Tag
from parks.recording.recording import clean_reason
from projects.admin.changing_many import ManyChanged, SameChange, change_alike
from projects.admin.entering import USUAL_STEPS, find_usual
from projects.admin.forms import CONFIRM_FIELD, link_candidates
from projects.importing.cells.rows_below import ParsedNote
from projects.models import Milestone, ProgressNote, Project, ProjectTag
from projects.models.progress import LONGEST_NOTE, LONGEST_STEP
from projects.models.words import STAGES, MilestoneStatus, Stage
from projects.views import ProjectViewSet
from projects.writing.doubts import DoubtfulWriteError
from sheets.dates import PartialDate
from sheets.forms import DeclaredSelect, TypedDateField

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


@admin.action(
    description=gettext_lazy("Advance the selected projects to …"), permissions=["change"]
)
def advance(page: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Go to the page on which the chosen projects advance."""
    rows = queryset.order_by("code_key").values_list("pk", flat=True)
    keys = list(rows[: ADVANCED_AT_ONCE + 1])
    if len(keys) > ADVANCED_AT_ONCE:
        told = _("Choose at most %(count)d projects.") % {"count": ADVANCED_AT_ONCE}
        page.message_user(request, told, messages.ERROR)
        return None
    return HttpResponseRedirect(find_advance_page(keys))


def advance_view(page: Any, request: HttpRequest) -> HttpResponse:
    """Ask which step the projects took; by POST, write it down for each."""
    keys = map(find_whole, request.GET.getlist(_WHICH)[:ADVANCED_AT_ONCE])
    projects = select_writable(Project.objects.filter(pk__in=keys), request.user)
    chosen = list(projects.order_by("code_key"))
    if not chosen:
        raise PermissionDenied
    form = build_advance_form(request, chosen)
    doubts: Any = ()
    if form.is_bound and form.is_valid():
        try:
            with one_revision(request), page.ask(request, [each.pk for each in chosen]):
                for project in chosen:
                    take_step(project, **form.cleaned_data)
                    page.log_change(request, project, describe_step(form))
        except ValidationError as error:
            form.add_error(None, error.messages)
        except DoubtfulWriteError as error:
            doubts = [(doubt.kind.value, link_candidates(doubt)) for doubt in error.doubts]
        else:
            return answer_advanced(request, chosen)
    shown = {"form": form, "chosen": chosen, "doubts": doubts, "confirm": CONFIRM_FIELD}
    shown |= reason_field(request)
    return show_page(page, request, "projects/advance", _("Advance"), **shown)


def build_advance_form(request: HttpRequest, chosen: list[Any]) -> AdvanceForm:
    next_step = find_next_step(chosen[0].stage)
    usual = {"stage": next_step, "source": find_usual(request).get("source")}
    form = AdvanceForm(request.POST if request.method == "POST" else None, initial=usual)
    source: Any = form.fields["source"]
    source.queryset = select_readable(Source, request.user)
    return form


def describe_step(form: AdvanceForm) -> str:
    given = form.cleaned_data
    return f"{_('Advanced')}: {Stage(given['stage']).label} {given['day'] or ''}".strip()


def answer_advanced(request: HttpRequest, chosen: list[Any]) -> HttpResponse:
    """Say that it is done, and go back: to the one project, or to the list."""
    said = ngettext("%(count)d project advanced.", "%(count)d projects advanced.", len(chosen))
    messages.success(request, said % {"count": len(chosen)})
    if len(chosen) == 1:
        page = reverse("admin:projects_project_change", args=[chosen[0].pk])
        return HttpResponseRedirect(page)
    return HttpResponseRedirect(reverse("admin:projects_project_changelist"))


def advance_urls(page: Any) -> list[Any]:
    """Give the address of the page on which projects advance."""
    view = page.admin_site.admin_view(partial(advance_view, page))
    return [path("advance/", view, name="projects_project_advance")]


def take_step(project: Project, stage: str, day: PartialDate | None, source: Source | None) -> None:
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


CHANGED_AT_ONCE = 500  # whose keys one form sends
_PREVIEW, _APPLY = "_preview", "_apply"
_KEPT = ("", gettext_lazy("(as it is)"))


def _day_field(label: Any) -> forms.DateField:
    """Build the field of a day that may be left out."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget)


class ManyForm(forms.Form):
    """What is to be the same in all the chosen projects; what is left empty stays as it is."""

    standing = forms.ChoiceField(
        label=capfirst(gettext_lazy("standing")),
        choices=[_KEPT, *Project.Standing.choices],
        required=False,
    )
    standing_on = TypedDateField(label=capfirst(gettext_lazy("standing since")), required=False)
    standing_reason = forms.CharField(
        label=capfirst(gettext_lazy("reason for standing")), max_length=300, required=False
    )
    source = forms.ModelChoiceField(
        Source.objects.none(),
        label=capfirst(gettext_lazy("source")),
        required=False,
        widget=DeclaredSelect(Project._meta.get_field("source"), admin.site),
    )
    publication = forms.ChoiceField(
        label=capfirst(gettext_lazy("publication")),
        choices=[_KEPT, *Publication.choices],
        required=False,
    )
    responsible_unit = forms.CharField(
        label=capfirst(gettext_lazy("responsible unit")), max_length=200, required=False
    )
    tag = forms.ModelChoiceField(
        Tag.objects.none(),
        label=capfirst(gettext_lazy("tag")),
        required=False,
        help_text=gettext_lazy("Given to those that do not have it."),
    )
    tag_year = forms.IntegerField(
        label=capfirst(gettext_lazy("list of the year")),
        required=False,
        widget=forms.TextInput(attrs={"size": 4, "inputmode": "numeric"}),
    )
    text = forms.CharField(
        label=capfirst(gettext_lazy("progress")),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=gettext_lazy("A note that is added to each of them."),
    )
    noted_on = _day_field(capfirst(gettext_lazy("noted on")))
    next_step = forms.CharField(
        label=capfirst(gettext_lazy("next step")), max_length=LONGEST_STEP, required=False
    )
    due_on = _day_field(capfirst(gettext_lazy("due on")))

    def __init__(self, person: Any, data: Mapping[str, Any] | None) -> None:
        super().__init__(data)
        source: Any = self.fields["source"]
        source.queryset = select_readable(Source, person)
        tag: Any = self.fields["tag"]
        tag.queryset = Tag.objects.filter(bearer=Tag.Bearer.PROJECT).order_by("code")

    def clean(self) -> None:
        super().clean()
        said = self.cleaned_data
        if not self.errors and not any(said.values()):
            self.add_error(None, _("Say what is to be changed."))
        self.check_tag(said)
        if not said.get("text"):
            if said.get("next_step") or said.get("due_on") or said.get("noted_on"):
                self.add_error("text", _("Say what is noted, too."))
            return
        said["noted_on"] = said.get("noted_on") or history.today()
        names = ("text", "noted_on", "next_step", "due_on")
        note = ProgressNote(**{name: said.get(name) for name in names})
        try:
            note.full_clean(exclude={"project", "code"}, validate_unique=False)
        except ValidationError as error:
            self.add_error(None, error)

    def check_tag(self, said: dict[str, Any]) -> None:
        """Put the row of the tag in the place of the tag, where it may be given so."""
        if not said.get("tag"):
            if said.get("tag_year"):
                self.add_error("tag", _("Say which tag is given."))
            return
        given = ProjectTag(tag=said["tag"], year=said.get("tag_year"))
        try:
            given.full_clean(exclude={"project"}, validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            self.add_error("tag_year", error.messages)
        said["tag"] = given

    def build_change(self) -> SameChange:
        """Build what is to be changed, of a form that is valid."""
        said = self.cleaned_data
        fields = {
            name: said[name]
            for name in ("standing", "standing_reason", "publication", "responsible_unit")
            if said[name]
        }
        if said["standing_on"]:
            fields["standing_on"] = str(said["standing_on"])
        if said["source"]:
            fields["source"] = said["source"].code
        note = ParsedNote(said["text"], said["noted_on"], said["next_step"], said["due_on"])
        return SameChange(fields, note if said["text"] else None, said["tag"])


@admin.action(description=gettext_lazy("Change the selected projects …"), permissions=["change"])
def change_many(page: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Ask what is to be changed, show what that would do; where it is confirmed, do it."""
    return change_chosen(page, request, queryset, {})


@admin.action(description=gettext_lazy("Publish the selected projects …"), permissions=["change"])
def publish(page: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Show what publishing would change; where that is confirmed, publish them."""
    return change_chosen(page, request, queryset, {"publication": Publication.PUBLISHED})


def change_chosen(
    page: Any, request: HttpRequest, queryset: QuerySet, usual: Mapping[str, Any]
) -> HttpResponse | None:
    """Go the next step: the form, the preview, or the change itself."""
    mine = select_writable(queryset, request.user).order_by("pk")
    versions = dict(mine.values_list("pk", "version")[: CHANGED_AT_ONCE + 1])
    if len(versions) > CHANGED_AT_ONCE:
        told = _("Choose at most %(count)d projects.") % {"count": CHANGED_AT_ONCE}
        page.message_user(request, told, messages.ERROR)
        return None
    if not versions:
        told = _("You may not change any of these projects.")
        page.message_user(request, told, messages.WARNING)
        return None
    is_sent = _PREVIEW in request.POST or _APPLY in request.POST
    form = ManyForm(request.user, request.POST if is_sent else usual or None)
    if is_sent:
        versions |= read_seen(request.POST.get("seen", ""), versions)
    outcome: ManyChanged | None = None
    if form.is_bound and form.is_valid():
        outcome = try_alike(page, request, form, versions)
        if outcome and outcome.batch:
            tell_changed(page, request, outcome)
            return None
    left_out = queryset.count() - len(versions)
    return show_many(page, request, form, versions, outcome, left_out)


def try_alike(
    page: Any, request: HttpRequest, form: ManyForm, versions: Mapping[int, int]
) -> ManyChanged | None:
    """Try what the form says, or do it if that is what was shown; None where it cannot be."""
    change = form.build_change()
    apply = request.POST.get(_APPLY) == change.digest()
    reason = clean_reason(request.POST.get(REASON, ""))
    try:
        return change_alike(build_view(request), versions, change, apply=apply, reason=reason)
    except APIException as error:
        form.add_error(None, page.what_is_wrong(error.detail))
    except IntegrityError as error:
        form.add_error(None, str(find_violation(error).error.message))
    return None


def tell_changed(page: Any, request: HttpRequest, outcome: ManyChanged) -> None:
    """Say above the list what was changed, where that is undone, and what was left out."""
    batch: Any = outcome.batch
    count = len(outcome.changed)
    said = ngettext("%(count)d project was changed.", "%(count)d projects were changed.", count)
    address = reverse("admin:parks_importbatch_change", args=[batch.pk])
    link = format_html('<a href="{}">{}</a>', address, _("Look at it, or undo it"))
    told = format_html("{} {}", said % {"count": count}, link)
    page.message_user(request, told, messages.SUCCESS)
    for project, detail in outcome.refused:
        page.message_user(
            request, f"{project.name}: {page.what_is_wrong(detail)}", messages.WARNING
        )


def show_many(
    page: Any,
    request: HttpRequest,
    form: ManyForm,
    versions: Mapping[int, int],
    outcome: ManyChanged | None,
    left_out: int,
) -> HttpResponse:
    """Show the form, with what it would change once that was asked for."""
    is_published = form.is_bound and form.data.get("publication") == Publication.PUBLISHED
    changed = outcome.changed if outcome else []
    shown = {
        "form": form,
        "media": page.media + form.media,
        "chosen": len(versions),
        "seen": " ".join(f"{key}:{version}" for key, version in versions.items()),
        "keys": [*versions],
        "outcome": outcome,
        "refused": [
            (project, page.what_is_wrong(detail))
            for project, detail in (outcome.refused if outcome else ())
        ],
        "waiting": [
            each.project
            for each in changed
            if is_published and each.project.park.publication != Publication.PUBLISHED
        ],
        "digest": form.build_change().digest() if outcome else "",
        "left_out": left_out,
        "action": request.POST.get("action", ""),
        "key_name": ACTION_CHECKBOX_NAME,
        **reason_field(request),
    }
    title = _("Change projects")
    return show_page(page, request, "projects/change_many", title, **shown)


def read_seen(text: str, versions: Mapping[int, int]) -> dict[int, int]:
    """Read the versions at which projects were seen, of those that are chosen still."""
    pairs = (each.partition(":") for each in text.split())
    seen = {find_whole(key): find_whole(version) for key, _colon, version in pairs}
    return {key: version for key in versions if (version := seen.get(key))}


def build_view(request: HttpRequest) -> ProjectViewSet:
    """Build the view that writes rows of a bulk for whoever sends the page."""
    view: Any = ProjectViewSet(action_map={"post": "bulk"})
    view.setup(request)
    view.request = view.initialize_request(request)
    view.format_kwarg = None
    return view
