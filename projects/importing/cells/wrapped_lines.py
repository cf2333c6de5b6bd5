"""Line breaks that only wrap a long name in a narrow cell: 天津晶圆↵制造厂 is one name."""

import re

_CHINESE = re.compile(r"[\u3007-\u9fff（）]")
# The end of a whole name of an organisation, or of a share
_WHOLE = re.compile(
    r"(?:公司|集团|企业|合伙|院|所|中心|大学|学院|学校|银行|基金|厂|社|局|会|政府|[%％)）；;、,，]"
    r"|\b(?:Co|Ltd|Inc|LLC|GmbH|Corp|Limited|AG|plc)\.?)$",
    re.IGNORECASE,
)
# What no name of an organisation is by itself: the rest of a wrapped one
_REST = re.compile(
    r"[\u4e00-\u9fff]?(?:科技|技术|发展|投资|实业|控股|集团|电子|能源|材料|制造|装备|工业|贸易|服务|管理)*+"
    r"(?:股?份)?(?:有?限)(?:责任)?公司|公?司|(?:集团|责任|股份)公司|[(（]?有?限合伙[)）]"
    r"|(?:Co\.?,? ?)?(?:Ltd|Inc|LLC|GmbH|Corp|Limited|AG|plc)\.?",
    re.IGNORECASE,
)

_FORM_ALONE = re.compile(r"[(（](?:有限|普通|特殊普通)合伙[)）]")


def unwrap(text: str) -> str:
    """Join the lines of a text that has one: Chinese without a blank."""
    return _join(_split(text))


def unwrap_investors(text: str) -> str:
    """Join the lines of one name; lines that may be names of their own stay apart."""
    lines: list[str] = []
    for line in _split(text):
        above = lines[-1][-20:] if lines else ""
        is_cut = not _WHOLE.search(above) or above.endswith(("Co.,", "Co."))
        if above and (_FORM_ALONE.fullmatch(line) or (is_cut and _REST.fullmatch(line))):
            lines[-1] = _join([lines[-1], line])
        else:
            lines.append(line)
    return "\n".join(lines)


def _split(text: str) -> list[str]:
    lines = text.replace("\r", "\n").split("\n")
    return [line.strip() for line in lines if line.strip()] or [""]


def _join(lines: list[str]) -> str:
    joined = lines[0]
    for line in lines[1:]:
        is_chinese = _CHINESE.match(joined[-1:]) and _CHINESE.match(line[:1])
        joined += line if is_chinese or not joined or not line else f" {line}"
    return joined
