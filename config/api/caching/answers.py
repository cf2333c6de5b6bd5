"""Answers kept: a question that is asked again before anything was written is not worked out again.

An answer is kept under the digest of all that decides it, the version of the ledger among them
(`revalidation`), and only if that is still the same when the answer is whole: so all of it is of
that one state, however many queries it took, and nobody who asks after a commit finds it.
"""

import logging
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.http import HttpResponse, HttpResponseBase

_LARGEST = 8  # an answer may take so great a part of what is kept: one does not drive out all
_DAY = 24 * 60 * 60  # seconds; the day is among what decides an answer

_logger = logging.getLogger(__name__)


def find_answer(name: str) -> tuple[HttpResponse, str] | None:
    """Find the answer that was kept under a name, with the version of the row that it shows."""
    kept = find_kept(name)
    if kept is None:
        return None
    body, headers, is_framed, shown_version = kept
    answer = HttpResponse(body, headers=headers)
    if is_framed:
        answer.xframe_options_exempt = True
    return answer, shown_version


def keep_answer(
    name: str, answer: HttpResponse, own_headers: Mapping[str, str], shown_version: str
) -> None:
    """Keep an answer of 200 under a name, with the headers that its view has given it."""
    headers = {**own_headers, "Content-Type": answer.headers["Content-Type"]}
    is_framed = getattr(answer, "xframe_options_exempt", False)
    keep_value(name, (answer.content, headers, is_framed, shown_version))


def find_kept(name: str, cache: str = "default") -> Any:
    """Find what was kept under a name; None where nothing is, or the cache does not answer."""
    try:
        return caches[cache].get(name)
    except Exception as error:  # noqa: BLE001 whatever a shared cache raises
        _logger.warning("The cache does not answer: %s", error)
        return None


def keep_value(name: str, value: Any, cache: str = "default", days: int = 1) -> None:
    """Keep a value under a name for some days, if the cache takes it."""
    try:
        caches[cache].set(name, value, days * _DAY)
    except Exception as error:  # noqa: BLE001
        _logger.warning("The cache takes nothing: %s", error)


def is_worth_keeping(answer: HttpResponseBase) -> bool:
    """Tell whether an answer is whole, as files are not, and not too large to be kept."""
    largest = settings.CACHE_MAX_BYTES // _LARGEST
    return isinstance(answer, HttpResponse) and 0 < len(answer.content) <= largest
