"""manage.py import_projects: check a spreadsheet, or import it; of projects by default."""

import json
import sys
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.fields import BooleanField, ChoiceField, ListField

from api.problems.errors import find_body_errors
from config.mistakes import Mistake
from parks.models import ImportBatch
from parks.names.cell_lookup import Finder
from parks.recording.seals import settle
from projects.importing.asking.answers import unite_alike
from projects.importing.batches import Upload, run_import
from projects.importing.reconciling import reconcile
from projects.importing.serializers import UploadSerializer
from projects.models import Project
from sheets.imports import ACTIONS, Progress
from sheets.reading.set_aside import SKIPPED

# Parts of the form of the API that are options by the same names
FORM_PARTS = {
    name: field
    for name, field in UploadSerializer().fields.items()
    if name not in ("file", "dry_run", "mapping", "choices")
}
LEFT_OUT = 3  # the status of a command that left rows out
BAR = 30  # characters
MOST_LINES = 200  # printed; --json prints all


class Command(BaseCommand):
    help = (
        "Import projects from an XLSX, XLS, ET, ODS or CSV file, as a whole or not at all. Without "
        "errors it is written at once; --dry-run only says what would be done."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--compare", action="store_true", help="only compare it (对账), as JSON"
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--json", action="store_true", help="the whole report as JSON")
        parser.add_argument(
            "--choice",
            action="append",
            default=[],
            metavar="LINE=CHOICE",
            help="what a line is that may be a project of the ledger; may be repeated",
        )
        parser.add_argument(
            "--mapping", metavar="NAME", help="a saved mapping: its name, or a file of JSON"
        )
        for name, field in FORM_PARTS.items():
            kind: dict[str, Any] = {}
            if isinstance(field, ListField):
                kind = {"action": "append"}
            elif isinstance(field, BooleanField):
                kind = {"action": "store_true"}
            elif isinstance(field, ChoiceField):
                kind = {"choices": [*field.choices]}
            parser.add_argument(
                f"--{name.replace('_', '-')}", help=str(field.help_text or ""), **kind
            )

    def handle(self, *args: Any, **options: Any) -> None:
        progress: Progress | None = None
        if sys.stderr.isatty() and options["verbosity"]:
            bar, steps = ProgressBar(), {"checked": _("checked"), "written": _("written")}
            progress = lambda step, done, total: bar(done, total, steps[step])  # noqa: E731
        try:
            upload = self.upload(options)
            if options["compare"]:
                self.compare(upload, options)
                return
            batch = run_import(upload, None, apply=not options["dry_run"], progress=progress)
        except OSError as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            wrong = (
                f"{each.place['pointer'][2:]}: {each}" for each in find_body_errors(error.detail)
            )
            raise CommandError(" ".join(wrong)) from error
        except Mistake as error:
            if options["json"]:
                self.stdout.write(json.dumps(error.as_dict(), ensure_ascii=False))
            where = ", ".join(f"{n} {v}" for n, v in error.further.items() if n != "suggestion")
            raise CommandError(f"{error} ({where})" if where else str(error)) from error
        self.print_json(batch) if options["json"] else self.print_report(
            batch, options["verbosity"]
        )
        if batch.state == ImportBatch.State.APPLIED:
            settle()  # after the output
        if batch.doubts and not options["dry_run"]:
            words = ",".join(dict.fromkeys(each["confirm"] for each in batch.doubts))
            detail = _("Nothing was imported. If it is right, import it with --confirm %(words)s.")
            detail %= {"words": words}
            if any("choices" in each for each in batch.doubts):
                answer = _("Or answer line by line: --choice LINE=CHOICE.")
                detail = f"{detail} {answer}"
            raise CommandError(detail)
        self.fail(batch)

    def compare(self, upload: Upload, options: dict[str, Any]) -> None:
        """Print as JSON what a list contradicts, or lacks of the given park."""
        chosen = Project.objects.all()
        if options["park"]:
            chosen = chosen.filter(park=Finder(None).park(options["park"])[0].pk)
        compared = reconcile(upload, None, chosen)
        self.stdout.write(json.dumps(compared, ensure_ascii=False, indent=1))

    def fail(self, batch: ImportBatch) -> None:
        """Exit with status 1 if nothing was imported, with 3 if rows were left out."""
        numbers = {"good": batch.good_rows, "left_out": batch.left_out}
        if batch.state == ImportBatch.State.REFUSED:
            remedy = (
                _("%(good)d rows are right: --on-error skip imports them.")
                if numbers["good"]
                else ""
            )
            raise CommandError(" ".join([_("Nothing was imported."), remedy % numbers]).strip())
        if batch.left_out:
            raise CommandError(_("%(left_out)d rows are left out.") % numbers, returncode=LEFT_OUT)

    def upload(self, options: dict[str, Any]) -> Upload:
        """Build the upload as the API does; raise OSError, Mistake, or ValidationError."""
        given = {name: options[name] for name in FORM_PARTS if options[name]}
        given["file"] = ContentFile(options["file"].read_bytes(), options["file"].name)
        if "confirm" in given:
            given["confirm"] = [word for text in given["confirm"] for word in text.split(",")]
        if named := options["mapping"]:
            path = Path(named)
            is_file = path.suffix.lower() == ".json" or path.is_file()
            given["mapping"] = path.read_text(encoding="utf-8-sig") if is_file else named
        given["choices"] = json.dumps(dict(map(_read_choice, options["choice"])))
        serializer = UploadSerializer(data=given)
        serializer.is_valid(raise_exception=True)
        return serializer.upload()

    def print_json(self, batch: ImportBatch) -> None:
        report = {
            "code": batch.code,
            "file_name": batch.file_name,
            "sha256": batch.sha256,
            "state": batch.state,
            "counts": batch.counts,
            **batch.summary,
            "doubts": unite_alike(batch.summary.get("doubts", ())),
            "rows": batch.rows,
        }
        self.stdout.write(json.dumps(report, ensure_ascii=False, indent=1))

    def print_report(self, batch: ImportBatch, verbosity: int) -> None:
        """Print every bad cell, then the counts."""
        for problem in batch.summary["problems"]:
            self.stderr.write(_write_line("", problem["column"], problem))
        for doubt in unite_alike(batch.doubts):
            lines = doubt.get("lines") or doubt.get("line")
            self.stderr.write(_write_line(lines, doubt["column"], doubt))
        for warning in batch.summary["warnings"]:
            self.stderr.write(_write_line("", warning["column"], warning))
        lines = 0
        for row in batch.read_rows():
            doubts = row.get("warnings", ()) if verbosity > 1 else ()
            for remark in [*row.get("errors", ()), *doubts]:
                if lines < MOST_LINES:
                    column = remark["column"] or remark["name"]
                    self.stderr.write(_write_line(row["line"], column, remark))
                lines += 1
            if row["action"] in ("skip", "conflict") and verbosity > 1:
                reason = SKIPPED.get(row.get("reason", ""), ACTIONS[row["action"]])
                self.stdout.write(_("Line %(line)d %(reason)s.") % {**row, "reason": reason})
        if lines > MOST_LINES:
            self.stderr.write(_("... and %(count)d more.") % {"count": lines - MOST_LINES})
        counts = ", ".join(f"{action} {batch.counts[action]}" for action in ACTIONS)
        self.stdout.write(f"{batch.code}: {batch.get_state_display()} ({counts})")


class ProgressBar:
    """A bar on the terminal for each step, drawn at most ten times a second."""

    def __init__(self) -> None:
        self.drawn_at = 0.0

    def __call__(self, done: int, total: int, step: str = "") -> None:
        if monotonic() - self.drawn_at < 0.1 and done < total:
            return
        self.drawn_at = monotonic()
        filled = BAR * done // max(total, 1)
        end = "\n" if done >= total else ""
        bar = "#" * filled + "." * (BAR - filled)
        sys.stderr.write(f"\r[{bar}] {done}/{total} {step}".rstrip() + end)
        sys.stderr.flush()


def _read_choice(text: str) -> tuple[str, str]:
    """Parse a line and its answer; Mistake for another form."""
    line, sign, answer = text.partition("=")
    if not sign:
        detail = _("“%(text)s” is no choice; write LINE=CHOICE: 12=same:BD-0007.")
        raise Mistake("invalid_choices", detail % {"text": text})
    return line.strip(), answer


def _write_line(line: Any, column: str, remark: dict[str, Any]) -> str:
    place = _("line %(line)s, %(column)s") % {"line": line, "column": column} if line else column
    value = f" “{remark['value']}”" if remark.get("value") else ""
    hint = f" → {remark['suggestion']}" if remark.get("suggestion") else ""
    choices = f" [{', '.join(remark['choices'])}]" if remark.get("choices") else ""
    return f"{place}{value}: {remark['detail']}{hint}{choices}"
