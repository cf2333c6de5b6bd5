"""A computed answer as a file: its rows, flat, at the same URL with a suffix."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, Any, ClassVar

from django.db.models import Model

from config.api.as_of import AsOfViewMixin
from config.api.files.list_files import TableFilesMixin
from config.snapshots import snapshot
from config.spreadsheets import Sheet, Written, write_csv


class ComputedFilesMixin(TableFilesMixin, AsOfViewMixin):
    """Gives a computed answer its files. The view names the table and the readers of its question,
    and makes the rows.

    The paths of the columns are ways into a row, which is a mapping or an object: `claim.as_of`.
    """

    rows_are: ClassVar[type[Model]]  # the model whose words the columns hold

    def compute_rows(self) -> Iterable[Any]:
        """Give the rows of the answer to the request."""
        raise NotImplementedError

    def write_csv(self, file: IO[bytes]) -> Written:
        options = self.file_options
        return write_csv(options.columns, self.read_rows(), file, **options.csv)

    def sheets(self) -> Iterator[Sheet]:
        columns, title = self.file_options.columns, str(self.table.title)
        rows = self.read_rows()
        yield Sheet(title, columns, rows)
        yield self.about_file(len(rows), self.rows_are)

    def read_rows(self) -> list[list[Any]]:
        """Read the values of all rows in the order of the columns, of one state of the ledger."""
        columns = self.file_options.columns
        ways = [path.split(".") for column in columns for path in column.paths]
        kinds = [column.kind for column in columns for _path in column.paths]
        with snapshot():
            return [
                [
                    _read_moment(follow(row, way), kind)
                    for way, kind in zip(ways, kinds, strict=True)
                ]
                for row in self.compute_rows()
            ]


def follow(row: Any, way: Sequence[str]) -> Any:
    """Read what stands at the end of a way into a row; None where the way ends before."""
    for name in way:
        if row is None:
            return None
        row = row[name] if isinstance(row, Mapping) else getattr(row, name)
    return row


def _read_moment(value: Any, kind: str) -> Any:
    """Read a moment that JSON shows with fractions of a second: files write it to the second."""
    is_moment = kind == "moment" and isinstance(value, str)
    return datetime.fromisoformat(value) if is_moment else value
