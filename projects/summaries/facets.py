"""How many projects of a list have each value of its dimensions."""

from collections.abc import Collection
from typing import Any

from django.db.models import Count, QuerySet

from projects.dimensions.groupings import Asked, Dimension

# Those that are counted when none is named
USUAL_FACETS = (
    *("park", "origin_group", "origin_province", "origin_city", "sector_section"),
    *("sector_division", "hitech", "stage", "standing", "kind", "function", "site_mode"),
    *("agreement_type", "investment_basis", "signed_year"),
)


def count_values(
    projects: QuerySet, dimension: Dimension, asked: Asked, named: Collection[Any] | None = None
) -> list[dict[str, Any]]:
    """Count the values of one dimension: the most frequent first, unknown last.

    `projects` may be filtered in any way. Each item has `value` (null for unknown), `name_zh`,
    `name_en` and `count`; the counts add up to the number of projects, unless groups overlap.
    Then `named` are those that a filter names: others are not shown, as in a summary.
    """
    grouping = dimension.grouping(asked)
    rows = grouping.joined(projects, "") if grouping.joined else projects
    keyed = rows.order_by().annotate(facet_key=grouping.key(""))
    counts: dict[Any, int] = {}
    for key, count in keyed.values_list("facet_key").annotate(count=Count("pk")):
        for value in grouping.values(key):
            if named is None or value in named:
                counts[value] = counts.get(value, 0) + count
    names = grouping.names([value for value in counts if value is not None])
    ordered = sorted(counts.items(), key=lambda item: (item[0] is None, -item[1], str(item[0])))
    return [
        {"value": value, "name_zh": zh, "name_en": en, "count": count}
        for value, count in ordered
        for zh, en in [names.get(value, (None, None))]
    ]
