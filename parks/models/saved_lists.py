"""Lists of the admin that are kept under a name: what they are narrowed and sorted by."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.fields import require_unique
from parks.access import rights_of
from parks.models.checked import WithTexts
from parks.models.places import Park


class SavedList(WithTexts):
    """The query string of a list of projects under a name, for oneself or for a park."""

    name = models.CharField(_("name"), max_length=64)
    query = models.TextField(_("conditions"))
    park = models.ForeignKey(
        Park, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("park")
    )
    user_id = models.BigIntegerField(_("account"), editable=False)  # as in revisions

    class Meta:
        default_permissions = ()
        verbose_name = _("saved list")
        verbose_name_plural = _("saved lists")
        ordering = ["name", "id"]
        constraints = [
            require_unique("saved_list_once", ["user_id", "name"], _("This name is taken."))
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def readable_by(actor: Any) -> Q:
        """Select one's own, and those of the parks in which one has a role; superusers: of all."""
        rights = rights_of(actor)
        of_parks = Q(park__isnull=False) if rights.is_superuser else Q(park__in=rights.parks)
        return Q(user_id=actor.pk) | of_parks

    def may_be_changed_by(self, actor: Any) -> bool:
        """Tell whether the actor saved it, or may change the projects of the park it is for."""
        rights = rights_of(actor)
        is_of_theirs = self.park_id in rights.edited_parks or rights.is_superuser
        return self.user_id == actor.pk or (self.park_id is not None and is_of_theirs)
