"""`verify_history`: compare the history with its seals, and print the digest to keep elsewhere."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _, gettext_lazy

from parks.history.verification import (
    Finding,
    Head,
    find_times,
    keep_verified,
    read_verified,
    repair_times,
    verify,
)
from parks.recording.seals import settle

_MOST_FINDINGS = 20
_MEANINGS = {
    "ahead": gettext_lazy("dated in the future"),
    "back": gettext_lazy("dated before the previous version of its row"),
}


class Command(BaseCommand):
    help = (
        "Checks the history against its seals and names the first row that was altered, removed "
        "or added: what was sealed since it was found whole the last time, or all. Prints the "
        "digest at the end of the chain: keep it elsewhere, and give it as --expect next time, "
        "since a chain that was cut short is whole in itself."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--expect", default="", metavar="DIGEST", help="noted earlier")
        parser.add_argument(
            "--all", action="store_true", help="also what was found whole an earlier time"
        )
        parser.add_argument(
            "--repair",
            action="store_true",
            help="where times go back or lie in the future, date what is ahead again, in new "
            "versions; the clock must be right. Nothing that was recorded is altered",
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        settle()
        findings: list[Finding] = []
        since = Head() if options["all"] else read_verified()
        head = verify(findings, options["expect"], since)
        repaired = 0
        wrong = [*find_times()] if options["repair"] and not findings else []
        if wrong:
            repaired = repair_times()
            settle()
            head = verify(findings, options["expect"], since)
        if not findings:
            keep_verified(head)
        findings += find_times()
        if options["json"]:
            report = {
                "number": head.number,
                "digest": head.digest,
                "rows": head.rows,
                "since": since.number,
                "repaired": repaired,
                "findings": [asdict(each) for each in findings],
            }
            self.stdout.write(json.dumps(report, indent=2))
        else:
            self.print_report(findings, head, since)
            if wrong:
                dated = _(
                    "Wrong times: %(wrong)d. Rows dated in the future that have a new version: "
                    "%(count)d. No recorded version was altered."
                )
                self.stdout.write(dated % {"wrong": len(wrong), "count": repaired})
        self.fail(findings)

    def print_report(self, findings: list[Finding], head: Head, since: Head) -> None:
        """Print the first findings, how much was compared, and the digest at the end."""
        for each in findings[:_MOST_FINDINGS]:
            self.stdout.write(f"{each.what}: {each.where}")
        found = {each.what for each in findings}
        for what, meaning in _MEANINGS.items():
            if what in found:
                self.stdout.write(f"{what} = {meaning}")
        sealed = _("%(rows)d rows, sealed up to change %(number)d.")
        self.stdout.write(sealed % {"rows": head.rows, "number": head.number})
        if since.number:
            earlier = _("Up to change %(number)d they were found whole before; --all for all.")
            self.stdout.write(earlier % {"number": since.number})
        self.stdout.write(_("The digest at the end: %(digest)s") % {"digest": head.digest})

    def fail(self, findings: list[Finding]) -> None:
        """Raise `CommandError` with the first finding, if there is any."""
        if findings and all(each.what in _MEANINGS for each in findings):
            raise CommandError(
                _(
                    "Times that go back or lie in the future: %(count)d; the first: %(where)s. "
                    "Correct the clock, then run verify_history --repair."
                )
                % {"count": len(findings), "where": findings[0].where}
            )
        if findings:
            text = _("%(count)d differences; the first: %(what)s %(where)s")
            raise CommandError(text % {"count": len(findings), **asdict(findings[0])})
