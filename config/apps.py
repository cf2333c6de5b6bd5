"""The site as a Django app: it brings the system checks."""

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from config import checks
from config.profile import place_texts


class SiteConfig(AppConfig):
    """Bring checks, templates and messages, but no model."""

    name = "config"
    verbose_name = _("Park Ledger")

    def ready(self) -> None:
        place_texts(settings.PROFILE, settings.LOCALE_PATHS[0] / "zh_Hans/LC_MESSAGES/django.mo")
        for check in checks.SECURITY_CHECKS:
            register(check, Tags.security)
        register(checks.check_databases, Tags.database)
