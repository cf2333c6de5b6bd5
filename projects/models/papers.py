"""Templates of documents: what offices put around the texts and numbers of the ledger."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from parks.access import rights_of
from parks.models import Park


class PaperTemplate(models.Model):
    """A DOCX file for a kind of document, of a park or of all; each upload is a row that stays.

    The newest of the park, else of all parks, is used; an empty one is the ledger's own layout.
    """

    class Kind(models.TextChoices):
        PROJECTS = "projects", _("Project brief")
        PARKS = "parks", _("Park brief")
        EVENTS = "events", _("Brief of a signing event")
        ORGANISATIONS = "organisations", _("Investor brief")
        BULLETIN = "bulletin", _("Report of a period")

    kind = models.CharField(_("kind"), max_length=13, choices=Kind)
    park = models.ForeignKey(
        Park, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("park")
    )
    file_name = models.CharField(_("file"), max_length=200, blank=True)
    content = models.BinaryField()
    user_id = models.BigIntegerField(_("account"), null=True, editable=False)  # as in revisions
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("template of documents")
        verbose_name_plural = _("templates of documents")
        ordering = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.file_name}"

    @staticmethod
    def readable_by(actor: Any) -> Q:
        """Select those of the actor's parks, and of all parks for who has any role."""
        rights = rights_of(actor)
        if rights.is_superuser:
            return Q()
        return Q(park__in=rights.parks) | (Q(park=None) if rights.parks else Q(pk__in=[]))

    @classmethod
    def find_content(cls, kind: str, park: str, moment: datetime) -> bytes:
        """Find the file that was in use at a moment; blank for the ledger's own layout."""
        rows = cls.objects.filter(Q(park__code=park) | Q(park=None), kind=kind)
        newest = rows.filter(uploaded_at__lte=moment).order_by(
            F("park").asc(nulls_last=True), "-uploaded_at", "-id"
        )
        return bytes(newest.values_list("content", flat=True).first() or b"")
