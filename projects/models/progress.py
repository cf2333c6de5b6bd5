"""Notes of progress (进展): what was written down of a project on a day, and what is to be done."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from config import history
from config.fields import refer_to
from parks.models import Source
from parks.models.appended import Appended, AppendedQuerySet, index_successors, refer_to_successor
from parks.models.ledger import build_history
from parks.recording.change_rows import NEVER, Audience
from projects.models.projects import Project
from projects.models.rows import DerivesProject

# Rows of a project that are for the roles of its park alone
OF_ROLES = Audience(
    owner="project__code", park="project__park_id", public=NEVER, under=("project",)
)
LONGEST_NOTE, LONGEST_STEP = 2_000, 1_000  # characters


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
    told_by = ("noted_on",)
    history = build_history(unindexed=["source", "superseded_by"])

    project = models.ForeignKey(
        Project, models.CASCADE, related_name="progress", verbose_name=_("project")
    )
    noted_on = models.DateField(_("noted on"))
    text = models.TextField(
        _("progress"), max_length=LONGEST_NOTE, validators=[MaxLengthValidator(LONGEST_NOTE)]
    )
    next_step = models.TextField(
        _("next step"),
        max_length=LONGEST_STEP,
        blank=True,
        validators=[MaxLengthValidator(LONGEST_STEP)],
    )
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

    objects = AppendedQuerySet.as_manager()

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
