"""What files call the fields of a project, in the order in which they show them."""

from collections.abc import Callable
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.fields import TextField
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from config.spreadsheets import Column
from projects.models import Investor, Project


class JoinedTexts(Subquery):
    """The column `text` of all rows of a query in one text, separated, in the order of the query.

    An aggregate alone takes the rows as an index yields them; SQLite cannot order them within it.
    """

    template = "(SELECT %(function)s(ordered.text, '；') FROM (%(subquery)s) AS ordered)"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="GROUP_CONCAT", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="STRING_AGG", **context)


def investor_names(actor: Any) -> JoinedTexts:
    """The names of a project's investors in one text."""
    name = Coalesce(NullIf(F("organisation__name_zh"), Value("")), F("organisation__name_en"))
    rows = Investor.objects.filter(project=OuterRef("pk")).order_by("id")
    return JoinedTexts(rows.values(text=name))


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


# Columns that are no fields of the project, each made for the person who reads them
ANNOTATIONS: dict[str, Callable[[Any], Any]] = {
    "counts": counts,
    "investor_names": investor_names,
    "duplicate_of_code": code_if_visible("duplicate_of"),
    "part_of_code": code_if_visible("part_of"),
}

PROJECT_COLUMNS = [
    Column("code", _("code"), "code"),
    Column("name_zh", _("Chinese name"), "name_zh"),
    Column("name_en", _("English name"), "name_en"),
    Column("park", _("park"), "park__code"),
    Column("park_name_zh", _("park (Chinese)"), "park__name_zh"),
    Column("park_name_en", _("park (English)"), "park__name_en"),
    Column("kind", _("kind"), "kind"),
    Column("function", _("function"), "function"),
    Column("site_mode", _("site"), "site_mode"),
    Column("land_mu", _("land (mu)"), "land_mu", "number"),
    Column("origin", _("origin"), "origin_id"),
    Column("origin_name_zh", _("origin (Chinese)"), "origin__name_zh"),
    Column("origin_name_en", _("origin (English)"), "origin__name_en"),
    Column("origin_basis", _("basis of origin"), "origin_basis"),
    Column("origin_text", _("origin as reported"), "origin_text"),
    Column("sector", _("sector"), "sector_id"),
    Column("sector_name_zh", _("sector (Chinese)"), "sector__name_zh"),
    Column("sector_name_en", _("sector (English)"), "sector__name_en"),
    Column("sector_basis", _("basis of sector"), "sector_basis"),
    Column("sector_text", _("sector as reported"), "sector_text"),
    Column("stage", _("stage"), "stage"),
    Column("stage_on", _("stage since"), "stage_on", "partial_date"),
    Column("intended_on", _("intent signed on"), "intended_on", "partial_date"),
    Column("signed_on", _("contract signed on"), "signed_on", "partial_date"),
    Column("started_on", _("construction started on"), "started_on", "partial_date"),
    Column("completed_on", _("completed on"), "completed_on", "partial_date"),
    Column("operating_on", _("operating since"), "operating_on", "partial_date"),
    Column("agreement_type", _("agreement"), "agreement_type"),
    Column("hitech", _("high-tech"), "hitech"),
    Column("investment_cny", _("investment (yuan)"), "investment_cny", "number"),
    Column("investment_qualifier", _("qualifier of the investment"), "investment_qualifier"),
    Column("investment_basis", _("basis of the investment"), "investment_basis"),
    Column("paid_in_cny", _("paid in (yuan)"), "paid_in_cny", "number"),
    Column("counts_in_totals", _("counts in totals"), "counts", "flag"),
    Column("totals_exclusion", _("why not in totals"), "totals_exclusion"),
    Column("news_on", _("last news on"), "news_on", "date"),
    Column("next_planned_on", _("next step planned for"), "next_planned_on", "date"),
    Column("is_stale", _("stale"), "is_stale", "flag"),
    Column("standing", _("standing"), "standing"),
    Column("standing_on", _("standing since"), "standing_on", "partial_date"),
    Column("standing_reason", _("reason for standing"), "standing_reason"),
    Column("is_umbrella", _("umbrella agreement"), "is_umbrella", "flag"),
    Column("duplicate_of", _("duplicate of"), "duplicate_of_code"),
    Column("part_of", _("part of"), "part_of_code"),
    Column("reported_on", _("known as of"), "reported_on", "partial_date"),
    Column("source", _("source"), "source__code"),
    Column("publication", _("publication"), "publication"),
    Column("note", _("note"), "note"),
    Column("open_issues", _("open issues"), "open_issues"),
    Column("responsible_unit", _("responsible unit"), "responsible_unit"),
    Column("investors", _("investors"), "investor_names"),
    Column("version", _("version"), "version", "number"),
    Column("created_at", _("created at"), "created_at", "moment"),
    Column("updated_at", _("updated at"), "updated_at", "moment"),
]
