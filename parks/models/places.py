"""Models of parks, and the address and point of rows."""

from collections.abc import Collection
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from parks.access import Publication
from parks.models.figures import Source
from parks.models.ledger import LedgerModel, build_history, derive_from
from parks.models.organisations import Organisation
from parks.models.vocabularies import Named, Region, SectorGroup
from parks.recording.change_rows import Audience
from parks.recording.recording import recorded
from sheets.fields import blame_column, refer_to

POINT = ("latitude", "longitude")
OF_POINT = ("point_accuracy", "point_datum")
STATED_DATUM = _("WGS 84 unless another is said; it is never converted.")
PLACE_FIELDS = ["address", *POINT, *OF_POINT]
HALF_A_POINT = _("A point has a latitude and a longitude; give both, or neither.")
WITHOUT_POINT = _("There is no point of which this could be said.")


class PointAccuracy(models.TextChoices):
    """How near to the park or project its point is; blank is unknown."""

    SITE = "site", _("the site itself")
    ADDRESS = "address", _("its street or address")
    AREA = "area", _("the town or district around it")


class PointDatum(models.TextChoices):
    """What the degrees of a point are measured by. Maps of China shift theirs by up to 700 m."""

    WGS84 = "wgs84", _("WGS 84")
    GCJ02 = "gcj02", _("GCJ-02 (shifted, as by Amap and Tencent)")
    BD09 = "bd09", _("BD-09 (shifted, as by Baidu)")


class DegreesField(models.DecimalField):
    """Degrees between `-limit` and `limit`, to a tenth of a metre; null is unknown."""

    def __init__(self, *args: Any, limit: int = 180, **kwargs: Any) -> None:
        self.limit = limit
        super().__init__(
            *args,
            **{
                "max_digits": 9,
                "decimal_places": 6,
                "null": True,
                "blank": True,
                "validators": [MinValueValidator(-limit), MaxValueValidator(limit)],
                **kwargs,
            },
        )

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kept = {name: value for name, value in kwargs.items() if name != "validators"}
        return name, path, args, {**kept, "limit": self.limit}


class PointWordField(models.CharField):
    """A property of a point; blank if unknown or without a point."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 7, "blank": True, **kwargs})


def require_whole_point(name: str) -> models.CheckConstraint:
    """Build the constraint that a point has both degrees and a datum, or none of them."""
    none = Q(latitude__isnull=True, longitude__isnull=True, point_accuracy="", point_datum="")
    whole = Q(latitude__isnull=False, longitude__isnull=False) & ~Q(point_datum="")
    on_earth = Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180)
    return models.CheckConstraint(
        name=name,
        condition=none | (whole & on_earth),
        violation_error_code="half_a_point",
        violation_error_message=HALF_A_POINT,
    )


class Located(models.Model):
    """A row that may have a point, by default in WGS 84; other datums are never converted.

    Its models have the columns.
    """

    point_accuracy: Any
    point_datum: Any

    class Meta:
        abstract = True

    @property
    def has_point(self) -> bool:
        return None not in (getattr(self, name) for name in POINT)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        self.take_datum_along()
        super().clean_fields(exclude)

    def clean(self) -> None:
        super().clean()
        missing = [name for name in POINT if getattr(self, name) is None]
        if len(missing) == 1:
            raise blame_column(missing[0], HALF_A_POINT, code="half_a_point")
        filled = [name for name in OF_POINT if missing and getattr(self, name)]
        if filled:
            raise blame_column(filled[0], WITHOUT_POINT, code="without_point")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.take_datum_along()
        super().save(*args, **kwargs)

    def take_datum_along(self) -> None:
        """Set the default datum of a point; blank accuracy and datum with a removed point."""
        if self.has_point:
            self.point_datum = self.point_datum or PointDatum.WGS84.value
        elif self.pk and any(getattr(self, name) for name in OF_POINT):
            rows: Any = type(self)._default_manager
            if rows.filter(pk=self.pk, latitude__isnull=False).exists():
                self.point_accuracy = self.point_datum = ""


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
    # Blank in versions older than the column
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
        """The default publication of new projects."""
        return self.default_publication or Publication.DRAFT

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = Park.objects.filter(pk=self.pk).values_list("region_id", flat=True).first()
        with recorded():
            super().save(*args, **kwargs)
            if before not in (None, self.region_id):
                derive_from(self)  # the projects that have no region of their own


def is_park_open(park: str) -> models.Q:
    """Select the rows whose park is published, or that have none; `park` is the path to it.

    A subquery of the few hidden parks, since with a join planners ignore the indexes of the rows.
    """
    hidden = Park.objects.order_by().exclude(Park.audience.public).values("pk")
    return ~models.Q(**{f"{park}__in": hidden})


# Rows of a park that are seen once they and the park are published
OF_PARK = Audience(
    park="park_id",
    public=models.Q(publication=Publication.PUBLISHED) & is_park_open("park"),
    under=("park",),
)
