"""Where a park or project stands: its address, and a point with its precision and datum."""

from collections.abc import Collection
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.fields import blame_column

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
    """A word that is said of a point; blank where there is none, or nothing is said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 7, "blank": True, **kwargs})


def require_whole_point(name: str) -> models.CheckConstraint:
    """Build the constraint that a point is whole and has its datum, and that none has neither."""
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
    """A row that may have a point: of WGS 84 unless another datum is said. It has no columns.

    What a source gives in another datum is kept as that: it is never converted.
    """

    point_accuracy: Any
    point_datum: Any

    class Meta:
        abstract = True

    @property
    def has_point(self) -> bool:
        """Whether it is known where it stands."""
        return None not in (getattr(self, name) for name in POINT)

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        self.take_datum_along()
        super().clean_fields(exclude)

    def clean(self) -> None:
        super().clean()
        missing = [name for name in POINT if getattr(self, name) is None]
        if len(missing) == 1:
            raise blame_column(missing[0], HALF_A_POINT, code="half_a_point")
        said = [name for name in OF_POINT if missing and getattr(self, name)]
        if said:
            raise blame_column(said[0], WITHOUT_POINT, code="without_point")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.take_datum_along()
        super().save(*args, **kwargs)

    def take_datum_along(self) -> None:
        """Say WGS 84 of a point of which nothing is said; empty what was said of one that goes."""
        if self.has_point:
            self.point_datum = self.point_datum or PointDatum.WGS84.value
        elif self.pk and any(getattr(self, name) for name in OF_POINT):
            rows: Any = type(self)._default_manager
            if rows.filter(pk=self.pk, latitude__isnull=False).exists():
                self.point_accuracy = self.point_datum = ""
