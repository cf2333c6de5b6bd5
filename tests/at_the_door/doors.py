"""The doors of the ledger, and what each answers: stored, asked or refused, with which words."""

import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from parks.models import ImportBatch, Park
from projects.models import Investor, Milestone, Participation, Project, ProjectFigure
from tests.admin_pages import mistakes, save
from tests.answers import API, Row
from tests.at_the_door.samples import PARK, STORED, Body, Form, Sheet
from tests.projects.importing.imports import send, table

ENGLISH, CHINESE = {"Accept-Language": "en"}, {"Accept-Language": "zh-hans"}
ADD = "/admin/projects/project/add/"
MOST_SAID = 3  # of the errors of a body
_TAG = re.compile("<[^>]+>")


@dataclass(frozen=True)
class Answer:
    """What a door makes of a sample: what is done, the codes of what is said, and the words."""

    done: str
    codes: list[str]
    said: list[str]


# --- What is stored afterwards, of the rows that were not there before ------------------------


def _new(model: Any = Project, path: str = "") -> Any:
    return model.objects.exclude(**{f"{path}code__in": STORED}).order_by(f"{path}name_zh", "pk")


def _amounts() -> Iterator[str]:
    for claim in _new(ProjectFigure, "project__"):
        value = claim.amount_cny if claim.amount_cny is not None else claim.value
        unit = claim.currency or "CNY"
        basis = claim.investment_basis or claim.indicator_id
        yield f"{claim.project.name_zh} {value:,.0f} {unit} ({basis})"


def _investors() -> Iterator[str]:
    for row in _new(Investor, "project__").select_related("organisation"):
        share = "" if row.share_bp is None else f" {row.share_bp / 100:g} %"
        role = " leads" if row.role == Investor.Role.LEAD else ""
        yield f"{row.organisation.name_zh or row.organisation.name_en}{role}{share}"


def _origins() -> Iterator[str]:
    for row in _new():
        yield f"{row.name_zh} {row.origin_id or 'unknown'}, basis {row.origin_basis or 'none'}"


def _steps() -> Iterator[str]:
    for row in _new(Milestone, "project__"):
        day = row.planned_on if row.status == "scheduled" else row.actual_on
        promised = f" promised {row.promised_on}" if row.promised_on else ""
        said = f"{row.project.name_zh} {row.type} {row.status} {day}{promised} {row.agreement_type}"
        yield said.rstrip()


def _name_with_whole(row: Project) -> str:
    whole = row.part_of
    if whole is None:
        return row.name_zh
    return f"{row.name_zh}, a part of {whole.code if whole.code in STORED else whole.name_zh}"


def _headlines() -> Iterator[str]:
    for row in Project.objects.order_by("pk"):
        land = "" if row.land_mu is None else f", {row.land_qualifier} {row.land_mu} mu"
        yield f"{row.name_zh} {row.investment_qualifier} {row.investment_cny:,} CNY{land}"


def _work() -> Iterator[str]:
    for row in _new():
        people = [
            f"{each.role} {each.name} {each.office}".strip() for each in row.assignments.all()
        ]
        yield "; ".join([row.name_zh, *row.further_columns.splitlines(), *people])


LOOKS: dict[str, Callable[[], Iterator[str]]] = {
    "amounts": _amounts,
    "headlines": _headlines,
    "investors": _investors,
    "origins": _origins,
    "steps": _steps,
    "names": lambda: (_name_with_whole(row) for row in _new()),
    "roles": lambda: (f"{row.event.code} {row.role}" for row in Participation.objects.all()),
    "standings": lambda: (f"{row.name_zh} {row.standing}: {row.standing_reason}" for row in _new()),
    "work": _work,
}


def _look(name: str) -> str:
    return "; ".join(LOOKS[name]()) or "nothing new"


# --- Doors ----------------------------------------------------------------------------------


@contextmanager
def undone() -> Iterator[None]:
    """Take back whatever is written meanwhile: each door finds the same ledger."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@dataclass
class Doors:
    """Somebody with all rights at every door, in both languages."""

    api: APIClient
    desk: Client
    folder: Path

    @classmethod
    def open(cls, person: User, folder: Path) -> "Doors":
        api, desk = APIClient(), Client(headers=CHINESE)
        api.force_authenticate(person)
        desk.force_login(person)
        return cls(api, desk, folder)

    def try_file(self, sheet: Sheet, headers: Row) -> Answer:
        """Send a file over REST, to be written at once."""
        options: Row = {**sheet.options, "park": PARK, "dry_run": "false", "headers": headers}
        with undone():
            return _read_import(self._send(sheet, options), sheet.looks)

    def _send(self, sheet: Sheet, options: Row) -> Any:
        headers = options.pop("headers")
        if choice := options.pop("choice", ""):
            options["choices"] = json.dumps(dict([choice.split("=", 1)]))
        self.api.credentials(HTTP_ACCEPT_LANGUAGE=headers["Accept-Language"])
        return send(self.api, table(*sheet.rows), **options)

    def try_desk(self, sheet: Sheet) -> Answer:
        """Send a file by the page of the admin, in Chinese, and apply it."""
        form: Row = {"file": SimpleUploadedFile("a.csv", table(*sheet.rows)), "blank": "keep"}
        form |= {"on_error": sheet.options.get("on_error", "abort")}
        with undone():
            park = Park.objects.get(code=PARK)
            sent = self.desk.post("/admin/parks/importbatch/add/", {**form, "park": park.pk})
            self.desk.post(sent.headers["Location"], {"_apply": "1"})
            return _read_batch(ImportBatch.objects.latest("id"), sheet.looks)

    def try_command(self, sheet: Sheet) -> Answer:
        """Import a file by the command."""
        file = self.folder / "ledger.csv"
        file.write_bytes(table(*sheet.rows))
        given = {**sheet.options, "park": PARK}
        options = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
        out = io.StringIO()
        with undone():
            with suppress(CommandError):  # its exit code says so, and the batch tells the rest
                call_command(
                    "import_projects", str(file), *options, stdout=out, stderr=io.StringIO()
                )
            return _read_batch(ImportBatch.objects.latest("id"), sheet.looks)

    def try_body(self, body: Body, headers: Row) -> Answer:
        """Send a body over REST; an edit is of the newest version."""
        call = getattr(self.api, body.method.lower())
        self.api.credentials()
        headers = {**headers, **body.headers}
        if body.method == "PATCH":
            headers |= {"If-Match": "*"}
        with undone():
            for _time in range(1 + body.is_sent_again):
                answer = call(f"{API}/{body.path}", body.body, format="json", headers=headers)
            told = answer.json()
            shown = [f"{name}={told[name]}" for name in body.shown]
            errors = told.get("errors", [])[:MOST_SAID]
            return Answer(
                ", ".join([f"{answer.status_code}", *shown]), _codes(errors), _details(errors)
            )

    def try_form(self, form: Form, headers: Row) -> Answer:
        """Fill in a form of the admin."""
        self.desk.defaults["HTTP_ACCEPT_LANGUAGE"] = headers["Accept-Language"]
        with undone():
            park = Park.objects.get(code=PARK)
            typed = {"park": park.pk, "publication": "published", "code": "new", **form.typed}
            sent = save(self.desk, ADD, **typed)
            if sent.status_code == 302:
                return Answer(f"stored: {_look('amounts')}", [], [])
            said = mistakes(sent)
            done = "asked" if [*said] == ["confirm"] else "refused"
            texts = [_TAG.sub("", text) for texts in said.values() for text in texts]
            return Answer(done, [*said], texts)


def _read_import(answer: Any, looks: str) -> Answer:
    told = answer.json()
    if answer.status_code == 201:
        return _read_report(told, looks)
    done = {400: "refused", 409: "asked"}[answer.status_code]
    return Answer(done, _codes(told["errors"]), _details(told["errors"]))


def _read_batch(batch: ImportBatch, looks: str) -> Answer:
    report = {"state": batch.state, **batch.summary, "rows": batch.rows}
    if batch.state == ImportBatch.State.CHECKED:
        return Answer("asked", _codes(batch.doubts), _details(batch.doubts))
    if batch.state == ImportBatch.State.REFUSED:
        wrong = [*batch.summary["problems"], *_of_rows(report, "errors")]
        return Answer("refused", _codes(wrong), _details(wrong))
    return _read_report(report, looks)


def _read_report(report: Row, looks: str) -> Answer:
    told = [*report["warnings"], *_of_rows(report, "errors"), *_of_rows(report, "warnings")]
    reasons = [row["reason"] for row in report["rows"] if row["action"] == "skip"]
    aside = sorted({*reasons} - {"header", "title"})
    done = f"stored: {_look(looks)}"
    if aside:
        done += f"; set aside: {', '.join(aside)}"
    return Answer(done, _codes(told), _details(told))


def _of_rows(report: Row, kind: str) -> list[Row]:
    return [each for row in report["rows"] for each in row.get(kind, ())]


def _codes(errors: list[Row]) -> list[str]:
    return [error["code"] for error in errors]


def _details(errors: list[Row]) -> list[str]:
    return [error["detail"] for error in errors]


def print_sample(sample: Sheet | Body | Form) -> str:
    """Print what is sent, in a cell of a table."""
    if isinstance(sample, Sheet):
        lines = [" ¦ ".join(_short(cell).replace("\n", "↵") for cell in r) for r in sample.rows]
        options = [f"`{name}={value}`" for name, value in sample.options.items()]
        return "<br>".join([*lines, *options])
    if isinstance(sample, Body):
        body = json.dumps(sample.body, ensure_ascii=False).replace("\ufffe", r"\ufffe")
        headers = [f"`{name}: {value}`" for name, value in sample.headers.items()]
        headers += ["sent twice"] if sample.is_sent_again else []
        return "<br>".join([f"`{sample.method} /{sample.path}`", *headers, f"`{_short(body)}`"])
    return "<br>".join(f"{name} = {value}" for name, value in sample.typed.items())


def _short(text: str, longest: int = 120) -> str:
    return text if len(text) <= longest else f"{text[:40]}… ({len(text):,} characters)"
