"""Requests to addresses that users enter: public ones by https, others only if they are allowed.

The host is resolved once, all its addresses are checked, and the connection goes to a checked one.
Redirects are not followed.
"""

import socket
import ssl
import threading
import time
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from config.mistakes import Mistake

EXCHANGE_SECONDS = 10  # from the connection to the end of the answer
MOST_ANSWER = 2000  # bytes that are read of an answer
_PORTS = {"https": 443, "http": 80}
_TRANSLATED = IPv6Network("64:ff9b::/96")  # IPv4 addresses behind NAT64


class OutsideAnswer(NamedTuple):
    """The status and the beginning of the body of a response."""

    status: int
    body: bytes


def check_address(address: str) -> None:
    """Raise `Mistake` for an address to which nothing may be sent."""
    split_address(address)


def split_address(address: str) -> tuple[SplitResult, int, bool]:
    """Split an address; return its parts, its port, and whether the operator allows it."""
    try:
        parts = urlsplit(address)
        port, host = parts.port or _PORTS.get(parts.scheme, 0), parts.hostname
    except ValueError:
        port, host = 0, None
    message = _("Give an address such as https://host/path, without a password, in ASCII.")
    if not host or not port or not address.isascii() or "@" in address or "#" in address:
        raise Mistake("invalid", message)
    is_allowed = not {host, f"{host}:{port}"}.isdisjoint(settings.PUSH_ALLOWED_HOSTS)
    if parts.scheme != "https" and not is_allowed:
        raise Mistake("invalid", message)
    return parts, port, is_allowed


def post(address: str, body: bytes, headers: dict[str, str]) -> OutsideAnswer:
    """Send a POST; raise `Mistake` for an unsafe address, `OSError` without an answer."""
    parts, port, is_allowed = split_address(address)
    found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not is_allowed and not all(map(is_public_address, addresses)):
        message = _("The host is not public: the operator can allow it in PUSH_ALLOWED_HOSTS.")
        raise Mistake("invalid", message)
    with closing(_connect(parts, port, addresses)) as sock:
        # A timeout of the socket is for each byte; this is for all of them
        end = threading.Timer(EXCHANGE_SECONDS, socket.socket.shutdown, (sock, socket.SHUT_RDWR))
        begun = time.monotonic()
        end.start()
        try:
            if isinstance(sock, ssl.SSLSocket):
                sock.do_handshake()
            return _exchange(parts, sock, body, headers)
        except (OSError, HTTPException, ValueError) as error:
            if time.monotonic() - begun >= EXCHANGE_SECONDS:
                message = _("No whole answer within %(count)d seconds.")
                raise TimeoutError(message % {"count": EXCHANGE_SECONDS}) from error
            raise OSError(str(error) or type(error).__name__) from error
        finally:
            end.cancel()


def is_public_address(address: str) -> bool:
    """Return whether an IP address, or the IPv4 address within it, is one of the internet."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        behind = IPv4Address(int(found) & 0xFFFFFFFF) if found in _TRANSLATED else None
        if inner := found.ipv4_mapped or found.sixtofour or behind:
            return is_public_address(str(inner))
    return found.is_global and not found.is_multicast


def _connect(parts: SplitResult, port: int, addresses: list[str]) -> socket.socket:
    """Connect to the first of the addresses that takes a connection."""
    failed = OSError(_("The host has no address."))
    for address in addresses:
        try:
            sock = socket.create_connection((address, port), EXCHANGE_SECONDS)
        except OSError as error:
            failed = error
            continue
        if parts.scheme == "http":
            return sock
        context, name = ssl.create_default_context(), parts.hostname
        return context.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)
    raise failed


def _exchange(
    parts: SplitResult, sock: socket.socket, body: bytes, headers: dict[str, str]
) -> OutsideAnswer:
    connection = HTTPConnection(str(parts.hostname))
    connection.sock = sock
    path = parts._replace(scheme="", netloc="", path=parts.path or "/").geturl()
    sent = {"Host": parts.netloc, "Content-Type": "application/json", "Connection": "close"}
    connection.request("POST", path, body, sent | headers)
    response = connection.getresponse()
    return OutsideAnswer(response.status, response.read(MOST_ANSWER))
