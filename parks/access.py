"""The one place that decides who may read and write what."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import SessionAuthentication as DRFSessionAuthentication
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request


class Publication(models.TextChoices):
    """Who sees a row: its editors alone, everybody, or again its editors alone."""

    DRAFT = "draft", _("draft")
    PUBLISHED = "published", _("published")
    WITHDRAWN = "withdrawn", _("withdrawn")


def sees_unpublished(actor: Any) -> bool:
    """Whether this person sees drafts and withdrawn rows."""
    return bool(actor and actor.is_active and actor.is_superuser)


class VisibleQuerySet(models.QuerySet[Any]):
    """Rows that not everybody sees. `published` says which of them everybody does."""

    published: ClassVar[models.Q]

    def visible_to(self, actor: Any) -> Self:
        """The rows that this person may read; every list, count, sum and file begins here."""
        return self if sees_unpublished(actor) else self.filter(self.published)


class SessionAuthentication(DRFSessionAuthentication):
    """A session of the admin, with CSRF; names its scheme, so that a refusal is a 401."""

    def authenticate_header(self, request: Request) -> str:
        return 'Session realm="Park Ledger"'


class LedgerPermission(BasePermission):
    """Reading is open unless PUBLIC_READ is off; writing is for superusers alone."""

    def has_permission(self, request: Request, view: Any) -> bool:
        person = request.user
        if request.method in SAFE_METHODS:
            return settings.PUBLIC_READ or person.is_authenticated
        return bool(person.is_authenticated and person.is_active and person.is_superuser)
