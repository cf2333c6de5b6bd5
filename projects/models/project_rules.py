"""What a project must not say of itself, such as circles, and which fields describe others."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.fields import blame_column, refuse_days_to_come
from parks.models.located import OF_POINT

NEEDS_REASON = _("Say why the project is suspended, terminated, merged or closed.")
REPORT_TO_COME = _("%(day)s is in the future; give the day of the newest report.")
WITHOUT_LAND = _("There is no area of land to which this could apply.")
LAND_CONSTRAINTS = [
    models.CheckConstraint(
        name="project_land_not_negative",
        condition=Q(land_mu__isnull=True) | Q(land_mu__gte=0),
        violation_error_message=_("The land area cannot be negative."),
    ),
    models.CheckConstraint(
        name="project_qualifier_of_land",
        condition=Q(land_mu__isnull=False) | Q(land_qualifier=""),
        violation_error_code="without_amount",
        violation_error_message=WITHOUT_LAND,
    ),
]
NO_REASON = _("A project that is active needs no reason; leave it out.")
ACTIVE = "active"
# What is said of another column, and of nothing where that is empty
OF_OTHERS = {
    "origin_id": "origin_basis",
    "sector_id": "sector_basis",
    "land_mu": "land_qualifier",
}
DESCRIBES = {
    **{basis: column for column, basis in OF_OTHERS.items()},
    "origin_text": "origin_id",
    "sector_text": "sector_id",
    "longitude": "latitude",
    **dict.fromkeys(OF_POINT, "latitude"),
    "standing_on": "standing",
    "standing_reason": "standing",
}


class ProjectRules(models.Model):
    """The rules of a project that are no constraints of the database."""

    Standing: Any
    objects: Any
    unchanged: frozenset[str]
    standing: Any
    standing_on: Any
    standing_on_precision: Any
    standing_reason: Any

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        self.take_bases_along()
        self.take_reason_along()
        super().clean_fields(exclude)

    def clean(self) -> None:
        super().clean()
        refuse_days_to_come(self, ["reported_on"], REPORT_TO_COME)
        is_active, reason = self.standing == ACTIVE, self.standing_reason
        if not is_active and not reason:
            raise blame_column("standing_reason", NEEDS_REASON, code="without_reason")
        if is_active and reason and not self.find_stored(standing_reason=reason):
            raise blame_column("standing_reason", NO_REASON, code="contradiction")
        for column in ("duplicate_of", "part_of"):
            if column not in self.unchanged:
                self.refuse_circle(column)

    def refuse_circle(self, column: str) -> None:
        """Refuse a project that leads back to itself: all of them would be out of the totals."""
        seen = {self.pk}
        other = getattr(self, column)
        if self.pk is None or (other is not None and other.pk == self.pk):
            return  # a new project is led to by none, and itself is refused by a constraint
        while other is not None:
            if other.pk in seen:
                raise blame_column(
                    column, _("This leads back to the project itself."), code="circle"
                )
            seen.add(other.pk)
            other = getattr(other, column)

    def take_bases_along(self) -> None:
        """Empty what is said of what is taken out; of what never was there, it is an error."""
        for column, basis in OF_OTHERS.items():
            known = {f"{column}__isnull": False}
            is_empty = getattr(self, column) is None and getattr(self, basis)
            if is_empty and self.find_stored(**known):
                setattr(self, basis, "")

    def take_reason_along(self) -> None:
        """Take away, where a project is active again, the day and reason why it was not."""
        if self.standing != ACTIVE or not (self.standing_on or self.standing_reason):
            return
        stored = self.find_stored(standing__in={*self.Standing} - {ACTIVE})
        if stored and stored["standing_reason"] == self.standing_reason:
            self.standing_reason = ""
        if stored and stored["standing_on"] == self.standing_on:
            self.standing_on, self.standing_on_precision = None, ""

    def find_stored(self, **conditions: Any) -> dict[str, Any] | None:
        """Find day and reason of the project as it is stored, if that meets these conditions."""
        if self.pk is None:
            return None
        columns = ("standing_on", "standing_reason")
        return type(self).objects.filter(pk=self.pk, **conditions).values(*columns).first()
