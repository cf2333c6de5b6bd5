"""The admin of subscriptions, and the log of what they delivered."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import get_language, gettext_lazy as _

from config.database import history
from parks.access import has_any_rights, select_readable, select_writable
from parks.admin.base import StrictAdmin, admit_nobody
from parks.models import Delivery, Park, Subscription
from sheets.forms import ShortErrorsForm


class SubscriptionForm(ShortErrorsForm):
    """A subscription; a stored secret is not shown, and stays if none is given."""

    actor: Any = None  # who saves it

    class Meta:
        model = Subscription
        fields = (
            *("name", "kind", "query", "park", "channel", "address", "secret", "pace"),
            *("language", "is_active"),
        )
        widgets: ClassVar[Any] = {"query": forms.TextInput(), "secret": forms.PasswordInput()}

    def clean(self) -> Any:
        """Keep the stored secret where none is given; say whose it is."""
        given: Any = super().clean()
        given["secret"] = given.get("secret") or self.instance.secret
        self.instance.park = given.get("park")
        self.instance.give_to(self.actor)
        return given


class OfSubscribers(StrictAdmin, admin.ModelAdmin):
    """Pages of subscriptions, for users with rights: their own, and of parks that they edit."""

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return select_readable(super().get_queryset(request), request.user)

    def is_subscriber(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return has_any_rights(request.user)

    has_module_permission = has_view_permission = is_subscriber


@admin.register(Subscription)
class SubscriptionAdmin(OfSubscribers):
    """What users and parks want to be told, where and how often."""

    form = SubscriptionForm
    list_display = ("name", "kind", "channel", "pace", "park", "user", "is_active", "problem")
    actions = ("send_test", "renew_secret")
    autocomplete_fields = ()
    has_add_permission = has_change_permission = has_delete_permission = OfSubscribers.is_subscriber

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("kind", "channel", "problem", "collected_at") if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> Any:
        given = super().get_changeform_initial_data(request)
        return {"language": get_language(), "name": _("What needs attention"), **given}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        parks = select_writable(Park.objects.order_by("code_key"), request.user)
        return admin.ModelAdmin.formfield_for_foreignkey(self, db_field, request, queryset=parks)

    def get_form(self, request: HttpRequest, obj: Any = None, *args: Any, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, *args, **kwargs)
        return type(form.__name__, (form,), {"actor": request.user})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            self.renew_secret(request, Subscription.objects.filter(pk=obj.pk))

    @admin.action(description=_("Send a test message"), permissions=["view"])
    def send_test(self, request: HttpRequest, queryset: QuerySet) -> None:
        for subscription in queryset.exclude(channel=Subscription.Channel.CALENDAR):
            Delivery.add(subscription, Delivery.TEST, {}, history.read_clock())
        self.message_user(request, _("Their log says within seconds whether it arrived."))

    @admin.action(description=_("Draw a new secret or address"), permissions=["view"])
    def renew_secret(self, request: HttpRequest, queryset: QuerySet) -> None:
        for subscription in queryset.filter(channel__in=Subscription.WITH_DRAWN_SECRET):
            secret = subscription.draw_secret()
            subscription.save(update_fields=["secret"])
            text = _("New for “%(name)s”: %(secret)s Copy it now: it is not shown again.")
            messages.warning(request, text % {"name": subscription, "secret": secret})


@admin.register(Delivery)
class DeliveryAdmin(OfSubscribers):
    """The log of messages, kept for 30 days."""

    list_display = (
        *("subscription", "show_type", "created_at", "sent_at", "due_at"),
        *("tries", "status", "answer"),
    )
    fields = ("event", *list_display)
    actions = ("send_again",)
    has_add_permission = has_change_permission = has_delete_permission = admit_nobody

    @admin.display(description=_("type"))
    def show_type(self, delivery: Any) -> Any:
        words = {Delivery.TEST: _("test"), Delivery.SWITCHED_OFF: _("why it was switched off")}
        return (words | dict(Subscription.Kind.choices))[delivery.type]

    @admin.action(description=_("Send again, as the same event"), permissions=["view"])
    def send_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        Delivery.repeat(queryset, history.read_clock())
        self.message_user(request, _("Their log says within seconds whether it arrived."))
