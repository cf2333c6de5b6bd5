"""What was typed, made plain to be compared, and the plain texts that say nothing."""

import re

# What is not decided yet, and reported as such
OPEN_CELLS = {*"待定 未定 待明确 待确定 待商定 待议 tbd tbc t.b.d.".split(), "to be determined"}
EMPTY_CELLS = (
    OPEN_CELLS
    | set("- -- — —— – / // \\ 无 暂无 不详 未知 未公布 未披露 金额未公布 查无数据 n/a".split())
    | {""}
)

_NARROW = {0xFF01 + n: 0x21 + n for n in range(94)}
_SIMPLIFIED = str.maketrans(
    "億萬餘約過達將資計劃預總註冊額規產産稅銷畝個數幾兩業項積築實現間圓圆幣歐鎊韓戶簽負為￥−",
    "亿万余约过达将资计划预总注册额规产产税销亩个数几两业项积筑实现间元元币欧镑韩户签负为¥-",
)


def as_plain(text: str) -> str:
    """Fold to half-width, lower case, simplified where read here, no spaces beside Chinese."""
    plain = " ".join(text.translate(_NARROW).translate(_SIMPLIFIED).lower().split())
    return re.sub("(?<=[\u3007\u4e00-\u9fff]) | (?=[\u3007\u4e00-\u9fff])", "", plain)
