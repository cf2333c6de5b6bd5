"""Filters for what is due, silent, incomplete, and in whose hands."""

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.db.models.lookups import In

from api.lists.filters import (
    UNKNOWN,
    ConditionFilter,
    FlagFilter,
    FromFilter,
    LedgerFilterSet,
    RowsFilter,
    SingleFilter,
    ToFilter,
    WholeNumberField,
    WordsField,
    WordsFilter,
    split_values,
)
from api.readers import FILLED_LINE
from config.database import history
from parks.filters import BoundsForm
from parks.models import Park
from parks.views import select_worked_parks
from projects.lifecycle.words import Stage
from projects.models import Assignment, Project
from projects.tracking.due import (
    MISSING,
    WORDS,
    Completeness,
    count_missing,
    has_news_from,
    has_news_to,
    is_missing,
    is_next_from,
    is_planned_from,
    is_planned_to,
    is_stalled_since,
    is_unwritten_since,
    sees_work,
)
from sheets.dates import PartialDate, months_before

MOST_MONTHS = 600


class NextFromFilter(FromFilter):
    """Projects whose next step is planned for a period that begins then or later."""

    def condition(self, value: PartialDate) -> Q:
        return is_next_from(value.first)


class DayToFilter(ToFilter):
    """Rows whose day is on or before the one given, or the last day of a month or year."""

    def condition(self, value: PartialDate) -> Q:
        return Q(**{f"{self.field_name}__lte": value.last})


class NewsFromFilter(FromFilter):
    """Projects whose last news is of then or later; never of a day to come."""

    def condition(self, value: PartialDate) -> Q:
        return has_news_from(value.first)


class NewsToFilter(ToFilter):
    """Projects whose last news is of then or earlier."""

    def condition(self, value: PartialDate) -> Q:
        return has_news_to(value.last)


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


class SilentMonthsFilter(SingleFilter):
    """Projects of which nobody wrote for so many months, or of which no date is known (未更新).

    A note ends the silence for those who may see it.
    """

    field_class = WholeNumberField
    pattern = "^([1-9][0-9]?|[1-5][0-9]{2}|600)$"

    def __init__(self) -> None:
        super().__init__(least=1, most=MOST_MONTHS)

    def condition(self, value: int) -> Q:
        seen = sees_work(self.get_actor())
        return is_unwritten_since(months_before(history.today(), value), seen)


class StalledMonthsFilter(SilentMonthsFilter):
    """Projects that did not move for so many months (无进展): no milestone, no money."""

    def condition(self, value: int) -> Q:
        return is_stalled_since(months_before(history.today(), value))


class WorkFromFilter(FromFilter):
    """Projects with such a day on or after the one given, as far as the person may see it."""

    def condition(self, value: PartialDate) -> Q:
        return sees_work(self.get_actor()) & super().condition(value)


class WorkToFilter(DayToFilter):
    """Projects with such a day on or before the one given, as far as the person may see it."""

    def condition(self, value: PartialDate) -> Q:
        return sees_work(self.get_actor()) & super().condition(value)


class WorkFlagFilter(FlagFilter):
    """`true` for the projects of a condition that the person may see, `false` for all others."""

    def find_when(self) -> Q:
        return sees_work(self.get_actor()) & super().find_when()


class WorkedParksFilter(RowsFilter):
    """Rows of parks in which the person has a role; no other park can be named."""

    def get_nameable_rows(self) -> Any:
        return select_worked_parks(self.get_actor())


class ProgressFilterSet(LedgerFilterSet):
    park = WorkedParksFilter("project__park", rows=Park, may_be_unknown=False)
    project = RowsFilter(rows=Project, may_be_unknown=False)
    noted_from = FromFilter("noted_on")
    noted_to = DayToFilter("noted_on")
    due_from = FromFilter("due_on")
    due_to = DayToFilter("due_on")

    class Meta:
        form = BoundsForm


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


class PeopleFilter(UnitsFilter):
    """Projects for which one of these people answers, in whatever role, as far as one may see it.

    `unknown` finds those for which nobody is named, and those of which it is not for this person.
    """

    def condition(self, value: tuple[str, list[str]]) -> Q:
        _whole, names = value
        seen = sees_work(self.get_actor())
        there = Assignment.objects.filter(project=OuterRef("pk"))
        chosen = seen & Q(Exists(there.filter(name__in=names)))
        return chosen | ~seen | ~Q(Exists(there)) if UNKNOWN in names else chosen
