"""Rules of lights 红黄绿灯, which are data of a park, and excuses 正当理由 of projects."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parks.models import LedgerModel, Park, Source
from parks.models.ledger import build_history
from parks.recording.change_rows import Audience
from projects.models.progress import LONGEST_STEP
from projects.models.projects import refer_to_project
from projects.models.rows import OF_ROLES, ProjectRow
from projects.models.words import MILESTONE_TYPES
from sheets.fields import limit_text, refer_to

MOST_THRESHOLD = 100


class Light(models.TextChoices):
    """The light of a project on a day: derived by rules, never stored."""

    RED = "red", _("red light")
    YELLOW = "yellow", _("yellow light")
    GREEN = "green", _("green light")
    EXCUSED = "excused", _("excused")
    NONE = "none", _("no light")


class RuleKind(models.TextChoices):
    """What a rule counts: months, or points for `behind`."""

    LATE = "late", _("months a step is late against its plan")
    PROMISED = "promised", _("months a step is late against its promise")
    FOLLOWING = "following", _("months in which a step has not followed another")
    BEHIND = "behind", _("points behind the year's plan of investment")
    SILENT = "silent", _("months without news")


class LightRule(LedgerModel):
    """A rule by which a project gets a yellow or red light.

    A park with rules of its own uses only these; all others use those of no park.
    """

    code_prefix = "rule-"
    identified_by = ("kind", "step")
    audience = Audience(park="park_id", public=Q(park__isnull=True), under=("park",))
    history = build_history(unindexed=["park", "source"])

    park = refer_to(
        Park,
        _("park"),
        related_name="light_rules",
        help_text=_("Blank: for all parks without rules of their own."),
    )
    kind = models.CharField(_("kind"), max_length=9, choices=RuleKind)
    step = models.CharField(_("step"), max_length=14, choices=MILESTONE_TYPES, blank=True)
    since_step = models.CharField(
        _("since the step"), max_length=14, choices=MILESTONE_TYPES, blank=True
    )
    threshold = models.PositiveSmallIntegerField(
        _("months or points"),
        validators=[MaxValueValidator(MOST_THRESHOLD)],
        help_text=_("0 months late: planned for this month, or earlier."),
    )
    is_beyond = models.BooleanField(
        _("only beyond"),
        default=False,
        help_text=_("More than so many; otherwise so many or more."),
    )
    colour = models.CharField(_("colour"), max_length=6, choices=Light.choices[:2])
    is_active = models.BooleanField(_("in force"), default=True)
    source = refer_to(Source, _("source"), related_name="light_rules")
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("rule of lights")
        verbose_name_plural = _("rules of lights")
        ordering = ["code"]
        constraints = [
            *LedgerModel.Meta.constraints,
            models.CheckConstraint(
                name="light_rule_of_a_step",
                condition=Q(kind__in=["late", "promised", "following"]) ^ Q(step=""),
                violation_error_message=_("“step” is for rules about a step, which need it."),
            ),
            models.CheckConstraint(
                name="light_rule_since_a_step",
                condition=Q(kind="following") ^ Q(since_step=""),
                violation_error_message=_("“since_step” is for “following”, which needs it."),
            ),
            models.CheckConstraint(
                name="light_rule_of_two_steps",
                condition=Q(since_step="") | ~Q(since_step=F("step")),
                violation_error_message=_("A step does not follow itself: name two steps."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.get_step_display()}".strip()


class LightExcuse(ProjectRow):
    """Why a project is late with good reason 正当理由: until its end day it has no bad light."""

    audience = OF_ROLES
    identified_by = ("from_on",)
    history = build_history()

    project = refer_to_project("excuses")
    reason = limit_text(_("reason"), LONGEST_STEP)
    approved_by = models.CharField(
        _("approved by"), max_length=200, help_text=_("The person or the office, in words.")
    )
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), help_text=_("The last day on which it holds."))

    class Meta:
        verbose_name = _("excuse")
        verbose_name_plural = _("excuses")
        ordering = ["project_id", "from_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="light_excuse_ends_after_it_begins",
                condition=Q(until_on__gte=F("from_on")),
                violation_error_message=_("It ends before it begins."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.from_on} – {self.until_on}"
