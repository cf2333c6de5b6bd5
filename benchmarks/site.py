"""The site as a server asks it, without a network."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.test import RequestFactory  # noqa: E402


class Site:
    """The whole site in this process, asked by WSGI."""

    def __init__(self) -> None:
        self.application = get_wsgi_application()
        self.requests = RequestFactory(SERVER_NAME="127.0.0.1")

    def get(self, address: str) -> bytes:
        """The body of the answer; raises unless it is 200."""
        response = self.answer(address)
        try:
            return b"".join(response)
        finally:
            response.close()

    def answer(self, address: str, *, any_status: bool = False, **environment: str) -> Any:
        """The answer, to be read and closed; raises unless it is 200, or any will do."""
        statuses: list[str] = []
        environ = self.requests.get(address, **environment).environ
        response: Any = self.application(environ, lambda status, headers: statuses.append(status))
        if not any_status and not statuses[0].startswith("200"):
            body = b"".join(response)
            response.close()
            raise RuntimeError(f"{address}: {statuses[0]} {body[:500].decode()}")
        return response
