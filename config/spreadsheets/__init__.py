"""Tables as files: what a column is, and rows to CSV and XLSX that a spreadsheet cannot run."""

from config.spreadsheets.columns import Column, Kind, Layout, Sheet, Table, Written
from config.spreadsheets.csv_writing import BOM, write_csv
from config.spreadsheets.guard import guarded, unguarded
from config.spreadsheets.queries import write_query_csv
from config.spreadsheets.xlsx_writing import DoesNotFit, Workbook, write_xlsx

__all__ = [
    "BOM",
    "Column",
    "DoesNotFit",
    "Kind",
    "Layout",
    "Sheet",
    "Table",
    "Workbook",
    "Written",
    "guarded",
    "unguarded",
    "write_csv",
    "write_query_csv",
    "write_xlsx",
]
