"""`prune_changes`: delete old changes of the feed, records of sign-ins, and sent messages."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from config.database import history
from parks.history.feed import forget
from parks.models import AccessRecord
from parks.pushing.queue import prune_deliveries
from parks.recording.seals import settle


class Command(BaseCommand):
    help = (
        "Drops the changes that are older than so many days, except the newest of each row. "
        "Readers of the feed that have not read them by then have to begin again. Also drops "
        "records of sign-ins and exports that are older than ACCESS_LOG_DAYS, and the log of "
        "messages after 30 days."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=400, help="400 by default")

    def handle(self, *args: Any, **options: Any) -> None:
        settle()
        kept = timedelta(days=settings.ACCESS_LOG_DAYS)
        AccessRecord.objects.filter(at__lt=timezone.now() - kept).delete()
        prune_deliveries(history.read_clock())
        count = forget(history.read_clock() - timedelta(days=options["days"]))
        self.stdout.write(_("%(count)d changes dropped.") % {"count": count})
