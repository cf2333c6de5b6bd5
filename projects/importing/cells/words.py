"""The words of cells and headers: those of the ledger, and those of intent, contract, plan or fact.

The second kind stands in evidence.csv. Its patterns are tried in their order: “意向合同” is an
intent, although it has “合同” in it. Those that mean the same within a sentence are marked
`in_notes`. A cell without any character of `needs` says nothing of agreements, which saves most
cells the search.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from config.amounts import EMPTY_CELLS, OPEN_CELLS, as_plain
from config.mistakes import Mistake
from config.reading.csv_files import read_csv
from config.reading.headers import normalize_header
from config.reading.rows import Limits, ReadRow
from projects.models import Project

FLAGS = dict.fromkeys("true yes y 1 是 有 对 √ ✓".split(), True) | dict.fromkeys(
    "false no n 0 否 无 不是 ×".split(), False
)
CHOICES: Mapping[str, list[tuple[str, Any]]] = {
    field.name: list(choices)
    for field in Project._meta.concrete_fields
    if (choices := getattr(field, "output_field", field).choices)
}
# In Chinese practice; what several words may mean is not guessed.
PRACTICE: Mapping[str, Mapping[str, str]] = {
    "stage": {
        "lead": "线索 储备 谋划 推介 意向跟踪 包装 策划 研判 前期储备 proposed",
        "negotiating": "在谈 洽谈 洽谈中 在洽谈 对接 对接中 接洽 初步接洽 跟踪洽谈 深度洽谈"
        " 新增在谈 考察 negotiation",
        "intended": "意向签约 签订意向 意向协议 框架协议 框架签约 letterofintent intent",
        "signed": "已签约 签约 正式签约 已签 新签约 签订合同 合同签订 已签合同 已签订合同"
        " 已签未开工 签约未开工 已签约未开工 contract contractsigned",
        "registered": "注册 已注册 完成注册 注册落地",
        "approved": "立项 已立项 备案 已备案 核准 已核准",
        "started": "开工 已开工 在建 建设中 开工建设 正在建设 施工 续建 加快建设 打桩 桩基施工"
        " 基础施工 主体施工 主体封顶 封顶 装修 内部装修 设备安装 安装设备 设备调试 收尾"
        " construction underconstruction started",
        "completed": "竣工 已竣工 完工 已完工 建成 已建成 建成未投产",
        "operating": "投产 已投产 全部投产 运营 运营中 投运 已投运 投入运营 开业 已开业 operational"
        " inoperation",
        "full_capacity": "达产 已达产 满产 达产达效",
    },
    "standing": {
        "active": "有效 正常 推进中 在推进 进展顺利 复工 重启",
        "suspended": "暂停 停工 缓建 停缓建 搁置 onhold shelved",
        "terminated": "终止 已终止 取消 已取消 解约 放弃 cancelled canceled dropped",
        "merged": "并入 合并",
        "closed": "停产 关闭 关停 迁出 已迁出 retired",
    },
    "kind": {
        "new": "新建",
        "expansion": "扩建 改扩建 增资扩产",
        "upgrade": "技改 技术改造",
        "relocation": "迁建 搬迁",
        "acquisition": "并购 收购",
    },
    "function": {
        "manufacturing": "制造 生产 生产制造",
        "rnd": "研发 科研",
        "headquarters": "总部 总部经济",
        "services": "服务 服务业",
        "logistics": "物流 仓储物流",
        "incubation": "孵化 孵化器",
        "energy": "能源",
        "fund": "基金",
    },
    "site_mode": {"land": "购地 出让 拿地 供地", "lease": "租赁 租用 承租", "owned": "自有"},
    "agreement_type": {
        "intent": "意向 意向书 意向协议 合作意向 合作意向书 备忘录 合作备忘录 mou loi"
        " letterofintent",
        "framework": "框架 框架协议 框架合作协议 战略合作 战略合作协议 战略合作框架协议"
        " frameworkagreement",
        "contract": "合同 正式合同 投资协议 协议",
        "unknown": "",
    },
    "capital_type_stated": {
        "domestic": "内资 内资企业 国内资金",
        "foreign": "外资 外商投资 外商独资 外资企业",
        "hmt": "港澳台 港澳台资 港资 台资 澳资 港澳台商投资",
        "joint": "合资 中外合资 中外合作 中港合资 中台合资",
    },
    "publication": {"draft": "草稿", "published": "公开 发布", "withdrawn": "撤回"},
}
# What one office means differently from the next: never guessed, whatever is near in spelling
SAID_BOTH_WAYS: Mapping[str, str] = {
    word: options
    for words, options in {
        "意向 意向项目": "negotiating, intended",
        "拟签约 待签约 拟签": "negotiating, intended",
        "拟建 未开工 拟开工 计划开工 计划新开工 促进开工 新开工": "signed, approved, started",
        "落户 落地 已落地": "signed, registered",
        "前期 前期手续 筹建 规划设计 预备": "signed, approved",
        "竣工投产 建成投产 试生产 试运行 试运营 部分投产": "completed, operating",
        "投产达产": "operating, full_capacity",
        "中止": "suspended, terminated",
        "停建": "suspended, terminated",
        "退出 退库 流失 不再跟进 失败": "active, terminated",
        "closed": "completed, terminated, closed",
        "pipeline announced": "lead, negotiating, approved",
    }.items()
    for word in words.split()
}

UNCLEAR_STAGE = "unclear_stage"  # the code of a warning: a row comes in without the stage
SAID_BY_US = {word for name in ("stage", "standing") for word, _label in CHOICES[name]}


@lru_cache(maxsize=10_000)  # most cells of a file say what others say
def is_blank(text: str) -> bool:
    """Tell whether a cell says that nothing is known: empty, a dash, 待定, 未公布."""
    return not text or as_plain(text) in EMPTY_CELLS


def is_open(text: str) -> bool:
    """Tell whether a cell says that something is not decided yet: 待定, TBD."""
    return bool(text) and as_plain(text) in OPEN_CELLS


def describe_open(text: str) -> Mistake:
    return Mistake(
        "left_open", _("“%(text)s” leaves this open: nothing is stored.") % {"text": text}
    )


@cache
def map_spellings(name: str) -> dict[str, str]:
    """Map every spelling that is understood in a column of words to its word."""
    pairs = CHOICES[name]
    words: dict[str, str] = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words |= {_plain(str(label)): word for word, label in pairs}
    for word, spellings in PRACTICE.get(name, {}).items():
        words |= {_plain(spelling): word for spelling in spellings.split()}
    return words | {_plain(word): word for word, _label in pairs}


def find_word(name: str, text: str) -> str | None:
    """Find the word of a column that a cell means; None if it is no spelling of any."""
    known, plain = map_spellings(name), _plain(text)
    return known.get(plain) or known.get(plain.removesuffix("项目"))


def find_meanings(text: str) -> str:
    """Find the words that a cell may mean where offices differ; blank where it is no such cell.

    Our own words, written as ours are, mean themselves: Closed may be a loan's, `closed` is not.
    """
    return "" if text in SAID_BY_US else SAID_BOTH_WAYS.get(_plain(text), "")


def list_words(name: str) -> Iterable[str]:
    """List the words of a column, for messages."""
    return [word for word, _label in CHOICES[name]]


def _plain(text: str) -> str:
    return as_plain(text).replace(" ", "").replace("_", "").replace("-", "")


def read_choice(field: Any, text: str) -> str:
    """Read a word of a choice field, or its label in either language; other texts stay."""
    words: dict[str, str] = {}
    for language in ("en", "zh-hans"):
        with translation.override(language):
            words |= {
                normalize_header(str(label)): str(word) for word, label in field.choices.items()
            }
    words |= {normalize_header(str(word)): str(word) for word in field.choices}
    return words.get(normalize_header(text), text)


_FILE = Path(__file__).with_name("evidence.csv")
INTENT, FRAMEWORK, TALKS = "intent", "framework", "talks"
CONTRACT, PLAN, FACT = "contract", "plan", "fact"
NOT_BINDING = (INTENT, FRAMEWORK, TALKS)
# What is said before the name of a paper that does not bind is no contract: 已签框架协议
_SIGNED = "(?:(?:已|新|正式)?签[约订署]?了?)?"
_SHORT = 16  # characters of a cell that is a word rather than a note
_LONGEST = 2_000  # characters that are searched: more would cost time, and say no more


@dataclass(frozen=True)
class Evidence:
    """What one word says; `place` is where it stood: sheet, title, header or cell.

    `around` has what stands right before and behind it.
    """

    says: str
    word: str
    place: str
    around: str = ""


@cache
def _read_rows() -> list[ReadRow]:
    _names, *rows = read_csv(_FILE.read_bytes(), Limits(), "utf-8").rows
    return rows


@cache
def _read_needs() -> re.Pattern[str]:
    needs = "".join(row.cell(3) for row in _read_rows())
    return re.compile(f"[{needs}ａ-ｚＡ-Ｚ]", re.IGNORECASE)


@cache
def _read_patterns(*, in_notes: bool) -> re.Pattern[str]:
    """Read one pattern of all; with `in_notes` only of those that are clear within a sentence."""
    parts = []
    for number, row in enumerate(_read_rows()):
        if row.cell(2) or not in_notes:
            before = _SIGNED if row.cell(1) in (INTENT, FRAMEWORK) else ""
            parts.append(f"(?P<{row.cell(1)}_{number}>{before}(?:{row.cell(0)}))")
    return re.compile("|".join(parts))


def find_evidence(texts: Iterable[tuple[str, str]], *, in_notes: bool = False) -> list[Evidence]:
    """Find what texts say, each given after its place, in their order."""
    pattern = _read_patterns(in_notes=in_notes)
    plain = ((place, _make_plain(text)) for place, text in texts)
    return [
        Evidence(
            (found.lastgroup or "").partition("_")[0],
            found[0],
            place,
            _cut_around(text, *found.span()),
        )
        for place, text in plain
        for found in pattern.finditer(text)
    ]


def _make_plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()


def _cut_around(text: str, start: int, end: int) -> str:
    return f"{text[max(start - 4, 0) : start]}|{text[end : end + 14]}"


def find_in_header(texts: Sequence[str]) -> list[Evidence]:
    """Find what a header of one or two rows says: the lowest row that says something."""
    found = (find_evidence([("header", text)]) for text in reversed(texts))
    return next(filter(None, found), [])


def find_in_cell(text: str) -> list[Evidence]:
    """Find what a cell says of agreements; of a long one only what is clear within a sentence."""
    if not _read_needs().search(text):
        return []
    return find_evidence([("cell", text)], in_notes=len(text) > _SHORT)


def pick_evidence(found: Iterable[Evidence], *kinds: str) -> Evidence | None:
    """Pick the first evidence of these kinds."""
    return next((each for each in found if each.says in kinds), None)


def strip_plan(text: str) -> str:
    """Strip the words of a plan from a header: 承诺开工时间 and 开工时间(计划) are 开工时间."""
    narrow = _make_plain(text)
    pattern = _read_patterns(in_notes=False)
    bare = pattern.sub(
        lambda found: "" if (found.lastgroup or "").startswith(PLAN) else found[0], narrow
    )
    return re.sub(r"\(\s*\)|\[\s*\]|/", "", bare).strip()
