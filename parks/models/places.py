"""Parks: where projects are signed or intended."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.fields import refer_to
from parks.access import Publication
from parks.models.deriving import derive_from
from parks.models.figures import Source
from parks.models.ledger import LedgerModel, LedgerQuerySet, build_history
from parks.models.located import (
    STATED_DATUM,
    DegreesField,
    Located,
    PointAccuracy,
    PointDatum,
    PointWordField,
    require_whole_point,
)
from parks.models.organisations import Organisation
from parks.models.vocabularies import Named, Region, SectorGroup
from parks.recording.change_rows import Audience
from parks.recording.recording import recorded


class Park(LedgerModel, Named, Located):
    """A science park or zone. Its area and all other numbers are figures, each with a source."""

    class Kind(models.TextChoices):
        SCIENCE_TOWN = "science_town", _("science town")
        SCIENCE_PARK = "science_park", _("science park")
        HITECH_ZONE = "hitech_zone", _("high-tech zone")
        ECONOMIC_ZONE = "economic_zone", _("economic zone")
        INDUSTRIAL_PARK = "industrial_park", _("industrial park")
        BONDED_ZONE = "bonded_zone", _("bonded zone")
        NEW_AREA = "new_area", _("new area")
        NEW_TOWN = "new_town", _("new town")
        BUSINESS_DISTRICT = "business_district", _("business district")
        DEMONSTRATION_ZONE = "demonstration_zone", _("demonstration zone")
        INNOVATION_CENTRE = "innovation_centre", _("innovation centre")
        PILOT_BASE = "pilot_base", _("pilot base")
        OFFICE_AREA = "office_area", _("office area")
        DISTRICT = "district", _("district (no park named)")

    code_prefix = "park-"
    owns = ("figure_set", "timelineentry_set")
    audience = Audience(park="pk", public=models.Q(publication=Publication.PUBLISHED))

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, blank=True)
    region = models.ForeignKey(
        Region, models.PROTECT, related_name="parks", verbose_name=_("region")
    )
    aliases = models.TextField(
        _("other names"), blank=True, help_text=_("Short names and earlier ones, one per line.")
    )
    brand = models.CharField(
        _("parent brand"), max_length=100, blank=True, help_text=_("Such as Zhongguancun.")
    )
    operator = refer_to(Organisation, _("operator"), related_name="operated_parks")
    leading_sectors = models.ManyToManyField(
        SectorGroup, blank=True, related_name="parks", verbose_name=_("leading sectors")
    )
    is_placeholder = models.BooleanField(
        _("stands for no named park"),
        default=False,
        help_text=_("A district where sources name no park; left out of comparisons."),
    )
    publication = models.CharField(
        _("publication"), max_length=10, choices=Publication, default=Publication.PUBLISHED
    )
    # Blank in versions from before there was such a column
    default_publication = models.CharField(
        _("publication of new projects"),
        max_length=10,
        choices=[(each.value, each.label) for each in (Publication.DRAFT, Publication.PUBLISHED)],
        blank=True,
        help_text=_("What a new project takes that does not say it. Blank: draft."),
    )
    address = models.CharField(_("street address"), max_length=300, blank=True)
    latitude = DegreesField(_("latitude"), limit=90)
    longitude = DegreesField(_("longitude"), limit=180)
    point_accuracy = PointWordField(_("accuracy of the point"), choices=PointAccuracy)
    point_datum = PointWordField(
        _("datum of the point"), choices=PointDatum, help_text=STATED_DATUM
    )
    source = refer_to(Source, _("source"), related_name="parks")
    note = models.TextField(_("note"), blank=True)

    objects = LedgerQuerySet.as_manager()

    history = build_history(unindexed=["region", "operator", "source"], members=[leading_sectors])

    class Meta:
        verbose_name = _("park")
        verbose_name_plural = _("parks")
        ordering = ["code"]
        constraints = [
            *LedgerModel.Meta.constraints,
            *Named.Meta.constraints,
            require_whole_point("park_point_is_whole"),
        ]

    @property
    def publication_of_new(self) -> str:
        """What a new project of this park takes where nobody says its publication."""
        return self.default_publication or Publication.DRAFT

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = Park.objects.filter(pk=self.pk).values_list("region_id", flat=True).first()
        with recorded():
            super().save(*args, **kwargs)
            if before not in (None, self.region_id):
                derive_from(self)  # the projects that have no region of their own


def is_park_open(park: str) -> models.Q:
    """Select the rows whose park everybody sees, or that belong to none, by the path to the park.

    Without a join: the few parks that are hidden are found once. A join to all the others would
    draw planners away from the indexes of the rows.
    """
    hidden = Park.objects.order_by().exclude(Park.audience.public).values("pk")
    return ~models.Q(**{f"{park}__in": hidden})
