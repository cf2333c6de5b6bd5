"""`access_log`: prints who signed in and who took which files, of the last days."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.utils import timezone

from parks.models import AccessRecord


class Command(BaseCommand):
    help = "Prints sign-ins, refused ones, sign-outs and exports as lines of text, oldest first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=7, help="7 by default")
        parser.add_argument("--user", default="", metavar="NAME", help="only of this account")

    def handle(self, *args: Any, **options: Any) -> None:
        since = timezone.now() - timedelta(days=options["days"])
        rows = AccessRecord.objects.filter(at__gte=since).order_by("at", "id")
        names = dict(get_user_model()._default_manager.values_list("pk", "username"))
        for row in rows:
            name = names.get(row.user_id or 0, "-")
            if options["user"] in ("", name):
                at = timezone.localtime(row.at).isoformat(timespec="seconds")
                self.stdout.write(f"{at} {row.what} {name} {row.address} {row.detail}".rstrip())
