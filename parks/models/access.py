"""Models of memberships, API tokens, sign-in attempts and saved lists."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from config.database import history
from config.database.prepared import Given, prepare
from parks.access import EDIT_VOCABULARIES, Role, rights_of
from parks.models.ledger import WithTexts
from parks.models.places import Park
from parks.models.vocabularies import Region, in_range
from sheets.fields import blame_column, refer_to, require_unique


class Membership(models.Model):
    """The role of a user in one park, or of a district in all parks of its region.

    The right to edit shared rows is the permission `edit_vocabularies`, for users and groups.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="memberships",
        verbose_name=_("account"),
    )
    park = refer_to(
        Park,
        _("park"),
        on_delete=models.CASCADE,
        related_name="memberships",
        help_text=_("For editors and viewers."),
    )
    region = refer_to(
        Region, _("region"), help_text=_("For a district: all parks in it, today and in future.")
    )
    role = models.CharField(_("role"), max_length=8, choices=Role)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["park_id", "user_id"]
        permissions = [("edit_vocabularies", "Can edit what all parks share")]
        constraints = [
            require_unique(
                "membership_once",
                ["user", "park"],
                _("This person already has a role in this park."),
            ),
            require_unique(
                "membership_once_in_region",
                ["user", "region"],
                _("This person already has the role of this district."),
            ),
            models.CheckConstraint(
                name="membership_of_park_or_region",
                condition=Q(role=Role.DISTRICT, park__isnull=True, region__isnull=False)
                | (~Q(role=Role.DISTRICT) & Q(park__isnull=False, region__isnull=True)),
                violation_error_message=_(
                    "Give a district its region and no park; give others a park and no region."
                ),
            ),
        ]

    def __str__(self) -> str:
        # Without the user: the log of the admin keeps this text, and must not keep erased names
        return f"{self.get_role_display()}: {self.park or self.region}"

    @classmethod
    def find_rights(cls, user: int) -> tuple[bool, dict[int, str]]:
        """Find whether a user edits shared rows, and their role in each park, by its key.

        A district has the parks of its region today.
        """
        given = prepare(_select_memberships).fetch(value=user)
        inside = Q()
        for _park, _role, region, level in given:
            if region:
                for prefix in Region(code=region, level=level).prefixes:
                    inside |= in_range("region", prefix)
        roles: dict[int, str] = {}
        if inside:
            with history.reading_now():
                parks = Park.objects.order_by().filter(inside).values_list("pk", flat=True)
                roles = dict.fromkeys(parks, Role.DISTRICT)
        for park, role, _region, _level in given:
            if park and (role == Role.EDITOR or park not in roles):
                roles[park] = role
        return bool(prepare(_select_permission).fetch(value=user)), roles


def _select_memberships() -> Any:
    rows = Membership.objects.filter(user=Given()).order_by("pk")
    return rows.values_list("park", "role", "region", "region__level")


def _select_permission() -> Any:
    rows = Permission.objects.filter(**EDIT_VOCABULARIES).order_by().values_list("pk")
    return rows.filter(user=Given()).union(rows.filter(group__user=Given()))


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def valid(self) -> Self:
        """Select tokens that are neither revoked nor expired, of active users."""
        return self.filter(
            revoked_at__isnull=True, expires_at__gt=timezone.now(), user__is_active=True
        )

    def find(self, secret: str) -> "ApiToken | None":
        token = self.select_related("user").filter(digest=digest_of(secret)).first()
        return token if token and token.is_valid else None

    def revoke(self) -> int:
        """Revoke the tokens; return how many were not revoked before."""
        return self.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())


class ApiToken(WithTexts):
    """A token with which a program signs in as a user. Only the digest of its secret is stored."""

    class Scope(models.TextChoices):
        READ = "read", _("read")
        WRITE = "write", _("read and write")

    SIGN = "pl_"  # by which scanners recognise a leaked one
    MAX_DAYS = 365
    USE_IS_NOTED_EVERY = timedelta(minutes=1)

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="api_tokens",
        verbose_name=_("account"),
    )
    name = models.CharField(_("name"), max_length=100, help_text=_("What the token is for."))
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scope = models.CharField(_("scope"), max_length=5, choices=Scope, default=Scope.READ)
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering = ["-created_at", "-id"]
        constraints = [
            require_unique("api_token_once", ["digest"], _("Such a token already exists.")),
            models.CheckConstraint(
                name="api_token_expires_later",
                condition=Q(expires_at__gt=models.F("created_at")),
                violation_error_message=_("A token must expire after it was created."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def issue(cls, user: Any, name: str, *, scope: str, days: int) -> tuple["ApiToken", str]:
        """Issue a token; return it and its secret, which is stored nowhere."""
        token = cls(user=user, name=name, scope=scope)
        token.expires_at = token.created_at + timedelta(days=days)
        secret = token.give_secret()
        token.full_clean()
        token.save()
        return token, secret

    def give_secret(self) -> str:
        """Draw the secret of a new token, 256 bits, and return it."""
        secret = self.SIGN + secrets.token_urlsafe(32)
        self.prefix = secret[: len(self.SIGN) + 6]
        self.digest = digest_of(secret)
        return secret

    def clean(self) -> None:
        super().clean()
        latest = self.created_at + timedelta(days=self.MAX_DAYS)
        if self.expires_at and self.expires_at > latest:
            raise blame_column(
                "expires_at",
                _("A token can last at most %(days)s days."),
                code="too_late",
                params={"days": self.MAX_DAYS},
            )

    @property
    def is_valid(self) -> bool:
        """Whether it can be used now."""
        return bool(
            self.revoked_at is None and self.expires_at > timezone.now() and self.user.is_active
        )

    @property
    def may_write(self) -> bool:
        return self.scope == self.Scope.WRITE

    def note_use(self) -> None:
        """Store the time of use, at most once a minute, so that few reads write."""
        now = timezone.now()
        if self.last_used_at is None or now - self.last_used_at >= self.USE_IS_NOTED_EVERY:
            type(self).objects.filter(pk=self.pk).update(last_used_at=now)
            self.last_used_at = now


def digest_of(secret: str) -> str:
    """Digest a secret as it is stored: 256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


class LoginAttempts(models.Model):
    """Recent attempts to sign in with a name from an address, or from an address.

    `key` is a digest, since users may type a password as the name.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    forgotten_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        verbose_name = _("login attempts")
        verbose_name_plural = _("login attempts")


class Reminder(models.Model):
    """A weekly mail as 1.1 has it: kept for machines that still run it, and read no more."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    is_wanted = models.BooleanField(default=False)
    language = models.CharField(max_length=7, default=settings.LANGUAGE_CODE)
    sent_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.pk)


class SavedList(WithTexts):
    """A named query string of the admin's projects, or address of a page, of a user or a park."""

    name = models.CharField(_("name"), max_length=64)
    query = models.TextField(_("conditions"))
    park = refer_to(Park, _("park"), on_delete=models.CASCADE)
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

    @property
    def address(self) -> str:
        """The address of its page on this site."""
        is_page = self.query.startswith("/") and url_has_allowed_host_and_scheme(self.query, None)
        return self.query if is_page else f"/admin/projects/project/?{self.query}"

    @staticmethod
    def readable_by(actor: Any) -> Q:
        """Select the actor's own, and those of parks in which they have a role."""
        rights = rights_of(actor)
        of_parks = Q(park__isnull=False) if rights.is_superuser else Q(park__in=rights.parks)
        return Q(user_id=actor.pk) | of_parks

    def may_be_changed_by(self, actor: Any) -> bool:
        """Return whether the actor saved it, or is an editor of its park."""
        rights = rights_of(actor)
        is_of_theirs = self.park_id in rights.edited_parks or rights.is_superuser
        return self.user_id == actor.pk or (self.park_id is not None and is_of_theirs)
