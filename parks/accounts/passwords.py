"""Passwords: changed by who knows the old one, or by a link that is sent by mail.

Whichever way, every other session of the account ends, and it is asked whether its tokens shall.
"""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import (
    PasswordChangeView,
    PasswordResetConfirmView,
    PasswordResetView,
)
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from config.api.requests import client_address
from parks.accounts.lockout import let_try


class AskAboutTokensForm(forms.Form):
    """Asks whether the tokens of the account shall end with its old password."""

    revoke_tokens = forms.BooleanField(required=False, initial=True)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        count = user.api_tokens.valid().count() if user else 0
        if not count:
            del self.fields["revoke_tokens"]
            return
        asked = ngettext(
            "Also revoke its API token: a program that uses it needs a new one.",
            "Also revoke its %(count)d API tokens: programs that use them need new ones.",
            count,
        )
        self.fields["revoke_tokens"].label = asked % {"count": count}

    def save(self, commit: bool = True) -> Any:
        user = super().save(commit)  # type: ignore[misc]
        if commit and self.cleaned_data.get("revoke_tokens"):
            user.api_tokens.revoke()
        return user


class ChangeForm(AskAboutTokensForm, PasswordChangeForm):
    """The old password and twice the new one."""


class NewPasswordForm(AskAboutTokensForm, SetPasswordForm):
    """Twice the new password, for who came by the link."""


class ChangeView(PasswordChangeView):
    """Changes the own password; the session that asks goes on."""

    template_name = "pages/password.html"
    form_class = ChangeForm
    success_url = reverse_lazy("password-changed")
    extra_context = {"title": _("Change password")}  # noqa: RUF012 as Django means it


class NeedsMailMixin:
    """Is there only where mail can be sent."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.EMAIL_URL:
            raise Http404
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class ForgottenView(NeedsMailMixin, PasswordResetView):
    """Sends the link. Its answer is the same whether or not there is such an account."""

    template_name = "pages/password.html"
    email_template_name = "pages/password_mail.html"
    subject_template_name = "pages/password_subject.html"
    success_url = reverse_lazy("password-sent")
    extra_context = {  # noqa: RUF012 as Django means it
        "title": _("Forgotten password"),
        "intro": _("A link by which you choose a new one is sent to your address."),
    }

    def form_valid(self, form: Any) -> HttpResponse:
        """Send the link, unless somebody asks for many."""
        address = client_address(self.request)
        if let_try(f"mail to {form.cleaned_data['email']}", address):
            return super().form_valid(form)
        return super(PasswordResetView, self).form_valid(form)


class NewPasswordView(NeedsMailMixin, PasswordResetConfirmView):
    """Takes the new password of who came by the link, once and for three days."""

    template_name = "pages/password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("password-changed")
    extra_context = {"title": _("Choose a new password")}  # noqa: RUF012 as Django means it
