"""A server to which messages are sent: it keeps them, and answers what a test says."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """What came, and what is answered: status, body, headers."""

    def __init__(self) -> None:
        self.status, self.body, self.headers = 200, b'{"errcode":0,"errmsg":"ok"}', {}
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.host, self.pause = "", 0.0  # in seconds, before an answer

    @property
    def url(self) -> str:
        return f"http://{self.host}/hook?key=k"

    @property
    def texts(self) -> list[Any]:
        return [json.loads(body) for _path, _headers, body in self.came]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.came.append((self.path, dict(self.headers), body))
            time.sleep(receiver.pause)
            self.send_response(receiver.status)
            for name, value in receiver.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(receiver.body)

        def log_message(self, *about: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    receiver.host = f"127.0.0.1:{server.server_port}"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
