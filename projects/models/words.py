"""Stages, agreements and other vocabularies of a project's lifecycle, and their order."""

import re
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy

from config.database import history
from sheets.dates import PeriodEnd, months_before


class Stage(models.TextChoices):
    """What a project has reached, in order; each later one implies the earlier ones."""

    LEAD = "lead", gettext_lazy("lead")
    NEGOTIATING = "negotiating", gettext_lazy("in negotiation")
    INTENDED = "intended", gettext_lazy("intent signed")
    SIGNED = "signed", gettext_lazy("contract signed")
    REGISTERED = "registered", gettext_lazy("entity registered")
    APPROVED = "approved", gettext_lazy("approved")
    STARTED = "started", gettext_lazy("construction started")
    COMPLETED = "completed", gettext_lazy("completed")
    OPERATING = "operating", gettext_lazy("operating")
    FULL_CAPACITY = "full_capacity", gettext_lazy("at full capacity")


class Approval(models.TextChoices):
    """Approvals by authorities, which are not stages and have no rank."""

    LAND_GRANTED = "land_granted", gettext_lazy("land granted")
    ENVIRONMENTAL = "environmental", gettext_lazy("environmental assessment approved")
    ENERGY_REVIEW = "energy_review", gettext_lazy("energy review passed")
    WORKS_PERMIT = "works_permit", gettext_lazy("construction permit issued")
    IN_STATISTICS = "in_statistics", gettext_lazy("taken into the statistics")


MILESTONE_TYPES = [*Stage.choices, *Approval.choices]


class MilestoneStatus(models.TextChoices):
    """Whether a milestone is planned, reached, or no longer holds."""

    SCHEDULED = "scheduled", gettext_lazy("scheduled")
    MET = "met", gettext_lazy("met")
    REVOKED = "revoked", gettext_lazy("revoked")


class AgreementType(models.TextChoices):
    """The kind of agreement, the most binding last."""

    UNKNOWN = "unknown", gettext_lazy("not stated")
    INTENT = "intent", gettext_lazy("letter of intent")
    FRAMEWORK = "framework", gettext_lazy("framework agreement")
    CONTRACT = "contract", gettext_lazy("contract")


class InvestmentBasis(models.TextChoices):
    """The basis of an amount; the first known one is the headline of a project."""

    AGREED = "agreed", gettext_lazy("agreed in a contract")
    PLANNED = "planned", gettext_lazy("planned")
    INTENDED = "intended", gettext_lazy("intended")
    REPORTED = "reported", gettext_lazy("reported, basis not stated")


# The basis of an amount by the words before or above it; the first match counts
BASIS_WORDS = {
    "intended": re.compile(
        "意向|框架|备忘|拟|intended|proposed|framework|of intent|(?<![a-z])mou", re.I
    ),
    "agreed": re.compile("协议|合同|agreed|contract", re.I),
    "planned": re.compile("计划|规划|预计|批复|概算|估算|匡算|planned|estimated|expected", re.I),
}


def find_basis_of_words(text: str) -> str:
    """Find the basis of an amount by the words of its header; blank if there is none."""
    return next((basis for basis, words in BASIS_WORDS.items() if words.search(text)), "")


class CapitalType(models.TextChoices):
    DOMESTIC = "domestic", gettext_lazy("domestic capital")
    FOREIGN = "foreign", gettext_lazy("foreign capital")
    HMT = "hmt", gettext_lazy("capital of Hong Kong, Macao or Taiwan")
    JOINT = "joint", gettext_lazy("Chinese-foreign joint venture")


class OriginScope(models.TextChoices):
    """How far away from a project its investor is, the farthest first."""

    ABROAD = "abroad", gettext_lazy("from abroad")
    HMT = "hmt", gettext_lazy("from Hong Kong, Macao or Taiwan")
    OTHER_PROVINCE = "other_province", gettext_lazy("from another province")
    OTHER_CITY = "other_city", gettext_lazy("from another city of the province")
    SAME_CITY = "same_city", gettext_lazy("from the same city")


class LostBecause(models.TextChoices):
    """Why a project was lost: what it needed and did not find, or why it went elsewhere."""

    LAND = "land", gettext_lazy("land or premises")
    UTILITIES = "utilities", gettext_lazy("energy, water or environment")
    SUPPLY = "supply", gettext_lazy("suppliers, logistics or labour")
    POLICY = "policy", gettext_lazy("policy or price")
    FUNDS = "funds", gettext_lazy("funds of the investor")
    MARKET = "market", gettext_lazy("market")
    INVESTOR = "investor", gettext_lazy("plans of the investor")
    ELSEWHERE = "elsewhere", gettext_lazy("chose another place")
    OTHER = "other", gettext_lazy("other reason")


STAGES = list(Stage)
BINDING = list(AgreementType)
SIGNING_TYPES = [Stage.INTENDED, Stage.SIGNED]
DATED_STAGES = {
    "intended_on": Stage.INTENDED,
    "signed_on": Stage.SIGNED,
    "started_on": Stage.STARTED,
    "completed_on": Stage.COMPLETED,
    "operating_on": Stage.OPERATING,
}
# The steps by whose days projects are filtered and counted, in their usual order, with the end of
# the labels of their dimensions
STEPS = {
    "intended": gettext_lazy("the intent"),
    "signed": gettext_lazy("the contract"),
    "registered": gettext_lazy("registration"),
    "approved": gettext_lazy("the approval"),
    "land_granted": gettext_lazy("the land grant"),
    "works_permit": gettext_lazy("the construction permit"),
    "started": gettext_lazy("the start"),
    "completed": gettext_lazy("completion"),
    "in_statistics": gettext_lazy("entry into the statistics"),
    "operating": gettext_lazy("operation"),
}
# Fields of a project that are derived from its milestones
FROM_MILESTONES = ["stage", "stage_on", *DATED_STAGES, "agreement_type"]
# Fields that are derived from its newest note, with the columns of the note
FROM_PROGRESS = {
    "latest_progress": "text",
    "latest_progress_on": "noted_on",
    "next_step": "next_step",
    "next_step_due_on": "due_on",
}
OF_LOST = ("lost_because", "lost_to")  # why a project was lost, and to which region
HEADLINE_INDICATOR = "investment"
# What contracts promise by the year, and what is reported of it
RESULT_INDICATORS = ("investment_per_year", "output_per_year", "tax_per_year", "jobs")
DERIVED = [
    *("stage", "stage_on", "stage_on_precision", *DATED_STAGES),
    *(f"{column}_precision" for column in DATED_STAGES),
    *("agreement_type", "hitech", "project_region", "capital_type"),
    *("investment_cny", "investment_qualifier", "investment_basis", "paid_in_cny"),
    *("news_on", "next_planned_on", "has_intent", "has_money", *FROM_PROGRESS),
]


def list_stages_from(stage: str) -> list[Stage]:
    """List this stage and all later ones."""
    return STAGES[STAGES.index(Stage(stage)) :]


def rank(column: str, order: list[Any]) -> Case:
    """Rank a column's word by its place in `order`, counted from 0."""
    return Case(*(When(**{column: word}, then=Value(n)) for n, word in enumerate(order)))


def is_under_way() -> Q:
    """Select the active projects that do not operate yet."""
    return Q(standing="active") & ~Q(stage__in=list_stages_from(Stage.OPERATING))


def is_review_by(day: date) -> Q:
    """Select the projects whose review is due by this day: of a month or year by its last day."""
    end = PeriodEnd("review_on", "review_on_precision")
    return Q(review_on__lte=day) & Q(LessThanOrEqual(end, day))


def is_past_review() -> Q:
    """Select the active projects before full capacity whose day of review has passed."""
    is_passed = is_review_by(history.today() - timedelta(days=1))
    return Q(standing="active") & ~Q(stage=Stage.FULL_CAPACITY) & is_passed


def is_overdue() -> Q:
    """Select the projects under way whose next step was planned for a past day."""
    return is_under_way() & Q(next_planned_on__isnull=False, next_planned_on__lt=history.today())


def is_silent_since(day: date) -> Q:
    """Select the projects without news on this day or later."""
    return Q(news_on__isnull=True) | Q(news_on__lt=day)


def is_stale() -> Q:
    """Select the projects under way that are overdue, or silent for settings.STALE_MONTHS months.

    A project without any date is not stale.
    """
    limit = months_before(history.today(), settings.STALE_MONTHS)
    silent = Q(news_on__isnull=False, news_on__lt=limit)
    return (is_under_way() & silent) | is_overdue()
