"""manage.py load_fixtures: the vocabularies and the real ledger that come with the product."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from projects.seeding.fixtures import FixtureError, load_all


class Command(BaseCommand):
    help = (
        "Load fixtures/: vocabularies are updated by code; parks, projects and the like are "
        "created once, and never touched again after somebody edited or deleted them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--folder", type=Path, default=settings.PROFILE.fixtures, help="another folder"
        )
        parser.add_argument(
            "--vocabularies-only",
            action="store_true",
            help="no parks, projects, events, sources; RECORDS=none says so for every time",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.RECORDS not in ("all", "none"):
            raise CommandError(f"RECORDS is “{settings.RECORDS}”; it may be: all, none.")
        has_records = settings.RECORDS == "all" and not options["vocabularies_only"]
        try:
            for file, fates in load_all(options["folder"], has_records):
                text = ", ".join(f"{count} {fate}" for fate, count in fates.items() if count)
                text = text or "no rows"
                if options["verbosity"]:
                    self.stdout.write(f"{file}: {text}")
        except (FixtureError, FileNotFoundError) as error:
            raise CommandError(str(error)) from error
