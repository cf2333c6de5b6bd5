"""Filters for the kinds of parameters that all lists share; each refuses what it cannot read."""

from collections.abc import Callable, Iterable
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from django_filters.constants import EMPTY_VALUES

from config.amounts import AmountError, parse_cny_bound
from config.api.patterns import FILLED_LINE, LIST, MOMENT, PARTIAL_DATE, list_of
from config.api.problems.nearest_rows import describe_unknown_row
from config.clients import select_visible
from config.dates import EARLIEST_YEAR, LATEST_YEAR, DateError, PartialDate
from config.mistakes import Mistake
from config.suggestions import nearest
from config.whole_numbers import find_whole

UNKNOWN, LONGEST_SEARCH = "unknown", 100


class ConditionFilter(django_filters.Filter):
    """A filter that says which rows it means; with `exclude=True` exactly the others.

    `pattern` is what OpenAPI says of the texts that it reads.
    """

    pattern = LIST
    takes_one = False  # of several values, separated by commas

    def condition(self, value: Any) -> Q:
        raise TypeError(f"{type(self).__name__} says no condition")

    def filter(self, queryset: QuerySet, value: Any) -> QuerySet:
        if value in EMPTY_VALUES:
            return queryset
        condition = self.condition(value)
        return queryset.filter(~condition if self.exclude else condition)

    def get_actor(self) -> Any:
        """Give the requesting person; None where nobody is asking."""
        return getattr(getattr(getattr(self, "parent", None), "request", None), "user", None)


class SingleFilter(ConditionFilter):
    """A filter that takes one value."""

    takes_one = True


def split_values(text: str) -> list[str]:
    """Split a value at its commas; ValidationError when there is nothing between two."""
    words = [word.strip() for word in text.split(",")] if text else []
    if not all(words):
        raise ValidationError(_("A value is missing between two commas."), code="empty_value")
    return words


class WordsField(forms.CharField):
    """One or more words of a vocabulary, separated by commas; gives them as a list."""

    def __init__(self, *, words: Iterable[str] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = list(words)

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        return [self.read(word) for word in split_values(text)]

    def read(self, word: str) -> str:
        if word in self.words:
            return word
        detail = _("“%(word)s” is not one of: %(words)s.")
        told = {"word": word, "words": ", ".join(self.words)}
        raise Mistake("unknown_value", detail % told, nearest(word, self.words))


class WordsFilter(ConditionFilter):
    """Rows whose column holds one of the words; `unknown` finds the blank ones."""

    field_class = WordsField

    def __init__(
        self,
        *args: Any,
        choices: type[models.TextChoices],
        may_be_unknown: bool = True,
        **kwargs: Any,
    ) -> None:
        words = [*choices.values, UNKNOWN] if may_be_unknown else choices.values
        super().__init__(*args, words=dict.fromkeys(words), **kwargs)

    def condition(self, value: list[str]) -> Q:
        stored = [*value, ""] if UNKNOWN in value else value
        return Q(**{f"{self.field_name}__in": stored})


class FlagFilter(SingleFilter):
    """`true` for the rows of a condition, `false` for all others.

    A condition that depends on the day being read, or asks other tables, is a function, which
    builds it for each request.
    """

    field_class = WordsField

    def __init__(self, *args: Any, when: Q | Callable[[], Q], **kwargs: Any) -> None:
        self.when = when
        super().__init__(*args, words=["true", "false"], **kwargs)

    def condition(self, value: list[str]) -> Q:
        if len(set(value)) == 2:
            return Q()
        return self.find_when() if value[0] == "true" else ~self.find_when()

    def find_when(self) -> Q:
        return self.when() if callable(self.when) else self.when


class AmountBoundField(forms.CharField):
    """A bound in yuan, written in digits or as 1亿, 5000万, 1e9."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_cny_bound(text)
        except AmountError as error:
            code = "out_of_range" if error.code in ("too_large", "negative") else "invalid"
            raise ValidationError(error.message, code=code) from error


class AmountFilter(SingleFilter):
    """Rows whose amount is known and within the bound."""

    field_class: type[forms.Field] = AmountBoundField
    pattern = FILLED_LINE  # which words and units a number may have, no pattern can say

    def filter(self, queryset: QuerySet, value: Decimal | int | None) -> QuerySet:
        # 0 counts as empty elsewhere; here it asks for the rows whose amount is known.
        return queryset if value is None else queryset.filter(self.condition(value))

    def condition(self, value: Decimal | int) -> Q:
        return Q(**{f"{self.field_name}__{self.lookup_expr}": value})


class YearsField(WordsField):
    """One or more years, separated by commas; gives them as numbers, and `unknown` as None."""

    def read(self, word: str) -> int | None:  # type: ignore[override]
        year = None if word == UNKNOWN else find_whole(word, 1000, 9999)
        if year == 0:
            detail = _("“%(word)s” is not a year such as 2023, nor “unknown”.") % {"word": word}
            raise Mistake("invalid", detail, nearest(word, [UNKNOWN]))
        return year


class YearsFilter(ConditionFilter):
    """Rows of one of these years; `unknown` finds those whose year is not known."""

    field_class = YearsField
    pattern = list_of(f"[1-9][0-9]{{3}}|{UNKNOWN}")

    def condition(self, value: list[int | None]) -> Q:
        chosen = Q(**{f"{self.field_name}__in": [year for year in value if year is not None]})
        return chosen | Q(**{f"{self.field_name}__isnull": True}) if None in value else chosen


class DateBoundField(forms.CharField):
    """A year, quarter, month or day."""

    def clean(self, value: Any) -> PartialDate | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return PartialDate.parse(text)
        except DateError as error:
            raise ValidationError(error.message, code="invalid") from error


class FromFilter(SingleFilter):
    """Rows whose whole period lies on or after the first day of the given one."""

    field_class = DateBoundField
    pattern = f"^{PARTIAL_DATE}$"

    def condition(self, value: PartialDate) -> Q:
        return Q(**{f"{self.field_name}__gte": value.first})


class ToFilter(SingleFilter):
    """Rows whose whole period lies on or before the last day of the given one."""

    field_class = DateBoundField
    pattern = f"^{PARTIAL_DATE}$"

    def condition(self, value: PartialDate) -> Q:
        # An index knows first days: it has begun by then, too
        return Q(**{f"{self.field_name}{end}__lte": value.last for end in ("_end", "")})


class MomentBoundField(forms.CharField):
    """A year, quarter, month or day, or a time with its offset; gives its first and last moment."""

    def clean(self, value: Any) -> tuple[datetime, datetime] | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            period = PartialDate.parse(text)
        except DateError as error:
            moment = self.read_time(text, error)
            return moment, moment
        zone = timezone.get_current_timezone()
        begin = datetime.combine(period.first, time.min, zone)
        end = datetime.combine(period.last + timedelta(days=1), time.min, zone)
        return begin, end - timedelta(microseconds=1)

    def read_time(self, text: str, error: DateError) -> datetime:
        try:
            moment = parse_datetime(text.replace(" ", "+"))  # a plus sign that was not encoded
        except ValueError:
            moment = None
        is_near = moment is not None and EARLIEST_YEAR <= moment.year <= LATEST_YEAR
        if moment is None or not is_near or timezone.is_naive(moment):
            raise ValidationError(error.message, code="invalid") from error
        return moment


class MomentFilter(SingleFilter):
    """Rows written at or after (`gte`), or at or before (`lte`) the given period."""

    field_class = MomentBoundField
    pattern = MOMENT

    def condition(self, value: tuple[datetime, datetime]) -> Q:
        bound = value[0] if self.lookup_expr == "gte" else value[1]
        return Q(**{f"{self.field_name}__{self.lookup_expr}": bound})


class SearchField(forms.CharField):
    """A few words to search for."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=LONGEST_SEARCH, **kwargs)


class SearchFilter(SingleFilter):
    """Rows in whose texts every one of the words is found, in any case and at any place."""

    field_class = SearchField
    pattern = FILLED_LINE

    def __init__(self, *args: Any, condition: Callable[[str], Q], **kwargs: Any) -> None:
        self.word_condition = condition
        super().__init__(*args, **kwargs)

    def condition(self, value: str) -> Q:
        every = Q()
        for word in value.split():
            every &= self.word_condition(word)
        return every


class RowsField(WordsField):
    """Public codes, separated by commas; gives the keys of the rows, and `unknown` as None.

    `beside` are words that stand for no row, as they are compared, and what they give.
    """

    key = "code_key"
    beside: ClassVar[dict[str, str]] = {}
    queryset: QuerySet  # set by the filter, since it depends on the person

    def __init__(self, *, may_be_unknown: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.may_be_unknown = may_be_unknown

    def as_key(self, word: str) -> str:
        return word.lower()

    def clean(self, value: Any) -> list[Any]:
        text = forms.CharField.clean(self, value)
        if not text:
            return []
        words = split_values(text)
        keys = {word: self.as_key(word) for word in words}
        wanted = self.queryset.filter(**{f"{self.key}__in": set(keys.values())})
        found: dict[str, Any] = dict(wanted.values_list(self.key, "pk")) | self.beside
        if self.may_be_unknown:
            found[self.as_key(UNKNOWN)] = None
        for word, key in keys.items():
            if key not in found:
                raise self.describe_unknown_row(word)
        return [found[key] for key in keys.values()]

    def describe_unknown_row(self, word: str) -> Mistake:
        return describe_unknown_row(word, self.queryset)


class TermsField(RowsField):
    """The same for terms of a vocabulary, whose codes are their keys and in capitals."""

    key = "code"

    def as_key(self, word: str) -> str:
        return word.upper()


class RowsFilter(ConditionFilter):
    """Rows that refer to one of the rows with these codes; `unknown` finds those to none.

    `rows` is the model of the rows; a person can name those of them that they may see.
    """

    field_class = RowsField

    def __init__(
        self, *args: Any, rows: type[models.Model], may_be_unknown: bool = True, **kwargs: Any
    ) -> None:
        self.rows = rows
        super().__init__(*args, may_be_unknown=may_be_unknown, **kwargs)

    @property
    def field(self) -> forms.Field:
        field: Any = super().field
        field.queryset = self.get_nameable_rows()
        return field

    def get_nameable_rows(self) -> QuerySet:
        """Give the rows that the requesting person may name."""
        rows: QuerySet = select_visible(self.rows, self.get_actor())
        return rows

    def condition(self, value: list[int | None]) -> Q:
        keys = [key for key in value if key is not None]
        chosen = self.refer(Q(**{f"{self.field_name}__in": keys})) if keys else Q(pk__in=[])
        return chosen | self.refer_to_none() if None in value else chosen

    def refer(self, to: Q) -> Q:
        return to

    def refer_to_none(self) -> Q:
        return Q(**{f"{self.field_name}__isnull": True})


class TermsFilter(RowsFilter):
    """Rows whose column holds exactly one of these codes of a vocabulary."""

    field_class = TermsField


class RelatedRowsFilter(RowsFilter):
    """Rows to which one of these belongs; `unknown` finds those without any."""

    def __init__(self, *args: Any, through: type[models.Model], of: str, **kwargs: Any) -> None:
        self.through = through
        self.of = of  # its key of the row that is listed
        super().__init__(*args, **kwargs)

    def refer(self, to: Q) -> Q:
        rows = self.through._default_manager.filter(to).order_by()
        if self.exclude:
            return Q(Exists(rows.filter(**{self.of: OuterRef("pk")})))
        # A few are found by their keys: SQLite would look at each row of the list
        return Q(pk__in=rows.values(self.of))

    def refer_to_none(self) -> Q:
        # What the person may not see must leave no trace: it counts as none.
        named = {f"{self.field_name}__in": self.get_nameable_rows(), self.of: OuterRef("pk")}
        return ~Q(Exists(self.through._default_manager.filter(**named)))


def check_bounds(form: forms.Form, low: str, high: str) -> None:
    """Refuse a lower bound that begins after the upper one ends, naming the upper parameter."""
    begin = _find_ends(form.cleaned_data.get(low))[0]
    end = _find_ends(form.cleaned_data.get(high))[1]
    if begin is not None and end is not None and begin > end:
        told = _("“%(high)s” is below “%(low)s”.") % {"high": high, "low": low}
        form.add_error(high, ValidationError(told, code="out_of_range"))


def _find_ends(value: Any) -> tuple[Any, Any]:
    if isinstance(value, PartialDate):
        return value.first, value.last
    return value if isinstance(value, tuple) else (value, value)
