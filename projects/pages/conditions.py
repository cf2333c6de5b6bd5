"""The conditions of a list: what was asked, in words, and how each is taken away again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from projects.dimensions.dimensions import DIMENSIONS
from projects.pages.addresses import change_query, join_address
from projects.pages.language import say_name

# What narrows no list: how it is ordered, cut and shown
BESIDE_CONDITIONS = ("ordering", "cursor", "limit", "view")
_LABELS = {
    "q": gettext_lazy("words"),
    "origin": gettext_lazy("origin"),
    "sector": gettext_lazy("sector"),
    "park": gettext_lazy("park"),
    "park_region": gettext_lazy("region of the park"),
    "reached": gettext_lazy("reached at least"),
    "investment_min": gettext_lazy("investment from"),
    "investment_max": gettext_lazy("investment up to"),
    "counts_in_totals": gettext_lazy("counts in totals"),
    "signed_from": gettext_lazy("signed from"),
    "signed_to": gettext_lazy("signed up to"),
    "event": gettext_lazy("event"),
    "organisation": gettext_lazy("investor"),
    "source": gettext_lazy("source"),
    "missing": gettext_lazy("not known"),
    "as_of": gettext_lazy("as of"),
    "totals_exclusion": gettext_lazy("left out of totals as"),
    "stale": gettext_lazy("without news for long"),
    "overdue": gettext_lazy("overdue"),
    "due": gettext_lazy("due"),
    "has_intent": gettext_lazy("an intent was signed"),
    "has_paid_in": gettext_lazy("money paid in is reported"),
    "fulfilled": gettext_lazy("followed by further steps"),
    "rate_not_known": gettext_lazy("rate not known"),
    "claims_in_conflict": gettext_lazy("claims contradict"),
    "silent_months_min": gettext_lazy("months without news"),
    "updated_from": gettext_lazy("changed from"),
    "updated_to": gettext_lazy("changed up to"),
    "completeness": gettext_lazy("completeness"),
    "indicator": gettext_lazy("indicator"),
    "nature": gettext_lazy("nature"),
    "region": gettext_lazy("region"),
    "code": gettext_lazy("code"),
    "superseded": gettext_lazy("superseded or withdrawn"),
    "subject_type": gettext_lazy("kind of subject"),
    "project": gettext_lazy("project"),
    "place": gettext_lazy("place"),
    "qualifier": gettext_lazy("qualifier"),
    "said_by": gettext_lazy("said by"),
    "as_of_min": gettext_lazy("as of, from"),
    "as_of_max": gettext_lazy("as of, up to"),
}
_WORDS = {
    "unknown": gettext_lazy("unknown"),
    "true": gettext_lazy("yes"),
    "false": gettext_lazy("no"),
    "rest": gettext_lazy("elsewhere"),
    "amount": gettext_lazy("amount"),
    "origin": gettext_lazy("origin"),
    "sector": gettext_lazy("sector"),
    "source": gettext_lazy("source"),
    "date": gettext_lazy("date"),
}


@dataclass(frozen=True)
class Chip:
    """A condition in words, and the page without it."""

    text: str
    href: str


def list_chips(path: str, query: QueryDict, facets: Mapping[str, Sequence[Any]]) -> list[Chip]:
    """List the conditions of a query in words; names are those that facets have for values."""
    return [
        Chip(
            _("%(condition)s: %(value)s")
            % {
                "condition": label_condition(name),
                "value": name_values(str(query[name]), facets.get(name, ())),
            },
            join_address(path, change_query(query, **{name: None})),
        )
        for name in query
        if name not in BESIDE_CONDITIONS
    ]


def label_condition(name: str) -> str:
    """Say what a filter is called; its twin with _not is that it is something else."""
    plain = name.removesuffix("_not")
    dimension = DIMENSIONS.get(plain)
    label = str(_LABELS.get(plain) or (dimension.label if dimension else plain.replace("_", " ")))
    return label if plain == name else _("%(condition)s other than") % {"condition": label}


def name_values(given: str, values: Sequence[Mapping[str, Any]]) -> str:
    """Name the values of a condition, as facets call them, or as they were given."""
    names = {str(value["value"]).lower(): say_name(value) for value in values if value["value"]}
    separator = pgettext("between names", ", ")
    words = [word.strip() for word in given.split(",")]
    return separator.join(
        str(names.get(word.lower()) or _WORDS.get(word) or word) for word in words
    )
