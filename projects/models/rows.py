"""Investors, milestones and tags of a project."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parks.access import Publication
from parks.models import Organisation, Source
from parks.models.ledger import Recorded, build_history
from parks.models.places import is_park_open
from parks.models.tags import Tag, Tagging, tag_once
from parks.recording.change_rows import NEVER, Audience
from parks.recording.recording import MAX_REASON, find_stated_reason, recorded
from projects.models import dimensions, words
from projects.models.projects import Project, refer_to_project
from projects.models.words import AgreementType, MilestoneStatus
from sheets import fields
from sheets.dates import PartialDate

PROJECT_IS_PUBLIC = Q(project__publication=Publication.PUBLISHED) & is_park_open("project__park")
OF_PROJECT = Audience(
    owner="project__code", park="project__park_id", public=PROJECT_IS_PUBLIC, under=("project",)
)
OF_ROLES = replace(OF_PROJECT, public=NEVER)  # for the roles of its park alone


class DerivesProject(models.Model):
    """A row whose every write derives its project again, as a new version."""

    project_id: int

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with recorded() as writer:
            super().save(*args, **kwargs)
            writer.postpone(Project, [self.project_id])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with recorded() as writer:
            deleted = super().delete(*args, **kwargs)
            writer.postpone(Project, [self.project_id])
        return deleted


class ProjectRow(DerivesProject, Recorded):
    """A row that belongs to a project, and is seen with it."""

    audience = OF_PROJECT

    class Meta:
        abstract = True


SECOND_LEAD = _("A project has one lead investor; any other is a co-investor.")


class Investor(ProjectRow):
    """An organisation that puts money, land or a fund into a project."""

    class Role(models.TextChoices):
        LEAD = "lead", _("lead investor")
        CO = "co", _("co-investor")
        LAND = "land", _("gives the land")
        FUND = "fund", _("fund")
        VEHICLE = "vehicle", _("project company")

    project = refer_to_project("investors")
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="investments", verbose_name=_("organisation")
    )
    history = build_history(unindexed=["organisation"])
    identified_by = ("organisation", "role")
    role = models.CharField(_("role"), max_length=7, choices=Role, default=Role.LEAD)
    share_bp = models.PositiveIntegerField(
        _("share"),
        null=True,
        blank=True,
        validators=[
            MinValueValidator(1),
            MaxValueValidator(10_000, _("A share can be at most 10,000 basis points (100 %%).")),
        ],
        help_text=_("100 basis points are 1 %; all investors together have at most 10,000."),
    )

    class Meta:
        verbose_name = _("investor")
        verbose_name_plural = _("investors")
        ordering = ["project_id", "id"]
        constraints = [
            fields.require_unique(
                "investor_once",
                ["project", "organisation", "role"],
                _("This organisation already has this role."),
            ),
            fields.require_unique(
                "investor_one_lead", ["project"], SECOND_LEAD, condition=Q(role="lead")
            ),
            models.CheckConstraint(
                name="investor_share_at_most_all",
                condition=Q(share_bp__isnull=True) | Q(share_bp__gte=1, share_bp__lte=10_000),
                violation_error_message=_(
                    "A share must be between 1 and 10,000 basis points (100 %%)."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({self.get_role_display()})"

    def yield_to_others(self) -> None:
        others = [*Investor.objects.filter(project=self.project_id).exclude(pk=self.pk)]
        leads = {each.organisation_id for each in others if each.role == self.Role.LEAD}
        if self.role == self.Role.LEAD and leads - {self.organisation_id}:
            self.role = self.Role.CO
        check_shares(each.share_bp for each in (self, *others))


def check_shares(shares: Iterable[int | None]) -> None:
    """Raise `ValidationError` when the shares of a project's investors exceed the whole."""
    total = sum(share or 0 for share in shares)
    if total > 10_000:
        raise ValidationError(
            _("The shares add up to %(percent)s %%; the whole is 100 %%."),
            code="shares_exceed_whole",
            params={"percent": f"{total / 100:g}"},
        )


def check_leads(roles: Iterable[str]) -> None:
    """Raise `ValidationError` when more than one of the investors of a project leads."""
    if [*roles].count(Investor.Role.LEAD) > 1:
        raise ValidationError(SECOND_LEAD, code="second_lead")


NOT_BINDING_PAPER = _(
    "A letter of intent is no contract: write it as the step “intended”, or say what else was "
    "signed."
)
CONTRACT_OF_INTENT = _(
    "An intent is no contract: write a contract as the step “signed”, or say what else was signed."
)
PLANNED_BUT_MET = _(
    "This step is planned for a day in the future, so it cannot be met without “actual_on”; a "
    "planned step is “scheduled”."
)
# The step that a paper is not of, and why
OTHER_PAPERS: Mapping[str, tuple[words.Stage, Any]] = {
    AgreementType.INTENT: (words.Stage.SIGNED, NOT_BINDING_PAPER),
    AgreementType.CONTRACT: (words.Stage.INTENDED, CONTRACT_OF_INTENT),
}
MOVED_WITHOUT_REASON = _(
    "The planned or promised day of this step moves: say why in “move_reason” (调整原因)."
)
PROMISED_STEP = _(
    "This step is promised, and is not deleted: revoke it with a reason, or first take the promise "
    "back with a “move_reason” (调整原因)."
)
DAYS_THAT_MOVE = ("planned_on", "promised_on")
# Which step of a project it is, by whom it is said and when it was or will be
SAID_BY_A_MILESTONE = (
    "type",
    "status",
    "planned_on",
    "planned_on_precision",
    "actual_on",
    "actual_on_precision",
    "source",
)


class Milestone(ProjectRow):
    """A step that a project is to take, took, or took back. The truth behind its stage.

    `move_reason`, set by callers, says why this write moves the plan or the promise.
    """

    move_reason: str = ""
    _stored_days: Mapping[str, PartialDate | None] = {}  # of DAYS_THAT_MOVE, as stored
    _stored_type: str | None = None
    project = refer_to_project("milestones")
    history = build_history(unindexed=["event", "source", "promise_source"])
    identified_by = ("type",)
    type = models.CharField(_("type"), max_length=13, choices=words.MILESTONE_TYPES)
    status = models.CharField(
        _("status"), max_length=9, choices=MilestoneStatus, default=MilestoneStatus.MET
    )
    planned_on = models.DateField(_("planned on"), null=True, blank=True)
    planned_on_precision = fields.PrecisionField(_("precision of the planned date"))
    planned_on_end = fields.PeriodEndField("planned_on")
    actual_on = models.DateField(
        _("met on"), null=True, blank=True, help_text=_("May be unknown even if met.")
    )
    actual_on_precision = fields.PrecisionField(_("precision of “met on”"))
    actual_on_end = fields.PeriodEndField("actual_on")
    type_rank = fields.store_column(dimensions.MILESTONE_RANK, models.SmallIntegerField(null=True))
    agreement_type = models.CharField(
        _("agreement"),
        max_length=9,
        choices=AgreementType,
        blank=True,
        help_text=_("What was signed; only for the two signings."),
    )
    event = fields.refer_to("projects.SigningEvent", _("event"), related_name="milestones")
    source = fields.refer_to(Source, _("source"))
    document_no = models.CharField(
        _("document number"),
        max_length=100,
        blank=True,
        help_text=_("Of the paper by which it was approved, granted or filed."),
    )
    reason = models.CharField(
        _("reason"), max_length=300, blank=True, help_text=_("Why it was revoked.")
    )
    note = models.TextField(_("note"), blank=True)
    promised_on = models.DateField(
        _("promised for"),
        null=True,
        blank=True,
        help_text=_("As the contract or a commitment has it; a plan that moves leaves it alone."),
    )
    promised_on_precision = fields.PrecisionField(
        _("precision of the promised date"), db_default=""
    )
    promise_source = fields.refer_to(Source, _("source of the promise"), db_index=False)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["project_id", "id"]
        indexes = [
            models.Index(fields=["project", "status", "type"], name="milestone_of_project"),
            # Projects by the period for which a step is planned, or in which it was taken
            *(
                models.Index(
                    fields=["type", f"{day}_end", day, "status", "project", "id", *further],
                    condition=Q(**{f"{day}__isnull": False}),
                    name=name,
                )
                for day, name, further in (
                    ("planned_on", "milestone_by_plan", ()),
                    ("actual_on", "milestone_by_day", ("actual_on_precision",)),
                )
            ),
            models.Index(
                fields=["status", "promised_on", "project"],
                condition=Q(promised_on__isnull=False),
                name="milestone_by_promise",
            ),
            models.Index(
                fields=["promise_source"],
                condition=Q(promise_source__isnull=False),
                name="milestone_by_promise_source",
            ),
        ]
        constraints = [
            fields.require_full_date("milestone_planned_in_full", "planned_on"),
            fields.require_full_date("milestone_actual_in_full", "actual_on"),
            fields.require_full_date("milestone_promised_in_full", "promised_on"),
            models.CheckConstraint(
                name="milestone_source_of_promise",
                condition=Q(promise_source__isnull=True) | Q(promised_on__isnull=False),
                violation_error_message=_("There is no promised day of which this is the source."),
            ),
            models.CheckConstraint(
                name="milestone_scheduled_not_met",
                condition=~Q(status=MilestoneStatus.SCHEDULED) | Q(actual_on__isnull=True),
                violation_error_message=_(
                    "A scheduled milestone cannot have a date at which it was met."
                ),
            ),
            models.CheckConstraint(
                name="milestone_revoked_with_reason",
                condition=~Q(status=MilestoneStatus.REVOKED) | ~Q(reason=""),
                violation_error_message=_("Say why the milestone is revoked."),
            ),
            models.CheckConstraint(
                name="milestone_agreement_of_signing",
                condition=Q(agreement_type="") | Q(type__in=words.SIGNING_TYPES),
                violation_error_message=_("Only a signing has a type of agreement."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.actual or self.planned or ''}".strip()

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **kwargs: Any) -> Self:
        row = super().from_db(db, field_names, values, **kwargs)
        row.remember()
        return row

    def remember(self) -> None:
        """Remember the step and its days as stored; a revoked step has none."""
        self._stored_type = self.__dict__.get("type")
        is_revoked = self.__dict__.get("status") == MilestoneStatus.REVOKED
        self._stored_days = {} if is_revoked else self.read_days()

    def read_days(self) -> Mapping[str, PartialDate | None]:
        """Read those of DAYS_THAT_MOVE whose columns are loaded."""
        there = self.__dict__
        return {
            name: PartialDate.from_columns(
                there[name] if there[precision] else None, there[precision]
            )
            for name in DAYS_THAT_MOVE
            if name in there and (precision := f"{name}_precision") in there
        }

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save as usual, and record the moves of the planned and the promised day."""
        with recorded():
            moves = self.find_moves()
            super().save(*args, **kwargs)
            self.record_moves(moves)
        self.remember()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete as usual, and record that a promise is dropped, as by undoing an import."""
        with recorded():
            moves = self.find_moves(is_deleted=True)
            deleted = super().delete(*args, **kwargs)
            self.record_moves(each for each in moves if each["is_promise"] and each["reason"])
        return deleted

    def record_moves(self, moves: Iterable[Mapping[str, Any]]) -> None:
        """Record moves that `find_moves` found."""
        for move in moves:
            PlanMove.objects.create(project_id=self.project_id, **move)

    def find_moves(self, *, is_deleted: bool = False) -> list[dict[str, Any]]:
        """Find the columns of the moves of the stored planned and promised day.

        A day within the stored period only makes it more exact. If the step is revoked or deleted,
        or the row becomes another step, its days are dropped.
        """
        is_revoked = self.status == MilestoneStatus.REVOKED
        is_same = self.type == self._stored_type and not (is_revoked or is_deleted)
        days = self.read_days() if is_same else {}
        reason = self.move_reason or (self.reason if is_revoked else "") or find_stated_reason()
        return [
            {
                "step": self._stored_type,
                "is_promise": name == "promised_on",
                "from_on": old.first,
                "from_on_precision": old.precision,
                "to_on": new and new.first,
                "to_on_precision": new.precision if new else "",
                "days_moved": (new.last - old.last).days if new else None,
                "reason": reason,
                "moved_on": timezone.localdate(),
            }
            for name, old in self._stored_days.items()
            if old and not ((new := days.get(name)) and old.contains(new))
        ]

    def is_promised(self) -> bool:
        return self._stored_days.get("promised_on") is not None

    def clean(self) -> None:
        super().clean()
        if any(not move["reason"] for move in self.find_moves()):
            raise fields.blame_column("move_reason", MOVED_WITHOUT_REASON, code="without_reason")
        is_met = self.status == MilestoneStatus.MET
        if is_met and self.actual_on and self.actual_on > timezone.localdate():
            message = _(
                "A milestone that is met cannot lie in the future; a planned step is “scheduled”."
            )
            raise fields.blame_column("actual_on", message, code="in_the_future")
        is_planned = self.planned_on and self.planned_on > timezone.localdate()
        said: dict[str, Any] = {"status": MilestoneStatus.MET}
        as_planned = {**said, "actual_on": None, "planned_on": self.planned_on}
        is_open = is_met and is_planned and not self.actual_on
        if is_open and not Milestone.objects.filter(pk=self.pk, **as_planned).exists():
            raise fields.blame_column("planned_on", PLANNED_BUT_MET, code="in_the_future")
        step, why = OTHER_PAPERS.get(self.agreement_type, (None, ""))
        said |= {"type": self.type, "agreement_type": self.agreement_type}
        is_other = is_met and self.type == step
        if is_other and not Milestone.objects.filter(pk=self.pk, **said).exists():
            raise fields.blame_column("agreement_type", why, code="contradicting")

    def yield_to_others(self) -> None:
        if self.find_stored() is not None:
            raise ValidationError(_("This milestone is stored already."), code="unique")

    def find_stored(self) -> "Milestone | None":
        """Find the stored milestone that this new one says again; None if it says another.

        The same is one of the same type, status, dates and source whose agreement and event are
        not others. `ValidationError` where its texts are others: to write those is an edit.
        """
        same = {name: getattr(self, name) for name in SAID_BY_A_MILESTONE}
        same |= {
            name: told
            for name in ("agreement_type", "event", "promised_on", "promised_on_precision")
            if (told := getattr(self, name))
        }
        stored = list(Milestone.objects.filter(project=self.project_id, **same).order_by("id"))
        texts = {
            name: told
            for name in ("reason", "note", "document_no")
            if (told := getattr(self, name))
        }
        for row in stored:
            if all(getattr(row, name) == text for name, text in texts.items()):
                return row
        if stored:
            message = _(
                "This milestone is stored already as number %(id)d, with another text: change "
                "that one with PATCH."
            )
            raise fields.blame_column(
                [*texts][-1], message, code="unique", params={"id": stored[0].pk}
            )
        return None

    @property
    def actual(self) -> PartialDate | None:
        return PartialDate.from_columns(self.actual_on, self.actual_on_precision)

    @property
    def planned(self) -> PartialDate | None:
        return PartialDate.from_columns(self.planned_on, self.planned_on_precision)


class PlanMove(ProjectRow):
    """A move of the planned or promised day of a step, for the roles of its park alone.

    The ledger adds it; it is not changed. Without `to_on` the day was dropped.
    """

    audience = OF_ROLES
    identified_by = ("step", "from_on")
    history = build_history()

    project = refer_to_project("plan_moves")
    step = models.CharField(_("step"), max_length=13, choices=words.MILESTONE_TYPES)
    from_on = models.DateField(_("moved from"))
    from_on_precision = fields.PrecisionField(_("precision of the former plan"), blank=False)
    to_on = models.DateField(_("moved to"), null=True, blank=True)
    to_on_precision = fields.PrecisionField(_("precision of the new plan"))
    days_moved = models.IntegerField(
        _("days moved"),
        null=True,
        blank=True,
        help_text=_("Later is positive; from last day to last day."),
    )
    reason = models.CharField(_("reason of the move"), max_length=MAX_REASON)
    moved_on = models.DateField(_("moved on"), editable=False)
    is_promise = models.BooleanField(
        _("move of a promise"),
        default=False,
        help_text=_("Whether the promised day moved, not the planned one."),
    )

    class Meta:
        verbose_name = _("move of a plan")
        verbose_name_plural = _("moves of plans")
        ordering = ["project_id", "-id"]
        indexes = [models.Index(fields=["moved_on", "id"], name="plan_move_by_day")]
        constraints = [fields.require_full_date("plan_move_to_in_full", "to_on")]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.from_on} → {self.to_on or '–'}"


class ProjectTag(DerivesProject, Tagging):
    """That a project has a tag; it is seen with the project."""

    bears = Tag.Bearer.PROJECT
    audience = OF_PROJECT
    identified_by = ("tag", "year")
    history = build_history(unindexed=["source", "tag"])

    project = refer_to_project("tags")

    class Meta:
        verbose_name = _("tag of a project")
        verbose_name_plural = _("tags of projects")
        ordering = ["project_id", "tag_id", "-year", "id"]
        indexes = [models.Index(fields=["tag", "project"], name="project_by_tag")]
        constraints = [*Tagging.Meta.constraints, *tag_once("project")]
