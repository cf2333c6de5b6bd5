"""Asking before something doubtful is written: the one way of all entry points."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from parks.recording.recording import recorded
from projects.doubts.amounts import find_improbable_amounts
from projects.doubts.doubts import DoubtfulWriteError, DoubtKind
from projects.doubts.duplicates import find_duplicates
from projects.doubts.profiles import read_profiles
from projects.models import DistinctPair, Project, ProjectFigure


@contextmanager
def ask(
    actor: Any, confirmed: Callable[[int], Collection[str]], stored: Iterable[int] = ()
) -> Iterator[None]:
    """Let something be written in one revision; raise DoubtfulWriteError if that is doubtful.

    `confirmed` gives, by the key of a project that was written, the kinds of doubts that are
    settled. `stored` are the keys of stored projects whose name, park, amount, investors or stage
    may change: they may become like others. Only what is written inside is doubted, never what
    was stored before; no project is named that `actor` may not see.
    """
    with recorded() as unit:
        before = read_profiles(stored)
        yield
        unit.derive()
        now = read_profiles([*before, *unit.find_created(Project)])
        doubts = [
            *find_improbable_amounts(unit.find_created(ProjectFigure)),
            *find_duplicates(now, before, Project.objects.visible_to(actor)),
        ]
        open_doubts = [doubt for doubt in doubts if doubt.kind not in confirmed(doubt.project)]
        if open_doubts:
            raise DoubtfulWriteError(open_doubts)
        DistinctPair.keep(
            (doubt.project, candidate.pk)
            for doubt in doubts
            if doubt.kind == DoubtKind.DUPLICATES
            for candidate in doubt.candidates
        )
