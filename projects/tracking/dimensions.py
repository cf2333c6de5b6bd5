"""Dimensions of tracking: in whose hands a project is, and how much of it is not known."""

from dataclasses import dataclass

from django.db.models import Case, F, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects.dimensions.groupings import Asked, Grouping, label_words, name_as_written
from projects.tracking.completeness import WORDS, Completeness, count_missing
from projects.tracking.work import sees_work


@dataclass(frozen=True)
class OfUnits:
    """The office that is responsible, as far as the reader may see it; else unknown."""

    label: str | Promise = _("responsible unit")
    is_ordered: bool = False

    def grouping(self, asked: Asked) -> Grouping:
        def key(project: str) -> Case:
            unit = F(f"{project}responsible_unit")
            return Case(When(sees_work(asked.reader, project), then=unit), default=Value(""))

        return Grouping(key, name_as_written)


@dataclass(frozen=True)
class OfCompleteness:
    """How many of amount, origin, sector, source and date are not known."""

    label: str | Promise = _("completeness")
    is_ordered: bool = True

    def grouping(self, asked: Asked) -> Grouping:
        return Grouping(
            count_missing,
            label_words(Completeness),
            lambda place: (WORDS[place].value,),
            place=Completeness.values.index,
            may_be_unknown=False,
        )
