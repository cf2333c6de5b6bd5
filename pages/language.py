"""The language of pages: chosen by whoever reads, kept in a cookie; names in it, or marked."""

import re
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

_CHINESE_LETTERS = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
_LATIN_WORDS = re.compile(r"[A-Za-z]{2}")
_LATIN_SENTENCE = re.compile(r"(?<![A-Za-z’'-])[A-Za-z’'-]{2,}+(?:[ ,;]++[A-Za-z’'-]{2,}+){2,}")


@csrf_exempt  # another site could change the language and nothing else; pages stay without tokens
@require_POST
def choose_language(request: HttpRequest) -> HttpResponseBase:
    """Keep `language` in a cookie, and go back to `next`, an address of this site."""
    return set_language(request)


def say_name(row: Mapping[str, Any], prefix: str = "name") -> str:
    """Return the name in the page's language, else the other name, the title or the code."""
    keys = [f"{prefix}_{language}" for language in ("zh", "en")[:: 1 if is_chinese() else -1]]
    keys += ["title", "code"] if prefix == "name" else []
    return next(filter(None, map(row.get, keys)), "")


def find_other_name(row: Mapping[str, Any]) -> str:
    """Return the name in the other language; blank if there is only one name."""
    title = say_name(row)
    return next((n for n in map(row.get, ("name_en", "name_zh")) if n and n != title), "")


def label_word(choices: Any, word: str | None) -> str:
    return str(choices(word).label) if word else ""


def find_other_language(text: str) -> str:
    """Return the language of a text if it differs from that of the page, else a blank.

    On a Chinese page a text is in English if it is so throughout, or has a run of words that is.
    """
    has_chinese = bool(_CHINESE_LETTERS.search(text))
    if is_chinese():
        is_english = (_LATIN_SENTENCE if has_chinese else _LATIN_WORDS).search(text)
        return "en" if is_english else ""
    return "zh-Hans" if has_chinese else ""


def is_chinese() -> bool:
    return (get_language() or "").startswith("zh")
