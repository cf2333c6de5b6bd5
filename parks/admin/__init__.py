"""The admin of parks, vocabularies, sources, claims and accounts."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from parks.admin import access, claims, places, pushing, vocabularies
from parks.admin.access import LoginForm

__all__ = ["access", "claims", "places", "pushing", "vocabularies"]

admin.site.unregister([TOTPDevice, StaticDevice])  # people set theirs up at /second-factor
admin.site.site_header = _("Park Ledger")
admin.site.site_title = _("Park Ledger")
admin.site.login_form = LoginForm
admin.site.login_template = "admin/sign_in.html"
