"""A sheet as offices keep it, as XLSX; `python -m tests.messy_sheet` saves it in the other formats.

What LibreOffice makes of it is kept in `tests/data`: no test has to wait for LibreOffice.
"""

import io
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

import xlsxwriter

from tests.libreoffice import convert

DATA = Path(__file__).parent / "data"
EARLY = (1, 59, 60, 61, 45471.5)  # serial numbers of days; the 60th never was
FORMATS = {
    **{"month": 'yyyy"年"m"月"', "short month": "mmm-yy", "year": "yyyy", "day": "yyyy-mm-dd"},
    **{"open day": "yyyy/m/d;@", "chinese day": '[$-804]yyyy"年"m"月"d"日";@'},
    **{"moment": "yyyy-mm-dd hh:mm", "share": "0.0%", "red share": "0.0%;[Red]-0.0%"},
    **{"money": '"¥"#,##0.00', "open month": 'yyyy"年"m"月";@', "plain": "General"},
}
HEADER = "序号 项目名称 所属园区 总投资 签约时间 开工时间 竣工时间 投资方 备注".split()
DAY = datetime(2024, 6, 1)  # noqa: DTZ001 sheets have no time zones


def write_messy_sheet(*, is_1904: bool = False) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"date_1904": is_1904}) as book:
        looks = {name: book.add_format({"num_format": code}) for name, code in FORMATS.items()}
        book.add_worksheet("说明").write_string(0, 0, "本表由各园区填报")
        old = book.add_worksheet("旧表")
        old.write_row(0, 0, [*HEADER, "用地面积（亩）", "来源地", "行业"])
        old.hide()
        _write_rows(book.add_worksheet("台账"), looks)
        early = book.add_worksheet("早期")
        early.write_row(0, 0, ["名称", "日期"])
        for line, serial in enumerate(EARLY, start=1):
            early.write_row(line, 0, [f"第{line}行"])
            early.write_number(line, 1, serial, looks["day"])
    return file.getvalue()


def _write_rows(sheet: xlsxwriter.worksheet.Worksheet, looks: dict) -> None:
    plain = looks["plain"]
    sheet.merge_range(0, 0, 0, 8, "重点项目台账（单位：万元）", plain)
    for place, text in enumerate(HEADER):
        if text in ("签约时间", "开工时间", "竣工时间"):
            sheet.write_string(2, place, text)
        else:
            sheet.merge_range(1, place, 2, place, text, plain)
    sheet.merge_range(1, 4, 1, 6, "时间节点", plain)
    sheet.set_column(4, 4, 12, looks["month"])
    sheet.merge_range(3, 2, 7, 2, "town", plain)
    rows = [
        (3, "甲厂", 10_000, DAY, "month", "甲公司", 0.051, "share"),
        (4, "乙厂", 2_500.5, DAY, "open month", "乙公司", "第一行\n第二行", "plain"),
        (5, "丙厂", 3_000, DAY, "short month", "丙公司", -0.5, "red share"),
        (6, "丁厂", 4_000, DAY, "open day", "丁公司", True, "plain"),
        (7, "戊厂", 6_000, DAY, "chinese day", "戊公司", 911201167794890123, "plain"),
    ]
    for line, name, money, day, look, investor, note, note_look in rows:
        sheet.write_number(line, 0, line - 2)
        sheet.write_string(line, 1, name)
        sheet.write_number(line, 3, money, looks["money"])
        sheet.write_datetime(line, 4, day, looks[look])
        sheet.write_datetime(line, 5, datetime(2024, 7, 15), looks["day"])  # noqa: DTZ001
        sheet.write_number(line, 6, 45_658, looks["year"])
        sheet.write_string(line, 7, investor)
        sheet.write(line, 8, note, looks[note_look])
    sheet.set_row(4, None, None, {"hidden": True})
    sheet.write_comment(3, 1, "批注：不是内容")
    sheet.write_formula(5, 3, "=D4*2", looks["money"], 20_000)
    sheet.write_formula(6, 8, "=NA()", None, "#N/A")
    sheet.write_rich_string(7, 1, "戊", plain, "厂  二")
    for line in (9, 10):  # behind an empty row, two that are the same
        sheet.write_row(line, 1, ["己厂", "town", 5_000, "", "", "", "", "007"])
        sheet.write_datetime(line, 5, datetime(2024, 7, 15, 13, 30), looks["moment"])  # noqa: DTZ001
    sheet.write_string(11, 0, "合计")
    sheet.write_formula(11, 3, "=SUM(D4:D11)", looks["money"], 1)


def save() -> None:
    """Write the samples anew."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "messy_sheet.xlsx"
        path.write_bytes(write_messy_sheet())
        for kind in ("xls", "ods"):
            shutil.copy(convert(path, kind, Path(name)), DATA)


if __name__ == "__main__":
    save()
