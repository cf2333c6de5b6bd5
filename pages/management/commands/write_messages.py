"""manage.py write_messages: queue what subscriptions have to report; `work` sends it."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _, ngettext

from config.database import history
from pages.pushing.messages import collect_messages


class Command(BaseCommand):
    help = (
        "Looks at what subscriptions are about, each once a day or a week, and queues messages for "
        "those that have something to report. manage.py work sends them."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SITE_URL:
            raise CommandError(_("Set SITE_URL, by which the letters lead to the ledger."))
        count = collect_messages(history.read_clock())
        message = ngettext("%(count)d message to be sent.", "%(count)d messages to be sent.", count)
        self.stdout.write(message % {"count": count})
