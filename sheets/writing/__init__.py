"""Tables as files: what a column is, and rows to CSV and XLSX that a spreadsheet cannot run."""

from sheets.writing.cells import guard, unguard
from sheets.writing.columns import Column, ColumnKind, Layout, Sheet, Table, Written, derive_columns
from sheets.writing.csv_writing import BOM, write_csv, write_query_csv
from sheets.writing.xlsx_writing import DoesNotFit, Workbook, write_xlsx

__all__ = [
    "BOM",
    "Column",
    "DoesNotFit",
    "ColumnKind",
    "Layout",
    "Sheet",
    "Table",
    "Workbook",
    "Written",
    "derive_columns",
    "guard",
    "unguard",
    "write_csv",
    "write_query_csv",
    "write_xlsx",
]
