"""Sign in, change passwords, and lock out after wrong ones.

An attempt is counted, under a row lock, before its password is checked, so that concurrent attempts
cannot exceed the limit.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordChangeView,
    PasswordResetConfirmView,
    PasswordResetView,
)
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy as _, ngettext

from api.requests import client_address
from config import environment
from config.checks import find_end_of_session
from parks.accounts.authentication import begin_session, record_access
from parks.accounts.second_factor import has_second_factor, is_right_code, note_need
from parks.models import AccessRecord, LoginAttempts

PERIOD = timedelta(minutes=15)
PER_ADDRESS = 30  # an office behind one address has many people
PER_NAME = 5  # of one name, from one address
KEPT_FOR = timedelta(days=1)
PROVIDED = "is_of_provider"  # in sessions of people who signed in at the provider


def let_try(name: str, address: str) -> bool:
    """Count an attempt to sign in; return False if its password must not be checked."""
    now = timezone.now()
    limits = [(digest(address), PER_ADDRESS), (digest(address, name), PER_NAME)]
    with transaction.atomic():
        # Always the address first, to avoid deadlocks
        counters = [(counter(key, now), limit) for key, limit in limits]
        if any(row.count >= limit for row, limit in counters):
            return False
        for row, limit in counters:
            row.count += 1
            if row.count in (1, limit):  # the time starts at the first and at the last attempt
                row.forgotten_at = now + PERIOD
            row.save()
    return True


def forget_attempts(name: str, address: str) -> None:
    """Delete the attempts with this name; others from the same address stay counted."""
    LoginAttempts.objects.filter(key=digest(address, name)).delete()
    LoginAttempts.objects.filter(key=digest(address), count__gt=0).update(count=F("count") - 1)
    LoginAttempts.objects.filter(forgotten_at__lt=timezone.now() - KEPT_FOR).delete()


def counter(key: str, now: datetime) -> LoginAttempts:
    """Get the counter and lock it; reset it if its time is over."""
    rows = LoginAttempts.objects.select_for_update()
    row, _is_new = rows.get_or_create(key=key, defaults={"forgotten_at": now + PERIOD})
    if row.forgotten_at <= now:
        row.count = 0
    return row


def digest(address: str, name: str | None = None) -> str:
    """Digest an address, and a name if given, into the key of its counter."""
    text = address if name is None else f"{address} {name.casefold()}"
    return hashlib.sha256(text.encode()).hexdigest()


def find_account(name: str) -> Any:
    """Return the account of this name, or None: what was typed may be anything."""
    return get_user_model()._default_manager.filter(username=name).first()


class CountingForm(AuthenticationForm):
    """Rejects any password, right or wrong, after too many wrong ones."""

    code = forms.CharField(
        required=False,
        max_length=20,
        label=_("Code of the second factor, if you have set one up"),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )
    locked = _("Too many wrong passwords. Try again in a quarter of an hour.")

    @property
    def openid_url(self) -> str:
        """The address of signing in at the OpenID provider; blank if there is none."""
        if not settings.OPENID_ISSUER:
            return ""
        following = self.request.GET.get("next") if self.request else ""
        address = reverse("openid_connect_login", kwargs={"provider_id": environment.PROVIDER})
        return f"{address}?{urlencode({'next': following})}" if following else address

    @property
    def openid_name(self) -> str:
        return settings.OPENID_NAME

    @property
    def sends_mail(self) -> bool:
        """Whether a link for a new password can be sent."""
        return bool(settings.EMAIL_URL)

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if self.request is None or not (name and password):
            return super().clean()
        address = client_address(self.request)
        if not let_try(name, address):
            record_access(self.request, AccessRecord.LOCKED, find_account(name))
            raise ValidationError(self.locked)
        try:
            cleaned = super().clean()
            self.check_code(self.get_user())
        except ValidationError:
            record_access(self.request, AccessRecord.REFUSED, find_account(name))
            raise
        forget_attempts(name, address)
        begin_session(self.request, self.get_user())
        note_need(self.request.session, self.get_user())
        return cleaned

    def check_code(self, user: Any) -> None:
        """Raise `ValidationError` if the account has a second factor and the code is not its."""
        if not has_second_factor(user):
            return
        code = self.cleaned_data.get("code", "")
        if not code:
            raise ValidationError(_("Enter the code of your second factor, too."))
        if not is_right_code(user, code):
            raise ValidationError(_("This code is wrong, or no longer valid."))


class SignInView(LoginView):
    """The sign-in page, which returns to the page that the user came from."""

    template_name = "pages/sign_in.html"
    authentication_form = CountingForm
    redirect_authenticated_user = True


class SignOutView(LogoutView):
    """Signs out here, and then at the provider by which one signed in, if it offers that.

    The page leads there: after a form, browsers would not follow a redirect to another site.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            record_access(request, AccessRecord.SIGNED_OUT, request.user)
        end = find_end_of_session() if request.session.get(PROVIDED) else ""
        response = super().post(request, *args, **kwargs)
        if not end:
            return response
        told = {"title": _("Signed out"), "detail": _("You are signed out at the provider, too.")}
        page = render(request, "pages/password_done.html", told)
        back = {
            "client_id": settings.OPENID_CLIENT_ID,
            "post_logout_redirect_uri": request.build_absolute_uri("/"),
        }
        page.headers["Refresh"] = f"0; url={end}?{urlencode(back)}"
        return page


class AskAboutTokensForm(forms.Form):
    """Offers to revoke the tokens of the account together with its old password."""

    revoke_tokens = forms.BooleanField(required=False, initial=True)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        count = user.api_tokens.valid().count() if user else 0
        if not count:
            del self.fields["revoke_tokens"]
            return
        label = ngettext(
            "Also revoke its API token: a program that uses it needs a new one.",
            "Also revoke its %(count)d API tokens: programs that use them need new ones.",
            count,
        )
        self.fields["revoke_tokens"].label = label % {"count": count}

    def save(self, commit: bool = True) -> Any:
        user = super().save(commit)  # type: ignore[misc]
        if commit and self.cleaned_data.get("revoke_tokens"):
            user.api_tokens.revoke()
        return user


class ChangeForm(AskAboutTokensForm, PasswordChangeForm):
    """The old password and twice the new one."""


class NewPasswordForm(AskAboutTokensForm, SetPasswordForm):
    """The new password twice, for users of the link."""


class ChangeView(PasswordChangeView):
    """Changes the user's password; this session continues."""

    template_name = "pages/password.html"
    form_class = ChangeForm
    success_url = reverse_lazy("password-changed")
    extra_context = {"title": _("Change password")}  # noqa: RUF012 as Django means it


class NeedsMailMixin:
    """A page that exists only if mail can be sent."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.EMAIL_URL:
            raise Http404
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class ForgottenView(NeedsMailMixin, PasswordResetView):
    """Sends the link; the response does not reveal whether there is such an account."""

    template_name = "pages/password.html"
    email_template_name = "pages/password_mail.html"
    subject_template_name = "pages/password_subject.html"
    success_url = reverse_lazy("password-sent")
    extra_context = {  # noqa: RUF012 as Django means it
        "title": _("Forgotten password"),
        "intro": _("A link by which you choose a new one is sent to your address."),
    }

    def form_valid(self, form: Any) -> HttpResponse:
        """Send the link, unless there were too many requests."""
        address = client_address(self.request)
        if let_try(f"mail to {form.cleaned_data['email']}", address):
            return super().form_valid(form)
        return super(PasswordResetView, self).form_valid(form)


class NewPasswordView(NeedsMailMixin, PasswordResetConfirmView):
    """Sets a new password by the link, which works once and for three days."""

    template_name = "pages/password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("password-changed")
    extra_context = {"title": _("Choose a new password")}  # noqa: RUF012 as Django means it
