"""`doctor`: examines an installation, and says how to mend what is wrong."""

import logging
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import INFO, CheckMessage, Error, Warning
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.utils.translation import gettext as _

from config.examinations import EXAMINATIONS, Examination

_HINTS = (
    "Let the database answer first; if what it holds is damaged: docs/how-to/backup.md#restore",
    "Run it as the user that serves; see who owns what is named here.",
)


class Command(BaseCommand):
    help = (
        "Examines the installation with the settings of the server: settings, database, "
        "migrations, files, disks, clock, fonts, backups, and with --url what stands in front. "
        "Says of all that is wrong how to mend it. Ends with 1 if there is an error."
    )
    requires_system_checks: list[str] = []  # it runs them itself

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--url", help="where readers reach it: https://ledger.example.org")

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        examinations: dict[str, Examination] = dict(EXAMINATIONS)
        if url := options["url"]:
            examinations["proxy"] = lambda: check_proxy(url.rstrip("/"))
        errors = 0
        for title, examine in examinations.items():
            found = _run(examine)
            is_well = all(each.level == INFO for each in found)
            self.stdout.write(f"{'ok' if is_well else '--':4} {title}")
            for each in found:
                is_error = each.is_serious()
                errors += is_error
                if each.level == INFO:
                    self.stdout.write(f"     {each.msg}")
                    continue
                line = f"     {'ERROR' if is_error else 'warning'} {each.id}: {each.msg}"
                style = self.style.ERROR if is_error else self.style.WARNING
                self.stdout.write(style(line))
                if each.hint:
                    self.stdout.write(f"           {each.hint}")
        if errors:
            raise CommandError(_("Errors to mend: %(count)d.") % {"count": errors})
        self.stdout.write(_("Nothing that keeps it from serving."))


def _run(examine: Examination) -> list[CheckMessage]:
    try:
        return list(examine())
    except (DatabaseError, OSError) as error:
        text = f"It cannot be examined: {str(error).strip()}"
        return [Error(text, hint=_HINTS[isinstance(error, OSError)], id="ledger.E018")]


def check_proxy(url: str) -> Iterator[CheckMessage]:
    """Request a page through the proxy; report E019, W020 and W021."""
    request = urllib.request.Request(f"{url}/healthz")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
            is_ours = bool(response.headers.get("X-Request-Id"))
    except (urllib.error.URLError, OSError) as error:
        yield Error(
            f"{url}/healthz does not answer: {error}",
            hint="Does the proxy run and pass on to HOST and PORT? Is the name in ALLOWED_HOSTS?",
            id="ledger.E019",
        )
        return
    if not is_ours:
        yield Error(
            f"What answers at {url} is not the ledger.",
            hint="See where the proxy passes requests on to.",
            id="ledger.E019",
        )
    if url.startswith("https:") and not settings.SECURE_SSL_REDIRECT:
        yield Warning(
            "Readers come by https, and SECURE_SSL is not set.",
            hint="SECURE_SSL=true: cookies are then sent by https alone.",
            id="ledger.W020",
        )
    if not settings.TRUSTED_PROXIES:
        yield Warning(
            "There is a proxy, and TRUSTED_PROXIES is 0: all clients count as one address, or as "
            "none if the proxy is on this machine: no limit holds then.",
            hint="TRUSTED_PROXIES=1, or as many as append to X-Forwarded-For.",
            id="ledger.W021",
        )
