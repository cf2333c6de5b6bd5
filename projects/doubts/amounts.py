"""Amounts that no project is likely to have: most often the unit was misunderstood."""

from collections.abc import Collection, Iterator

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from config.forms import TypedAmount
from projects.doubts.doubts import Doubt, DoubtKind
from projects.lifecycle.words import HEADLINE_INDICATOR
from projects.models import ProjectFigure


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
