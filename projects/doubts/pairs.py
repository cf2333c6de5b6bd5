"""Projects that are probably one: by the marks by which a write is doubted, for all at once."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.api.problems.errors import QueryError
from config.mistakes import Mistake
from parks.merging.duplicates import PAIRED_AT_MOST, Pair
from parks.recording.change_rows import chunks
from projects.doubts.duplicates import find_alike
from projects.doubts.profiles import Mark, read_profiles

MOST_COMPARED = 50_000  # projects: more of them would take longer than a request may


class ProjectLikeness(models.TextChoices):
    """What two projects of a park have in common: the kinds of marks."""

    SAME_NAME = "same_name", gettext_lazy("the same name")
    SAME_AMOUNT = "same_amount", gettext_lazy("the same investor and amount")
    INTENT_EXISTS = "intent_exists", gettext_lazy("one may be the contract of the other's intent")


def find_project_pairs(rows: QuerySet) -> Iterator[Pair]:
    """Find the projects of one park that have a mark in common.

    Left out are those that somebody said are two, and of which it is known how they relate.
    QueryError if there are too many.
    """
    keys = [*rows.order_by("pk").values_list("pk", flat=True)[: MOST_COMPARED + 1]]
    if len(keys) > MOST_COMPARED:
        raise QueryError([Mistake("too_many_rows", say_too_many()).at(parameter="park")])
    profiles = {
        key: profile for some in chunks(keys) for key, profile in read_profiles(some).items()
    }
    counted: Counter[Mark] = Counter()
    kinds: dict[tuple[int, int], set[str]] = defaultdict(set)
    for alike in find_alike(profiles, at_most=PAIRED_AT_MOST):
        counted.update(alike.others.keys())
        for mark, others in alike.others.items():
            # Nobody merges a phase into its whole
            if mark.kind in ProjectLikeness.values and counted[mark] <= PAIRED_AT_MOST:
                for other in others:
                    kinds[max(alike.key, other), min(alike.key, other)].add(mark.kind)
    for (row, into), found in sorted(kinds.items()):
        yield Pair(row, into, tuple(each for each in ProjectLikeness if each in found))


def say_too_many() -> str:
    """Say that fewer projects have to be compared, in the active language."""
    text = _("More than %(most)d projects would be compared: name a park. Pairs are of one park.")
    return text % {"most": MOST_COMPARED}
