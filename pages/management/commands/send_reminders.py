"""manage.py send_reminders: once a week a letter to who wants to know what needs attention."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pages.reminders import send_letters


class Command(BaseCommand):
    help = (
        "Sends to each person with a role who asked for it what needs attention in their parks, at "
        "most once in a week from Monday on. Without EMAIL_URL the letters become files."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.SITE_URL:
            raise CommandError(_("Set SITE_URL, by which the letters lead to the ledger."))
        sent, failed = 0, []
        for reminder, error in send_letters(timezone.now()):
            if error is None:
                sent += 1
            else:
                failed.append(f"{reminder.user.get_username()}: {error}")
        said = ngettext("%(count)d letter sent.", "%(count)d letters sent.", sent)
        if not settings.EMAIL_URL:
            said = ngettext(
                "%(count)d letter written to %(folder)s, and not sent: EMAIL_URL is not set.",
                "%(count)d letters written to %(folder)s, and not sent: EMAIL_URL is not set.",
                sent,
            )
        self.stdout.write(said % {"count": sent, "folder": settings.EMAIL_FILE_PATH})
        if failed:
            raise CommandError("\n".join([_("Not sent, and tried again next time:"), *failed]))
