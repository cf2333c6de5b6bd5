"""The words of cells and headers: those of the ledger, and evidence of intent, contract or plan.

words.csv has the spellings of each word of the ledger, and words with several meanings.
evidence.csv has patterns that are tried in order: “意向合同” is an intent although it contains
“合同”. Patterns marked `in_notes` are clear within a sentence. A cell without any character of
`needs` holds no evidence and is not searched.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from config.mistakes import Mistake
from config.texts import EMPTY_CELLS, OPEN_CELLS, as_plain
from projects.models import Project
from projects.models.words import AgreementType, Stage
from sheets import dates
from sheets.amounts import active_language
from sheets.reading.csv_files import read_word_table
from sheets.reading.headers import normalize_header

CHOICES: Mapping[str, list[tuple[str, Any]]] = {
    field.name: list(choices)
    for field in Project._meta.concrete_fields
    if (choices := getattr(field, "output_field", field).choices)
}
_PRACTICE = read_word_table(Path(__file__).with_name("words.csv"))


def _list_practice(column: str) -> Mapping[str, str]:
    """Map the spellings of a column in words.csv to their words."""
    return {word: means for of, means, words in _PRACTICE if of == column for word in words.split()}


FLAGS = {word: means == "true" for word, means in _list_practice("flag").items()}
# Words that offices use with different meanings are never guessed
AMBIGUOUS_WORDS = _list_practice("several")
# Without a number: 今年3月 lacks only the year, which the person can add
_VAGUE_DAY = re.compile(
    "(?:力争|争取|确保|计划|预计|拟)?(?:[今本当明后次]年|年[内底末初中前]|[本下]个?[月周季]|月[内底末]"
    "|[上下]半年|[近短中远长]期|近日|尽[快早]|适时|择[期机]|随时|[待视]|as soon as|asap|soon"
    r"|(?:this|next|later this|(?:by )?(?:the )?end of (?:the|this)) year)\D{0,40}"
)
# Found under 建设性质, although they are stages
_NO_KIND = {*"续建 结转 在建 拟建 储备 预备 前期 谋划 收尾 建成 竣工 投产".split()}
# Patterns of the words before the day of a sheet; in a cell of its own the day needs none
UP_TO = r"截[至止]到?(?:日期|时间)?\s*+[:：]?"
REPORTED_ON = (
    r"(?:(?:填报|报送|上报|统计|更新|调度|制表)(?:日期|时间)\s*+[:：]?|^(?=[\s\d年月日.\-/]++$))"
)

# Something was signed, neither denied nor planned
_SIGNING = re.compile("(?:(?:已经?|正式|顺利|完成){0,4}签[约订署]?了?|signed)(?:完成|完毕)?")
_STAGES_OF_PAPERS = {
    AgreementType.CONTRACT.value: Stage.SIGNED.value,
    AgreementType.FRAMEWORK.value: Stage.INTENDED.value,
    AgreementType.INTENT.value: Stage.INTENDED.value,
}

# Codes of warnings: the row is imported without its stage, or its kind
UNCLEAR_STAGE, NO_KIND = "unclear_stage", "not_a_kind"
OWN_WORDS = {word for name in ("stage", "standing") for word, _label in CHOICES[name]}


@lru_cache(maxsize=10_000)  # most cells of a file say what others say
def is_blank(text: str) -> bool:
    """Tell whether a cell means unknown: empty, a dash, 待定, 未公布."""
    return not text or as_plain(text) in EMPTY_CELLS


def is_open(text: str) -> bool:
    """Tell whether a cell means undecided: 待定, TBD."""
    return bool(text) and as_plain(text) in OPEN_CELLS


def is_vague_day(text: str, is_past: bool) -> bool:
    """Tell whether a cell of dates is vague: 年内, 年底前, 近期, 待土地摘牌后.

    明年上半年 is, too, in a plan; of what is past, 今年上半年 lacks only the year.
    """
    is_vague = _VAGUE_DAY.fullmatch(as_plain(text))
    return bool(is_vague) and not (is_past and dates.lacks_year(text))


def refuse_no_kind(text: str) -> None:
    """Raise Mistake for a stage in the column of kinds."""
    if as_plain(text).removesuffix("项目") in _NO_KIND:
        detail = _("“%(text)s” says how far the project is, not its kind: nothing is stored.")
        raise Mistake(NO_KIND, detail % {"text": text})


def describe_open(text: str) -> Mistake:
    return Mistake(
        "left_open", _("“%(text)s” leaves this open: nothing is stored.") % {"text": text}
    )


def _map_labels(pairs: Iterable[tuple[str, Any]], plain: Callable[[str], str]) -> dict[str, str]:
    """Map the labels of choices in both languages, made plain, to their words."""
    words: dict[str, str] = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words |= {plain(str(label)): str(word) for word, label in pairs}
    return words


@cache
def map_spellings(name: str) -> dict[str, str]:
    """Map every spelling that is understood in a column of words to its word."""
    practice = {_plain(spelling): word for spelling, word in _list_practice(name).items()}
    words = {_plain(word): word for word in list_words(name)}
    return _map_labels(CHOICES[name], _plain) | practice | words


def find_word(name: str, text: str) -> str | None:
    """Find the word of a column that a cell means; None if it is no spelling of any."""
    known, plain = map_spellings(name), _plain(text)
    found = known.get(plain) or known.get(plain.removesuffix("项目"))
    if found is None and name == "stage" and plain not in AMBIGUOUS_WORDS:
        return _find_signing(plain)
    return found


def _find_signing(plain: str) -> str | None:
    """Find the stage of a text about a signed paper: 正式合同已签, 已签订框架协议."""
    paper, count = _SIGNING.subn("", plain, count=1)
    if count and not paper:
        return Stage.SIGNED.value
    return _STAGES_OF_PAPERS.get(find_word("agreement_type", paper) or "") if count else None


def find_meanings(text: str) -> str:
    """Find the possible meanings of an ambiguous cell; blank for others and our own exact words."""
    return "" if text in OWN_WORDS else AMBIGUOUS_WORDS.get(_plain(text), "")


def list_words(name: str) -> Iterable[str]:
    return [word for word, _label in CHOICES[name]]


def show_words(shown: Iterable[str], *names: str) -> str:
    """Write words as a sheet in the active language has them: in Chinese by their labels.

    `names` are the columns of the words; without any, those of stages and standings.
    """
    if active_language() != "zh":
        return ", ".join(shown)
    pairs = (pair for name in names or ("stage", "standing") for pair in CHOICES[name])
    labels = {str(word): str(label) for word, label in pairs}
    return "、".join(labels.get(word, word) for word in shown)


def _plain(text: str) -> str:
    return as_plain(text).replace(" ", "").replace("_", "").replace("-", "")


def read_choice(field: Any, text: str) -> str:
    """Read a word of a choice field, or its label in either language; other texts stay."""
    words = _map_labels(field.choices.items(), normalize_header)
    words |= {normalize_header(str(word)): str(word) for word in field.choices}
    return words.get(normalize_header(text), text)


_EVIDENCE = read_word_table(Path(__file__).with_name("evidence.csv"))
_NEEDS = re.compile(f"[{''.join(needed for *_said, needed in _EVIDENCE)}ａ-ｚＡ-Ｚ]", re.IGNORECASE)
INTENT, FRAMEWORK, TALKS = "intent", "framework", "talks"
CONTRACT, PLAN, FACT = "contract", "plan", "fact"
NOT_BINDING = (INTENT, FRAMEWORK, TALKS)
# These words before a paper that does not bind are no contract: 已签框架协议
_SIGNED = "(?:(?:已|新|正式)?签[约订署]?了?)?"
# Nor are these words after it: 框架协议已签
_SIGNED_AFTER = "(?:已签[约订署]?(?![约订署]|了?(?:正式|投资)?(?:合同|协议)))?"
# Words of a contract that say that it was signed, or took the place of an intent
_WAS_SIGNED = re.compile("签|转|升级|变更|含|非|除|生效|履|signed|contracted|(?:in)?to[ _-]")
_SHORT = 16  # characters of a cell that is a word rather than a note
_LONGEST = 2_000  # characters that are searched


@dataclass(frozen=True)
class Evidence:
    """The meaning of one word; `place` is sheet, title, block, header or cell.

    `around` has the next characters on both sides, `before` more of those before it.
    """

    kind: str
    word: str
    place: str
    around: str = ""
    before: str = ""


@cache
def _read_patterns(*, in_notes: bool) -> re.Pattern[str]:
    """Join the patterns to one; with `in_notes` only those that are clear within a sentence."""
    parts = []
    for number, (words, kind, is_clear, _needs) in enumerate(_EVIDENCE):
        if is_clear or not in_notes:
            is_loose = kind in (INTENT, FRAMEWORK)
            before, after = (_SIGNED, _SIGNED_AFTER) if is_loose else ("", "")
            parts.append(f"(?P<{kind}_{number}>{before}(?:{words}){after})")
    return re.compile("|".join(parts))


def find_evidence(texts: Iterable[tuple[str, str]], *, in_notes: bool = False) -> list[Evidence]:
    """Find the evidence of texts, given as pairs of place and text, in order."""
    pattern = _read_patterns(in_notes=in_notes)
    plain = ((place, _make_plain(text)) for place, text in texts)
    return [
        Evidence(
            (found.lastgroup or "").partition("_")[0],
            found[0],
            place,
            f"{text[max(found.start() - 4, 0) : found.start()]}|{text[found.end() :][:14]}",
            text[max(found.start() - 40, 0) : found.start()],
        )
        for place, text in plain
        for found in pattern.finditer(text)
    ]


def _make_plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()


def find_in_header(texts: Sequence[str]) -> list[Evidence]:
    """Find the evidence of a header of one or two rows: of the lowest row that has any."""
    found = (find_evidence([("header", text)]) for text in reversed(texts))
    return next(filter(None, found), [])


def find_in_cell(text: str) -> list[Evidence]:
    """Find the evidence of a cell; in a long text only what is clear within a sentence."""
    if not _NEEDS.search(text):
        return []
    return find_evidence([("cell", text)], in_notes=len(text) > _SHORT)


def pick_evidence(found: Iterable[Evidence], *kinds: str) -> Evidence | None:
    return next((each for each in found if each.kind in kinds), None)


def says_signed(found: Iterable[Evidence]) -> bool:
    """Tell whether a contract is said to be signed: 已签合同, not 合同草案."""
    return any(each.kind == CONTRACT and _WAS_SIGNED.search(each.word) for each in found)


def strip_plan(text: str) -> str:
    """Strip the words of a plan from a header: 承诺开工时间 and 开工时间(计划) are 开工时间."""
    narrow = _make_plain(text)
    pattern = _read_patterns(in_notes=False)
    bare = pattern.sub(
        lambda found: "" if (found.lastgroup or "").startswith(PLAN) else found[0], narrow
    )
    return re.sub(r"\(\s*\)|\[\s*\]|/", "", bare).strip()
