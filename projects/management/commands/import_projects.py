"""manage.py import_projects: check a spreadsheet, or import it; of projects by default."""

import json
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from config.mistakes import Mistake
from parks.models import ImportBatch
from parks.names.cell_lookup import Finder
from parks.recording.seals import settle
from projects.importing.asking.answers import unite_alike
from projects.importing.batches import Upload, build_upload, load_mapping, run_import
from projects.importing.plain import IMPORT_RESOURCES
from projects.importing.reconciling import reconcile
from projects.models import Project
from projects.writing.doubts import DoubtKind
from sheets.imports import ACTIONS, Progress
from sheets.reading.columns import Wishes, parse_mapping
from sheets.reading.csv_files import ENCODINGS
from sheets.reading.set_aside import SKIPPED

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
        parser.add_argument("--park", help="the park of the rows that name none: code or name")
        parser.add_argument("--month", help="up to which month money was paid in, such as 2023-11")
        parser.add_argument("--noted-on", help="the day of notes without one, such as 2023-11-20")
        parser.add_argument(
            "--compare", action="store_true", help="only compare it (对账), as JSON"
        )
        parser.add_argument("--dry-run", action="store_true", help="write nothing")
        parser.add_argument("--json", action="store_true", help="the whole report as JSON")
        parser.add_argument("--mode", choices=["upsert", "create", "update"], default="upsert")
        parser.add_argument("--on-error", choices=["abort", "skip"], default="abort")
        parser.add_argument("--blank", choices=["keep", "clear"], default="keep")
        parser.add_argument(
            "--overwrite", action="store_true", help="rows that were changed since, too"
        )
        parser.add_argument(
            "--confirm",
            type=_read_words,
            default=(),
            metavar="KINDS",
            help=f"what is right although it is doubtful: {', '.join(DoubtKind.values)}",
        )
        parser.add_argument(
            "--choice",
            action="append",
            default=[],
            metavar="LINE=CHOICE",
            help="what a line is that may be a project of the ledger; may be repeated",
        )
        parser.add_argument("--encoding", choices=ENCODINGS, default="")
        parser.add_argument("--sheet", default="", help="the sheet of a workbook")
        parser.add_argument(
            "--resource",
            choices=["projects", *IMPORT_RESOURCES],
            default="projects",
            help="what the rows are; projects by default",
        )
        _add_mapping_arguments(parser)

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
        wishes = _read_mapping(options["mapping"]) if options["mapping"] else Wishes()
        given = {**options, "choices": dict(_read_choice(text) for text in options["choice"])}
        return build_upload(options["file"].read_bytes(), options["file"].name, given, wishes)

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


def _add_mapping_arguments(parser: CommandParser) -> None:
    """Add the options about the columns of a file."""
    parser.add_argument(
        "--map", action="append", default=[], metavar="HEADER:COLUMN", help="may be repeated"
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="HEADER", help="may be repeated"
    )
    parser.add_argument(
        "--unit",
        action="append",
        default=[],
        metavar="HEADER:UNIT",
        help="of a column that does not say it, such as 总投资:万元; may be repeated",
    )
    parser.add_argument(
        "--mapping", metavar="NAME", help="a saved mapping: its name, or a file of JSON"
    )
    parser.add_argument(
        "--save-mapping", default="", metavar="NAME", help="keep the mapping under this name"
    )


def _read_words(text: str) -> tuple[str, ...]:
    """Parse the kinds of doubts; ArgumentTypeError for another word."""
    words = tuple(word.strip() for word in text.split(","))
    if not {*words} <= {*DoubtKind.values}:
        raise ArgumentTypeError(f"{text!r} is not of: {', '.join(DoubtKind.values)}")
    return words


def _read_choice(text: str) -> tuple[str, str]:
    """Parse a line and its answer; Mistake for another form."""
    line, sign, answer = text.partition("=")
    if not sign:
        detail = _("“%(text)s” is no choice; write LINE=CHOICE: 12=same:BD-0007.")
        raise Mistake("invalid_choices", detail % {"text": text})
    return line.strip(), answer


def _read_mapping(named: str) -> Wishes:
    """Load a mapping from a file, or by its name; raises OSError and Mistake."""
    path = Path(named)
    is_file = path.suffix.lower() == ".json" or path.is_file()
    return parse_mapping(path.read_text(encoding="utf-8-sig")) if is_file else load_mapping(named)


def _write_line(line: Any, column: str, remark: dict[str, Any]) -> str:
    place = _("line %(line)s, %(column)s") % {"line": line, "column": column} if line else column
    value = f" “{remark['value']}”" if remark.get("value") else ""
    hint = f" → {remark['suggestion']}" if remark.get("suggestion") else ""
    choices = f" [{', '.join(remark['choices'])}]" if remark.get("choices") else ""
    return f"{place}{value}: {remark['detail']}{hint}{choices}"
