"""Work information of a project: notes of progress, people in charge, plans of a year."""

import re
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.database import history
from parks.models import Source
from parks.models.ledger import Appended, build_history, index_successors, refer_to_successor
from projects.models.projects import refer_to_project
from projects.models.rows import OF_ROLES, DerivesProject, ProjectRow, check_shares
from sheets.amounts import MAX_CNY
from sheets.dates import EARLIEST_YEAR, LATEST_YEAR
from sheets.fields import blame_column, limit_text, refer_to, require_unique

LONGEST_NOTE, LONGEST_STEP, LONGEST_PROBLEM = 2_000, 1_000, 500  # characters
# Texts that say that a problem is solved, and no more; 已解决一半 says less
_SAYS_SOLVED = re.compile(
    "(?:已经?|全部|均)?(?:解决|办结|销号|整改完成|整改到位)(?:完毕)?。?|(?:re)?solved\\.?|closed\\.?",
    re.I,
)


class ProgressNote(DerivesProject, Appended):
    """What was noted of a project on a day, for the roles of its park alone.

    Notes are appended: a wrong one is superseded or withdrawn, not overwritten. The newest that
    stands is the project's latest progress.
    """

    code_prefix = "note-"
    about = ("project",)
    about_another = _("The two notes are about different projects.")
    mendable = frozenset({"noted_by", "source", "is_withdrawn"})
    audience = OF_ROLES
    identified_by = ("noted_on",)
    history = build_history(unindexed=["source", "superseded_by"])

    project = refer_to_project("progress")
    noted_on = models.DateField(_("noted on"))
    text = limit_text(_("progress"), LONGEST_NOTE)
    next_step = limit_text(_("next step"), LONGEST_STEP, blank=True)
    due_on = models.DateField(
        _("due on"), null=True, blank=True, help_text=_("The day by which the next step is due.")
    )
    noted_by = models.CharField(
        _("noted by"),
        max_length=200,
        blank=True,
        help_text=_("The person or the office, in words."),
    )
    source = refer_to(Source, _("source"))
    superseded_by = refer_to_successor()
    is_withdrawn = models.BooleanField(
        _("withdrawn"),
        default=False,
        help_text=_("The note does not hold and nothing took its place."),
    )

    class Meta:
        verbose_name = _("progress note")
        verbose_name_plural = _("progress notes")
        ordering = ["project_id", "-noted_on", "-id"]
        indexes = [
            models.Index(fields=["project", "noted_on"], name="progress_of_project"),
            models.Index(fields=["noted_on", "id"], name="progress_by_day"),
            index_successors("progress"),
        ]
        constraints = [
            *Appended.Meta.constraints,
            models.CheckConstraint(
                name="progress_due_with_step",
                condition=models.Q(due_on__isnull=True) | ~models.Q(next_step=""),
                violation_error_code="without_step",
                violation_error_message=_("Say what is due: give the next step."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.noted_on} {self.text[:40]}"

    def clean(self) -> None:
        super().clean()
        if self.noted_on and self.noted_on > history.today():
            message = _("A note tells of what is known: its day cannot lie in the future.")
            raise ValidationError({"noted_on": ValidationError(message, code="in_the_future")})


class Assignment(ProjectRow):
    """A person who answers for a project, in words, for the roles of its park alone.

    How to reach them is not kept.
    """

    class Role(models.TextChoices):
        SPONSOR = "sponsor", _("leader in charge")
        RESPONSIBLE = "responsible", _("person responsible")
        PROMOTER = "promoter", _("promoter")
        SERVICE = "service", _("service officer")

    audience = OF_ROLES
    identified_by = ("role",)
    history = build_history()

    project = refer_to_project("assignments")
    role = models.CharField(_("role"), max_length=11, choices=Role)
    name = models.CharField(_("name"), max_length=100)
    office = models.CharField(_("unit or post"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)
    share_bp = models.PositiveIntegerField(
        _("share of the unit"),
        null=True,
        blank=True,
        help_text=_(
            "Where several units worked on the project: 100 basis points are 1 %; all together "
            "have at most 10,000."
        ),
    )

    class Meta:
        verbose_name = _("person in charge")
        verbose_name_plural = _("people in charge")
        ordering = ["project_id", "id"]
        indexes = [models.Index(fields=["name", "project"], name="assignment_by_name")]
        constraints = [
            require_unique(
                "assignment_once",
                ["project", "role", "name"],
                _("This person already has this role."),
            ),
            models.CheckConstraint(
                name="assignment_share_of_a_unit",
                condition=models.Q(share_bp__isnull=True)
                | models.Q(share_bp__gte=1, share_bp__lte=10_000) & ~models.Q(office=""),
                violation_error_code="not_a_share",
                violation_error_message=_(
                    "A share is of a unit, between 1 and 10,000 basis points (100 %%)."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_role_display()})"

    def yield_to_others(self) -> None:
        try:
            self.check_shares_of_units()
        except ValidationError:
            self.share_bp = None

    def check_shares_of_units(self) -> None:
        """Raise `ValidationError` if the units of the project have more than the whole."""
        others = Assignment.objects.filter(project=self.project_id).exclude(pk=self.pk)
        check_shares([self.share_bp, *others.values_list("share_bp", flat=True)])


class YearPlan(ProjectRow):
    """What is to be invested in a project in one year, for the roles of its park alone."""

    audience = OF_ROLES
    identified_by = ("year",)
    history = build_history(unindexed=["source"])

    project = refer_to_project("plans")
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(EARLIEST_YEAR), MaxValueValidator(LATEST_YEAR)]
    )
    planned_cny = models.BigIntegerField(
        _("planned investment (yuan)"),
        validators=[MinValueValidator(1), MaxValueValidator(MAX_CNY)],
    )
    source = refer_to(Source, _("source"))
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("plan of a year")
        verbose_name_plural = _("plans of years")
        ordering = ["project_id", "year"]
        indexes = [models.Index(fields=["year", "id"], name="plan_by_year")]
        constraints = [
            require_unique(
                "plan_once_a_year",
                ["project", "year"],
                _("The project has a plan of this year already; change that one."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.year}"


class Return(ProjectRow):
    """A project that the district sent back to the office of its park, until the office answers."""

    audience = replace(OF_ROLES, is_from_above=True)
    identified_by = ("returned_on",)
    history = build_history()

    project = refer_to_project("returns")
    returned_on = models.DateField(_("returned on"), default=timezone.localdate, editable=False)
    reason = limit_text(
        _("reason of the return"),
        LONGEST_STEP,
        help_text=_("What the office of the park is to correct. It cannot be changed later."),
    )
    answer = limit_text(
        _("answer"),
        LONGEST_STEP,
        blank=True,
        help_text=_("What the office did; until then the project is listed as returned."),
    )

    class Meta:
        verbose_name = _("return")
        verbose_name_plural = _("returns")
        ordering = ["project_id", "-id"]

    def __str__(self) -> str:
        return f"{self.returned_on} {self.reason[:40]}"

    def clean(self) -> None:
        super().clean()
        stored = Return.objects.filter(pk=self.pk).values_list("reason", flat=True).first()
        if stored not in (None, self.reason):
            message = _("The reason of a return does not change: answer it, or return it again.")
            raise blame_column("reason", message, code="immutable")


class Obstacle(ProjectRow):
    """What blocks a project, who is to solve it by when, and how it was solved.

    It is open until it has the day on which it was solved.
    """

    class Kind(models.TextChoices):
        LAND = "land", _("land")
        PERMIT = "permit", _("permits")
        MONEY = "money", _("lack of money")
        UTILITIES = "utilities", _("power, water, gas or roads")
        RELOCATION = "relocation", _("relocation of residents")
        LABOUR = "labour", _("workers")
        OTHER = "other", _("other")

    audience = OF_ROLES
    identified_by = ("problem",)

    project = refer_to_project("obstacles")
    problem = limit_text(_("problem"), LONGEST_PROBLEM, help_text=_("What blocks the project."))
    kind = models.CharField(_("kind of obstacle"), max_length=10, choices=Kind, blank=True)
    raised_on = models.DateField(_("raised on"), default=history.today)
    responsible_unit = models.CharField(_("responsible unit"), max_length=200, blank=True)
    responsible_person = models.CharField(_("responsible person"), max_length=100, blank=True)
    due_on = models.DateField(
        _("to be solved by"), null=True, blank=True, help_text=_("The last day for solving it.")
    )
    solution = limit_text(
        _("solution"),
        LONGEST_STEP,
        blank=True,
        help_text=_("What was done, also before it is solved."),
    )
    solved_on = models.DateField(
        _("solved on"), null=True, blank=True, help_text=_("Until then the obstacle is open.")
    )

    history = build_history()  # hides the module: the default of a field is from there

    class Meta:
        verbose_name = _("obstacle")
        verbose_name_plural = _("obstacles")
        ordering = ["project_id", "raised_on", "id"]
        indexes = [models.Index(fields=["raised_on", "id"], name="obstacle_by_day")]
        constraints = [
            require_unique(
                "obstacle_once",
                ["project", "raised_on", "problem"],
                _("The project has this obstacle already; change that one."),
            ),
            models.CheckConstraint(
                name="obstacle_solved_after_raised",
                condition=models.Q(solved_on__isnull=True)
                | models.Q(solved_on__gte=models.F("raised_on")),
                violation_error_code="out_of_order",
                violation_error_message=_("It was solved before it was raised: give both days."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.raised_on} {self.problem[:40]}"

    def clean(self) -> None:
        super().clean()
        for column in ("raised_on", "solved_on"):
            day = getattr(self, column)
            if day and day > history.today():
                message = _("%(day)s is in the future; give the day on which it happened.")
                raise blame_column(column, message, code="in_the_future", params={"day": str(day)})
        if not self.solved_on and _SAYS_SOLVED.fullmatch(self.solution):
            stored = Obstacle.objects.filter(pk=self.pk, solution=self.solution, solved_on=None)
            if not stored.exists():  # by an earlier release
                message = _("The solution says that it is solved: give the day on which it was.")
                raise blame_column("solved_on", message, code="required")
