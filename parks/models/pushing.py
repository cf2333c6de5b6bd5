"""Subscriptions to what happens in the ledger, and the deliveries that wait or were made."""

import base64
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

from django.conf import settings
from django.core import signing
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from api.outgoing import check_address
from parks.access import rights_of
from parks.models.access import digest_of
from parks.models.ledger import WithTexts
from parks.models.places import Park
from sheets.fields import blame_column, limit_text, refer_to

_TOKEN_BYTES = 32
_DRAWN = re.compile(r"whsec_[A-Za-z0-9+/]{43}=|[0-9a-f]{64}")


class Subscription(WithTexts):
    """What a user, or a park, wants to be told, where and how often.

    It reads with the rights of its user: of a park's, that is the editor who saved it last.
    """

    class Kind(models.TextChoices):
        DUE = "due", _("what needs attention")
        LIGHTS = "lights", _("lights that changed")
        LIST = "list", _("a list of projects that changed")
        BULLETIN = "bulletin", _("report of the period that ended")

    class Channel(models.TextChoices):
        MAIL = "mail", _("mail")
        WECOM = "wecom", _("WeCom robot")
        DINGTALK = "dingtalk", _("DingTalk robot")
        FEISHU = "feishu", _("Feishu robot")
        WEBHOOK = "webhook", _("signed webhook")
        CALENDAR = "calendar", _("calendar of due days")

    class Pace(models.TextChoices):
        DAY = "day", _("every day")
        WEEK = "week", _("every week")
        MONTH = "month", _("every month")
        QUARTER = "quarter", _("every quarter")

    WITH_DRAWN_SECRET = (Channel.WEBHOOK, Channel.CALENDAR)
    STOP_SALT = "parks.reminders"
    # Raises `ValidationError` for a list that its user cannot read; registered by `pages`
    check_list: ClassVar[Callable[["Subscription"], None]] = staticmethod(lambda _each: None)

    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("what it reports"), max_length=8, choices=Kind, default=Kind.DUE)
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.MAIL)
    pace = models.CharField(_("how often"), max_length=7, choices=Pace, default=Pace.WEEK)
    park = refer_to(
        Park,
        _("park"),
        on_delete=models.CASCADE,
        help_text=_("Only about this park, and for all its editors. Without one it is your own."),
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="subscriptions",
        verbose_name=_("account"),
        editable=False,
    )
    query = limit_text(_("list"), 2000, blank=True, help_text=_("Such as /projects?stage=started."))
    address = models.CharField(_("address"), max_length=500, blank=True, validators=[check_address])
    secret = models.CharField(
        _("secret"),
        max_length=200,
        blank=True,
        help_text=_("Of a DingTalk or Feishu robot that checks signatures. It is never shown."),
    )
    language = models.CharField(
        _("language"), max_length=7, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE
    )
    is_active = models.BooleanField(_("switched on"), default=True)
    problem = models.TextField(_("why it was switched off"), blank=True, editable=False)
    given_up = models.PositiveSmallIntegerField(default=0, editable=False)  # in a row
    state = models.JSONField(default=dict, editable=False)  # what was seen last
    collected_at = models.DateTimeField(_("last looked at"), null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def readable_by(actor: Any) -> Q:
        """Select the actor's own, and those of the parks that they edit."""
        rights = rights_of(actor)
        if rights.is_superuser:
            return Q()
        return Q(user=actor.pk, park=None) | Q(park__in=rights.edited_parks)

    def may_be_kept_by(self, actor: Any) -> bool:
        """Return whether the actor may have it as it is: an editor of its park, if it has one."""
        rights = rights_of(actor)
        return self.park_id is None or rights.is_superuser or self.park_id in rights.edited_parks

    def give_to(self, actor: Any) -> None:
        """Give it to whoever saves it, except somebody else's own."""
        if self.pk is None or self.park_id:
            self.user = actor

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Draw a secret if it needs one; begin anew with another list, or once switched on."""
        if self.channel in self.WITH_DRAWN_SECRET and not self.secret:
            self.draw_secret()
        if self.is_active:
            self.problem, self.given_up = "", 0
        same = Subscription.objects.filter(pk=self.pk, query=self.query, park=self.park)
        if not same.exists():
            self.state, self.collected_at = {}, None
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """Check that it has what its channel and kind need, and nothing else."""
        super().clean()
        needed = {
            "address": self.channel not in (self.Channel.MAIL, self.Channel.CALENDAR),
            "query": self.kind == self.Kind.LIST,
        }
        signs = self.channel in (self.Channel.DINGTALK, self.Channel.FEISHU)
        has_secret = signs or _DRAWN.fullmatch(self.secret)
        for name, is_taken in {**needed, "secret": has_secret}.items():
            if getattr(self, name) and not is_taken:
                raise blame_column(name, _("This has no use here: leave it empty."), code="no_use")
            if not getattr(self, name) and needed.get(name):
                raise blame_column(name, _("This is needed here."), code="required")
        if self.channel == self.Channel.CALENDAR and self.kind != self.Kind.DUE:
            raise blame_column("kind", _("A calendar has what is due."), code="no_use")
        if self.kind == self.Kind.BULLETIN and self.pace == self.Pace.DAY:
            raise blame_column("pace", _("A report is of a week, month or quarter."), code="no_use")
        before = Subscription.objects.filter(pk=self.pk).first()
        for name in ("kind", "channel"):
            if before and getattr(before, name) != getattr(self, name):
                message = _("This never changes: add another subscription.")
                raise blame_column(name, message, code="immutable")
        if self.channel == self.Channel.MAIL and self.user_id and not self.user.email:
            message = _("Your account has no mail address: an administrator can add it.")
            raise blame_column("channel", message, code="no_mail")
        if self.query and self.user_id:
            Subscription.check_list(self)

    def sign_stop_link(self) -> str:
        """Build the signed path that ends its letters."""
        return reverse("reminders-stop", args=[signing.dumps([self.pk], salt=self.STOP_SALT)])

    def draw_secret(self) -> str:
        """Draw a new secret; return the key of a webhook, or the address of a calendar."""
        drawn = secrets.token_bytes(_TOKEN_BYTES)
        if self.channel == self.Channel.WEBHOOK:
            self.secret = f"whsec_{base64.b64encode(drawn).decode()}"
            return self.secret
        self.secret = digest_of(drawn.hex())  # of what only the address has
        return f"{settings.SITE_URL}{reverse('pages:calendar')}?key={drawn.hex()}"


class Delivery(models.Model):
    """A message of a subscription: it waits to be sent, was sent, or was given up.

    `due_at` is null once nothing more is to be done. A process that takes a delivery moves it a
    little into the future: if the process is killed, the delivery is due again by then.
    """

    LEASE = timedelta(minutes=2)
    TEST, SWITCHED_OFF = ABOUT_ITSELF = ("test", "switched-off")  # types of no kind

    # Writes its message, or None if its reader has lost the rights; registered by `pages`
    write: ClassVar[Callable[["Delivery"], Any]] = staticmethod(lambda _each: None)

    event = models.CharField(_("event"), max_length=40, editable=False)  # the same in each try
    subscription = models.ForeignKey(
        Subscription, models.CASCADE, related_name="deliveries", verbose_name=_("subscription")
    )
    type = models.CharField(_("type"), max_length=12)
    payload = models.JSONField()
    created_at = models.DateTimeField(_("created at"))
    due_at = models.DateTimeField(_("next try"), null=True, db_index=True)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    sent_at = models.DateTimeField(_("sent at"), null=True)
    status = models.PositiveSmallIntegerField(_("status"), null=True)  # of HTTP
    answer = models.TextField(_("last answer"), blank=True)

    class Meta:
        default_permissions = ()
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.event

    @staticmethod
    def readable_by(actor: Any) -> Q:
        """Select those of the subscriptions that the actor may read."""
        return Q(subscription__in=Subscription.objects.filter(Subscription.readable_by(actor)))

    @classmethod
    def add(
        cls, subscription: Subscription, type: str, payload: dict[str, Any], now: datetime
    ) -> "Delivery":
        """Add a delivery that is due at once."""
        moments = {"created_at": now, "due_at": now}
        about = {"subscription": subscription, "type": type, "payload": payload}
        return cls.objects.create(event=f"msg_{uuid4().hex}", **about, **moments)

    def lease(self, now: datetime) -> bool:
        """Take it for a while, which is a try; return whether no other process has it."""
        until = now + self.LEASE
        same = Delivery.objects.filter(pk=self.pk, due_at=self.due_at)
        is_taken = bool(same.update(due_at=until, tries=F("tries") + 1))
        self.due_at, self.tries = until, self.tries + 1
        return is_taken

    def finish(self, **outcome: Any) -> bool:
        """Store the outcome; return whether this process still had it."""
        return bool(Delivery.objects.filter(pk=self.pk, due_at=self.due_at).update(**outcome))

    @staticmethod
    def repeat(rows: "models.QuerySet[Delivery]", now: datetime) -> int:
        """Make deliveries due again, as the same events; return how many."""
        return rows.update(due_at=now, tries=0, sent_at=None)
