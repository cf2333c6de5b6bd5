"""What is doubtful about a write: not wrong, but not to be written before somebody confirms it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _


class DoubtKind(models.TextChoices):
    """What a doubt is about: the word that settles it."""

    AMOUNTS = "amounts", _("The amounts are right.")
    DUPLICATES = "duplicates", _("These are different projects.")
    AGREEMENTS = "agreements", _("The contracts and starts are right, as they were read.")
    INVESTORS = "investors", _("The investors are right without what is in brackets.")


@dataclass(frozen=True)
class Candidate:
    """A project that the one that is written may be; it has no code before both are stored."""

    pk: int
    code: str
    name_zh: str
    name_en: str
    has_amount: bool = False  # in yuan, so that something may add to it

    def __str__(self) -> str:
        name = self.name_zh or self.name_en
        return f"{name} ({self.code})" if self.code else name


@dataclass(frozen=True)
class Doubt:
    """One doubt about a project that is written.

    `project` is its key, `field` the field of the project that the doubt is about, `code` for
    programs and `detail` for people in the active language; it may add to another amount where it
    `has_amount` in yuan.
    """

    project: int
    kind: DoubtKind
    field: str
    code: str
    detail: str
    candidates: tuple[Candidate, ...] = ()
    has_amount: bool = False


class DoubtfulWriteError(Exception):
    """What was to be written is doubtful, and nobody has confirmed it."""

    def __init__(self, doubts: Iterable[Doubt]) -> None:
        self.doubts = list(doubts)
        super().__init__(*(doubt.detail for doubt in self.doubts))
