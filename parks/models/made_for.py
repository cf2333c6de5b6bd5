"""Shared rows that were made for one park: drafts until what refers to them is published."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from parks.access import Publication
from parks.recording.change_rows import Audience

# Blank is what versions say that are older than the column: everybody saw them.
OPEN = models.Q(publication=Publication.PUBLISHED) | models.Q(publication="")


class MadeFor(models.Model):
    """A row that all parks share, of which a draft is seen by the park alone it was made for."""

    publication = models.CharField(
        _("publication"),
        max_length=10,
        choices=Publication,
        default=Publication.PUBLISHED,
        help_text=_(
            "A draft is seen by the park for which it was made, and by those who edit what all "
            "parks share."
        ),
    )
    park = models.ForeignKey(
        "parks.Park",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("made for park"),
        help_text=_("The park whose roles see and change it while it is a draft."),
    )

    class Meta:
        abstract = True

    @property
    def is_open(self) -> bool:
        """Whether everybody sees it."""
        return self.publication in ("", Publication.PUBLISHED)


OF_MAKERS = Audience(park="park_id", public=OPEN, is_shared=True)
MAKERS_ALONE = frozenset({"park"})  # columns that say for whom it was made
