"""A summary as a whole answer: with the lists that its rows open, its filters and definitions."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django_filters.filterset import BaseFilterSet

from config import history
from projects.dimensions.bands import Band, band_code, common_band
from projects.dimensions.dimensions import Dimension, OfEvents, OfGroups
from projects.models import SigningEvent
from projects.summaries.definitions import definitions, understood
from projects.summaries.questions import Question
from projects.summaries.totals import Summary, Surroundings

UNKNOWN = "unknown"
KEPT = ("as_of",)  # what a list takes besides its filters


def whole_answer(
    kind: type[Summary], rows: QuerySet, question: Question, links: "ListLinks"
) -> dict[str, Any]:
    """The answer to a question about the rows that the filters of `links` selected."""
    vocabulary, filterset = kind.vocabulary, links.filterset
    actor = getattr(filterset.request, "user", None)
    events = SigningEvent.objects.visible_to(actor)
    named = links.named(question.group_by, vocabulary.dimensions)
    answer = kind(rows, question, Surroundings(events, links.link, named)).answer()
    moment = history.moment()
    answer["as_of"] = moment.isoformat() if moment else None
    filters = understood(filterset)
    meanings = definitions(question, vocabulary, filters, additive=answer["additive"])
    return answer | {"filters": filters, "definitions": meanings}


class ListLinks:
    """The addresses of the lists behind the cells of a summary: its filters, and one more each."""

    def __init__(self, filterset: BaseFilterSet, address: str) -> None:
        self.filterset = filterset
        self.address = address

    @property
    def given(self) -> Mapping[str, Any]:
        """What the filters were understood as."""
        return self.filterset.form.cleaned_data

    def link(self, equal: Mapping[str, str], without: Mapping[str, str]) -> str:
        """The list with the same filters, one value for each dimension, and without others."""
        asked = self.filterset.data
        query = QueryDict(mutable=True)
        for name in asked:
            if name in self.filterset.filters or name in KEPT:
                query[name] = asked[name]
        for name, value in equal.items():
            query[name] = self.common_bands(value) if name == "size_band" else value
        for name, value in without.items():
            twin = f"{name}_not"
            query[twin] = f"{asked[twin]},{value}" if twin in asked else value
        return f"{self.address}?{query.urlencode(safe=',')}" if query else self.address

    def of_value(self, name: str, value: Any) -> str:
        """The list of one value of one dimension."""
        return self.link({name: UNKNOWN if value is None else str(value)}, {})

    def common_bands(self, code: str) -> str:
        """A band of a row, as far as it lies in the bands that the filters name."""
        named = self.given.get("size_band")
        if not named or code == UNKNOWN:
            return code
        low, _dash, high = code.partition("-")
        band: Band = (int(low), int(high) if high else None)
        common = [common_band(band, other) for other in named if other is not None]
        return ",".join(band_code(each) for each in common if each) or code

    def named(
        self, names: Iterable[str], dimensions: Mapping[str, Dimension]
    ) -> dict[str, set[Any]]:
        """The values that filters name of those of the dimensions that may overlap."""
        named: dict[str, set[Any]] = {}
        for name in names:
            kind, value = dimensions[name], self.given.get(name)
            if value and isinstance(kind, OfGroups):
                named[name] = {None if word == UNKNOWN else word for word in value[1]}
            elif value and isinstance(kind, OfEvents):
                events = SigningEvent.objects.filter(pk__in=[pk for pk in value if pk])
                codes = events.values_list("code", flat=True)
                named[name] = {*codes, *([None] if None in value else [])}
        return named
