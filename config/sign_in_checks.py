"""Checks of how people sign in: a provider of OpenID Connect, and mail for new passwords."""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.core.mail import get_connection

_PATIENCE = 5  # seconds
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def check_openid(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report E023: a provider is named in part, or by an address that anybody can listen to."""
    given = {
        "OPENID_ISSUER": settings.OPENID_ISSUER,
        "OPENID_CLIENT_ID": settings.OPENID_CLIENT_ID,
        "OPENID_CLIENT_SECRET": settings.OPENID_CLIENT_SECRET,
    }
    missing = [name for name, value in given.items() if not value]
    if missing == [*given]:
        return []
    found: list[CheckMessage] = []
    if missing:
        said = f"For signing in by OpenID Connect {', '.join(missing)} is missing."
        hint = "All three come from the provider: docs/how-to/sign-in.md."
        found.append(Error(said, hint=hint, id="ledger.E023"))
    issuer = urlsplit(settings.OPENID_ISSUER)
    if settings.OPENID_ISSUER and issuer.scheme != "https" and issuer.hostname not in _LOOPBACK:
        said = "OPENID_ISSUER is no https address: whoever listens could sign in as anybody."
        hint = "Write the https address at which the provider is reached."
        found.append(Error(said, hint=hint, id="ledger.E023"))
    return found


def examine_provider() -> Iterator[CheckMessage]:
    """Report E026: the provider does not say how one signs in there, or is another one."""
    if not settings.OPENID_ISSUER:
        return
    address = f"{settings.OPENID_ISSUER}/.well-known/openid-configuration"
    try:
        with urlopen(address, timeout=_PATIENCE) as answer:  # noqa: S310 as the operator set it
            said = json.load(answer)
    except (URLError, OSError, ValueError) as error:
        reason = str(error)
    else:
        if str(said.get("issuer", "")).rstrip("/") == settings.OPENID_ISSUER:
            return
        reason = f"it calls itself {said.get('issuer')}"
    yield Error(
        f"The provider of OPENID_ISSUER cannot be used: {reason}.",
        hint=f"Is {address} right, and can this machine reach it?",
        id="ledger.E026",
    )


def examine_mail() -> Iterator[CheckMessage]:
    """Report E027: new passwords cannot be sent."""
    if not settings.EMAIL_URL:
        return
    try:
        connection = get_connection(timeout=_PATIENCE)
        connection.open()
        connection.close()
    except OSError as error:  # of smtplib, too
        yield Error(
            f"The mail server of EMAIL_URL cannot be used: {error}.",
            hint="smtp+tls://user:password@mail.example.org:587, percent-encoded.",
            id="ledger.E027",
        )
