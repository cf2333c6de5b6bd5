"""Filters of projects by their tags, and by those of who invests in them."""

from datetime import date
from typing import Any

from django.db.models import OuterRef, Q

from config.api.lists.code_filters import CodedFilterSet
from config.api.lists.filter_fields import UNKNOWN, WordsFilter
from parks.filters import TagDayFilter, TagsFilter, have_tags
from parks.models import Organisation, Tag
from projects.models import ProjectTag
from projects.tagging.holding import find_tagged_projects, list_owned_investors


def have_project_tags(actor: Any, day: date | None, codes: list[str] | None) -> Q:
    """Select the projects with one of these tags, or any: at any time, or on a day."""
    return have_tags(ProjectTag.objects.filter(project=OuterRef("pk")), day, codes)


def have_investor_tags(actor: Any, day: date | None, codes: list[str] | None) -> Q:
    """Select the projects of which an investor has one of these tags, or any.

    On the day of the signature unless another is asked for; unsigned ones are judged by today.
    """
    return Q(pk__in=find_tagged_projects(actor, day, codes))


class InvestorOwnershipFilter(WordsFilter):
    """Projects of which an investor is owned so; `unknown` where of none it is known."""

    def condition(self, value: list[str]) -> Q:
        known = list_owned_investors()
        chosen = Q(pk__in=known.filter(organisation__ownership__in=value).values("project"))
        return chosen | ~Q(pk__in=known.values("project")) if UNKNOWN in value else chosen


_OWN: dict[str, Any] = {"having": have_project_tags, "bearer": Tag.Bearer.PROJECT}
_OF_INVESTORS: dict[str, Any] = {"having": have_investor_tags, "bearer": Tag.Bearer.ORGANISATION}


class TaggedFilterSet(CodedFilterSet):
    """What projects are narrowed by that is said of them, or of their investors, by tags."""

    tag = TagsFilter(**_OWN)
    tag_not = TagsFilter("tag", exclude=True, **_OWN)
    tag_on = TagDayFilter(having=have_project_tags)
    investor_tag = TagsFilter(**_OF_INVESTORS)
    investor_tag_not = TagsFilter("investor_tag", exclude=True, **_OF_INVESTORS)
    investor_tag_on = TagDayFilter(having=have_investor_tags)
    investor_ownership = InvestorOwnershipFilter(choices=Organisation.Ownership)
    investor_ownership_not = InvestorOwnershipFilter(
        "investor_ownership", choices=Organisation.Ownership, exclude=True
    )
