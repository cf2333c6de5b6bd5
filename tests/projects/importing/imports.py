"""Sending spreadsheets to be imported, and reading what is said of them."""

import csv
import io
from typing import Any

import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from tests.answers import API, Row, made


def table(*rows: Any, encoding: str = "utf-8") -> bytes:
    """A CSV file of these rows."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode(encoding)


def workbook(*rows: Any, **sheets: Any) -> bytes:
    """An XLSX file of these rows, or of one list of rows for each sheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        for name, lines in (sheets or {"Sheet1": rows}).items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(lines):
                sheet.write_row(number, 0, row)
    return file.getvalue()


def send(client: APIClient, data: bytes, name: str = "projects.csv", **options: Any) -> Any:
    """The answer to a file that is only checked, unless `dry_run` is said to be false."""
    form = {"file": SimpleUploadedFile(name, data), **options}
    return client.post(f"{API}/imports", form, format="multipart")


def checked(client: APIClient, data: bytes, name: str = "projects.csv", **options: Any) -> Row:
    """What is said of a file that is only checked."""
    return made(send(client, data, name, **options))


def applied(client: APIClient, data: bytes, name: str = "projects.csv", **options: Any) -> Row:
    """What is said of a file that was imported."""
    answer = made(send(client, data, name, dry_run="false", **options))
    assert answer["state"] == "applied", answer
    return answer


def uploaded(client: Client, data: bytes, **fields: Any) -> str:
    """The address of the report on a file that was sent in the admin."""
    form = {"file": SimpleUploadedFile("a.csv", data), "blank": "keep", "on_error": "abort"}
    return client.post("/admin/parks/importbatch/add/", form | fields).headers["Location"]


def actions(answer: Row) -> dict[int, str]:
    """What becomes of each line."""
    return {row["line"]: row["action"] for row in answer["rows"]}


def faults(answer: Row) -> dict[tuple[int, str], str]:
    """The code of what is wrong by line and our name of the column."""
    return {
        (error["line"], error["name"]): error["code"]
        for row in answer["rows"]
        for error in row.get("errors", ())
    }


def line(answer: Row, number: int) -> Row:
    """What was said of one line."""
    (row,) = [row for row in answer["rows"] if row["line"] == number]
    return row
