"""The drop-downs above the admin's list of projects: filters of the API, counted as its facets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.api.lists.filter_fields import UNKNOWN
from parks.access import Publication, select_worked_on
from parks.models import HiTech, Park, Region, Sector
from parks.models.vocabularies import pick_name
from projects.admin.condition_names import name_condition
from projects.condition_words import label_condition
from projects.dimensions.bands import DEFAULT_BANDS, build_bands, name_band, write_band
from projects.dimensions.dimensions import DIMENSIONS, OfWords
from projects.dimensions.groupings import Asked, Dimension
from projects.lifecycle.words import CapitalType, InvestmentBasis, OriginScope, Stage
from projects.models import Project
from projects.summaries.facets import count_facets

OfferedValues = Sequence[tuple[str, Any]]
YES_OR_NO: OfferedValues = (("true", gettext_lazy("Yes")), ("false", gettext_lazy("No")))
COUNTED_FILTERS: Mapping[str, Dimension] = {
    **DIMENSIONS,
    "publication": OfWords(
        gettext_lazy("publication"), "publication", Publication, may_be_unknown=False
    ),
}


@dataclass(frozen=True)
class DropDown:
    """A filter of the API with the values that are offered for it; a rare one is folded away."""

    name: str
    offer: Callable[[HttpRequest], OfferedValues]
    may_be_unknown: bool = True
    is_rare: bool = False

    @property
    def label(self) -> str:
        dimension = COUNTED_FILTERS.get(self.name)
        return str(dimension.label) if dimension else label_condition(self.name)

    def build(
        self, request: HttpRequest, chosen: str, counts: Mapping[str, int] | None
    ) -> dict[str, Any]:
        """Build what a page shows; counted values that no project has are left out."""
        offered = [(str(value), str(label)) for value, label in self.offer(request) if value]
        if self.may_be_unknown:
            offered.append((UNKNOWN, _("unknown")))
        if chosen and chosen not in dict(offered):
            offered.append((chosen, name_condition(self.name, chosen, request.user)))
        if counts is not None:
            offered = [each for each in offered if counts.get(each[0]) or each[0] == chosen]
        options = [
            {
                "value": value,
                "label": label if counts is None else f"{label} ({counts.get(value, 0)})",
                "is_chosen": value == chosen,
            }
            for value, label in offered
        ]
        return {"name": self.name, "label": self.label, "options": options, "rare": self.is_rare}


def offer_words(words: type[TextChoices]) -> Callable[[HttpRequest], OfferedValues]:
    """Build what offers the words of a vocabulary."""
    return lambda request: words.choices


def offer_parks(request: HttpRequest) -> OfferedValues:
    """Offer the parks that the person works on."""
    parks = select_worked_on(Park.objects.order_by("code_key"), request.user)
    return [(park.code, park.name) for park in parks.only("code", "name_zh", "name_en")]


def offer_provinces(request: HttpRequest) -> OfferedValues:
    """Offer the provinces of China."""
    rows = Region.objects.filter(level=Region.Level.PROVINCE).order_by("code")
    return list_named(rows)


def offer_sections(request: HttpRequest) -> OfferedValues:
    """Offer the sections of the industries."""
    return list_named(Sector.objects.filter(level=Sector.Level.SECTION).order_by("code"))


def list_named(rows: QuerySet) -> OfferedValues:
    """List the codes and names of terms."""
    named = rows.values_list("code", "name_zh", "name_en")
    return [(code, pick_name(zh, en)) for code, zh, en in named]


def offer_years(request: HttpRequest) -> OfferedValues:
    """Offer the years between the first contract and the last, the newest first."""
    # By the ends of an index: the years themselves would be read from every project
    days = Project.objects.exclude(signed_on=None).values_list("signed_on", flat=True)
    first, last = (days.order_by(key).first() for key in ("signed_on", "-signed_on"))
    years = range(last.year, first.year - 1, -1) if first and last else ()
    return [(str(year), str(year)) for year in years]


def offer_bands(request: HttpRequest) -> OfferedValues:
    """Offer the usual bands of investments."""
    return [(write_band(band), pick_name(*name_band(band))) for band in build_bands(DEFAULT_BANDS)]


DROP_DOWNS = (
    DropDown("park", offer_parks, may_be_unknown=False),
    DropDown("stage", offer_words(Stage)),
    DropDown("standing", offer_words(Project.Standing), may_be_unknown=False),
    DropDown("publication", offer_words(Publication), may_be_unknown=False),
    DropDown("origin_province", offer_provinces),
    DropDown("sector_section", offer_sections),
    DropDown("size_band", offer_bands, is_rare=True),
    DropDown("investment_basis", offer_words(InvestmentBasis), is_rare=True),
    DropDown("signed_year", offer_years, is_rare=True),
    DropDown("function", offer_words(Project.Function), is_rare=True),
    DropDown("hitech", offer_words(HiTech), is_rare=True),
    DropDown("origin_scope", offer_words(OriginScope), is_rare=True),
    DropDown("capital_type", offer_words(CapitalType), is_rare=True),
    DropDown("counts_in_totals", lambda _request: YES_OR_NO, may_be_unknown=False, is_rare=True),
    DropDown(
        "totals_exclusion", offer_words(Project.TotalsExclusion), may_be_unknown=False, is_rare=True
    ),
    DropDown("stale", lambda _request: YES_OR_NO, may_be_unknown=False, is_rare=True),
    DropDown("overdue", lambda _request: YES_OR_NO, may_be_unknown=False, is_rare=True),
)


def count_values(rows: QuerySet, names: Sequence[str], person: Any) -> dict[str, dict[str, int]]:
    """Count the projects of each value of these filters, as the facets of the API do: of few."""
    dimensions = {name: COUNTED_FILTERS[name] for name in names if name in COUNTED_FILTERS}
    found = count_facets(rows, dimensions, Asked(reader=person), {}, are_few=True).of_dimensions
    return {
        name: {
            UNKNOWN if item["value"] is None else str(item["value"]): item["count"]
            for item in items
        }
        for name, items in found.items()
    }
