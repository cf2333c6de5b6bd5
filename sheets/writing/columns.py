"""The columns of files: their headers for programs and for people, their kinds and units."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from django.db.models import (
    BooleanField,
    DateField,
    DateTimeField,
    DecimalField,
    GeneratedField,
    IntegerField,
    Model,
)
from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

# `word` is a text from a closed list, which no spreadsheet can run; `money` is whole yuan, and
# `foreign` money in another currency, whole units of it.
ColumnKind = Literal[
    "text", "word", "number", "money", "foreign", "date", "partial_date", "month", "moment", "flag"
]
HeaderKind = Literal["code", "zh", "en"]
MoneyUnit = Literal["yuan", "wan", "yi"]

LANGUAGE_CODES = {"zh": "zh-hans", "en": "en"}
MONEY_UNIT_LABELS = {"yuan": _("yuan"), "wan": _("10,000 yuan"), "yi": _("100 million yuan")}
FOREIGN_UNIT_LABELS = {
    "": {
        "yuan": _("in its currency"),
        "wan": _("10,000, in its currency"),
        "yi": _("100 million, in its currency"),
    },
    "USD": {
        "yuan": _("US dollars"),
        "wan": _("10,000 US dollars"),
        "yi": _("100 million US dollars"),
    },
}
MONEY_KINDS = ("money", "foreign")  # that are written in the unit that is asked for
NAMED_IN = {"_zh": _("{label} (Chinese)"), "_en": _("{label} (English)")}
UNIT_POWERS = {"yuan": 0, "wan": 4, "yi": 8}  # 1 wan is 10 to the power of 4 yuan


@dataclass(frozen=True)
class Layout:
    """The headers of a file (names, Chinese, English) and its unit of money."""

    header: HeaderKind = "code"
    unit: MoneyUnit = "yuan"


PLAIN = Layout()


@dataclass(frozen=True)
class Column:
    """A column of a file: its name (the same as in JSON), its label, and its source.

    `path` is a lookup path of the ORM, by default the name, or a function that builds an expression
    for the reader; a `partial_date` also reads `<path>_precision`. `meaning` explains the label. An
    import reads cells by `cell`, else by `kind`, and also knows the column by its `headers`,
    separated by blanks. Templates show its `hint`. `currency` is that of all `foreign` cells. A
    `number` has up to `places` digits after the point; a cell of an `is_list` joins several texts.
    """

    name: str
    label: str | Promise = ""
    kind: ColumnKind = "text"
    meaning: str | Promise = ""
    path: str | Callable[[Any], Any] = ""
    cell: str = ""
    headers: str = ""
    hint: str | Promise = ""
    currency: str = ""
    places: int = 0
    is_list: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", self.path or self.name)

    @property
    def source(self) -> str:
        """The path, or the name of the annotation that the function's expression gets."""
        return self.path if isinstance(self.path, str) else f"{self.name}_of_file"

    @property
    def paths(self) -> list[str]:
        is_pair = self.kind == "partial_date"
        return [self.source, f"{self.source}_precision"] if is_pair else [self.source]

    def header(self, layout: Layout = PLAIN) -> str:
        """Write what stands above it: `investment_cny`, `investment_cny_wan`, 投资额（万元）."""
        if layout.header == "code":
            is_other_unit = self.kind in MONEY_KINDS and layout.unit != "yuan"
            return f"{self.name}_{layout.unit}" if is_other_unit else self.name
        with translation.override(LANGUAGE_CODES[layout.header]):
            if self.kind not in MONEY_KINDS:
                return str(self.label)
            is_foreign = self.kind == "foreign"
            units = FOREIGN_UNIT_LABELS[self.currency] if is_foreign else MONEY_UNIT_LABELS
            named = {"label": self.label, "unit": units[layout.unit]}
            return str(_("%(label)s (%(unit)s)") % named)


def derive_columns(model: type[Model], *declared: str | Column) -> list[Column]:
    """Build the columns of a model's fields, with their labels, kinds and paths.

    A text has names of fields; `other_name_zh` is the name of the row that `other` refers to. A
    Column without a label overrides parts of the field with its name.
    """
    columns = []
    for each in declared:
        if isinstance(each, str):
            columns += [_derive_column(model, Column(name)) for name in each.split()]
        else:
            columns.append(each if each.label else _derive_column(model, each))
    return columns


def _derive_column(model: Any, column: Column) -> Column:
    name, language = column.name, column.name[-3:]
    if name[:-3].endswith("_name") and language in NAMED_IN:
        owner = name.removesuffix(f"_name{language}")
        label = format_lazy(NAMED_IN[language], label=_get_label(model, owner))
        return replace(column, label=label, path=f"{owner}__name{language}")
    kind, path, places = _derive_kind(model, name)
    is_own = column.path != name
    return replace(
        column,
        label=_get_label(model, name),
        kind=kind if column.kind == "text" else column.kind,
        path=column.path if is_own else path,
        places=places,
    )


def _get_label(model: Any, name: str) -> Any:
    return _("number") if name == "id" else model._meta.get_field(name).verbose_name


def _derive_kind(model: Any, name: str) -> tuple[ColumnKind, str, int]:
    """Derive the kind, the path and the decimal places of the column of a field."""
    field: Any = model._meta.get_field(name)
    if field.is_relation:
        if field.related_model._meta.pk.name != "code":
            return "text", f"{name}__code", 0
        is_official = getattr(field.related_model, "is_official", False)
        return "word" if is_official else "text", f"{name}_id", 0
    field = field.output_field if isinstance(field, GeneratedField) else field
    names = {each.name for each in model._meta.get_fields()}
    date: ColumnKind = "partial_date" if f"{name}_precision" in names else "date"
    number: ColumnKind = "money" if name.endswith("_cny") else "number"
    kinds: list[tuple[Any, ColumnKind]] = [
        (DateTimeField, "moment"),
        (DateField, date),
        (BooleanField, "flag"),
        ((IntegerField, DecimalField), number),
    ]
    word: ColumnKind = "word" if field.choices else "text"
    kind = next((kind for of, kind in kinds if isinstance(field, of)), word)
    return kind, name, getattr(field, "decimal_places", None) or 0


@dataclass(frozen=True)
class Table:
    """The rows of one kind as a file; the columns of `more` are written if asked for."""

    name: str
    title: str | Promise
    columns: Sequence[Column]
    more: Sequence[Column] = ()

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    @property
    def has_money(self) -> bool:
        return any(column.kind in MONEY_KINDS for column in [*self.columns, *self.more])


def derive_table(
    name: str, model: type[Model], *declared: str | Column, title: str | Promise = ""
) -> Table:
    """Build the file of a model's rows from its fields, by default titled as the model is."""
    columns = derive_columns(model, *declared)
    return Table(name, title or model._meta.verbose_name_plural or "", columns)


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook. A row holds the values of the columns' `paths`, in order."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]


Item = TypeVar("Item")
RowProgress = Callable[[int], None]  # receives the number of rows written so far
PROGRESS_EVERY = 500  # rows


def report_progress(rows: Iterable[Item], progress: RowProgress | None) -> Iterator[Item]:
    """Yield the rows, calling `progress` with their number now and then."""
    for count, row in enumerate(rows):
        if progress and count % PROGRESS_EVERY == 0:
            progress(count)
        yield row


@dataclass(frozen=True)
class Written:
    """What was written: the number of rows (of the first sheet), and the SHA-256 of the file."""

    rows: int
    sha256: bytes
