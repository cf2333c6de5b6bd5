"""What files call the fields of a project, in the order in which they show them."""

from collections.abc import Callable
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _

from config.spreadsheets import Column, Table
from config.spreadsheets.sql import JoinedTexts, PartialDateCell
from parks.columns import either_name
from projects.lifecycle.words import MilestoneStatus, Stage
from projects.models import Investor, Milestone, Project


def investor_names(actor: Any) -> JoinedTexts:
    """The names of a project's investors in one text."""
    rows = Investor.objects.filter(project=OuterRef("pk")).order_by("id")
    return JoinedTexts(rows.values(text=either_name("organisation__")))


def code_if_visible(column: str) -> Callable[[Any], Subquery]:
    """The code of the project that a column refers to, nothing where the actor may not see it."""

    def code(actor: Any) -> Subquery:
        return Subquery(
            Project.objects.visible_to(actor).filter(pk=OuterRef(column)).values("code")
        )

    return code


def counts(actor: Any) -> ExpressionWrapper:
    """Whether the project counts in signed totals."""
    return ExpressionWrapper(Q(totals_exclusion=""), output_field=BooleanField())


def met_on(stage: Stage) -> Callable[[Any], Subquery]:
    """The day this step was met: of several, the one whose period ends first."""

    def day(actor: Any) -> Subquery:
        return first_date(stage, "actual_on", [MilestoneStatus.MET])

    return day


def planned_on(stage: Stage) -> Callable[[Any], Subquery]:
    """The day for which this step is or was planned: of several, the one that ends first."""

    def day(actor: Any) -> Subquery:
        return first_date(stage, "planned_on", [MilestoneStatus.MET, MilestoneStatus.SCHEDULED])

    return day


def first_date(stage: Stage, column: str, statuses: list[MilestoneStatus]) -> Subquery:
    """The first date of a project's milestones of a type, as text as far as it is known."""
    dated = Milestone.objects.filter(
        **{f"{column}__isnull": False},
        project=OuterRef("pk"),
        type=stage,
        status__in=statuses,
    ).order_by(f"{column}_end", "id")
    text = PartialDateCell(F(column), F(f"{column}_precision"))
    return Subquery(dated.values(text=text)[:1])


PROJECT_COLUMNS = [
    Column("code", _("code"), "code"),
    Column("name_zh", _("Chinese name"), "name_zh"),
    Column("name_en", _("English name"), "name_en"),
    Column("park", _("park"), "park__code"),
    Column("park_name_zh", _("park (Chinese)"), "park__name_zh"),
    Column("park_name_en", _("park (English)"), "park__name_en"),
    Column("national_code", _("national project code"), "national_code"),
    Column("kind", _("kind"), "kind", "word"),
    Column("function", _("function"), "function", "word"),
    Column("site_mode", _("site"), "site_mode", "word"),
    Column("land_mu", _("land (mu)"), "land_mu", "number"),
    Column("origin", _("origin"), "origin_id", "word"),
    Column("origin_name_zh", _("origin (Chinese)"), "origin__name_zh"),
    Column("origin_name_en", _("origin (English)"), "origin__name_en"),
    Column("origin_basis", _("basis of origin"), "origin_basis", "word"),
    Column("origin_text", _("origin as reported"), "origin_text"),
    Column("sector", _("sector"), "sector_id", "word"),
    Column("sector_name_zh", _("sector (Chinese)"), "sector__name_zh"),
    Column("sector_name_en", _("sector (English)"), "sector__name_en"),
    Column("sector_basis", _("basis of sector"), "sector_basis", "word"),
    Column("sector_text", _("sector as reported"), "sector_text"),
    Column(
        "stage",
        _("stage"),
        "stage",
        "word",
        _("The highest milestone that is met. Follows from the milestones."),
    ),
    Column("stage_on", _("stage since"), "stage_on", "partial_date"),
    Column("intended_on", _("intent signed on"), "intended_on", "partial_date"),
    Column("signed_on", _("contract signed on"), "signed_on", "partial_date"),
    Column("started_on", _("construction started on"), "started_on", "partial_date"),
    Column("completed_on", _("completed on"), "completed_on", "partial_date"),
    Column("operating_on", _("operating since"), "operating_on", "partial_date"),
    Column(
        "agreement_type",
        _("agreement"),
        "agreement_type",
        "word",
        _("The most binding paper that was signed; blank where no source says."),
    ),
    Column(
        "hitech",
        _("high-tech"),
        "hitech",
        "word",
        _("Whether the sector is in the official list of high-tech industries of 2017."),
    ),
    Column(
        "investment_cny",
        _("investment"),
        "investment_cny",
        "money",
        _(
            "The headline amount: of the standing claims the one with the best basis, then "
            "the newest. Blank is unknown, never 0."
        ),
    ),
    Column(
        "investment_qualifier", _("qualifier of the investment"), "investment_qualifier", "word"
    ),
    Column(
        "investment_basis",
        _("basis of the investment"),
        "investment_basis",
        "word",
        _("What the amount rests on. Amounts of different bases are not one sum."),
    ),
    Column(
        "paid_in_cny",
        _("paid in"),
        "paid_in_cny",
        "money",
        _("The sum of what came in month by month."),
    ),
    Column(
        "counts_in_totals",
        _("counts in totals"),
        counts,
        "flag",
        _(
            "Whether totals of signed projects count it: it reached a contract, and is no "
            "umbrella, part, duplicate or merged project."
        ),
    ),
    Column("totals_exclusion", _("why not in totals"), "totals_exclusion", "word"),
    Column("news_on", _("last news on"), "news_on", "date"),
    Column("next_planned_on", _("next step planned for"), "next_planned_on", "date"),
    Column("is_stale", _("stale"), "is_stale", "flag"),
    Column("standing", _("standing"), "standing", "word"),
    Column("standing_on", _("standing since"), "standing_on", "partial_date"),
    Column("standing_reason", _("reason for standing"), "standing_reason"),
    Column("is_umbrella", _("umbrella agreement"), "is_umbrella", "flag"),
    Column("duplicate_of", _("duplicate of"), code_if_visible("duplicate_of")),
    Column("part_of", _("part of"), code_if_visible("part_of")),
    Column("reported_on", _("known as of"), "reported_on", "partial_date"),
    Column("source", _("source"), "source__code"),
    Column("publication", _("publication"), "publication", "word"),
    Column("note", _("note"), "note"),
    Column("open_issues", _("open issues"), "open_issues"),
    Column("responsible_unit", _("responsible unit"), "responsible_unit"),
    Column("investors", _("investors"), investor_names),
    Column("version", _("version"), "version", "number"),
    Column("created_at", _("created at"), "created_at", "moment"),
    Column("updated_at", _("updated at"), "updated_at", "moment"),
]

# What the columns above leave out of a project's milestones: they cost ten times as much to read
MILESTONE_COLUMNS = [
    Column("lead_on", _("lead on"), met_on(Stage.LEAD), "word"),
    Column("negotiating_on", _("in negotiation since"), met_on(Stage.NEGOTIATING), "word"),
    Column("registered_on", _("entity registered on"), met_on(Stage.REGISTERED), "word"),
    Column("approved_on", _("approved on"), met_on(Stage.APPROVED), "word"),
    Column("full_capacity_on", _("at full capacity since"), met_on(Stage.FULL_CAPACITY), "word"),
    Column("intended_planned_on", _("intent planned for"), planned_on(Stage.INTENDED), "word"),
    Column("signed_planned_on", _("contract planned for"), planned_on(Stage.SIGNED), "word"),
    Column(
        "registered_planned_on", _("registration planned for"), planned_on(Stage.REGISTERED), "word"
    ),
    Column("approved_planned_on", _("approval planned for"), planned_on(Stage.APPROVED), "word"),
    Column("started_planned_on", _("start planned for"), planned_on(Stage.STARTED), "word"),
    Column(
        "completed_planned_on", _("completion planned for"), planned_on(Stage.COMPLETED), "word"
    ),
    Column("operating_planned_on", _("operation planned for"), planned_on(Stage.OPERATING), "word"),
    Column(
        "full_capacity_planned_on",
        _("full capacity planned for"),
        planned_on(Stage.FULL_CAPACITY),
        "word",
    ),
]
PROJECTS = Table("projects", _("projects"), PROJECT_COLUMNS, MILESTONE_COLUMNS)
