"""Tables as files: what a column is, and rows to CSV and XLSX that a spreadsheet cannot run."""

from config.spreadsheets.columns import (
    Column,
    ColumnKind,
    Layout,
    Sheet,
    Table,
    Written,
    derive_columns,
)
from config.spreadsheets.csv_writing import BOM, write_csv
from config.spreadsheets.guard import guard, unguard
from config.spreadsheets.queries import write_query_csv
from config.spreadsheets.xlsx_writing import DoesNotFit, Workbook, write_xlsx

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
