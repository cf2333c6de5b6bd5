"""Requests of a program to a ledger: rows, tables, files, and edits beside those of others."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from types import TracebackType
from typing import Any, Self

import httpx

BUSY = (429, 503)


class Row(dict[str, Any]):
    """A record of the ledger, with the ETag of what was read."""

    tag: str = ""


class LedgerError(Exception):
    """A refused request: what is wrong, and where."""

    def __init__(self, response: httpx.Response) -> None:
        is_problem = response.headers.get("Content-Type", "") == "application/problem+json"
        self.body: dict[str, Any] = response.json() if is_problem else {}
        self.status = response.status_code
        self.type: str = self.body.get("type", "about:blank")
        self.detail: str = self.body.get("detail", response.reason_phrase)
        self.errors: list[dict[str, Any]] = self.body.get("errors", [])
        super().__init__(f"{self.status} {self.detail}")


class ConflictError(LedgerError):
    """An edit of fields that somebody else has changed meanwhile; nothing was written."""

    def __init__(
        self, response: httpx.Response, mine: Mapping[str, Any], theirs: Row, fields: Sequence[str]
    ) -> None:
        super().__init__(response)
        self.mine, self.theirs, self.fields = mine, theirs, fields


class Ledger:
    """A ledger at a URL; with a token of the scope `write` it can be written."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        attempts: int = 5,
        timeout: float = 60,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        base = f"{url.rstrip('/')}/api/v1/"
        self._http = httpx.Client(
            base_url=base, headers=headers, timeout=timeout, transport=transport
        )
        self._attempts, self._sleep = attempts, sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def rows(self, path: str, **parameters: Any) -> Iterator[Row]:
        """Read all rows of a list or a summary, page by page."""
        url: str | httpx.URL = path
        asked: dict[str, str] | None = _write_parameters(parameters)
        while True:
            page = self._ask("GET", url, params=asked).json()
            yield from map(Row, page["results"] if "results" in page else page["rows"])
            if not page.get("next"):
                return
            # On this server, whatever name it has for others
            url, asked = self._http.base_url.join(httpx.URL(page["next"]).raw_path.decode()), None

    def get(self, path: str, **parameters: Any) -> Row:
        """Read one record, or any other JSON object."""
        return _read_row(self._ask("GET", path, params=_write_parameters(parameters)))

    def download(self, path: str, **parameters: Any) -> bytes:
        """Read a file, such as `projects.csv` or `projects.xlsx`."""
        return self._ask("GET", path, params=_write_parameters(parameters)).content

    def frame(self, path: str, **parameters: Any) -> Any:
        """Read all rows into a pandas DataFrame, with whole numbers and unknown values kept."""
        pandas = import_module("pandas")
        rows = [_flatten(row) for row in self.rows(path, **parameters)]
        return pandas.DataFrame(rows, dtype=object).convert_dtypes()

    def create(self, path: str, row: Mapping[str, Any], **parameters: Any) -> Row:
        """Create a record in a list."""
        asked = _write_parameters(parameters)
        return _read_row(self._ask("POST", path, params=asked, json=row))

    def upsert(self, projects: Sequence[Mapping[str, Any]], **parameters: Any) -> Row:
        """Create or change up to 1,000 projects by their codes; sent twice it does no harm."""
        asked = _write_parameters({"on_existing": "update", **parameters})
        body = {"projects": [*projects]}
        answer = self._ask("POST", "projects/bulk", params=asked, json=body, is_repeatable=True)
        return _read_row(answer)

    def edit(
        self, path: str, change: Mapping[str, Any], *, read: Row | None = None, **parameters: Any
    ) -> Row:
        """Change fields of a record; raise ConflictError if others changed the same since `read`.

        After an edit of others the record is read again, and the change of other fields is sent
        once more.
        """
        base = read or self.get(path)
        tag, asked = base.tag, _write_parameters(parameters)
        for attempt in range(self._attempts):
            headers = {"If-Match": tag}
            answer = self._send("PATCH", path, params=asked, json=change, headers=headers)
            if answer.status_code != 412 or attempt == self._attempts - 1:
                break
            theirs = self.get(path)
            moved = [name for name in change if theirs.get(name) != base.get(name)]
            if fields := [name for name in moved if theirs.get(name) != change[name]]:
                raise ConflictError(answer, change, theirs, fields)
            tag = theirs.tag
        return _read_row(_check(answer))

    def delete(self, path: str, row: Row) -> None:
        """Delete a record as it was read; raise LedgerError if somebody else changed it."""
        self._ask("DELETE", path, headers={"If-Match": row.tag})

    def _ask(self, method: str, url: str | httpx.URL, **given: Any) -> httpx.Response:
        return _check(self._send(method, url, **given))

    def _send(
        self, method: str, url: str | httpx.URL, is_repeatable: bool = False, **given: Any
    ) -> httpx.Response:
        """Send a request again for as long as the ledger is busy; it says when."""
        repeated = BUSY if is_repeatable or method != "POST" else BUSY[:1]
        for _attempt in range(self._attempts - 1):
            response = self._http.request(method, url, **given)
            if response.status_code not in repeated:
                return response
            self._sleep(float(response.headers.get("Retry-After", 1)))
        return self._http.request(method, url, **given)


def _check(response: httpx.Response) -> httpx.Response:
    if response.is_error:
        raise LedgerError(response)
    return response


def _read_row(response: httpx.Response) -> Row:
    row = Row(response.json())
    row.tag = response.headers.get("ETag", "")
    return row


def _write_parameters(parameters: Mapping[str, Any]) -> dict[str, str]:
    """Write values as the API reads them: lists with commas, `true` and `false`."""
    return {name: _write(value) for name, value in parameters.items() if value is not None}


def _write(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(_write, value)) if isinstance(value, list | tuple) else str(value)


def _flatten(row: Mapping[str, Any]) -> dict[str, Any]:
    """Put the members of objects beside the other fields: `park.value`."""
    flat: dict[str, Any] = {}
    for name, value in row.items():
        flat |= (
            {f"{name}.{key}": each for key, each in value.items()}
            if isinstance(value, dict)
            else {name: value}
        )
    return flat
