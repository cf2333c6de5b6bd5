"""What files call the fields of a project, in the order in which they show them."""

from typing import Any

from django.db.models import F, OuterRef, Subquery, Value
from django.db.models.aggregates import Aggregate
from django.db.models.fields import TextField
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from config.spreadsheets import Column
from projects.models import Investor

INVESTOR_SEPARATOR = "；"


class JoinedTexts(Aggregate):
    """All texts of a group in one, separated, in the order of their rows."""

    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s, '" + INVESTOR_SEPARATOR + "')"
    output_field = TextField()
    allow_distinct = False

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="STRING_AGG", **context)


def investor_names() -> Subquery:
    """The names of a project's investors in one text."""
    name = Coalesce(NullIf(F("organisation__name_zh"), Value("")), F("organisation__name_en"))
    rows = Investor.objects.filter(project=OuterRef("pk")).order_by().values("project")
    return Subquery(rows.annotate(names=JoinedTexts(name)).values("names"))


ANNOTATIONS = {"investor_names": investor_names}

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
    Column("standing", _("standing"), "standing"),
    Column("standing_on", _("standing since"), "standing_on", "partial_date"),
    Column("standing_reason", _("reason for standing"), "standing_reason"),
    Column("is_umbrella", _("umbrella agreement"), "is_umbrella", "flag"),
    Column("duplicate_of", _("duplicate of"), "duplicate_of__code"),
    Column("part_of", _("part of"), "part_of__code"),
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
