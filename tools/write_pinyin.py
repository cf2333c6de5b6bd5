"""Write parks/models/pinyin.csv: how characters of names are spelled, and words read in other ways.

Run as `python -m tools.write_pinyin` where the names in `fixtures/` have changed. The ledger reads
the file: the library with which it is made takes a second to load, and 58 MB in each process.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from pypinyin import Style, lazy_pinyin, pinyin

ROOT = Path(__file__).parent.parent
NAMED = ("regions", "region_groups", "sectors", "sector_groups", "parks", "indicators")
# What follows the name itself
TYPES = ("city", "district", "county", "province", "prefecture", "banner", "autonomous", "league")


def list_characters() -> Iterator[str]:
    """List the Chinese characters of GB 2312, which are those of nearly all names."""
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            character = bytes((high, low)).decode("gb2312", "ignore")
            if character:
                yield character


def list_names() -> Iterator[tuple[str, list[str]]]:
    """List the Chinese names of the fixtures, each with its syllables: those of the official name.

    Names of places in Latin letters say how they are spelled where a dictionary says otherwise.
    """
    for kind in NAMED:
        for line in (ROOT / "fixtures" / f"{kind}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            for name in filter(None, (row.get("name_zh"), *row.get("aliases", ()))):
                syllables = lazy_pinyin(name, errors=list)
                if kind == "regions":
                    latin = re.sub("[^a-z]", "", row.get("name_en", "").lower())
                    official = find_reading(name, latin)
                    syllables[: len(official)] = official
                if len(syllables) == len(name):
                    yield name, syllables


def find_reading(name: str, latin: str) -> list[str]:
    """Find how the first characters of a name are read if it is spelled so; else nothing."""
    if not name or len(latin) < 2:
        return []
    for syllable in pinyin(name[0], style=Style.NORMAL, heteronym=True)[0]:
        if latin == syllable or latin.startswith(syllable):
            rest = find_reading(name[1:], latin.removeprefix(syllable))
            if rest or latin == syllable or latin.removeprefix(syllable).startswith(TYPES):
                return [syllable, *rest]
    return []


def find_words(name: str, syllables: list[str], spelled: dict[str, str]) -> dict[str, str]:
    """Find the pairs in a name of which one character is spelled otherwise than alone."""
    words = {}
    for place, character in enumerate(name):
        if len(name) > 1 and syllables[place] != spelled.get(character, syllables[place]):
            for start in {max(0, place - 1), min(place, len(name) - 2)}:
                words[name[start : start + 2]] = " ".join(syllables[start : start + 2])
    return words


def main() -> None:
    names = list(list_names())
    characters = {*list_characters(), *(c for name, _said in names for c in name if c >= "\u3400")}
    spelled = {each: lazy_pinyin(each)[0] for each in sorted(characters)}
    spelled = {each: said for each, said in spelled.items() if said.isascii() and said.isalpha()}
    words: dict[str, str] = {}
    for name, syllables in reversed(names):  # places last: what they say stands
        words |= find_words(name, syllables, spelled)
    lines = [f"{text},{said}" for text, said in [*spelled.items(), *sorted(words.items())]]
    (ROOT / "parks" / "pinyin.csv").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
