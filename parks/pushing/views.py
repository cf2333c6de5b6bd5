"""`/subscriptions`, their secrets, test messages, and the log of what was delivered."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from api.lists.pagination import ORDERING, PAGE, Ordering
from api.problems.nearest_rows import find_no_row
from api.readers import Readers
from api.serializers import FIELDS, LedgerSerializer
from api.views import LedgerViewSet
from config.database import history
from parks.access import LedgerPermission, check_scope, has_any_rights
from parks.models import Delivery, Subscription

_MOST_LOGGED = 100


class SubscriberPermission(BasePermission):
    """For users with rights; each has their own subscriptions, and those of parks they edit."""

    message = LedgerPermission.message

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.user.is_authenticated and request.method not in SAFE_METHODS:
            check_scope(request)
        return has_any_rights(request.user)

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return bool(obj.may_be_kept_by(request.user))


class SubscriptionSerializer(LedgerSerializer):
    """A subscription. Its secret can be written, and is never shown."""

    class Meta:
        model = Subscription
        fields = (
            *("id", "name", "kind", "channel", "pace", "park", "query", "address"),
            *("secret", "language", "is_active", "problem", "collected_at", "created_at"),
        )
        extra_kwargs = {"secret": {"write_only": True}}

    def draft(self, attrs: dict[str, Any]) -> Model:
        """Build the row; that of a park reads with the rights of whoever saved it last."""
        row: Any = super().draft(attrs)
        row.give_to(self.context["request"].user)
        return row


class SecretSerializer(serializers.Serializer):
    """A new secret: the key of a webhook, or the address of a calendar. It is shown once."""

    secret = serializers.CharField()


class DeliverySerializer(LedgerSerializer):
    """A message of a subscription: whether it waits, was sent or was given up, and the answer."""

    class Meta:
        model = Delivery
        fields = (
            *("event", "type", "created_at", "due_at", "tries", "sent_at", "status", "answer"),
        )
        read_only_fields = fields


class SubscriptionViewSet(LedgerViewSet):
    """What you and the parks that you edit want to be told, where and how often."""

    readers: ClassVar[Readers] = {"list": (ORDERING, PAGE, FIELDS), "retrieve": (FIELDS,)}
    is_kept = False
    has_past = False
    permission_classes = [SubscriberPermission]
    serializer_class = SubscriptionSerializer
    lookup_field = code_column = "id"
    lookup_value_regex = "[0-9]{1,18}"
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str] = ["id"]
    ordering_default = "id"
    filter_backends = ()
    file_endings: ClassVar[Collection[str]] = ()
    described_parameters = ()
    further_problems = dict.fromkeys(("list", "retrieve", "deliveries"), (403,))

    def perform_create(self, serializer: Any) -> None:
        serializer.save(user=serializer.drafted.user)

    perform_update = perform_create

    @extend_schema(
        summary=_("Draw a new secret or address"),
        description=_("The key of a webhook, or the address of a calendar; the former one ends."),
        request=None,
        responses=SecretSerializer,
    )
    @action(detail=True, methods=["post"], url_path="secret")
    def renew(self, request: Request, id: str) -> Response:
        """Draw the key of a webhook, or the address of a calendar; the former one ends."""
        subscription: Any = self.get_object()
        if subscription.channel not in Subscription.WITH_DRAWN_SECRET:
            message = _("Only webhooks and calendars have a secret that the ledger draws.")
            raise serializers.ValidationError({"channel": message}, code="no_use")
        secret = subscription.draw_secret()
        subscription.save(update_fields=["secret"])
        return Response({"secret": secret}, headers={"Cache-Control": "no-store"})

    @extend_schema(
        summary=_("Send a test message"),
        description=_("`manage.py work` sends it within seconds."),
        request=None,
        responses={201: DeliverySerializer},
    )
    @action(detail=True, methods=["post"])
    def test(self, request: Request, id: str) -> Response:
        """Queue a test message, which `manage.py work` sends within seconds."""
        subscription: Any = self.get_object()
        if subscription.channel == Subscription.Channel.CALENDAR:
            message = _("Nothing is sent to a calendar: programs fetch it.")
            raise serializers.ValidationError({"channel": message}, code="no_use")
        delivery = Delivery.add(subscription, Delivery.TEST, {}, history.read_clock())
        return Response(DeliverySerializer(delivery).data, status.HTTP_201_CREATED)

    @extend_schema(
        summary=_("What was sent, and what waits"),
        description=_("The newest 100 messages; they are kept for 30 days."),
        responses=DeliverySerializer(many=True),
    )
    @action(detail=True)
    def deliveries(self, request: Request, id: str) -> Response:
        """The newest 100 messages; they are kept for 30 days."""
        subscription: Any = self.get_object()
        rows = subscription.deliveries.all()[:_MOST_LOGGED]
        return Response(DeliverySerializer(rows, many=True).data)

    @extend_schema(
        summary=_("Send a message again"),
        description=_("It is due again, as the same event."),
        request=None,
        responses=DeliverySerializer,
    )
    @action(detail=True, methods=["post"], url_path="deliveries/(?P<event>msg_[0-9a-f]{32})")
    def send_again(self, request: Request, id: str, event: str) -> Response:
        """Make it due again, as the same event."""
        subscription: Any = self.get_object()
        rows = subscription.deliveries.filter(event=event)
        if not Delivery.repeat(rows, history.read_clock()):
            raise find_no_row("event", event, rows)
        return Response(DeliverySerializer(rows.get()).data)
