"""The admin of places, vocabularies, sources, and what is said about them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from parks.admin import figures, people, places, vocabularies

__all__ = ["figures", "people", "places", "vocabularies"]

admin.site.site_header = _("Park Ledger")
admin.site.site_title = _("Park Ledger")
