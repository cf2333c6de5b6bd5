"""The profile of a ledger: what names its place, read from a TOML file and checked at start."""

import re
import tomllib
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from difflib import get_close_matches
from functools import partial
from gettext import GNUTranslations
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.utils.translation import trans_real

PROFILES = Path(__file__).resolve().parent.parent / "profiles"
_PATH = re.compile(r"/|\.toml$")
Test = Callable[[Any], bool]


def _allow(allowed: str, test: Test, **options: Any) -> Any:
    """Declare a key: what is allowed, in words and as a test. Without a default it is required."""
    return field(metadata={"allowed": allowed, "test": test}, **options)


def _match(pattern: str) -> Test:
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_list_of(test: Test) -> Test:
    return lambda value: isinstance(value, list) and all(map(test, value))


def _is_table_of(test: Test) -> Test:
    return lambda value: isinstance(value, dict) and all(map(test, value.values()))


def _is_pattern(value: Any) -> bool:
    try:
        return isinstance(value, str) and re.compile(value) is not None
    except re.error:
        return False


def _is_growing(value: Any) -> bool:
    are_numbers = _is_list_of(lambda each: type(each) is int and each > 0)
    return are_numbers(value) and bool(value) and value == sorted({*value})


_QUESTION = {"zh": _match(r".+"), "en": _match(r".+"), "page": _match(r"/.*")}


def _is_question(value: Any) -> bool:
    tests = {**_QUESTION, "needs": _is_list_of(_match(r"[a-z-]+/[\w-]+"))}
    return (
        isinstance(value, dict)
        and _QUESTION.keys() <= value.keys() <= tests.keys()
        and all(tests[name](each) for name, each in value.items())
    )


def _is_tile(value: Any) -> bool:
    return isinstance(value, list) and [type(each) for each in value] == [int, int, str, str]


_FLAG = partial(_allow, "true or false", lambda value: isinstance(value, bool))
_WORDS = partial(_allow, "pairs of texts", _is_table_of(_match(r".+")), default_factory=dict)
_DIGITS = _is_list_of(_match(r"\d+"))
_CODES = _is_list_of(_match(r"[a-z0-9-]+"))


@dataclass(frozen=True, kw_only=True)
class PlaceProfile:
    """The keys of a profile, as docs/reference/profiles.md explains them, and its file."""

    path: Path
    name_zh: str = _allow("a text", _match(r".+"))
    name_en: str = _allow("a text", _match(r".+"))
    time_zone: str = _allow(
        "a time zone that this machine knows, such as Asia/Shanghai",
        lambda value: value in available_timezones(),
    )
    country: str = _allow("two capital letters of ISO 3166-1, such as CN", _match(r"[A-Z]{2}"))
    currency: str = _allow("three capital letters of ISO 4217, such as CNY", _match(r"[A-Z]{3}"))
    currency_zh: str = _allow("a text", _match(r".+"))
    currency_en: str = _allow("a text", _match(r".+"))
    currency_words: Sequence[str] = _allow(
        "a list of texts in small letters", _is_list_of(_match(r"[^A-Z|]+")), default=()
    )
    language: str = _allow("zh or en", _match("zh|en"), default="zh")
    land_unit: str = _allow("mu, ha or acre", _match("mu|ha|acre"), default="mu")
    land_zh: str = _allow("a text", _match(r".+"))
    land_en: str = _allow("a text", _match(r".+"))
    day_first: bool = _FLAG(default=False)
    other_currencies: bool = _FLAG(default=False)
    chinese_codes: bool = _FLAG(default=False)
    logo: str = _allow("a file such as logo.svg", _match(r".+\.(?:svg|png)"), default="")
    accent: str = _allow("a colour such as #00629b", _match(r"#[0-9a-f]{6}"), default="")
    accent_dark: str = _allow("a colour such as #6cb8ec", _match(r"#[0-9a-f]{6}"), default="")
    country_zh: str = _allow("a text", _match(r".+"))
    country_en: str = _allow("a text", _match(r".+"))
    country_pattern: str = _allow("a regular expression", _is_pattern, default="")
    nested_codes: bool = _FLAG()
    beyond: Sequence[str] = _allow("a list of first digits of codes", _DIGITS, default=())
    abbreviations: Mapping[str, str] = _WORDS()
    fixtures: Path = _allow("a folder such as fixtures", _match(r".+"))
    bands: Sequence[int] = _allow("a list of whole numbers, each larger than before", _is_growing)
    groups: Sequence[str] = _allow("a list of codes", _CODES, default=())
    compared_zh: str = _allow("a text", _match(r".+"), default="")
    compared_en: str = _allow("a text", _match(r".+"), default="")
    together: Sequence[str] = _allow("a list of texts", _is_list_of(_match(r".+")), default=())
    questions: Sequence[Mapping[str, Any]] = _allow(
        "tables with zh, en, page and perhaps needs", _is_list_of(_is_question), default=()
    )
    tiles: Mapping[str, Sequence[Any]] = _allow(
        'by code lists such as [4, 2, "北京", "Beijing"]',
        _is_table_of(_is_tile),
        default_factory=dict,
    )
    words_zh: Mapping[str, str] = _WORDS()
    words_en: Mapping[str, str] = _WORDS()

    @property
    def style(self) -> str:
        """The style sheet of the colour of links and buttons; blank for the usual one."""
        if not self.accent:
            return ""
        dark = self.accent_dark or self.accent
        return (
            f"@media screen{{:root{{--accent:{self.accent}}}}}"
            f"@media screen and (prefers-color-scheme:dark){{:root{{--accent:{dark}}}}}"
        )


def load_profile(chosen: str) -> PlaceProfile:
    """Load the profile with a name, or in the file at a path; SystemExit lists its mistakes."""
    path = Path(chosen) if _PATH.search(chosen) else PROFILES / f"{chosen}.toml"
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        logo = _embed(path.parent / given["logo"]) if _match(r".+")(given.get("logo")) else ""
    except (OSError, ValueError) as error:  # of the file, of its bytes and of its TOML
        shipped = sorted(each.stem for each in PROFILES.glob("*.toml"))
        near = get_close_matches(chosen, shipped, 1)
        hint = f"Is {near[0]} meant?" if near else f"Shipped are {', '.join(shipped)}."
        reason = getattr(error, "strerror", None) or error
        file = getattr(error, "filename", None) or path
        raise SystemExit(f"PROFILE={chosen}: {file} cannot be read: {reason}. {hint}") from None
    if mistakes := list(_find_mistakes(given)):
        raise SystemExit("\n".join(f"PROFILE={chosen}: {path}: {each}" for each in mistakes))
    lists = {name: tuple(each) for name, each in given.items() if isinstance(each, list)}
    folder = PROFILES.parent / given["fixtures"]
    return PlaceProfile(**{**given, **lists, "path": path, "fixtures": folder, "logo": logo})


def _embed(logo: Path) -> str:
    """Read a picture into the address by which pages show it."""
    kind = {".svg": "svg+xml"}.get(logo.suffix, "png")
    return f"data:image/{kind};base64,{b64encode(logo.read_bytes()).decode()}"


def describe_site(request: Any) -> dict[str, Any]:
    """Give templates the profile of the ledger."""
    return {"profile": settings.PROFILE}


def _find_mistakes(given: Mapping[str, Any]) -> Iterator[str]:
    keys = {each.name: each for each in fields(PlaceProfile) if each.metadata}
    for name in given.keys() - keys.keys():
        near = get_close_matches(name, keys, 1)
        hint = f"Is {near[0]} meant?" if near else f"The keys are {', '.join(keys)}."
        yield f"there is no key {name}. {hint}"
    for name, key in keys.items():
        if name not in given:
            if key.default is MISSING and key.default_factory is MISSING:
                yield f"{name} is missing: give {key.metadata['allowed']}."
        elif not key.metadata["test"](given[name]):
            yield f"{name} is {given[name]!r}: give {key.metadata['allowed']}."


class _PlacedTexts(GNUTranslations):
    """The texts of a language that a profile words in another way, to be merged into them."""

    _catalog: dict[Any, str]

    def __init__(self, catalogue: Path, words: Mapping[str, str], *, is_source: bool) -> None:
        with catalogue.open("rb") as file:
            super().__init__(file)
        longest = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
        # Neither within other words, nor as names of fields or of placeholders
        named = re.compile(rf"(?<![A-Za-z_])(?<!%\()(?<!\{{)(?:{longest})(?![A-Za-z_])")
        texts = self._catalog
        if is_source:  # whose texts are the keys, behind their contexts
            texts = {key: key.rpartition("\x04")[2] for key in texts if isinstance(key, str)}
        placed = {key: named.sub(lambda word: words[word[0]], text) for key, text in texts.items()}
        self._catalog = {key: text for key, text in placed.items() if text != texts[key]}


def place_texts(profile: PlaceProfile, catalogue: Path) -> None:
    """Word all texts as the profile does: what the site, its money and its land are called."""
    english = {"Park Ledger": profile.name_en, **profile.words_en}
    chinese = {"园区项目台账": profile.name_zh, **profile.words_zh}
    for language, words, is_source in (("en", english, True), ("zh-hans", chinese, False)):
        texts = _PlacedTexts(catalogue, words, is_source=is_source)
        trans_real.translation(language).merge(texts)
