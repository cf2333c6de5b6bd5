"""The conditions of a list: what was asked, in words, and how each is taken away again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from projects.condition_words import label_condition, say_word
from projects.pages.addresses import change_query, join_address
from projects.pages.language import say_name

# What narrows no list: how it is ordered, cut and shown
BESIDE_CONDITIONS = ("ordering", "cursor", "limit", "view")


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
                "value": name_values(name, str(query[name]), facets.get(name, ())),
            },
            join_address(path, change_query(query, **{name: None})),
        )
        for name in query
        if name not in BESIDE_CONDITIONS
    ]


def name_values(name: str, given: str, values: Sequence[Mapping[str, Any]] = ()) -> str:
    """Name the values of a condition, as facets call them, or as they were given."""
    names = {str(value["value"]).lower(): say_name(value) for value in values if value["value"]}
    separator = pgettext("between names", ", ")
    words = [word.strip() for word in given.split(",")]
    return separator.join(str(names.get(word.lower()) or say_word(name, word)) for word in words)
