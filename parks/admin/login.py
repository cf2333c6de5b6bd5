"""Signing in to the admin, where wrong passwords are counted."""

from django.contrib.admin.forms import AdminAuthenticationForm
from django.utils.translation import gettext_lazy as _

from parks.accounts.sign_in import CountingForm


class LoginForm(CountingForm, AdminAuthenticationForm):
    """Asks for a name and a password of staff."""

    error_messages = {  # Django's own in English, and better Chinese
        **AdminAuthenticationForm.error_messages,
        "invalid_login": _(
            "Please enter the correct %(username)s and password for a staff account. Note that "
            "both fields may be case-sensitive."
        ),
    }
