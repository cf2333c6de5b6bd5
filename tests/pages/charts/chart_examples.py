"""Summaries to draw, made by hand, and what can be read in a picture."""

from typing import Any
from xml.etree import ElementTree

from pages.charts.drawing import to_svg
from pages.charts.spec import build_chart_spec

Row = dict[str, Any]

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


def value(code: Any, name_zh: str = "", name_en: str = "") -> Row:
    return {"value": code, "name_zh": name_zh or str(code), "name_en": name_en or str(code)}


UNKNOWN = value(None, "未知", "unknown")
OTHER = value("other", "其他", "other")


def summary(group_by: str, *rows: tuple[Any, ...], **members: Any) -> Row:
    """The answer of a summary: each row has the values of its dimensions, then its measure."""
    names = group_by.split(",")
    measure = members.pop("measure", "count")
    made = [
        dict(zip(names, row, strict=False))
        | {measure: row[-1], "list_url": f"https://ledger.example/api/v1/projects?n={number}"}
        for number, row in enumerate(rows)
    ]
    if names == ["stage"]:
        for number, row in enumerate(made):
            row["reached_url"] = f"https://ledger.example/api/v1/projects?reached={number}"
    return {
        "group_by": names,
        "measures": [measure],
        "rows": made,
        "total": {"count": 9},
        "additive": True,
        "filters": {},
        "definitions": {},
        "as_of": None,
        "generated_on": "2024-06-30",
        **members,
    }


PARKS = summary(
    "park",
    (value("town", "宝坻京津中关村科技城", "Science Town"), 1523),
    (value("bay", "滨海", "Bay"), 40),
    (OTHER, 8),
    (UNKNOWN, 7),
)
YEARS = summary("signed_year", (value(2021), 3), (value(2024), 5), (UNKNOWN, 2))
FLOWS = summary(
    "origin_group,signed_year",
    (value("yrd", "长三角", "Yangtze"), value(2023), 3),
    (value("yrd", "长三角", "Yangtze"), value(2024), 4),
    (value("jjj", "京津冀", "Capital"), value(2024), 6),
    (UNKNOWN, value(2024), 1),
    (UNKNOWN, UNKNOWN, 2),
)
TABLE = summary(
    "origin_group,hitech",
    (value("yrd", "长三角", "Yangtze"), value("yes", "是", "yes"), 3),
    (value("jjj", "京津冀", "Capital"), UNKNOWN, 4),
)
STAGES = summary(
    "stage",
    (value("signed", "正式签约", "contract signed"), 20),
    (value("lead", "线索", "lead"), 10),
    (value("operating", "投产", "operating"), 5),
    (UNKNOWN, 3),
)
PROVINCES = summary(
    "origin_province",
    (value("330000", "浙江省", "Zhejiang"), 12),
    (value("110000", "北京市", "Beijing"), 30),
    (OTHER, 2),
    (UNKNOWN, 4),
)
EXAMPLES = {"columns": FLOWS, "funnel": STAGES, "tiles": PROVINCES, "heat": TABLE, "bars": PARKS}


def drawn(answer: Row, **style: Any) -> ElementTree.Element:
    """The picture of a summary, parsed: it must be well-formed."""
    return ElementTree.fromstring(to_svg(build_chart_spec(answer, **style)))


def texts(picture: ElementTree.Element) -> list[str]:
    """What can be read in a picture, the lines of a label joined."""
    plain = ("".join(text.itertext()).replace("\u200b", "") for text in picture.iter(f"{SVG}text"))
    return [text for text in plain if text]


def links(picture: ElementTree.Element) -> list[str]:
    return [link.attrib[LINK] for link in picture.iter(f"{SVG}a")]


def data(spec: Row) -> list[Row]:
    return spec["data"]["values"]
