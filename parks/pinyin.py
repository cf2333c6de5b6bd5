"""Chinese names in pinyin, as people type them: hangzhou, or hz by the first letters.

What characters are called stands in pinyin.csv beside this module, which `tools/write_pinyin.py`
writes from the data of pypinyin (MIT): characters, and pairs in which one is read otherwise.
"""

from functools import cache
from pathlib import Path


@cache
def load_syllables() -> dict[str, list[str]]:
    """Load the syllables of characters and pairs."""
    lines = (Path(__file__).parent / "pinyin.csv").read_text("utf-8").splitlines()
    return {text: said.split() for text, _comma, said in (line.partition(",") for line in lines)}


def spell(name: str) -> tuple[str, str]:
    """Spell a name in pinyin without blanks, and by its first letters: ("hangzhou", "hz").

    Letters and digits are kept in both, and what has no sound is left out.
    """
    known = load_syllables()
    syllables: list[str] = []
    place = 0
    while place < len(name):
        if said := known.get(name[place : place + 2]):
            syllables += said
            place += 2
        else:
            sign = name[place]
            syllables += known.get(sign) or ([sign.lower()] if sign.isalnum() else [])
            place += 1
    return "".join(syllables), "".join([syllable[0] for syllable in syllables])
