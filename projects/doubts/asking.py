"""Asking before something doubtful is written: the one way of all entry points."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

from parks.recording.recording import recorded
from projects.doubts.amounts import find_improbable_amounts
from projects.doubts.doubts import DoubtfulWriteError
from projects.models import ProjectFigure


@contextmanager
def ask(confirmed: Callable[[int], Collection[str]]) -> Iterator[None]:
    """Let something be written in one revision; raise DoubtfulWriteError if that is doubtful.

    `confirmed` gives, by the key of a project that was written, the kinds of doubts that are
    settled. Only what is written inside is doubted, never what was stored before.
    """
    with recorded() as unit:
        yield
        doubts = list(find_improbable_amounts(unit.find_created(ProjectFigure)))
        open_doubts = [doubt for doubt in doubts if doubt.kind not in confirmed(doubt.project)]
        if open_doubts:
            raise DoubtfulWriteError(open_doubts)
