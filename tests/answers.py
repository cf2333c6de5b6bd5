"""Reading what the API answers: lists walked to their end, and what a problem document says."""

import base64
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client
from rest_framework.test import APIClient

API = "/api/v1"
# What is below a subscription, which is everybody's own: `tests/parks/pushing/`
SUBSCRIBED = [f"/{{id}}/{end}" for end in ("secret", "test", "deliveries", "deliveries/{event}")]
Row = dict[str, Any]
NOT_AS_SEEN = 412
# How a request says which version it is about
_SAID = {"If-Match", "If-None-Match"}


def read_through(response: Any) -> bytes:
    """Read an answer to its end, which closes it.

    To close one that streams before takes along the connection to PostgreSQL, and with it the
    transaction of the test.
    """
    return b"".join(response)


def read_file(response: Any) -> bytes:
    """The content of a download, of which the headers are right."""
    content: bytes = response.getvalue()
    assert response.status_code == 200, content.decode()
    digest = base64.b64encode(sha256(content).digest()).decode()
    assert response.headers["Content-Length"] == str(len(content))
    assert response.headers["Repr-Digest"] == f"sha-256=:{digest}:"
    assert response.headers["Accept-Ranges"] == "none"
    assert "attachment" in response.headers["Content-Disposition"]
    return content


def clear_kept() -> None:
    """Forget all answers and sums that were kept."""
    for kept in caches.all():
        kept.clear()


class CarefulClient(APIClient):
    """A client that says which version it edits: that which is there, or none.

    A test that is about the version says it itself, by the header If-Match.
    """

    def patch(self, path: str, *args: Any, **kwargs: Any) -> Any:
        return self.edit(super().patch, path, args, kwargs)

    def delete(self, path: str, *args: Any, **kwargs: Any) -> Any:
        return self.edit(super().delete, path, args, kwargs)

    def put(self, path: str, *args: Any, **kwargs: Any) -> Any:
        return super().put(path, *args, **self.careful(path, kwargs))

    def edit(self, send: Callable[..., Any], path: str, args: Any, kwargs: Row) -> Any:
        """Edit what is there, whatever its version, which spares reading it first."""
        headers = kwargs.get("headers") or {}
        if not _SAID & {*headers}:
            answer = send(path, *args, **{**kwargs, "headers": {**headers, "If-Match": "*"}})
            if answer.status_code != NOT_AS_SEEN:  # else there is nothing
                return answer
        return send(path, *args, **self.careful(path, kwargs))

    def careful(self, path: str, kwargs: Row) -> Row:
        """The arguments of an edit with the tag of what is read at its address."""
        headers = kwargs.get("headers") or {}
        if _SAID & {*headers}:
            return kwargs
        seen = self.get(path.partition("?")[0]).headers.get("ETag")
        return {**kwargs, "headers": {**headers, "If-Match": seen}} if seen else kwargs


def sign_in(person: User, kind: type[Client] = APIClient) -> Any:
    """A client of this person: of the API, or of another kind."""
    client = kind()
    client.force_login(person)
    return client


def found(response: HttpResponse) -> Row:
    """The document of a 200 answer."""
    assert response.status_code == 200, response.content.decode()
    return response.json()


def made(response: HttpResponse) -> Row:
    """The document of a 201 answer."""
    assert response.status_code == 201, response.content.decode()
    return response.json()


MOST_ROWS = 10_000  # of a walk: a faulty one may have no end


def walk(api: APIClient, address: str, **parameters: Any) -> list[Row]:
    """All rows of a list, page by page to its end."""
    page = found(api.get(f"{API}/{address}", parameters))
    rows = page["results"]
    while page["next"] and len(rows) < MOST_ROWS:
        page = found(api.get(page["next"]))
        rows += page["results"]
    return rows


def codes(api: APIClient, address: str, **parameters: Any) -> list[str]:
    """The codes of all rows of a list, in its order."""
    return [row["code"] for row in walk(api, address, **parameters)]


def problem(response: HttpResponse, status: int = 400) -> Row:
    """The problem document of an answer that must have this status."""
    assert response.status_code == status, response.content.decode()
    assert response.headers["Content-Type"] == "application/problem+json"
    return response.json()


def error(response: HttpResponse, status: int = 400) -> Row:
    """The one error that a problem document has."""
    (only,) = problem(response, status)["errors"]
    return only


def mistakes(response: HttpResponse, status: int = 400) -> dict[str, str]:
    """The code of each error by the place or parameter it is about."""
    return {
        each.get("pointer", each.get("parameter")): each["code"]
        for each in problem(response, status)["errors"]
    }
