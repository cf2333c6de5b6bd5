"""Cells of months, amounts and numbers in files of other rows than projects."""

from decimal import Decimal
from typing import Any

from config.amounts import AmountError, ColumnUnit, parse_amount
from config.currencies import YUAN, store_currency
from config.currency_names import CURRENCIES
from config.dates import parse_date_as_written
from config.imports import CellFault
from config.reading.units import UNIT_WORDS, find_column_unit, find_measure
from parks.models.claims import OTHER_UNIT
from projects.importing.cells.faults import raise_cell_fault, refuse_exponent
from projects.importing.cells.measured_cells import read_currency


@raise_cell_fault()
def read_month_cell(text: str) -> str:
    """Read a month as the API writes it."""
    return str(parse_date_as_written(text))


@raise_cell_fault()
def read_yuan_cell(text: str, unit: str) -> Any:
    """Read whole yuan; a text that brings a qualifier along is left to the serializer."""
    refuse_exponent(text)
    amount = parse_amount(text, default_unit=find_column_unit(unit) or "yuan")
    if amount.qualifier != "exact":
        return text
    return amount.cny


@raise_cell_fault()
def read_hedged_cell(text: str, kind: str, unit: str, wanted: str = "") -> tuple[Any, str]:
    """Read whole yuan or another number, and the qualifier that its cell gives it.

    CellFault if cell or header say another unit of a number than the one that is `wanted`.
    """
    refuse_exponent(text)
    default: ColumnUnit | None = None
    if kind == "money":
        default = find_column_unit(unit) or (YUAN, 1)
    amount = parse_amount(text, default_unit=default)
    if kind == "money":
        return amount.cny, amount.qualifier.value
    own = amount.unit or unit
    if own and wanted and find_measure(own) != find_measure(wanted):
        told = {"text": text, "unit": UNIT_WORDS.get(wanted, wanted)}
        raise CellFault("unit_not_understood", str(OTHER_UNIT) % told)
    return _simplify(amount.value), amount.qualifier.value


@raise_cell_fault()
def read_flow(name: str, text: str, unit: str) -> list[tuple[str, Any]]:
    """Read what was reported of a flow, by column: yuan, or a value and its currency.

    The unit of column, row or cell says which; a text with a hedge is left to the serializer.
    """
    if name == "currency":
        return [(name, store_currency(read_currency(text)))]
    refuse_exponent(text)
    amount = parse_amount(text, default_unit=find_column_unit(unit) or "yuan")
    if amount.qualifier != "exact":
        return [(name, text)]
    if amount.unit == YUAN or amount.unit not in CURRENCIES:
        return [("reported_cny", amount.cny)]
    if amount.value != int(amount.value):
        raise AmountError("fraction_of_yuan", text)
    return [("reported_value", int(amount.value)), ("currency", amount.unit)]


@raise_cell_fault()
def read_number_cell(text: str) -> Any:
    """Read a number, whole where it has no fraction."""
    return _simplify(parse_amount(text).value)


def _simplify(value: Decimal) -> int | float:
    return int(value) if value == int(value) else float(value)
