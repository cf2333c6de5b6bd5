"""The program that does the tasks: it notes what it asks."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from rest_framework.test import APIClient

from tests.answers import API, Row, found

# What is another text in each run, or long
OF_THIS_RUN = re.compile(
    r"(?<=cursor=)[^&]+|(?<=after=)[^&]+-[^&]+|(?<=as_of=)[^&]+|(?<=code=)[^&]+,[^&]+|imp-\w+"
)


@dataclass
class Program:
    """A program with a token, `client`; what `others` ask is not counted."""

    client: APIClient
    others: APIClient
    asked: list[str] = field(default_factory=list)

    def get(self, address: str, headers: Row | None = None, **parameters: Any) -> Any:
        """Answer a GET; lists in parameters are repeated, as generated clients do it."""
        query = urlencode(parameters, doseq=True)
        return self.ask("get", f"{address}?{query}" if query else address, headers=headers)

    def post(self, address: str, body: Any = None, headers: Row | None = None) -> Any:
        """Answer a POST of JSON."""
        return self.ask("post", address, body, format="json", headers=headers)

    def put(self, address: str, body: Row, headers: Row) -> Any:
        """Answer a PUT of JSON."""
        return self.ask("put", address, body, format="json", headers=headers)

    def send(self, address: str, form: Row) -> Any:
        """Answer a POST of a form with a file."""
        return self.ask("post", address, form, format="multipart")

    def patch(self, address: str, body: Row, version: str) -> Any:
        """Answer a PATCH of what was read in this version, an ETag."""
        return self.ask("patch", address, body, format="json", headers={"If-Match": version})

    def ask(self, method: str, address: str, *arguments: Any, **said: Any) -> Any:
        """Send a request to an address below the API, or to a whole one, and note it."""
        path = address.replace("http://testserver", "").removeprefix(f"{API}/")
        self.asked.append(f"{method.upper()} {OF_THIS_RUN.sub('…', unquote(path))}")
        return getattr(self.client, method)(f"{API}/{path}", *arguments, **said)

    def walk(self, address: str, **parameters: Any) -> list[Row]:
        """Read all rows of a list, page by page."""
        page = found(self.get(address, **parameters))
        rows: list[Row] = page["results"]
        while page["next"]:
            page = found(self.get(page["next"]))
            rows += page["results"]
        return rows
