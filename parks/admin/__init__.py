"""The admin of places, vocabularies and sources."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from parks.admin import places, vocabularies

__all__ = ["places", "vocabularies"]

admin.site.site_header = _("Park Ledger")
admin.site.site_title = _("Park Ledger")
