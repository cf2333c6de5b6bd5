"""The sheets of a workbook in any format, which its content tells and its name does not."""

from config.reading.ods_files import MANIFEST, OdsWorkbook
from config.reading.package import Package
from config.reading.rows import Limits, SheetPart
from config.reading.xls_files import read_xls
from config.reading.xlsx_files import ReadWorkbook

OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # XLS, the ET of WPS, and encrypted XLSX
MAGIC = (OLE_MAGIC, b"PK")


def open_sheets(data: bytes, limits: Limits) -> list[SheetPart]:
    """Open the sheets of an XLSX, XLS, ET or ODS file; raises FileError for any other."""
    if data.startswith(OLE_MAGIC):
        return read_xls(data, limits)
    package = Package(data, limits)
    book = OdsWorkbook if MANIFEST in package.names else ReadWorkbook
    return book(package, limits).sheets
