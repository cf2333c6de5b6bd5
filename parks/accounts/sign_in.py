"""Signing in to the site: wrong passwords are counted, at every form where one is typed."""

import logging
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from config import openid
from config.api.requests import client_address
from parks.accounts.lockout import forget_attempts, let_try

logger = logging.getLogger(__name__)


class CountingForm(AuthenticationForm):
    """Refuses to look at any password, right or wrong, while too many have been wrong."""

    locked = _("Too many wrong passwords. Try again in a quarter of an hour.")

    @property
    def openid_url(self) -> str:
        """Where one signs in at the provider of the organisation; blank where there is none."""
        if not settings.OPENID_ISSUER:
            return ""
        asked = self.request.GET if self.request else {}
        following = {"next": asked["next"]} if asked.get("next") else {}
        where = reverse("openid_connect_login", kwargs={"provider_id": openid.PROVIDER})
        return f"{where}?{urlencode(following)}" if following else where

    @property
    def openid_name(self) -> str:
        return settings.OPENID_NAME

    @property
    def sends_mail(self) -> bool:
        """Tell whether a new password can be sent."""
        return bool(settings.EMAIL_URL)

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if self.request is None or not (name and password):
            return super().clean()
        address = client_address(self.request)
        if not let_try(name, address):
            logger.warning("A sign-in from %s was refused: too many wrong passwords.", address)
            raise ValidationError(self.locked)
        cleaned = super().clean()
        forget_attempts(name, address)
        return cleaned


class SignInView(LoginView):
    """Signs in anybody with an account, and goes back to where they came from."""

    template_name = "pages/sign_in.html"
    authentication_form = CountingForm
    redirect_authenticated_user = True
