"""Doubtful writes: valid, but to be confirmed first; improbable amounts among them."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.lifecycle.words import HEADLINE_INDICATOR
from projects.models import ProjectFigure
from sheets.forms import TypedAmount


class DoubtKind(models.TextChoices):
    """What a doubt is about: the word that settles it."""

    AMOUNTS = "amounts", gettext_lazy("The amounts are right.")
    DUPLICATES = "duplicates", gettext_lazy("These are different projects.")
    AGREEMENTS = (
        "agreements",
        gettext_lazy("The contracts and starts are right, as they were read."),
    )
    INVESTORS = "investors", gettext_lazy("The investors are right without what is in brackets.")


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


def is_improbable(amount_cny: int) -> bool:
    """Tell whether hardly any project has this as its total investment, in yuan."""
    low, high = settings.INVESTMENT_PROBABLE_FROM, settings.INVESTMENT_PROBABLE_TO
    return amount_cny == 0 or not low <= amount_cny <= high


def describe_improbable(amount_cny: int) -> str:
    """Say of a total investment that it is improbable, in the active language."""
    text = _(
        "A total investment of %(amount)s is improbable: it usually lies between %(low)s and "
        "%(high)s. Check the unit."
    )
    return text % {
        "amount": TypedAmount(amount_cny),
        "low": TypedAmount(settings.INVESTMENT_PROBABLE_FROM),
        "high": TypedAmount(settings.INVESTMENT_PROBABLE_TO),
    }


def find_improbable_amounts(claims: Collection[int]) -> Iterator[Doubt]:
    """Find the new claims, by key, of an improbable total that was never claimed of the project.

    One query for any number of claims; none for none.
    """
    if not claims:
        return
    totals = ProjectFigure.objects.of_the_whole().filter(
        indicator=HEADLINE_INDICATOR, amount_cny__isnull=False
    )
    same = totals.filter(project=OuterRef("project"), amount_cny=OuterRef("amount_cny"))
    improbable = (
        Q(amount_cny__lt=settings.INVESTMENT_PROBABLE_FROM)
        | Q(amount_cny__gt=settings.INVESTMENT_PROBABLE_TO)
        | Q(amount_cny=0)
    )
    asked = totals.filter(improbable, ~Exists(same.filter(pk__lt=OuterRef("pk"))), pk__in=claims)
    for project, amount in asked.order_by("pk").values_list("project_id", "amount_cny"):
        yield Doubt(
            project,
            DoubtKind.AMOUNTS,
            "investment_cny",
            "improbable_amount",
            describe_improbable(amount),
        )
