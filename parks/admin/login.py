"""Signing in to the admin, where wrong passwords are counted."""

from django.contrib.admin.forms import AdminAuthenticationForm

from parks.accounts.sign_in import CountingForm


class LoginForm(CountingForm, AdminAuthenticationForm):
    """Asks for a name and a password of staff."""
