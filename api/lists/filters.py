"""Filters of lists: each refuses invalid values and suggests the nearest valid one."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import cache
from inspect import cleandoc
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _, gettext as translate
from django_filters import Filter
from django_filters.constants import EMPTY_VALUES
from django_filters.filterset import BaseFilterSet, FilterSet
from rest_framework.filters import BaseFilterBackend
from rest_framework.request import Request

from api import readers
from api.problems.nearest_rows import describe_unknown_row, find_one_called
from api.requests import select_visible
from config.mistakes import Mistake, nearest, require_word
from config.texts import find_whole
from sheets.amounts import AmountError, active_language, format_cny, parse_cny_bound
from sheets.dates import EARLIEST_YEAR, LATEST_YEAR, DateError, PartialDate

UNKNOWN, LONGEST_SEARCH = "unknown", 100


def split_values(text: str) -> list[str]:
    """Split a value at its commas; ValidationError for an empty part."""
    words = [word.strip() for word in text.split(",")]
    if not all(words):
        raise ValidationError(_("A value is missing between two commas."), "empty_value")
    return words


def negate(condition: Q) -> Q:
    """Negate a condition, by NOT EXISTS where it looks keys up in a query.

    With NOT IN, databases run the whole query first, however few rows are filtered.
    """
    return ~_use_exists(condition)


def _use_exists(part: Any) -> Any:
    if isinstance(part, Q):
        parts = map(_use_exists, part.children)
        return Q(*parts, _connector=part.connector, _negated=part.negated)
    if isinstance(part, tuple) and isinstance(part[1], QuerySet) and not part[1].query.combinator:
        (key,) = part[1].query.values_select or ["pk"]
        return Exists(part[1].filter(**{key: OuterRef(part[0].removesuffix("__in"))}))
    return part


class FilterField(forms.CharField):
    """The form field of a filter, which parses its text."""

    parse: Callable[[str], Any]

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return self.parse(text) if text else None


@cache
def _build_field(longest: int | None) -> FilterField:
    return FilterField(max_length=longest, required=False)


def _copy(made: Any) -> Any:
    # As `copy`, which would take half of the time of a filter
    copied = object.__new__(type(made))
    vars(copied).update(vars(made))
    return copied


class ConditionFilter(Filter):
    """A filter by a condition, negated with `exclude=True`; `pattern` is for OpenAPI.

    By default its text is a list of values, separated by commas, each of which is one of `words`.
    """

    pattern = readers.LIST
    takes_one = False  # or several values
    words: Collection[str] = ()
    labels: Mapping[str, Any] = {}  # of its words, where they have some
    longest: int | None = None  # characters
    may_be_unknown = False

    @property
    def field(self) -> forms.Field:
        field: forms.Field = _copy(_build_field(self.longest))
        field.parse = self.parse  # type: ignore[attr-defined]
        return field

    def parse(self, text: str) -> Any:
        """Parse a text that is not empty; raise a ValidationError if it is invalid."""
        return [self.read(word) for word in split_values(text)]

    def read(self, word: str) -> Any:
        """Read one of several values."""
        return require_word(word, self.words, self.labels)

    def condition(self, value: Any) -> Q:
        raise NotImplementedError

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if value in EMPTY_VALUES:
            return queryset
        condition = self.condition(value)
        return queryset.filter(negate(condition) if self.exclude else condition)

    def describe(self) -> str:
        """Describe the filter by its `help_text`, or by the first paragraph of its docstring."""
        paragraph = " ".join(cleandoc(type(self).__doc__ or "").partition("\n\n")[0].split())
        text = self.extra.get("help_text") or (translate(paragraph) if paragraph else "")
        text = " ".join(str(text).split())
        return _("Everything but these: %(text)s") % {"text": text} if self.exclude else text

    def describe_values(self) -> dict[str, Any]:
        if self.words:
            return {
                "type": "string",
                "pattern": readers.list_of("|".join(map(re.escape, self.words))),
            }
        return {"type": "string", "pattern": self.pattern}

    def name_value(self, word: str) -> str:
        """Return the label of one of the values; blank if it has none."""
        return str(self.labels.get(word, ""))

    def get_actor(self) -> Any:
        """Return the user of the request; None outside of one."""
        return getattr(getattr(getattr(self, "parent", None), "request", None), "user", None)


class SingleFilter(ConditionFilter):
    """A filter that takes one value."""

    takes_one = True


class WordsFilter(ConditionFilter):
    """Rows whose column holds one of the words; `unknown` finds the blank ones."""

    def __init__(
        self,
        *args: Any,
        choices: type[models.TextChoices],
        may_be_unknown: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        words = [*choices.values, UNKNOWN] if may_be_unknown else choices.values
        self.words, self.labels = dict.fromkeys(words), dict(choices.choices)

    def condition(self, value: list[str]) -> Q:
        stored = [*value, ""] if UNKNOWN in value else value
        return Q(**{f"{self.field_name}__in": stored})


class FlagFilter(SingleFilter):
    """`true` for the rows of a condition, `false` for all others.

    A condition that depends on the day being read, or asks other tables, is a function, which
    builds it for each request.
    """

    words = ("true", "false")

    def __init__(self, *args: Any, when: Q | Callable[[], Q], **kwargs: Any) -> None:
        self.when = when
        super().__init__(*args, **kwargs)

    def condition(self, value: list[str]) -> Q:
        if len(set(value)) == 2:
            return Q()
        return self.find_when() if value[0] == "true" else negate(self.find_when())

    def find_when(self) -> Q:
        return self.when() if callable(self.when) else self.when


class AmountFilter(SingleFilter):
    """Rows whose amount is known and within the bound."""

    pattern = readers.FILLED_LINE  # no pattern describes its words and units

    def parse(self, text: str) -> Decimal | int:
        """Parse a bound in yuan, written in digits or as 1亿, 5000万, 1e9."""
        try:
            return parse_cny_bound(text)
        except AmountError as error:
            code = "out_of_range" if error.code in ("too_large", "negative") else "invalid"
            raise ValidationError(error.message, code=code) from error

    def name_value(self, word: str) -> str:
        """Write an amount with its unit, as pages do."""
        with suppress(AmountError):
            amount = parse_cny_bound(word)
            if amount == int(amount):
                return format_cny(int(amount), language=active_language())
        return ""

    def filter(self, queryset: QuerySet, value: Decimal | int | None) -> QuerySet:
        # Unlike in EMPTY_VALUES, 0 is a value: it selects the rows whose amount is known
        return queryset if value is None else queryset.filter(self.condition(value))

    def condition(self, value: Decimal | int) -> Q:
        return Q(**{f"{self.field_name}__{self.lookup_expr}": value})


class YearsFilter(ConditionFilter):
    """Rows of one of these years; `unknown` finds those whose year is not known."""

    pattern = readers.list_of(f"[1-9][0-9]{{3}}|{UNKNOWN}")
    may_be_unknown = True

    def read(self, word: str) -> int | None:
        year = None if word == UNKNOWN else find_whole(word, 1000, 9999)
        if year == 0:
            detail = _("“%(word)s” is not a year such as 2023, nor “unknown”.")
            raise Mistake("invalid", detail % {"word": word}, nearest(word, [UNKNOWN]))
        return year

    def condition(self, value: list[int | None]) -> Q:
        chosen = Q(**{f"{self.field_name}__in": [year for year in value if year is not None]})
        return chosen | Q(**{f"{self.field_name}__isnull": True}) if None in value else chosen


class FromFilter(SingleFilter):
    """Rows whose whole period lies on or after the first day of the given one."""

    pattern = f"^{readers.PARTIAL_DATE}$"

    def parse(self, text: str) -> PartialDate:
        """Parse a year, quarter, month or day."""
        try:
            return PartialDate.parse(text)
        except DateError as error:
            raise Mistake("invalid", error.message, error.suggestion) from error

    def condition(self, value: PartialDate) -> Q:
        return Q(**{f"{self.field_name}__gte": value.first})


class ToFilter(FromFilter):
    """Rows whose whole period lies on or before the last day of the given one."""

    def condition(self, value: PartialDate) -> Q:
        # The condition on first days is redundant, but has an index
        return Q(**{f"{self.field_name}{end}__lte": value.last for end in ("_end", "")})


def parse_moments(text: str) -> tuple[datetime, datetime]:
    """Parse the first and last moment of a year, quarter, month or day, or a time with its offset.

    Raises ValidationError.
    """
    try:
        period = PartialDate.parse(text)
    except DateError as error:
        try:
            moment = parse_datetime(text.replace(" ", "+"))  # a plus sign that was not encoded
        except ValueError:
            moment = None
        is_near = moment is not None and EARLIEST_YEAR <= moment.year <= LATEST_YEAR
        if moment is None or not is_near or timezone.is_naive(moment):
            raise Mistake("invalid", error.message, error.suggestion) from error
        return moment, moment
    zone = timezone.get_current_timezone()
    begin = datetime.combine(period.first, time.min, zone)
    end = datetime.combine(period.last + timedelta(days=1), time.min, zone)
    return begin, end - timedelta(microseconds=1)


class MomentFilter(SingleFilter):
    """Rows written at or after (`gte`), or at or before (`lte`) the given period."""

    pattern = readers.MOMENT

    def parse(self, text: str) -> tuple[datetime, datetime]:
        return parse_moments(text)

    def condition(self, value: tuple[datetime, datetime]) -> Q:
        bound = value[0] if self.lookup_expr == "gte" else value[1]
        return Q(**{f"{self.field_name}__{self.lookup_expr}": bound})


class SearchFilter(SingleFilter):
    """Rows in whose texts every one of the words is found, in any case and at any place."""

    pattern = readers.FILLED_LINE
    longest = LONGEST_SEARCH

    def __init__(self, *args: Any, condition: Callable[[str], Q], **kwargs: Any) -> None:
        self.word_condition = condition
        super().__init__(*args, **kwargs)

    def parse(self, text: str) -> str:
        return text

    def describe_values(self) -> dict[str, Any]:
        return {**super().describe_values(), "maxLength": self.longest}

    def condition(self, value: str) -> Q:
        every = Q()
        for word in value.split():
            every &= self.word_condition(word)
        return every


class RowsFilter(ConditionFilter):
    """Rows that refer to one of the rows with these codes or names; `unknown` finds those to none.

    `rows` is the model of the rows; a person can name those of them that they may see. `beside` has
    further words, as they are compared, with their values.
    """

    key = "code_key"
    beside: ClassVar[dict[str, str]] = {}

    def __init__(
        self, *args: Any, rows: type[models.Model], may_be_unknown: bool = True, **kwargs: Any
    ) -> None:
        self.rows, self.may_be_unknown = rows, may_be_unknown
        super().__init__(*args, **kwargs)

    def as_key(self, word: str) -> str:
        """Normalise a word for comparison with codes."""
        return word.lower()

    def get_nameable_rows(self) -> QuerySet:
        """Select the rows that the user may see."""
        return select_visible(self.rows, self.get_actor())

    def parse(self, text: str) -> list[Any]:
        """Find the keys of the rows with these codes or names; `unknown` becomes None."""
        keys = {word: self.as_key(word) for word in split_values(text)}
        wanted = self.get_nameable_rows().filter(**{f"{self.key}__in": {*keys.values()}})
        found: dict[str, Any] = dict(wanted.values_list(self.key, "pk")) | self.beside
        if self.may_be_unknown:
            found[self.as_key(UNKNOWN)] = None
        named = [word for word, key in keys.items() if key not in found]
        if named and len(keys) > 1 and (whole := self.find_called(text)):  # Foo Co., Ltd.
            return [whole]
        for word in named:
            if not (called := self.find_called(word)):
                raise self.describe_unknown_row(word)
            found[keys[word]] = called
        return [found[key] for key in keys.values()]

    def find_called(self, word: str) -> Any:
        """Find the key of the one row with a name or other name, or None."""
        return getattr(find_one_called(word, self.get_nameable_rows()), "pk", None)

    def describe_unknown_row(self, word: str) -> Mistake:
        return describe_unknown_row(word, self.get_nameable_rows())

    def condition(self, value: list[int | None]) -> Q:
        keys = [key for key in value if key is not None]
        chosen = self.refer(Q(**{f"{self.field_name}__in": keys})) if keys else Q(pk__in=[])
        return chosen | self.refer_to_none() if None in value else chosen

    def refer(self, to: Q) -> Q:
        return to

    def refer_to_none(self) -> Q:
        return Q(**{f"{self.field_name}__isnull": True})


class TermsFilter(RowsFilter):
    """Rows whose column holds exactly one of these terms of a vocabulary, by code or name."""

    key = "code"

    def as_key(self, word: str) -> str:
        return word.upper()


class RelatedRowsFilter(RowsFilter):
    """Rows to which one of these belongs; `unknown` finds those without any."""

    def __init__(self, *args: Any, through: type[models.Model], of: str, **kwargs: Any) -> None:
        self.through = through
        self.of = of  # its foreign key of the listed row
        super().__init__(*args, **kwargs)

    def refer(self, to: Q) -> Q:
        rows = self.through._default_manager.filter(to).order_by()
        if self.exclude:
            return Q(Exists(rows.filter(**{self.of: OuterRef("pk")})))
        # With EXISTS, SQLite would scan the listed table
        return Q(pk__in=rows.values(self.of))

    def refer_to_none(self) -> Q:
        # Rows that the user may not see count as none
        named = {f"{self.field_name}__in": self.get_nameable_rows(), self.of: OuterRef("pk")}
        return ~Q(Exists(self.through._default_manager.filter(**named)))


def check_bounds(form: forms.Form, low: str, high: str) -> None:
    """Refuse a lower bound that begins after the upper one ends, at the upper parameter."""
    begin = _find_ends(form.cleaned_data.get(low))[0]
    end = _find_ends(form.cleaned_data.get(high))[1]
    if begin is not None and end is not None and begin > end:
        detail = _("“%(high)s” is below “%(low)s”.") % {"high": high, "low": low}
        form.add_error(high, ValidationError(detail, code="out_of_range"))


def _find_ends(value: Any) -> tuple[Any, Any]:
    if isinstance(value, PartialDate):
        return value.first, value.last
    return value if isinstance(value, tuple) else (value, value)


_NUMBER = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?")


class NumberFilter(AmountFilter):
    """Rows whose number is known and within the bound."""

    def __init__(self, *args: Any, whole_digits: int = 9, decimals: int = 0, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whole_digits, self.decimals = whole_digits, decimals
        point = f"(\\.[0-9]{{1,{decimals}}})?" if decimals else ""
        self.pattern = f"^(0|[1-9][0-9]{{0,{whole_digits - 1}}}){point}$"

    def name_value(self, word: str) -> str:
        return ""

    def parse(self, text: str) -> Decimal:
        """Parse digits, as long and as exact as the numbers that they are compared with."""
        parts = _NUMBER.fullmatch(text)
        if parts is None:
            detail = _("“%(text)s” is not a number; write digits alone, such as 42 or 42.5.")
            raise ValidationError(detail, "invalid", {"text": text})
        sign, whole, decimals = parts.groups(default="")
        if sign or len(whole) > self.whole_digits:
            detail = _("The number must be from 0 to below %(limit)d.")
            raise ValidationError(detail, "out_of_range", {"limit": 10**self.whole_digits})
        if len(decimals) > self.decimals:
            detail = _("The number has more than %(count)d decimals.")
            raise ValidationError(detail, "too_many_decimals", {"count": self.decimals})
        return Decimal(text)


class BoundsForm(forms.Form):
    """Rejects a `..._from` after its `..._to`, and a `..._min` above its `..._max`."""

    upper: ClassVar[Mapping[str, str]] = {"from": "to", "min": "max"}

    def clean(self) -> dict[str, Any]:
        for name in self.fields:
            subject, _mark, bound = name.rpartition("_")
            if bound in self.upper:
                check_bounds(self, name, f"{subject}_{self.upper[bound]}")
        return super().clean() or self.cleaned_data


class LedgerFilterSet(FilterSet):
    """Copies only the filters that a request uses, which are built once."""

    class Meta:
        form = BoundsForm

    filters: dict[str, Filter]

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        declared: Any = type(self).base_filters
        self.__dict__["base_filters"] = {}  # django-filter would copy a hundred of them deeply
        super().__init__(data, *args, **kwargs)
        named = sorted(declared.keys() & (data or ()), key=[*declared].index)
        self.filters = {name: self._adopt(declared[name]) for name in named}

    def _adopt(self, declared: Filter) -> Filter:
        adopted = _copy(declared)
        adopted.model, adopted.parent = self.queryset.model, self
        return adopted

    @property
    def form(self) -> forms.Form:
        if not hasattr(self, "_form"):
            self._form = self._meta.form(self.data if self.is_bound else None)
            self._form.fields = {name: each.field for name, each in self.filters.items()}
        return self._form


class FilterReader(readers.Reader[BaseFilterSet | None]):
    """Reads the view's `filterset_class`; None for a view without one."""

    lists = ("code", "code_not")

    def names(self, view: Any) -> Collection[str]:
        filterset_class = getattr(view, "filterset_class", None)
        return filterset_class.base_filters if filterset_class else ()

    def takes_one(self, name: str, view: Any) -> bool:
        return getattr(view.filterset_class.base_filters[name], "takes_one", False)

    def read(self, query: readers.Query, view: Any) -> readers.Reading[BaseFilterSet | None]:
        filterset_class = getattr(view, "filterset_class", None)
        if filterset_class is None:
            return None, []
        # Only the model of the queryset matters: the view filters another one
        filterset = filterset_class(query, queryset=view.queryset, request=view.request)
        return filterset, list(find_filter_errors(filterset))


FILTERS = FilterReader()


class StrictFilterBackend(BaseFilterBackend):
    """Filters by what FILTERS has read."""

    def filter_queryset(self, request: Request, queryset: QuerySet, view: Any) -> QuerySet:
        filterset = view.get_value(FILTERS)
        return queryset if filterset is None else filterset.filter_queryset(queryset)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """Describe the filters that the operation takes for OpenAPI."""
        taken = view.get_query_parameters()
        return [
            {
                "name": name,
                "in": "query",
                "description": each.describe(),
                "schema": each.describe_values(),
            }
            for name, each in view.filterset_class.base_filters.items()
            if name in taken
        ]


def find_filter_errors(filterset: BaseFilterSet) -> Iterator[Mistake]:
    """Find one error for each invalid parameter."""
    for name, (error, *_others) in filterset.errors.as_data().items():
        yield Mistake(error.code or "invalid", error.messages[0]).at(parameter=name)


class CodesFilter(ConditionFilter):
    """Rows with one of these codes; that of a row that is gone or hidden is no mistake.

    A client that follows the feed asks for rows that may be gone by then. `fold` converts a code to
    the case of `field_name`.
    """

    def __init__(
        self, field_name: str = "code_key", *, fold: Callable[[str], str] = str.lower, **kwargs: Any
    ) -> None:
        self.fold = fold
        super().__init__(field_name, **kwargs)

    def read(self, word: str) -> str:
        if re.fullmatch(readers.PUBLIC_CODE, word):
            return word
        detail = _("“%(word)s” is no code; “q” searches in names.") % {"word": word}
        raise Mistake("invalid", detail)

    def describe_values(self) -> dict[str, Any]:
        return readers.array_like(readers.PUBLIC_CODE, maxItems=readers.MAX_CODES)

    def condition(self, value: list[str]) -> Q:
        return Q(**{f"{self.field_name}__in": {self.fold(word) for word in value}})


class CodedFilterSet(LedgerFilterSet):
    """Filters of a list whose rows have codes of the ledger, which are the same in either case."""

    code = CodesFilter()
