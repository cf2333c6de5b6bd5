"""A server's proxy: to the server whoever asks through it is a remote client, with its limits."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

CLIENT = "203.0.113.9"
LIMITED = "/api/v1/sources?limit=1"


class RemoteProxy(ThreadingHTTPServer):
    """Passes GET on to a server, and notes each request with the status of its answer.

    `before` is called with a request's path before it is passed on; what it raises cuts it off.
    """

    daemon_threads = True

    def __init__(self, server: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.server = urlsplit(server).netloc
        self.asked: list[tuple[str, int]] = []
        self.before: Callable[[str], None] = lambda path: None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that is gone."""

    def ask(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Ask the server on behalf of the remote client."""
        connection = http.client.HTTPConnection(self.server, timeout=120)
        try:
            connection.request("GET", path, headers={**headers, "X-Forwarded-For": CLIENT})
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def use_up(self) -> None:
        """Ask until the server refuses any more, for two seconds at least."""
        while True:
            status, headers, _body = self.ask(LIMITED)
            if status == 429 and int(headers["Retry-After"]) > 1:
                return

    def take_asked(self) -> list[tuple[str, int]]:
        """Give the requests since the last time, with the status of each."""
        asked, self.asked = self.asked, []
        return asked


class _Handler(BaseHTTPRequestHandler):
    server: RemoteProxy  # type: ignore[assignment]

    def do_GET(self) -> None:
        self.server.before(self.path)
        sent = {name: self.headers[name] for name in ("Host", "Accept-Encoding")}
        status, headers, body = self.server.ask(self.path, **sent)
        self.server.asked.append((self.path, status))
        self.send_response(status)
        for name in ("Content-Type", "Content-Encoding", "Retry-After"):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def open_proxy(server: str) -> Iterator[RemoteProxy]:
    """Open a proxy of a server, which has one proxy of its own by `TRUSTED_PROXIES`."""
    with RemoteProxy(server) as proxy:
        thread = Thread(target=proxy.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
