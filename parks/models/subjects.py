"""What figures and timeline entries are about: one park, region, group or organisation."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.fields import refer_to
from parks.models.organisations import Organisation
from parks.models.places import is_park_open
from parks.models.vocabularies import Region, RegionGroup
from parks.recording.change_rows import Audience

SUBJECTS = ["park", "region", "region_group", "organisation"]


# Figures and entries about a park are seen with it, all others by everybody
OF_SUBJECT = Audience(
    park="park_id",
    public=is_park_open("park"),
    under=("park",),
)


def exactly_one(columns: list[str]) -> Q:
    """Select the rows in which one of the columns is known and all others are not."""
    either = Q()
    for column in columns:
        either |= Q(**{f"{other}__isnull": other != column for other in columns})
    return either


class AboutOne(models.Model):
    """A row about exactly one subject."""

    park = models.ForeignKey(
        "parks.Park", models.CASCADE, null=True, blank=True, verbose_name=_("park")
    )
    region = refer_to(Region, _("region"), related_name=None)
    region_group = refer_to(RegionGroup, _("region group"), related_name=None)
    organisation = refer_to(Organisation, _("organisation"), related_name=None)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_about_one",
                condition=exactly_one(SUBJECTS),
                violation_error_message=_(
                    "Say what this is about: one park, region, region group or organisation."
                ),
            )
        ]

    @property
    def subject(self) -> models.Model | None:
        """The park, region, group or organisation that this is about."""
        return self.park or self.region or self.region_group or self.organisation
