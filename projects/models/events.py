"""Signing events: what they declare, and which projects took part."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from parks.access import Publication
from parks.models import Claim, LedgerModel, Named, Park, Region, Source
from parks.models.claims import CLAIM_KEYS
from parks.models.ledger import build_history, index_successors
from parks.models.places import OF_PARK, is_park_open
from parks.recording.change_rows import Audience
from projects.models.projects import refer_to_project
from projects.models.rows import PROJECT_IS_PUBLIC, ProjectRow
from projects.models.words import AgreementType
from sheets import fields


class SigningEvent(LedgerModel, Named):
    """A fair or ceremony at which projects were signed, started or presented."""

    class Kind(models.TextChoices):
        SIGNING = "signing", _("signing")
        START = "start", _("start of construction")
        PROMOTION = "promotion", _("promotion")
        OPENING = "opening", _("opening")

    code_prefix = "event-"
    owns = ("figures",)
    audience = OF_PARK
    history = build_history(unindexed=["region", "park", "source"])

    kind = models.CharField(_("kind"), max_length=9, choices=Kind, blank=True)
    held_on = models.DateField(_("held on"), null=True, blank=True)
    held_on_precision = fields.PrecisionField(_("precision of “held on”"))
    held_on_end = fields.PeriodEndField("held_on")
    place = models.CharField(_("place"), max_length=200, blank=True)
    region = fields.refer_to(Region, _("region"))
    host = models.CharField(_("host"), max_length=300, blank=True)
    park = fields.refer_to(Park, _("park"), related_name="events")
    source = fields.refer_to(Source, _("source"), related_name="events")
    publication = models.CharField(
        _("publication"), max_length=10, choices=Publication, default=Publication.PUBLISHED
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["code"]
        constraints = [
            *LedgerModel.Meta.constraints,
            *Named.Meta.constraints,
            fields.require_full_date("event_held_in_full", "held_on"),
        ]


EVENT_IS_PUBLIC = models.Q(event__publication=Publication.PUBLISHED) & is_park_open("event__park")


class EventFigure(Claim):
    """What an event declared, such as 152 intended projects worth over 100 billion yuan."""

    about = ("event",)
    audience = Audience(
        owner="event__code", park="event__park_id", public=EVENT_IS_PUBLIC, under=("event",)
    )
    history = build_history(unindexed=CLAIM_KEYS)

    event = models.ForeignKey(
        SigningEvent, models.CASCADE, related_name="figures", verbose_name=_("event")
    )

    class Meta(Claim.Meta):
        abstract = False
        verbose_name = _("event figure")
        verbose_name_plural = _("event figures")
        ordering = ["event_id", "indicator_id", "-as_of", "code"]
        indexes = [index_successors("event_figure")]


class Participation(ProjectRow):
    """A project at an event. Being there signs nothing by itself; the milestone does."""

    audience = Audience(
        owner="project__code",
        park="project__park_id",
        public=PROJECT_IS_PUBLIC & EVENT_IS_PUBLIC,
        under=("project", "event"),
    )
    history = build_history(unindexed=["event"])
    identified_by = ("event", "role")

    class Role(models.TextChoices):
        SIGNED = "signed", _("signed")
        STARTED = "started", _("started")
        OPENED = "opened", _("opened")
        PRESENTED = "presented", _("presented")
        ATTENDED = "attended", _("took part")

    event = models.ForeignKey(
        SigningEvent, models.PROTECT, related_name="participations", verbose_name=_("event")
    )
    project = refer_to_project("participations")
    role = models.CharField(
        _("role"),
        max_length=9,
        choices=Role,
        blank=True,
        help_text=_("Left blank, it follows from the kind of the event and the milestones."),
    )
    agreement_type = models.CharField(
        _("agreement"), max_length=9, choices=AgreementType, blank=True
    )

    class Meta:
        verbose_name = _("participation")
        verbose_name_plural = _("participations")
        ordering = ["event_id", "project_id", "role"]
        constraints = [
            fields.require_unique(
                "participation_once",
                ["project", "event", "role"],
                _("The project already has this role at the event."),
            ),
            models.CheckConstraint(
                name="participation_with_role",
                condition=~models.Q(role=""),
                violation_error_message=_("Say what the project did at the event."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project} @ {self.event}"

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        self.follow_event()
        super().clean_fields(exclude)

    def follow_event(self) -> None:
        """Take the role that follows from the kind of the event where none is given."""
        if not self.role and self.event_id:
            self.role = role_at(self.event.kind)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.follow_event()
        super().save(*args, **kwargs)


def role_at(kind: str) -> Participation.Role:
    """Give the role of a project that took part in an event of a kind, nothing more being said.

    A signing is said by a milestone or a sheet, never by the event.
    """
    roles: dict[str, Participation.Role] = {
        SigningEvent.Kind.START: Participation.Role.STARTED,
        SigningEvent.Kind.OPENING: Participation.Role.OPENED,
    }
    return roles.get(kind, Participation.Role.ATTENDED)
