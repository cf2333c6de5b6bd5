"""What is said about a project in numbers, its investment first of all."""

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Case, Exists, F, Max, Min, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, Round
from django.utils.translation import gettext_lazy as _

from config.database.indexes import index_orders
from parks.models import Claim, Nature
from parks.models.claims import CLAIM_KEYS, IS_WHOLE, ClaimQuerySet
from parks.models.ledger import IS_STANDING, build_history, index_successors, refuse_days_to_come
from projects.models import words
from projects.models.projects import refer_to_project
from projects.models.rows import OF_PROJECT, DerivesProject
from projects.models.words import InvestmentBasis
from sheets.amounts import Qualifier
from sheets.dates import PartialDate, PeriodEnd, Precision, YearOf
from sheets.fields import blame_column

# Of whatever nature: by this day the newest amount is the headline
AMOUNT_TO_COME = _("%(day)s is in the future; give the day by which the amount was known.")
# Claims about the same thing agree in these columns; their values may differ
SAME_THING = (
    *("project", "indicator", "nature", "investment_basis", "currency"),
    *("as_of", "as_of_precision", "period_from", "period_to", "adds_to"),
)
RESULT_NATURES = (Nature.PROMISED, Nature.ACTUAL)
RESULT_IN_WORDS = _(
    "Results of a year are compared by their numbers: give that of “%(text)s”, and 约 or 超 as its "
    "qualifier; its words belong into “as reported”."
)
_NO_DAY = Value(date.min, output_field=models.DateField())


class ProjectFigureQuerySet(ClaimQuerySet):
    """Claims about projects, of which some add to the amount that another one says (增资)."""

    def of_the_whole(self) -> Self:
        """Select the claims that no dimension narrows, and that say no mere increase."""
        return super().of_the_whole().filter(adds_to__isnull=True)

    def keep_counted_increases(self) -> Self:
        """Select the increases that hold: of one day that which was claimed last.

        So two sources that tell of one increase do not count it twice.
        """
        holding = self.standing().filter(IS_WHOLE, adds_to__isnull=False)
        same_day = holding.annotate(day=Coalesce("as_of", _NO_DAY)).filter(
            adds_to=OuterRef("adds_to"),
            day=Coalesce(OuterRef("as_of"), _NO_DAY),
            as_of_precision=OuterRef("as_of_precision"),
            pk__gt=OuterRef("pk"),
        )
        return holding.exclude(Exists(same_day))

    def select_headlines(self) -> Self:
        """Select the amounts that may be what a project invests, with their increases; best first.

        That is the best basis, then the newest.
        """
        amounts = self.standing().of_the_whole().filter(indicator=words.HEADLINE_INDICATOR)
        return (
            amounts.filter(amount_cny__gte=0)
            .with_increases()
            .order_by(
                words.rank("investment_basis", list(InvestmentBasis)),
                Coalesce("increased_on", "as_of_end", "period_to_end").desc(nulls_last=True),
                F("id").desc(),
            )
        )

    def of_other_currencies(self) -> Self:
        """Select the amounts of what a project invests that are in another currency."""
        claims = self.standing().of_the_whole()
        return claims.filter(indicator=words.HEADLINE_INDICATOR, value__isnull=False)

    def of_whole_years(self) -> Self:
        """Select the numbers that were promised or reached in a calendar year, with `year`."""
        end = PeriodEnd("period_from", Value(Precision.YEAR.value))
        rows = self.standing().of_the_whole().annotate(year=YearOf("period_from"))
        return rows.filter(
            Q(amount_cny__isnull=False) | Q(value__isnull=False, currency=""),
            nature__in=RESULT_NATURES,
            indicator__in=words.RESULT_INDICATORS,
            period_from__isnull=False,
            period_to_end=end,
            year=YearOf("period_to_end"),
        )

    def compare_years(self) -> Self:
        """Select one row for each project, indicator and year, with its results."""
        first = _find_same_year().newest_first("-nature")  # promised before actual
        return self.of_whole_years().filter(pk=Subquery(first.values("pk")[:1])).with_results()

    def with_results(self) -> Self:
        """Annotate results with the newest claims of both natures, and their year.

        `promised` and `actual` are numbers, in whole yuan or jobs. The codes of their claims are
        `promised_figure` and `actual_figure`, their hedges `promised_qualifier` and
        `actual_qualifier`.
        """
        parts = {
            "": Coalesce("amount_cny", Cast(Round("value"), models.BigIntegerField())),
            "_figure": F("code"),
            "_qualifier": F("qualifier"),
        }
        found = {
            f"{nature}{end}": Subquery(
                _find_same_year().filter(nature=nature).newest_first().values(part=column)[:1]
            )
            for nature in (Nature.PROMISED, Nature.ACTUAL)
            for end, column in parts.items()
        }
        return self.annotate(year=YearOf("period_from"), **found)

    def with_increases(self) -> Self:
        """Annotate amounts with what was added: `total_cny`, `total_qualifier`, `increased_on`.

        A total is as exact as all of its parts; where these differ in more than one way it is
        about so much.
        """
        increases = ProjectFigure.objects.keep_counted_increases().filter(adds_to=OuterRef("pk"))
        added = increases.order_by().values("adds_to")
        hedged = ~Q(qualifier=Qualifier.EXACT)
        low = Subquery(added.values(low=Min("qualifier", filter=hedged)))
        high = Subquery(added.values(high=Max("qualifier", filter=hedged)))
        return self.annotate(
            total_cny=F("amount_cny")
            + Coalesce(Subquery(added.values(sum=Sum("amount_cny"))), Value(0)),
            increased_on=Subquery(added.values(last=Max("as_of_end"))),
            low=low,
            high=high,
            total_qualifier=Case(
                When(low__isnull=True, then=F("qualifier")),
                When(low=F("high"), qualifier__in=[Qualifier.EXACT, F("high")], then=F("high")),
                default=Value(Qualifier.ABOUT.value),
            ),
        )


def _find_same_year() -> ProjectFigureQuerySet:
    """Find the results of the same project, indicator and year as those of an outer query."""
    return ProjectFigure.objects.of_whole_years().filter(
        project=OuterRef("project"),
        indicator=OuterRef("indicator"),
        period_from=OuterRef("period_from"),
    )


class ProjectFigure(DerivesProject, Claim):
    """A claim about a project. Those of the investment say what the amount rests on.

    An increase (增资) adds to the amount that another claim of the same basis says. It counts as
    long as that one holds and is the headline: who says a new total supersedes both.
    """

    about = ("project",)
    audience = OF_PROJECT
    history = build_history(unindexed=[*CLAIM_KEYS, "adds_to"])

    project = refer_to_project("figures")
    investment_basis = models.CharField(
        _("basis of the investment"), max_length=8, choices=InvestmentBasis, blank=True
    )
    adds_to = models.ForeignKey(
        "self",
        models.RESTRICT,
        null=True,
        blank=True,
        related_name="increases",
        db_index=False,  # of so few rows that a planner without statistics needs to be told
        verbose_name=_("adds to"),
        help_text=_("For an increase (增资): the claim of the amount that it adds to."),
    )

    objects = ProjectFigureQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Claim.Meta):
        abstract = False
        verbose_name = _("project figure")
        verbose_name_plural = _("project figures")
        ordering = ["project_id", "indicator_id", "-as_of", "code"]
        indexes = [
            models.Index(fields=["project", "indicator"], name="project_figure_by_indicator"),
            index_successors("project_figure"),
            models.Index(
                fields=["adds_to"],
                name="project_figure_increases",
                condition=Q(adds_to__isnull=False),
            ),
            # Contradicting claims are found by this index alone
            models.Index(
                fields=[*SAME_THING, "amount_cny", "value"],
                condition=IS_STANDING & IS_WHOLE,
                name="project_figure_of_one_thing",
            ),
            models.Index(
                fields=["indicator", "period_from", "project"],
                condition=Q(period_from__isnull=False),
                name="project_figure_of_a_year",
            ),
            *index_orders("project_figure", code="code", day="as_of", update="updated_at"),
        ]
        constraints = [
            *Claim.Meta.constraints,
            models.CheckConstraint(
                name="project_figure_basis_of_investment",
                condition=Q(investment_basis="", amount_cny__isnull=True)
                | (Q(indicator=words.HEADLINE_INDICATOR) & ~Q(investment_basis=""))
                | (~Q(indicator=words.HEADLINE_INDICATOR) & Q(investment_basis="")),
                violation_error_message=_(
                    "An amount of investment says what it rests on; no other figure does."
                ),
            ),
            models.CheckConstraint(
                name="project_figure_investment_not_negative",
                condition=~Q(indicator=words.HEADLINE_INDICATOR)
                | Q(amount_cny__isnull=True)
                | Q(amount_cny__gte=0),
                violation_error_message=_("The investment cannot be negative."),
            ),
            models.CheckConstraint(
                name="project_figure_increase_of_investment",
                condition=Q(adds_to__isnull=True)
                | Q(indicator=words.HEADLINE_INDICATOR, amount_cny__isnull=False),
                violation_error_code="not_an_amount",
                violation_error_message=_("Only an amount of investment adds to another."),
            ),
        ]

    def clean(self) -> None:
        if self.indicator_id == words.HEADLINE_INDICATOR:
            refuse_days_to_come(self, ["as_of"], AMOUNT_TO_COME)
        super().clean()
        is_result = self.indicator_id in words.RESULT_INDICATORS and self.nature in RESULT_NATURES
        if is_result and self.period_from and self.value_text and self._state.adding:
            params = {"text": self.value_text}
            raise blame_column("value_text", RESULT_IN_WORDS, code="not_a_number", params=params)
        base = self.adds_to
        if base is None:
            return
        same = ("project_id", "indicator_id", "investment_basis")
        is_apart = any(getattr(self, name) != getattr(base, name) for name in same)
        is_new_to_past = self._state.adding and not base.is_standing
        if is_apart or is_new_to_past or base.is_narrowed or base.amount_cny is None:
            message = _(
                "An increase adds to an amount that holds, of the same project and basis, and not "
                "to another increase."
            )
            raise blame_column("adds_to", message, code="not_about_the_same")
        day = PartialDate.from_columns(self.as_of, self.as_of_precision)
        if day and base.as_of and day.last < base.as_of:
            message = _("That amount is of a later day, and has the increase in it already.")
            raise blame_column("adds_to", message, code="counted_already")

    @property
    def is_narrowed(self) -> bool:
        """Whether it is said of a part of its subject only, as an increase is."""
        return self.adds_to_id is not None or super().is_narrowed
