"""The admin of accounts, their roles and their tokens, and signing in."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _, ngettext

from config import environment
from config.texts import check_line
from parks.access import EDIT_VOCABULARIES, has_any_rights
from parks.accounts.erasure import erase
from parks.accounts.sign_in import CountingForm
from parks.admin.base import RowsFormSet, StrictAdmin, admit_nobody
from parks.models import ApiToken, Membership
from parks.recording.recording import leave_marks
from sheets.forms import LedgerForm, ShortErrorsForm


class LoginForm(CountingForm, AdminAuthenticationForm):
    """Asks for a name and a password of staff."""


User = get_user_model()
EDITOR_OF_ALL = _("editor of what all parks share")


class ForSuperusers(StrictAdmin):
    """Pages of accounts and roles, for superusers only."""

    def is_superuser(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    has_module_permission = has_view_permission = has_add_permission = is_superuser
    has_change_permission = has_delete_permission = is_superuser

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Make a field that rejects control characters, which Django's accounts accept."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.CharField):
            field.validators.append(check_line)
        return field

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Offer checkboxes, and only the one permission that the ledger uses."""
        kwargs["widget"] = forms.CheckboxSelectMultiple
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field is not None and db_field.name in ("permissions", "user_permissions"):
            field.queryset = field.queryset.filter(**EDIT_VOCABULARIES)
            field.label_from_instance = lambda _permission: str(capfirst(EDITOR_OF_ALL))
        return field


class MembershipsInline(ForSuperusers, admin.TabularInline):
    model = Membership
    form, formset = LedgerForm, RowsFormSet  # whose fields have labels in a table, too
    extra = 0
    fields = ("park", "region", "role")


@admin.register(Membership)
class MembershipAdmin(ForSuperusers, admin.ModelAdmin):
    """The roles of users in parks and regions."""

    form = ShortErrorsForm
    list_display = ("user", "park", "region", "role", "created_at")
    list_filter = ("role", "park")
    search_fields = ("user__username", "park__code", "park__name_zh", "park__name_en")
    fields = ("user", "park", "region", "role")


admin.site.unregister(User)
admin.site.unregister(Group)
# Providers come from settings; links to them are not edited
for of_openid in apps.get_models():
    if of_openid._meta.app_label in environment.LABELS and admin.site.is_registered(of_openid):
        admin.site.unregister(of_openid)


@admin.register(User)
class AccountAdmin(ForSuperusers, UserAdmin):
    """Accounts are deactivated or erased, never deleted."""

    filter_horizontal = ()  # Django's lists to move rows between are in English in part
    inlines = (MembershipsInline,)
    readonly_fields = ("last_login", "date_joined")
    actions = ("deactivate", "erase")
    has_delete_permission = admit_nobody

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        leave_marks()  # histories have the name

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> Any:  # noqa: A002
        """Set the password of an account, and point to its tokens, which stay valid."""
        answer = super().user_change_password(request, id, form_url)
        account = self.get_object(request, id)
        if answer.status_code == 302 and account and account.api_tokens.valid().exists():
            text = _("Its sessions have ended, its API tokens have not: are they to be revoked?")
            tokens = reverse("admin:parks_apitoken_changelist")
            link = format_html('{} <a href="{}?user={}">{}</a>', text, tokens, id, _("API tokens"))
            self.message_user(request, link, messages.WARNING)
        return answer

    @admin.action(
        description=_("Deactivate the accounts: nobody signs in, tokens are revoked"),
        permissions=["change"],
    )
    def deactivate(self, request: HttpRequest, queryset: QuerySet) -> None:
        others = queryset.exclude(pk=request.user.pk).filter(is_active=True)
        ApiToken.objects.filter(user__in=others).revoke()
        count = others.update(is_active=False)
        text = ngettext(
            "%(count)s account was deactivated.", "%(count)s accounts were deactivated.", count
        )
        self.message_user(request, text % {"count": count}, messages.SUCCESS)

    @admin.action(
        description=_("Erase the accounts: blank their names, end their rights"),
        permissions=["change"],
    )
    def erase(self, request: HttpRequest, queryset: QuerySet) -> None:
        others = queryset.exclude(pk=request.user.pk)  # who asks would lock themselves out
        for account in others:
            erase(account)
        count = len(others)
        text = ngettext("%(count)s account was erased.", "%(count)s accounts were erased.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)


@admin.register(Group)
class AccountGroupAdmin(ForSuperusers, GroupAdmin):
    """Groups, to give several people the right to edit what all parks share."""

    filter_horizontal = ()


class ApiTokenForm(ShortErrorsForm):
    """A new token, which lasts for a number of days."""

    days = forms.IntegerField(
        label=capfirst(_("lasts for (days)")), min_value=1, max_value=ApiToken.MAX_DAYS, initial=90
    )

    class Meta:
        model = ApiToken
        fields: ClassVar[Any] = ("user", "name", "scope")


@admin.register(ApiToken)
class ApiTokenAdmin(StrictAdmin, admin.ModelAdmin):
    """The user's own tokens; superusers see and make those of all users. None is deleted."""

    form = ApiTokenForm
    list_display = ("name", "user", "prefix", "scope", "expires_at", "last_used_at", "lets_in")
    list_filter = ("scope",)
    search_fields = ("name", "user__username", "prefix")
    actions = ("revoke",)
    stored = ("user", "name", "prefix", "scope", "created_at", "expires_at")
    used = ("last_used_at", "revoked_at", "lets_in")

    @admin.display(description=_("valid"), boolean=True)
    def lets_in(self, token: ApiToken) -> bool:
        return token.is_valid

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        tokens = super().get_queryset(request)
        return tokens if request.user.is_superuser else tokens.filter(user=request.user)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        if obj:
            return (*self.stored, *self.used)
        return (*(["user"] if request.user.is_superuser else []), "name", "scope", "days")

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return has_any_rights(request.user)

    has_module_permission = has_add_permission = has_view_permission

    has_change_permission = has_delete_permission = admit_nobody

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store the new token, and show its secret once."""
        if "user" not in form.cleaned_data:
            obj.user = request.user
        obj.expires_at = obj.created_at + timedelta(days=form.cleaned_data["days"])
        secret = obj.give_secret()
        super().save_model(request, obj, form, change)
        text = _("The token is %(secret)s Copy it now: it is not shown again.")
        messages.warning(request, text % {"secret": secret})

    @admin.action(description=_("Revoke the selected tokens"), permissions=["view"])
    def revoke(self, request: HttpRequest, queryset: Any) -> None:
        count = queryset.revoke()
        text = ngettext("%(count)s token was revoked.", "%(count)s tokens were revoked.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS)
