"""Projects that are probably one: by the marks by which a write is doubted, for all at once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from django.db import models
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.api.problems.errors import QueryError
from config.mistakes import Mistake
from parks.merging.duplicates import COMPARED_AT_ONCE, PAIRED_AT_MOST, Pair, group_by_marks, pair_up
from parks.recording.change_rows import chunks
from projects.doubts.profiles import BACKING_ROLES, read_profiles
from projects.lifecycle.words import Stage, list_stages_from
from projects.models import DistinctPair, Investor, loosen

MOST_COMPARED = 50_000  # projects: more of them would take longer than a request may


class ProjectLikeness(models.TextChoices):
    """What two projects of a park have in common: the kinds of marks."""

    SAME_NAME = "same_name", gettext_lazy("the same name")
    SAME_AMOUNT = "same_amount", gettext_lazy("the same investor and amount")
    INTENT_EXISTS = "intent_exists", gettext_lazy("one may be the contract of the other's intent")


def find_project_pairs(rows: QuerySet) -> Iterator[Pair]:
    """Find the projects of one park that have a mark in common.

    Left out are those that somebody said are two, and of which it is known how they relate.
    Names are read once, all else is grouped by the database. QueryError if there are too many.
    """
    projects = rows.order_by()
    if projects[: MOST_COMPARED + 1].count() > MOST_COMPARED:
        raise QueryError([Mistake("too_many_rows", say_too_many()).at(parameter="park")])
    groups = [*_group_by_name(projects), *_group_by_amount(projects), *_group_by_intent(projects)]
    alike = {key for keys in groups for key in keys}
    profiles = {
        key: profile for some in chunks(alike) for key, profile in read_profiles(some).items()
    }
    questions = {key: profile.find_questions() for key, profile in profiles.items()}
    answers = {key: profile.find_answers() for key, profile in profiles.items()}
    marked = ((key, questions[key] | answers[key]) for key in profiles)
    distinct = {pair for some in chunks(profiles) for pair in DistinctPair.find(some)}
    for row, into in sorted(pair_up(group_by_marks(marked, 2 * PAIRED_AT_MOST))):
        is_apart = profiles[row].is_apart_from(row, profiles[into], into)
        shared = (questions[row] & answers[into]) | (questions[into] & answers[row])
        # Nobody merges a phase into its whole
        kinds = {mark.kind for mark in shared} & {*ProjectLikeness.values}
        if kinds and not is_apart and frozenset((row, into)) not in distinct:
            yield Pair(row, into, tuple(each for each in ProjectLikeness if each in kinds))


def say_too_many() -> str:
    """Say that fewer projects have to be compared, in the active language."""
    text = _("More than %(most)d projects would be compared: name a park. Pairs are of one park.")
    return text % {"most": MOST_COMPARED}


def _group_by_name(projects: QuerySet) -> Iterable[Collection[int]]:
    named = projects.values_list("pk", "park_id", "name_zh", "name_en")
    return group_by_marks(
        (pk, {(park, loosen(name)) for name in names if name})
        for pk, park, *names in named.iterator(COMPARED_AT_ONCE)
    )


def _group_by_amount(projects: QuerySet) -> Iterable[Collection[int]]:
    """Group the projects of a park that have the same investor and amount."""
    backers = Investor.objects.filter(
        project__in=projects.values("pk"),
        role__in=BACKING_ROLES,
        project__investment_cny__gt=0,
    ).order_by()
    what = ("project__park", "organisation", "project__investment_cny")
    counted = backers.values(*what).annotate(count=Count("pk")).filter(count__gt=1)
    asked = {tuple(each) for each in counted.values_list(*what)}
    return group_by_marks(
        (project, [mark])
        for some in chunks({backer for _park, backer, _amount in asked})
        for project, *each in backers.filter(organisation__in=some).values_list("project", *what)
        if (mark := tuple(each)) in asked
    )


def _group_by_intent(projects: QuerySet) -> Iterable[Collection[int]]:
    """Group the intents, and the contracts without one, of a lead investor that has both.

    Of both the oldest ones, so that neither drives out the other.
    """
    is_intent = Q(project__stage=Stage.INTENDED)
    is_contract = Q(project__stage__in=list_stages_from(Stage.SIGNED), project__has_intent=False)
    leads = Investor.objects.filter(
        is_intent | is_contract, project__in=projects.values("pk"), role=Investor.Role.LEAD
    ).order_by()
    what = ("project__park", "organisation")
    counted: dict[str, Any] = {
        "intents": Count("pk", filter=is_intent),
        "contracts": Count("pk", filter=is_contract),
    }
    both = leads.values(*what).annotate(**counted).filter(intents__gt=0, contracts__gt=0)
    asked = {tuple(each) for each in both.values_list(*what)}
    groups: dict[Any, list[int]] = defaultdict(list)
    for some in chunks({lead for _park, lead in asked}):
        found = leads.filter(organisation__in=some).order_by("project")
        for project, stage, *each in found.values_list("project", "project__stage", *what):
            kept = groups[*each, stage == Stage.INTENDED]
            if tuple(each) in asked and len(kept) < PAIRED_AT_MOST:
                kept.append(project)
    return groups.values()
