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
    """Say the name in the language of the page; else the other one, else the code of the row."""
    first, second = ("zh", "en") if is_chinese() else ("en", "zh")
    names = [row.get(f"{prefix}_{first}"), row.get(f"{prefix}_{second}")]
    if prefix == "name":
        names.append(row.get("code"))
    return next((name for name in names if name), "")


def find_other_name(row: Mapping[str, Any]) -> str:
    """Find the name that is not shown as the title; blank where there is one name only."""
    title = say_name(row)
    return next((n for n in (row["name_en"], row["name_zh"]) if n and n != title), "")


def label_word(choices: Any, word: str | None) -> str:
    """Say what a word of a vocabulary is called; blank for none."""
    return str(choices(word).label) if word else ""


def find_other_language(text: str) -> str:
    """Find the language of a text where it is not that of the page; blank where it is.

    On a Chinese page a text is in English if it is so throughout, or has a run of words that is.
    """
    has_chinese = bool(_CHINESE_LETTERS.search(text))
    if is_chinese():
        is_english = (_LATIN_SENTENCE if has_chinese else _LATIN_WORDS).search(text)
        return "en" if is_english else ""
    return "zh-Hans" if has_chinese else ""


def is_chinese() -> bool:
    """Tell whether the page is in Chinese."""
    return (get_language() or "").startswith("zh")
