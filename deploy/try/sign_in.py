"""Signs in, subscribes to what needs attention and reads it, within the container of `web`.

    docker compose exec -T web python - < deploy/try/sign_in.py

It plays the provider of OpenID Connect and the mail server that every-setting.env names, and the
browser behind a proxy with https. Then it runs `manage.py doctor` and prints what that says.
"""

import json
import re
import socketserver
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

SITE = "https://ledger.example.org"
ISSUER = "http://127.0.0.1:9000"
PERSON = {
    "sub": "li",
    "name": "Li Na",
    "preferred_username": "lina",
    "email": "lina@example.org",
    "email_verified": True,
    "teams": ["investment office"],
}
CONFIGURATION = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "userinfo_endpoint": f"{ISSUER}/userinfo",
    "jwks_uri": f"{ISSUER}/keys",
    "token_endpoint_auth_methods_supported": ["client_secret_post"],
}
secrets: list[str] = []
letters: list[str] = []


class Provider(BaseHTTPRequestHandler):
    """A provider at which one person is signed in already."""

    def do_GET(self) -> None:
        path, query = urlsplit(self.path)[2], parse_qs(urlsplit(self.path).query)
        if path == "/authorize":
            back = urlencode({"code": "a-code", "state": query["state"][0]})
            self.send_response(302)
            self.send_header("Location", f"{query['redirect_uri'][0]}?{back}")
            self.end_headers()
        else:
            self.say(PERSON if path == "/userinfo" else CONFIGURATION)

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        secrets.extend(sent["client_secret"])
        self.say({"access_token": "a-token", "token_type": "Bearer"})

    def say(self, said: Any) -> None:
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


class Mail(socketserver.StreamRequestHandler):
    """A mail server that keeps what it is sent."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        for line in self.rfile:
            word = line[:4].upper().strip()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                letters.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 fine\r\n")
            if word == b"QUIT":
                return


class Browser:
    """Asks the server as the browser's proxy with https does."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def ask(self, target: str, form: dict[str, str] | None = None) -> tuple[int, str, str]:
        """Return the status, the address that follows, and the text."""
        headers = {
            "Host": urlsplit(SITE).netloc,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "192.0.2.1, 192.0.2.2",
            "Referer": f"{SITE}/",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        server = HTTPConnection("127.0.0.1", 8000, timeout=30)
        body = urlencode(form) if form else None
        server.request("POST" if form else "GET", target, body, headers)
        answer = server.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _equals, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.headers.get("Location", ""), answer.read().decode()


def manage(*arguments: str) -> str:
    """Run a command with the environment of the container."""
    command = [sys.executable, "manage.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 ours
    return done.stdout + done.stderr


def sign_in(browser: Browser) -> None:
    """Sign in at the provider, and come back with a session."""
    page = browser.ask("/sign-in")[2]
    assert "Sign in with City Hall" in page, page
    status, address, _page = browser.ask("/sign-in/openid/login/")
    assert (status, address[: len(ISSUER)]) == (302, ISSUER), (status, address)
    asked = parse_qs(urlsplit(address).query)
    assert {*asked["scope"][0].split()} == {"openid", "profile", "email", "teams"}, asked
    assert asked["redirect_uri"] == [f"{SITE}/sign-in/openid/login/callback/"], asked
    provider = HTTPConnection("127.0.0.1", 9000, timeout=30)
    provider.request("GET", address.removeprefix(ISSUER))
    back = provider.getresponse().headers["Location"]
    status, address, page = browser.ask(back.removeprefix(SITE))
    assert status == 302, (status, page)
    assert secrets == ["a secret of the try"], secrets
    assert "__Host-sessionid" in browser.cookies, browser.cookies


def be_reminded(browser: Browser) -> None:
    """Subscribe to what needs attention, and have it sent."""
    add = "/admin/parks/subscription/add/"
    status, _address, page = browser.ask(add)
    assert status == 200, (status, page)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token, page
    form = {"csrfmiddlewaretoken": token[1], "name": "mine", "kind": "due", "channel": "mail"}
    form |= {"pace": "week", "language": "en", "is_active": "on"}
    status, _address, page = browser.ask(add, form)
    assert status == 302, (status, page)
    for _try in range(6):  # `work` sends it, and may have written it
        said = manage("write_messages")
        for _second in range(10):
            time.sleep(not letters)
        if letters:
            break
    assert len(letters) == 1, (said, letters)
    (letter,) = letters
    for each in ("From: ledger@example.org", "To: lina@example.org", SITE):
        assert each in letter, letter


def main() -> None:
    for server in (
        ThreadingHTTPServer(("127.0.0.1", 9000), Provider),
        socketserver.ThreadingTCPServer(("0.0.0.0", 2525), Mail),  # noqa: S104 of a container, for `work`
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    browser = Browser()
    status, _address, page = browser.ask("/api/v1/projects")
    assert status == 401, (status, page)  # PUBLIC_READ
    sign_in(browser)
    status, _address, page = browser.ask("/api/v1/projects")
    assert status == 200, (status, page)
    be_reminded(browser)
    print("signed in by OpenID Connect, and reminded by mail")
    print(manage("doctor"))


main()
