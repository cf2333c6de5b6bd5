"""The app of places: parks, the vocabularies that describe them, and their figures."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ParksConfig(AppConfig):
    name = "parks"
    verbose_name = _("Parks and vocabularies")
