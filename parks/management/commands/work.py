"""`manage.py work`: does the recurring work of WORK_SCHEDULE, beside the server."""

import logging
import signal
import sys
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.utils.translation import gettext as _

from parks.operating.work import list_schedule, run_due
from parks.pushing.queue import send_due

_PAUSE_SECONDS = 10


class Command(BaseCommand):
    help = (
        "Does recurring work when it is due: backups, drills, messages, and what is cleared away "
        "or verified. Several may run; each task is done by one of them, each message sent by one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, and end")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # ends the running command, too
        if options["once"]:
            self.stdout.write(_("%(count)d tasks done.") % {"count": run_due()})
            while count := send_due():
                self.stdout.write(_("%(count)d messages sent or tried.") % {"count": count})
            return
        logger = logging.getLogger("work")
        logger.info("%s", ", ".join(f"{name} {at}" for name, at in list_schedule().items()))
        while True:
            try:
                run_due()
                send_due()
            except DatabaseError as error:
                logger.warning("The database does not answer: %s", " ".join(str(error).split()))
            connection.close()
            time.sleep(_PAUSE_SECONDS)
