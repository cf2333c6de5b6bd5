"""Actions on chosen projects: advancing them to a stage, and changing all of them alike."""

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
from django.utils.translation import gettext, gettext_lazy as _, ngettext
from rest_framework.exceptions import APIException

from api.problems.errors import find_violation
from config.database import history
from config.texts import find_whole
from parks.access import Publication, select_readable, select_writable
from parks.admin.base import show_page
from parks.admin.history import REASON, one_revision
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
_WHICH = "project"  # the query parameter with the keys of the projects


class AdvanceForm(forms.Form):
    """The step that was taken, and when."""

    stage = forms.ChoiceField(label=_("Advance to"), choices=Stage.choices)
    day = TypedDateField(label=_("On"), required=False, help_text=_("May be unknown."))
    source = forms.ModelChoiceField(
        Source.objects.none(),
        required=False,
        label=capfirst(_("source")),
        widget=DeclaredSelect(Milestone._meta.get_field("source"), admin.site),
    )


@admin.action(description=_("Advance the selected projects to …"), permissions=["change"])
def advance(page: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Redirect to the page on which the chosen projects advance."""
    rows = queryset.order_by("code_key").values_list("pk", flat=True)
    keys = list(rows[: ADVANCED_AT_ONCE + 1])
    if len(keys) > ADVANCED_AT_ONCE:
        refuse_many(page, request, ADVANCED_AT_ONCE)
        return None
    address = reverse("admin:projects_project_advance")
    return HttpResponseRedirect(f"{address}?{urlencode({_WHICH: keys}, doseq=True)}")


def refuse_many(page: Any, request: HttpRequest, most: int) -> None:
    """Add the message that too many projects are chosen for an action."""
    text = gettext("Choose at most %(count)d projects.") % {"count": most}
    page.message_user(request, text, messages.ERROR)


def advance_view(page: Any, request: HttpRequest) -> HttpResponse:
    """Ask for the step that the projects took; POST records it for each."""
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
                stage, day = Stage(form.cleaned_data["stage"]), form.cleaned_data["day"]
                for project in chosen:
                    take_step(project, **form.cleaned_data)
                    text = f"{gettext('Advanced')}: {stage.label} {day or ''}".strip()
                    page.log_change(request, project, text)
        except ValidationError as error:
            form.add_error(None, error.messages)
        except DoubtfulWriteError as error:
            doubts = [(doubt.kind.value, link_candidates(doubt)) for doubt in error.doubts]
        else:
            return answer_advanced(request, chosen)
    shown = {"form": form, "chosen": chosen, "doubts": doubts, "confirm": CONFIRM_FIELD}
    return show_page(page, request, "projects/advance", gettext("Advance"), **shown)


def build_advance_form(request: HttpRequest, chosen: list[Any]) -> AdvanceForm:
    stage = chosen[0].stage
    rank = STAGES.index(Stage(stage)) if stage else -1
    later = (step for step in (*USUAL_STEPS, Stage.FULL_CAPACITY) if STAGES.index(step) > rank)
    usual = {"stage": str(next(later, stage)), "source": find_usual(request).get("source")}
    form = AdvanceForm(request.POST if request.method == "POST" else None, initial=usual)
    source: Any = form.fields["source"]
    source.queryset = select_readable(Source, request.user)
    return form


def answer_advanced(request: HttpRequest, chosen: list[Any]) -> HttpResponse:
    """Add a message and redirect to the only project, or to the list."""
    text = ngettext("%(count)d project advanced.", "%(count)d projects advanced.", len(chosen))
    messages.success(request, text % {"count": len(chosen)})
    if len(chosen) == 1:
        return HttpResponseRedirect(reverse("admin:projects_project_change", args=[chosen[0].pk]))
    return HttpResponseRedirect(reverse("admin:projects_project_changelist"))


def advance_urls(page: Any) -> list[Any]:
    """Return the URL of the page on which projects advance."""
    view = page.admin_site.admin_view(partial(advance_view, page))
    return [path("advance/", view, name="projects_project_advance")]


def take_step(project: Project, stage: str, day: PartialDate | None, source: Source | None) -> None:
    """Record that a project took a step: mark the scheduled milestone as met, or add one."""
    scheduled = Milestone.objects.filter(
        project=project, type=stage, status=MilestoneStatus.SCHEDULED
    )
    step = scheduled.order_by("id").first() or Milestone(project=project, type=stage)
    step.status = MilestoneStatus.MET
    step.actual_on = day.first if day else None
    step.actual_on_precision = day.precision if day else ""
    step.source = source or step.source
    step.full_clean()
    if step.pk is not None or step.find_stored() is None:
        step.save()


CHANGED_AT_ONCE = 500  # keys in one form
_PREVIEW, _APPLY = "_preview", "_apply"
_KEPT = ("", _("(as it is)"))


def _day_field(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget)


class ManyForm(forms.Form):
    """The values to set in all the chosen projects; empty fields change nothing."""

    standing = forms.ChoiceField(
        label=capfirst(_("standing")), choices=[_KEPT, *Project.Standing.choices], required=False
    )
    standing_on = TypedDateField(label=capfirst(_("standing since")), required=False)
    standing_reason = forms.CharField(
        label=capfirst(_("reason for standing")), max_length=300, required=False
    )
    source = forms.ModelChoiceField(
        Source.objects.none(),
        label=capfirst(_("source")),
        required=False,
        widget=DeclaredSelect(Project._meta.get_field("source"), admin.site),
    )
    publication = forms.ChoiceField(
        label=capfirst(_("publication")), choices=[_KEPT, *Publication.choices], required=False
    )
    responsible_unit = forms.CharField(
        label=capfirst(_("responsible unit")), max_length=200, required=False
    )
    tag = forms.ModelChoiceField(
        Tag.objects.none(),
        label=capfirst(_("tag")),
        required=False,
        help_text=_("Given to those that do not have it."),
    )
    tag_year = forms.IntegerField(
        label=capfirst(_("list of the year")),
        required=False,
        widget=forms.TextInput(attrs={"size": 4, "inputmode": "numeric"}),
    )
    text = forms.CharField(
        label=capfirst(_("progress")),
        max_length=LONGEST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=_("A note that is added to each of them."),
    )
    noted_on = _day_field(capfirst(_("noted on")))
    next_step = forms.CharField(
        label=capfirst(_("next step")), max_length=LONGEST_STEP, required=False
    )
    due_on = _day_field(capfirst(_("due on")))

    def __init__(self, person: Any, data: Mapping[str, Any] | None) -> None:
        super().__init__(data)
        source: Any = self.fields["source"]
        source.queryset = select_readable(Source, person)
        tag: Any = self.fields["tag"]
        tag.queryset = Tag.objects.filter(bearer=Tag.Bearer.PROJECT).order_by("code")

    def clean(self) -> None:
        super().clean()
        given = self.cleaned_data
        if not self.errors and not any(given.values()):
            self.add_error(None, gettext("Say what is to be changed."))
        self.check_tag(given)
        if not given.get("text"):
            if given.get("next_step") or given.get("due_on") or given.get("noted_on"):
                self.add_error("text", gettext("Say what is noted, too."))
            return
        given["noted_on"] = given.get("noted_on") or history.today()
        names = ("text", "noted_on", "next_step", "due_on")
        note = ProgressNote(**{name: given.get(name) for name in names})
        try:
            note.full_clean(exclude={"project", "code"}, validate_unique=False)
        except ValidationError as error:
            self.add_error(None, error)

    def check_tag(self, given: dict[str, Any]) -> None:
        """Replace the tag by the row that gives it to a project."""
        if not given.get("tag"):
            if given.get("tag_year"):
                self.add_error("tag", gettext("Say which tag is given."))
            return
        row = ProjectTag(tag=given["tag"], year=given.get("tag_year"))
        try:
            row.full_clean(exclude={"project"}, validate_unique=False, validate_constraints=False)
        except ValidationError as error:
            self.add_error("tag_year", error.messages)
        given["tag"] = row

    def build_change(self) -> SameChange:
        given = self.cleaned_data
        names = ("standing", "standing_reason", "publication", "responsible_unit")
        fields = {name: given[name] for name in names if given[name]}
        if given["standing_on"]:
            fields["standing_on"] = str(given["standing_on"])
        if given["source"]:
            fields["source"] = given["source"].code
        note = ParsedNote(given["text"], given["noted_on"], given["next_step"], given["due_on"])
        return SameChange(fields, note if given["text"] else None, given["tag"])


@admin.action(description=_("Change the selected projects …"), permissions=["change"])
def change_many(page: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Ask for the change, show a preview, and write it once it is confirmed."""
    return change_chosen(page, request, queryset, {})


@admin.action(description=_("Publish the selected projects …"), permissions=["change"])
def publish(page: Any, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    """Show a preview of publishing, and publish once it is confirmed."""
    return change_chosen(page, request, queryset, {"publication": Publication.PUBLISHED})


def change_chosen(
    page: Any, request: HttpRequest, queryset: QuerySet, usual: Mapping[str, Any]
) -> HttpResponse | None:
    """Show the form or the preview, or write the change."""
    mine = select_writable(queryset, request.user).order_by("pk")
    versions = dict(mine.values_list("pk", "version")[: CHANGED_AT_ONCE + 1])
    if len(versions) > CHANGED_AT_ONCE:
        refuse_many(page, request, CHANGED_AT_ONCE)
        return None
    if not versions:
        text = gettext("You may not change any of these projects.")
        page.message_user(request, text, messages.WARNING)
        return None
    is_sent = _PREVIEW in request.POST or _APPLY in request.POST
    form = ManyForm(request.user, request.POST if is_sent else usual or None)
    if is_sent:  # the versions that the user saw
        pairs = (each.partition(":") for each in request.POST.get("seen", "").split())
        seen = {find_whole(key): find_whole(version) for key, _colon, version in pairs}
        versions |= {key: version for key in versions if (version := seen.get(key))}
    outcome: ManyChanged | None = None
    if form.is_bound and form.is_valid():
        outcome = try_alike(page, request, form, versions)
        if outcome and outcome.batch:
            report_changed(page, request, outcome)
            return None
    left_out = queryset.count() - len(versions)
    return show_many(page, request, form, versions, outcome, left_out)


def try_alike(
    page: Any, request: HttpRequest, form: ManyForm, versions: Mapping[int, int]
) -> ManyChanged | None:
    """Try the change, or write it if its preview was confirmed; None for errors of the form."""
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


def report_changed(page: Any, request: HttpRequest, outcome: ManyChanged) -> None:
    """Add messages: the number of changed projects with a link to undo it, and the errors."""
    batch: Any = outcome.batch
    count = len(outcome.changed)
    text = ngettext("%(count)d project was changed.", "%(count)d projects were changed.", count)
    address = reverse("admin:parks_importbatch_change", args=[batch.pk])
    link = format_html('<a href="{}">{}</a>', address, gettext("Look at it, or undo it"))
    text = format_html("{} {}", text % {"count": count}, link)
    page.message_user(request, text, messages.SUCCESS)
    for project, detail in outcome.refused:
        text = f"{project.name}: {page.what_is_wrong(detail)}"
        page.message_user(request, text, messages.WARNING)


def show_many(
    page: Any,
    request: HttpRequest,
    form: ManyForm,
    versions: Mapping[int, int],
    outcome: ManyChanged | None,
    left_out: int,
) -> HttpResponse:
    is_published = form.is_bound and form.data.get("publication") == Publication.PUBLISHED
    found = outcome or ManyChanged()
    shown = {
        "form": form,
        "media": page.media + form.media,
        "chosen": len(versions),
        "seen": " ".join(f"{key}:{version}" for key, version in versions.items()),
        "keys": [*versions],
        "outcome": outcome,
        "refused": [(project, page.what_is_wrong(detail)) for project, detail in found.refused],
        "waiting": [
            each.project
            for each in found.changed
            if is_published and each.project.park.publication != Publication.PUBLISHED
        ],
        "digest": form.build_change().digest() if outcome else "",
        "left_out": left_out,
        "action": request.POST.get("action", ""),
        "key_name": ACTION_CHECKBOX_NAME,
    }
    return show_page(page, request, "projects/change_many", gettext("Change projects"), **shown)


def build_view(request: HttpRequest) -> ProjectViewSet:
    """Build the view that writes projects in bulk for the user of the request."""
    view: Any = ProjectViewSet(action_map={"post": "bulk"})
    view.setup(request)
    view.request = view.initialize_request(request)
    view.format_kwarg = None
    return view
