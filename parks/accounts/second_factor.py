"""A second factor for accounts with passwords: codes of an authenticator app, once set up."""

from base64 import b32encode
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _, gettext_lazy
from django.views.generic import FormView
from django_otp import match_token, user_has_device
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

SPARE_CODES = 10
NEEDED = "second_factor_needed"  # in sessions


def has_second_factor(user: Any) -> bool:
    return bool(user_has_device(user))


def is_right_code(user: Any, code: str) -> bool:
    """Return whether a code is the user's of this moment, or one of the spare ones; uses it up."""
    return bool(code) and match_token(user, code.replace(" ", "")) is not None


@transaction.atomic
def remove_second_factor(user: Any) -> int:
    """Remove the second factor of an account and its spare codes; return whether it had one."""
    StaticDevice.objects.filter(user=user).delete()
    return TOTPDevice.objects.filter(user=user).delete()[0]


class CodeForm(forms.Form):
    """A code of the authenticator app."""

    code = forms.CharField(
        label=gettext_lazy("Code of the app"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class SecondFactorView(LoginRequiredMixin, UserPassesTestMixin, FormView):
    """Sets the second factor of one's own account up, and removes it; both need a code."""

    template_name = "pages/second_factor.html"
    form_class = CodeForm

    def test_func(self) -> bool:
        """Return whether the account has a password; others sign in at a provider."""
        user = self.request.user
        return user.is_authenticated and user.has_usable_password()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = super().get_context_data(**kwargs)
        if not has_second_factor(self.request.user):
            device = self._find_new_device()
            picture = segno.make(device.config_url, micro=False)
            key = b32encode(device.bin_key).decode()
            found |= {"key": key, "picture": picture.svg_data_uri(scale=5)}
        return found

    def form_valid(self, form: CodeForm) -> HttpResponse:
        """Remove the second factor if there is one, else confirm the new one."""
        user, code = self.request.user, form.cleaned_data["code"]
        wrong = _("This code is wrong, or no longer valid.")
        if has_second_factor(user):
            if not is_right_code(user, code):
                form.add_error("code", wrong)
                return self.form_invalid(form)
            remove_second_factor(user)
            return render(self.request, self.template_name, {"is_removed": True})
        device = self._find_new_device()
        if not device.verify_token(code.replace(" ", "")):
            form.add_error("code", wrong)
            return self.form_invalid(form)
        with transaction.atomic():
            device.confirmed = True
            device.save()
            spare = StaticDevice.objects.create(user=user, name="spare")
            codes = [StaticToken.random_token() for _number in range(SPARE_CODES)]
            spare.token_set.bulk_create(StaticToken(device=spare, token=code) for code in codes)
        self.request.session.pop(NEEDED, None)
        return render(self.request, self.template_name, {"codes": codes})

    def _find_new_device(self) -> TOTPDevice:
        name = str(self.request.user.get_username())
        found, _is_new = TOTPDevice.objects.get_or_create(
            user=self.request.user, confirmed=False, defaults={"name": name}
        )
        return found


def note_need(session: Any, user: Any) -> None:
    """Let a session do nothing but set the second factor up, where every account must have one."""
    if settings.SECOND_FACTOR_REQUIRED and not has_second_factor(user):
        session[NEEDED] = True
