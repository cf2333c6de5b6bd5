"""Filters for what is due, silent, incomplete, and in whose hands."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.lookups import In
from django.utils.translation import gettext_lazy as _

from config import history
from config.api.lists.filter_fields import (
    UNKNOWN,
    ConditionFilter,
    FlagFilter,
    FromFilter,
    ToFilter,
    WordsField,
    WordsFilter,
    split_values,
)
from config.api.patterns import FILLED_LINE
from config.dates import PartialDate, months_before
from projects.lifecycle.words import Stage, is_silent_since
from projects.models import Project
from projects.tracking.completeness import MISSING, WORDS, Completeness, count_missing, is_missing
from projects.tracking.due import is_next_from, is_planned_from, is_planned_to
from projects.tracking.work import sees_work

MOST_MONTHS = 600


class NextFromFilter(FromFilter):
    """Projects whose next step is planned for a period that begins then or later."""

    def condition(self, value: PartialDate) -> Q:
        return is_next_from(value.first)


class DayToFilter(ToFilter):
    """Rows whose day, which is always known to the day, is on or before the last given one."""

    def condition(self, value: PartialDate) -> Q:
        return Q(**{f"{self.field_name}__lte": value.last})


class PlannedFromFilter(FromFilter):
    """Projects of which a stage is planned for a period that begins then or later."""

    def __init__(self, *, stage: Stage) -> None:
        super().__init__()
        self.stage = stage

    def condition(self, value: PartialDate) -> Q:
        return is_planned_from(self.stage, value.first)


class PlannedToFilter(ToFilter):
    """Projects of which a stage is planned for a period that ends then or earlier."""

    def __init__(self, *, stage: Stage) -> None:
        super().__init__()
        self.stage = stage

    def condition(self, value: PartialDate) -> Q:
        return is_planned_to(self.stage, value.last)


class MonthsField(forms.CharField):
    """A number of months, in digits."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal()):
            raise ValidationError(
                _("“%(text)s” is not a whole number of months, such as 3."),
                code="invalid",
                params={"text": text},
            )
        if not 1 <= (months := int(text)) <= MOST_MONTHS:
            raise ValidationError(
                _("The number of months must be from 1 to %(most)d."),
                code="out_of_range",
                params={"most": MOST_MONTHS},
            )
        return months


class SilentMonthsFilter(ConditionFilter):
    """Projects of which there was no news for so many months, or of which no date is known."""

    field_class = MonthsField
    pattern = "^0*([1-9][0-9]?|[1-5][0-9]{2}|600)$"

    def condition(self, value: int) -> Q:
        return is_silent_since(months_before(history.today(), value))


class MissingFilter(ConditionFilter):
    """Projects of which at least one of these is not known."""

    field_class = WordsField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, words=[*MISSING], **kwargs)

    def condition(self, value: list[str]) -> Q:
        lacking = Q(pk__in=[])
        for name in value:
            lacking |= is_missing(name)
        return lacking


class CompletenessFilter(WordsFilter):
    """Projects of which so many of the five are not known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, choices=Completeness, may_be_unknown=False, **kwargs)

    def condition(self, value: list[str]) -> Q:
        return Q(In(count_missing(), [WORDS.index(Completeness(word)) for word in value]))


class UnitsField(forms.CharField):
    """Names of offices, separated by commas, or one name that has commas itself."""

    def clean(self, value: Any) -> tuple[str, list[str]] | None:
        text = super().clean(value)
        return (text.strip(), split_values(text)) if text else None


class UnitsFilter(ConditionFilter):
    """Projects for which one of these offices is responsible, as far as the person may see it.

    `unknown` finds those for which none is named, and those of which it is not for this person.
    """

    field_class = UnitsField
    pattern = FILLED_LINE

    def condition(self, value: tuple[str, list[str]]) -> Q:
        whole, parts = value
        seen = sees_work(self.get_actor())
        known = Project.objects.filter(seen, responsible_unit=whole)
        names = [whole] if len(parts) > 1 and known.exists() else parts
        chosen = seen & Q(responsible_unit__in=[name for name in names if name != UNKNOWN])
        return chosen | ~seen | Q(responsible_unit="") if UNKNOWN in names else chosen


class OpenIssuesFilter(FlagFilter):
    """`true` for projects with open issues that the person may see, `false` for all others."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(when=Q(), **kwargs)

    def condition(self, value: list[str]) -> Q:
        self.when = sees_work(self.get_actor()) & ~Q(open_issues="")
        return super().condition(value)
