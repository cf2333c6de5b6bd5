"""The admin of projects, their milestones and their figures."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_lazy as _

from parks.admin import base
from parks.admin.claims import ClaimAdmin, NewClaimsInline, StoredClaimsInline, show_value
from parks.admin.merging import MergingPage
from parks.admin.rows import LedgerAdmin, RowsInline
from parks.admin.vocabularies import TaggingsInline
from projects import models
from projects.admin import entering, forms, project_list
from projects.admin.fundings import FundingsInline, YearPlansInline
from projects.admin.many import advance, advance_urls, change_many, publish
from projects.admin.progress import NewNotesInline, StoredNotesInline
from projects.lifecycle.derivation import doubts
from projects.lifecycle.due import find_news_day
from projects.models.words import DATED_STAGES, DERIVED
from projects.writing.doubts import find_project_pairs
from sheets.forms import TypedAmount

OF_PLANS = ("promised_on", "promise_source", "move_reason")


class MilestonesInline(RowsInline, admin.StackedInline):
    """One line each; a new project has one for each usual step."""

    model = models.Milestone
    form = forms.MilestoneForm
    formset = forms.MilestonesFormSet
    is_quick = True
    classes = ("one-line",)
    fieldsets = (
        base.section(None, ("type", "actual_on", "planned_on")),
        base.section(
            _("Status, event, source, promise"),
            "status",
            "agreement_type",
            "event",
            "source",
            "document_no",
            "reason",
            *OF_PLANS,
            is_rare=True,
        ),
    )

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else len(entering.USUAL_STEPS)


class InvestorsInline(RowsInline, admin.TabularInline):
    model = models.Investor
    is_quick = True
    form = forms.ShareForm
    formset = forms.InvestorsFormSet
    fields = ("organisation", "role", "share_bp")

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1


class ParticipationsInline(RowsInline, admin.TabularInline):
    model = models.Participation
    names = ("project",)
    fields = ("event", "role", "agreement_type")


class AssignmentsInline(RowsInline, admin.TabularInline):
    model = models.Assignment
    form = forms.ShareForm
    formset = forms.SharesFormSet
    fields = ("role", "name", "office", "share_bp", "note")


class ObstaclesInline(RowsInline, admin.TabularInline):
    model = models.Obstacle
    fields = (
        *("problem", "kind", "responsible_unit", "responsible_person", "raised_on", "due_on"),
        *("solution", "solved_on"),
    )


class ReturnsInline(RowsInline, admin.TabularInline):
    """The returns by the district, which the office answers."""

    model = models.Return
    readonly_fields = ("returned_on", "reason")
    fields = ("returned_on", "reason", "answer")
    can_delete = False
    max_num = 0


class ExcusesInline(RowsInline, admin.TabularInline):
    model = models.LightExcuse
    fields = ("reason", "approved_by", "from_on", "until_on")


class PlanMovesInline(RowsInline, admin.TabularInline):
    """The moves of plans and promises, which the ledger adds."""

    model = models.PlanMove
    fields = (
        "step",
        base.date_column("from_on", _("moved from")),
        base.date_column("to_on", _("moved to")),
        "days_moved",
        "reason",
        "moved_on",
        "show_is_promise",
    )
    readonly_fields = fields
    can_delete = False
    max_num = 0

    @admin.display(description=_("move of a promise"))
    def show_is_promise(self, move: models.PlanMove) -> str:
        return gettext("yes") if move.is_promise else gettext("no")


class ProjectTagsInline(TaggingsInline):
    model = models.ProjectTag


class ProjectFiguresInline(StoredClaimsInline):
    model = models.ProjectFigure
    fields = (*StoredClaimsInline.fields, "investment_basis")


class NewProjectFiguresInline(NewClaimsInline):
    model = models.ProjectFigure
    fields = ("investment_basis", *NewClaimsInline.fields)


SIGNED_ON = base.date_column("signed_on", _("signed on"))


@admin.register(models.Project)
class ProjectAdmin(MergingPage, forms.DoubtedPage, LedgerAdmin):
    briefs_at = "projects"
    change_list_template = "admin/projects/project_list.html"
    list_display: Any = (
        "show_project",
        base.link_column("park", _("park")),
        "show_stage",
        "show_investment",
        base.link_column("origin", _("origin")),
        base.link_column("sector", _("sector")),
        SIGNED_ON,
    )
    list_display_links: Any = ("show_project",)
    sortable_by: ClassVar[Any] = ("show_project", "show_investment", SIGNED_ON)
    ordering: ClassVar[Any] = ("-updated_at", "-id")
    spellings = models.ProjectSpelling
    to_alike = "part_of"
    find_pairs = staticmethod(find_project_pairs)
    keep_distinct = staticmethod(models.DistinctPair.keep)
    form = forms.ProjectPageForm
    change_form_template = "admin/projects/project_form.html"
    actions = (advance, change_many, publish)
    with_preview = ("change_many", "publish")
    inlines = (
        MilestonesInline,
        InvestorsInline,
        ParticipationsInline,
        FundingsInline,
        YearPlansInline,
        ProjectTagsInline,
        AssignmentsInline,
        ObstaclesInline,
        ReturnsInline,
        ExcusesInline,
        PlanMovesInline,
        StoredNotesInline,
        NewNotesInline,
        ProjectFiguresInline,
        NewProjectFiguresInline,
    )
    derived = (
        "show_stage",
        "show_dates",
        "agreement_type",
        "hitech",
        "capital_type",
        "origin_scope",
        "show_headline",
        base.amount_column("paid_in_cny", _("paid in")),
        base.day_column("news_on", _("last news on"), find_news_day),
        base.day_column("next_planned_on", _("next step planned for")),
        "show_staleness",
        "show_totals",
    )
    # What is typed in of every project; with the rows that are `is_quick`
    fieldsets = base.complete_sections(
        models.Project,
        base.section(
            None,
            base.BOTH_NAMES[0],
            "park",
            ("investment", "investment_unit", "amount_basis"),
            ("origin", "sector"),
            ("source", "publication"),
        ),
        base.section(
            _("What it is"),
            "code",
            base.BOTH_NAMES[1],
            "national_code",
            ("kind", "function"),
            ("site_mode", "land_mu", "land_qualifier"),
            ("floor_area_m2", "building"),
            ("reported_on", "review_on"),
        ),
        base.section(
            _("Where it stands"),
            "region",
            "address",
            "site",
            ("latitude", "longitude"),
            ("point_accuracy", "point_datum"),
        ),
        base.section(
            _("Origin and sector"),
            ("origin_basis", "origin_text"),
            ("sector_basis", "sector_text"),
            "capital_type_stated",
        ),
        base.section(
            _("Standing"),
            "standing",
            "standing_on",
            "standing_reason",
            ("lost_because", "lost_to"),
            "is_umbrella",
            ("part_of", "phase_no"),
            "duplicate_of",
        ),
        base.section(
            _("For the office"),
            "note",
            "open_issues",
            "responsible_unit",
            "further_columns",
            "contact",
        ),
    )

    def get_urls(self) -> list[Any]:
        return [*advance_urls(self), *project_list.list_urls(self), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return project_list.ProjectChangeList

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return super().changelist_view(
            request, {**(extra_context or {}), **project_list.describe_list(request)}
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        return project_list.search_projects(queryset, search_term, request.user), False

    @admin.display(description=_("project"), ordering="code_key")
    def show_project(self, project: models.Project) -> str:
        return format_html('{} <span class="code">{}</span>', project.name, project.code)

    @admin.display(description=_("stage"))
    def show_stage(self, project: models.Project) -> str:
        stage: str = project.get_stage_display()
        if project.standing == models.Project.Standing.ACTIVE:
            return stage
        return format_html("{} <b>{}</b>", stage, project.get_standing_display())

    @admin.display(description=_("investment"), ordering="investment_rank")
    def show_investment(self, project: models.Project) -> str:
        if project.investment_cny is None:
            return ""
        return str(TypedAmount(project.investment_cny, project.investment_qualifier))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        given: dict[str, Any] = super().get_changeform_initial_data(request)
        return entering.fill_in_fields(request, self.get_queryset(request)) | given

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> dict[str, Any]:
        given: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if obj.pk is None:
            given |= entering.fill_in_rows(request, inline.model, self.get_queryset(request))
        return given

    @admin.display(description=_("dates of the stages"))
    def show_dates(self, project: models.Project) -> str:
        known = [
            f"{stage.label} {date}"
            for column, stage in DATED_STAGES.items()
            if (date := base.format_date(project, column))
        ]
        return ", ".join(known) or self.get_empty_value_display()

    @admin.display(description=_("headline investment"))
    def show_headline(self, project: models.Project) -> str:
        if project.investment_cny is None:
            return self.get_empty_value_display()
        amount, basis = self.show_investment(project), project.get_investment_basis_display()
        return f"{amount} ({basis})"

    @admin.display(description=_("stale"))
    def show_staleness(self, project: Any) -> Any:
        if project.is_stale:
            return _("Yes: long without news, or past the day planned for the next step")
        return _("No")

    @admin.display(description=_("counts in totals"))
    def show_totals(self, project: models.Project) -> Any:
        if project.counts_in_totals:
            return _("Yes")
        reason = models.Project.TotalsExclusion(project.totals_exclusion).label
        return _("No: %(reason)s") % {"reason": reason}

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, obj: Any = None, **kwargs: Any
    ) -> Any:
        asked = 1 if forms.CONFIRM_FIELD in context["adminform"].form.fields else 0
        context |= {"head": self.describe_head(obj) if obj else {}, "quick_parts": 1 + asked}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def describe_head(self, project: Any) -> dict[str, Any]:
        """Describe the derived values of a project, with warnings."""
        stage = f"{project.get_stage_display() or '–'} {base.format_date(project, 'stage_on')}"
        warnings = [*doubts(project)]
        if project.is_stale:
            warnings.append(self.show_staleness(project))
        if not project.counts_in_totals:
            warnings.append(f"{_('Counts in totals')}: {self.show_totals(project)}")
        values = {
            _("Stage"): stage.strip(),
            _("Standing"): project.get_standing_display(),
            _("Investment"): self.show_headline(project),
            _("Paid in"): base.amount_column("paid_in_cny", "")(project),
        }
        return {"told": values, "warnings": warnings}

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        projects: Any = super().get_queryset(request)
        return projects.with_staleness()

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        form: Any = super().get_form(request, *args, **kwargs)  # a class of this request
        form.usual_unit = request.session.get(entering.USUAL_UNIT, form.usual_unit)
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save nothing: `save_related` saves the project with all its rows as one version."""

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Sequence[Any], change: bool
    ) -> None:
        project: models.Project = form.instance
        with self.ask(request, [project.pk] if change else []):
            super().save_model(request, project, form, change)
            super().save_related(request, form, formsets, change)
            if form.has_new_investment():
                form.save_investment()
        project.refresh_from_db(fields=DERIVED)
        entering.keep_usual(request, project, form.cleaned_data.get("investment_unit"))
        if form.has_new_investment() and form.is_outranked():
            text = _("Saved, but the headline stays %(headline)s: that is more binding.")
            messages.warning(request, text % {"headline": self.show_headline(project)})
        warn_of_doubts(request, project)


def warn_of_doubts(request: HttpRequest, project: models.Project) -> None:
    """Add a message for everything that looks wrong in the saved project."""
    for doubt in doubts(project):
        messages.warning(request, doubt)


@admin.register(models.Milestone)
class MilestoneAdmin(forms.DoubtedPage):
    form = forms.MilestoneForm
    search_fields = project_list.SEARCH_FIELDS
    get_search_results = project_list.find_by_project
    ordering = ("-id",)
    fixed = ("project",)
    list_display = (
        base.link_column("project", _("project")),
        "type",
        "status",
        base.date_column("planned_on", _("planned on")),
        base.date_column("actual_on", _("met on")),
        base.link_column("event", _("event")),
    )
    list_filter = ("type", "status", ("agreement_type", base.ChoicesOrUnknownFilter))
    sortable_by = ()
    fields = (
        "project",
        ("type", "status"),
        ("planned_on", "actual_on"),
        OF_PLANS,
        "agreement_type",
        "event",
        ("source", "document_no"),
        "reason",
        "note",
    )

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with self.ask(request, [obj.project_id]):
            super().save_model(request, obj, form, change)
        warn_of_doubts(request, obj.project)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """List the promised steps among what prevents the deletion."""
        *survey, in_the_way = super().get_deleted_objects(objs, request)
        promised = [f"{each}: {models.PROMISED_STEP}" for each in objs if each.is_promised()]
        return *survey, [*in_the_way, *promised]


@admin.register(models.ProjectFigure)
class ProjectFigureAdmin(forms.DoubtedPage, ClaimAdmin):
    form = forms.ProjectFigurePageForm
    search_fields = project_list.SEARCH_FIELDS
    get_search_results = project_list.find_by_project
    ordering = ("-id",)
    further = ("investment_basis", "adds_to")
    list_display = (
        "code",
        "project",
        "indicator",
        show_value,
        "investment_basis",
        "nature",
        base.date_column("as_of", _("as of")),
        "source",
    )
    list_filter = (*ClaimAdmin.list_filter, ("investment_basis", base.ChoicesOrUnknownFilter))
    sortable_by = ("code",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with self.ask(request, [obj.project_id]):
            super().save_model(request, obj, form, change)
