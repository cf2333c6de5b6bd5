"""What a template for an import of projects asks for, in the order in which people know it."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.amounts import Qualifier
from config.spreadsheets import Column
from config.spreadsheets.columns import Header
from config.spreadsheets.template import Field
from parks.access import Publication
from parks.models import Park
from projects.columns import MILESTONE_COLUMNS, PROJECT_COLUMNS
from projects.lifecycle.words import AgreementType, InvestmentBasis, Stage
from projects.models import Project

DATE = _("As far as it is known: 2013, 2013-Q2, 2013-06 or 2013-06-30.")
WORD = _("Choose from the list; leave it blank where it is not known.")
TEXT = _("In your own words.")
# The columns to be filled in, each with what to write there
NOTES: Mapping[str, str | Promise] = {
    "code": _("Leave it blank for a new project; the code of one that is to be changed."),
    "name_zh": _("Give at least one of the two names."),
    "name_en": _("Give at least one of the two names."),
    "park": _("The code or the name of the park; needed."),
    "national_code": _("国家项目代码 by GB/T 40058-2021: 2403-120115-89-05-123456."),
    "investors": _("Names of companies, separated by ；. The first one leads."),
    "kind": WORD,
    "function": WORD,
    "site_mode": WORD,
    "land_mu": _("In mu; or with another unit: 5公顷."),
    "origin": _(
        "Where the investor comes from: a code (GB/T 2260) or a name, such as 北京市海淀区."
    ),
    "origin_basis": WORD,
    "sector": _("A code of GB/T 4754-2017 such as C3973, or a name."),
    "sector_basis": WORD,
    "investment_cny": _(
        "In yuan; or with its unit: 1.5亿元, 约5000万元. Leave unknown amounts blank."
    ),
    "investment_qualifier": WORD,
    "investment_basis": WORD,
    "stage": WORD,
    "intended_on": DATE,
    "signed_on": DATE,
    "approved_on": DATE,
    "started_on": DATE,
    "completed_on": DATE,
    "operating_on": DATE,
    "full_capacity_on": DATE,
    "agreement_type": WORD,
    "standing": WORD,
    "standing_on": DATE,
    "standing_reason": TEXT,
    "is_umbrella": _("true for a framework agreement whose amount is that of other projects."),
    "part_of": _("The code of the project that this one is a part of."),
    "reported_on": _("Of when the facts of this row are: 2013, 2013-Q2, 2013-06 or 2013-06-30."),
    "source": _("The code of a source in the ledger."),
    "open_issues": TEXT,
    "responsible_unit": TEXT,
    "note": TEXT,
    "publication": WORD,
}
WORDS: Mapping[str, Any] = {
    "kind": Project.Kind,
    "function": Project.Function,
    "site_mode": Project.SiteMode,
    "origin_basis": Project.OriginBasis,
    "sector_basis": Project.SectorBasis,
    "investment_qualifier": Qualifier,
    "investment_basis": InvestmentBasis,
    "stage": Stage,
    "agreement_type": AgreementType,
    "standing": Project.Standing,
    "publication": Publication,
}


def template_fields(header: Header, actor: Any) -> list[Field]:
    """The columns with notes and lists in the active language; codes where the headers are."""
    columns = {column.name: column for column in [*PROJECT_COLUMNS, *MILESTONE_COLUMNS]}
    return [
        Field(columns[name], str(note), words_of(columns[name], header, actor))
        for name, note in NOTES.items()
    ]


def words_of(column: Column, header: Header, actor: Any) -> list[str]:
    """What can be chosen in a column: words, or the parks that this person sees."""
    if column.name == "park":
        parks = Park.objects.visible_to(actor).order_by("code_key")
        return [park.code if header == "code" else park.name for park in parks]
    if column.kind == "flag":
        return ["true", "false"]
    if column.name not in WORDS:
        return []
    return [word if header == "code" else str(label) for word, label in WORDS[column.name].choices]
