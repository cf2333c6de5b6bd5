"""Write the rows of a CSV file as Parquet, with a type for each column. It needs pyarrow.

pyarrow is optional and takes 50 MB of memory: it is imported by the first such file.
"""

from collections.abc import Sequence
from typing import IO, Any

from sheets.writing.cells import LIST_SEPARATOR, RUNNABLE
from sheets.writing.columns import MONEY_KINDS, Column, Written
from sheets.writing.csv_writing import DigestedFile

ROW_GROUP_BYTES = 8 * 2**20  # of CSV: more than any row has, and what is in memory at once
_DECIMAL_DIGITS = 38
_GUARDED = f"^'({RUNNABLE.removeprefix('^')})"


def convert_csv(columns: Sequence[Column], table: IO[bytes], file: IO[bytes]) -> Written:
    """Read the CSV of these columns, with plain headers, and write it group by group."""
    import pyarrow as pa
    from pyarrow import compute, csv, parquet

    digested, count = DigestedFile(file), 0
    types = {column.name: _choose_type(pa, column) for column in columns}
    lists = {column.name: pa.list_(pa.string()) for column in columns if column.is_list}
    schema = pa.schema([*(types | lists).items()])
    rows = csv.open_csv(
        table,
        csv.ReadOptions(use_threads=False, block_size=ROW_GROUP_BYTES),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(column_types=types, null_values=[""], strings_can_be_null=True),
    )
    with parquet.ParquetWriter(digested, schema, compression="zstd") as writer:
        for batch in rows:
            arrays = []
            for name, values in zip(types, batch.columns, strict=True):
                if types[name] == pa.string():  # texts are not guarded: nothing runs them
                    values = compute.replace_substring_regex(values, _GUARDED, r"\1")
                if name in lists:
                    values = compute.split_pattern(values, LIST_SEPARATOR)
                arrays.append(values)
            writer.write_batch(pa.record_batch(arrays, schema=schema))
            count += batch.num_rows
    return Written(count, digested.digest.digest())


def _choose_type(pa: Any, column: Column) -> Any:
    """Choose the type of a column; a date that may be known to the year only is a text."""
    if column.kind == "number" and column.places:
        return pa.decimal128(_DECIMAL_DIGITS, column.places)
    if column.kind in ("number", *MONEY_KINDS):
        return pa.int64()
    types = {"date": pa.date32(), "moment": pa.timestamp("s", "UTC"), "flag": pa.bool_()}
    return types.get(column.kind, pa.string())
