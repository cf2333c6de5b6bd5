"""How many projects of a list have each value of its dimensions."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, QuerySet
from django.utils import translation

from parks.models import HiTech, Park, Region, Sector
from projects.lifecycle import AgreementType, InvestmentBasis, Stage
from projects.models import Project

Names = Callable[[Iterable[Any]], dict[Any, tuple[str, str]]]


def words(choices: type[models.TextChoices]) -> Names:
    """The labels of a vocabulary's words in both languages."""

    def names(values: Iterable[Any]) -> dict[Any, tuple[str, str]]:
        labels = []
        for language in ("zh-hans", "en"):
            with translation.override(language):
                labels.append([str(label) for label in choices.labels])
        return dict(zip(choices.values, zip(*labels, strict=True), strict=True))

    return names


def terms(model: type[models.Model], key: str = "code") -> Names:
    """The names of the rows that the values stand for."""

    def names(values: Iterable[Any]) -> dict[Any, tuple[str, str]]:
        rows = model._default_manager.filter(**{f"{key}__in": values})
        return {code: (zh, en) for code, zh, en in rows.values_list(key, "name_zh", "name_en")}

    return names


def years(values: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    return {year: (str(year), str(year)) for year in values}


@dataclass(frozen=True)
class Dimension:
    """A column that projects are counted by; its name is also the filter for one value."""

    path: str
    names: Names


DIMENSIONS = {
    "park": Dimension("park__code", terms(Park)),
    "origin_province": Dimension("origin_province", terms(Region)),
    "origin_city": Dimension("origin_city", terms(Region)),
    "sector_section": Dimension("sector_section", terms(Sector)),
    "sector_division": Dimension("sector_division", terms(Sector)),
    "hitech": Dimension("hitech", words(HiTech)),
    "stage": Dimension("stage", words(Stage)),
    "standing": Dimension("standing", words(Project.Standing)),
    "kind": Dimension("kind", words(Project.Kind)),
    "function": Dimension("function", words(Project.Function)),
    "site_mode": Dimension("site_mode", words(Project.SiteMode)),
    "agreement_type": Dimension("agreement_type", words(AgreementType)),
    "investment_basis": Dimension("investment_basis", words(InvestmentBasis)),
    "signed_year": Dimension("signed_year", years),
}


def facet(projects: QuerySet, dimension: Dimension) -> list[dict[str, Any]]:
    """The values of one dimension with their counts, most frequent first, unknown last.

    `projects` may be filtered in any way. Each item has `value` (null for unknown), `name_zh`,
    `name_en` and `count`; the counts add up to the number of projects.
    """
    counted = projects.order_by().values_list(dimension.path).annotate(count=Count("pk"))
    counts: dict[Any, int] = {}
    for value, count in counted:
        counts[value or None] = counts.get(value or None, 0) + count
    names = dimension.names([value for value in counts if value is not None])
    ordered = sorted(counts.items(), key=lambda item: (item[0] is None, -item[1], str(item[0])))
    return [
        {"value": value, "name_zh": zh, "name_en": en, "count": count}
        for value, count in ordered
        for zh, en in [names.get(value, (None, None))]
    ]
