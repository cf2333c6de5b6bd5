"""manage.py export_projects: projects to a file, by the filters and columns of the API."""

import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework.request import Request

from api.files import FILE_WORDS, SPOOL_BYTES
from api.lists.as_of import AS_OF_NAME
from api.problems.errors import QueryError
from projects.management.commands.import_projects import ProgressBar
from projects.views import ProjectViewSet
from sheets.writing.columns import Written
from sheets.writing.xlsx_writing import DoesNotFit

# Options that are parameters of the API by the same name
_PARAMETERS = ("columns", "ordering", "header", "unit", "encoding", AS_OF_NAME)


class Command(BaseCommand):
    help = (
        "Write projects to a CSV or XLSX file, complete or not at all. Filters are those of the "
        "API, such as: park=baodi-zgc reached=signed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("filters", nargs="*", metavar="NAME=VALUE")
        parser.add_argument("--output", type=Path, help="the file; without it, standard output")
        parser.add_argument("--format", choices=["csv", "xlsx"], help="by the name of the file")
        parser.add_argument("--columns", help="names separated by commas, or all")
        parser.add_argument("--ordering", help="as in the API: --ordering=-investment_cny")
        for name in ("header", "unit", "encoding"):
            parser.add_argument(f"--{name}", choices=[*FILE_WORDS[name]])
        parser.add_argument("--as-of", help="a past day, such as 2024-03-31")
        parser.add_argument("--no-bom", action="store_true", help="for programs")
        parser.add_argument(
            "--public", action="store_true", help="only what everybody sees, no drafts"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path | None = options["output"]
        ending = options["format"] or (output.suffix[1:].lower() if output else "csv")
        if ending not in ("csv", "xlsx"):
            raise CommandError(_("Name the format: --format csv or xlsx."))
        with ExitStack() as held:
            view = self.view(ending, self.query(options), held, is_public=options["public"])
            if sys.stderr.isatty() and options["verbosity"]:
                show, total = ProgressBar(), view.file_rows().count()
                view.progress = lambda done: show(done, total)
            try:
                written = self.write(view, output)
            except QueryError as error:
                raise CommandError(str(error.errors[0])) from error
            except BrokenPipeError:  # whoever read the output has enough: `| head`
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                return
            except (DoesNotFit, OSError) as error:
                raise CommandError(str(error)) from error
            if view.progress:
                view.progress(written.rows)
        if output and options["verbosity"]:
            values = {"rows": written.rows, "file": output, "sha256": written.sha256.hex()}
            self.stdout.write(_("%(rows)d rows in %(file)s (SHA-256 %(sha256)s)") % values)

    def query(self, options: dict[str, Any]) -> QueryDict:
        query = QueryDict(mutable=True)
        for text in options["filters"]:
            name, equals, value = text.partition("=")
            if not equals:
                raise CommandError(_("“%(text)s” is not NAME=VALUE.") % {"text": text})
            query.appendlist(name, value)
        for name in _PARAMETERS:
            if options[name] is not None:
                query.appendlist(name, options[name])
        if options["no_bom"]:
            query["bom"] = "false"
        return query

    def view(
        self, ending: str, query: QueryDict, held: ExitStack, *, is_public: bool
    ) -> ProjectViewSet:
        """Build the view for this query of the API; CommandError for mistakes in it."""
        asked: Any = HttpRequest()
        asked.method, asked.GET, asked.path = "GET", query, reverse(f"project-{ending}")
        request = Request(asked)
        everything = get_user_model()(is_superuser=True, is_active=True)
        request.user = AnonymousUser() if is_public else everything
        view = ProjectViewSet(action=ending, request=request, kwargs={}, format_kwarg=None)
        view.held = held
        try:
            view.read_parameters(request)
        except QueryError as error:
            raise CommandError("\n".join(map(_write_line, error.errors))) from error
        return view

    def write(self, view: ProjectViewSet, output: Path | None) -> Written:
        """Write to a temporary file beside the output, and rename it."""
        write = view.write_csv if view.action == "csv" else view.write_book
        if output is None:
            with SpooledTemporaryFile(max_size=SPOOL_BYTES) as file:
                written = write(file)
                file.seek(0)
                shutil.copyfileobj(file, sys.stdout.buffer)
                sys.stdout.buffer.flush()
            return written
        with NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}-", delete=False) as part:
            try:
                written = write(part)
            except BaseException:
                os.unlink(part.name)
                raise
        umask = os.umask(0)  # can be read only by setting it
        os.umask(umask)
        os.chmod(part.name, 0o666 & ~umask)
        os.replace(part.name, output)
        return written


def _write_line(error: Any) -> str:
    hint = f" → {error.suggestion}" if error.suggestion else ""
    return f"{error.place['parameter']}: {error.message}{hint}"
