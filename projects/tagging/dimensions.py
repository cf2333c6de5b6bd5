"""Dimensions of tags: a project counts under each that it has, or one of its investors has.

Each project has one key, that of all its tags: it is read of those alone that have any.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, OuterRef, QuerySet, TextField, Value, When
from django.db.models.functions import Coalesce, Concat
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.spreadsheets.sql import JoinedTexts
from parks.models import Organisation, Tag
from parks.models.tags import holds_on
from projects.dimensions.groupings import Asked, Grouping, NamesOf, label_words, name_terms
from projects.models import ProjectTag
from projects.tagging.holding import (
    find_tagged_projects,
    list_owned_investors,
    list_tagged_investors,
)

_SEPARATOR = "；"  # as texts are joined


class SetsDimension:
    """What projects have a set of: it may be empty, or have several members."""

    is_ordered = False

    def build(self, names: NamesOf, having: QuerySet, *texts: QuerySet) -> Grouping:
        """Build the grouping: who is `having` any, and the members as the `text` of rows."""

        def key(project: str) -> Case:
            parts: list[Any] = [Value("", output_field=TextField())]
            for rows in texts:
                of_one = rows.filter(project=OuterRef(f"{project}pk")).order_by("text").distinct()
                parts += [Coalesce(JoinedTexts(of_one), parts[0]), Value(_SEPARATOR)]
            joined = Concat(*parts, output_field=TextField())
            has_any = When(**{f"{project}pk__in": having, "then": joined})
            return Case(has_any, default=parts[0], output_field=TextField())

        return Grouping(
            key,
            names,
            lambda text: tuple(sorted({*filter(None, (text or "").split(_SEPARATOR))})) or (None,),
            is_additive=False,
        )


@dataclass(frozen=True)
class OfTags(SetsDimension):
    """The tags of a project: of any time, or those that hold on the day that is asked for."""

    label: str | Promise = _("tag")

    def grouping(self, asked: Asked) -> Grouping:
        day = asked.days.get("tag")
        taggings = ProjectTag.objects.order_by()
        if day is not None:
            taggings = taggings.filter(holds_on(day, day.year))
        texts = taggings.values(text=F("tag_id"))
        return self.build(name_terms(Tag), taggings.values("project"), texts)


@dataclass(frozen=True)
class OfInvestorTags(SetsDimension):
    """The tags of who invests, and of their groups, on the day of the signature or on another."""

    label: str | Promise = _("tag of an investor")

    def grouping(self, asked: Asked) -> Grouping:
        day = asked.days.get("investor_tag")
        texts = [
            investors.values(text=F(f"{tags}tag_id"))
            for investors, tags in list_tagged_investors(asked.reader, day)
        ]
        return self.build(name_terms(Tag), find_tagged_projects(asked.reader, day), *texts)


@dataclass(frozen=True)
class OfInvestorOwnership(SetsDimension):
    """By whom those who invest are owned: the state, private persons, from abroad."""

    label: str | Promise = _("ownership of an investor")

    def grouping(self, asked: Asked) -> Grouping:
        known = list_owned_investors()
        texts = known.values(text=F("organisation__ownership"))
        return self.build(label_words(Organisation.Ownership), known.values("project"), texts)
