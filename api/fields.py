"""Serializer fields: codes, words, and dates known in part."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from api.problems.errors import MAX_ERRORS
from api.problems.nearest_rows import describe_unknown_row
from api.requests import select_visible
from config.mistakes import Mistake, nearest
from config.texts import shorten
from sheets.dates import DateError, PartialDate, print_partial_date


class WordField(serializers.ChoiceField):
    """A word of a vocabulary; null means unknown, which the database keeps as blank.

    Where blank means a word, that is `shown_if_blank`.
    """

    def __init__(self, *, shown_if_blank: str | None = None, **kwargs: Any) -> None:
        self.shown_if_blank = shown_if_blank
        super().__init__(**kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return "" if data is None and self.allow_blank else super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        if data == "" and self.allow_blank:
            return ""
        if not isinstance(data, str) or data not in self.choices:
            words = [str(word) for word in self.choices]
            detail = _("“%(word)s” is not one of: %(words)s.")
            told = {"word": shorten(str(data)), "words": ", ".join(words)}
            raise Mistake("unknown_value", detail % told, nearest(str(data), words))
        return data

    def to_representation(self, value: Any) -> Any:
        return value or self.shown_if_blank


class MadeField(serializers.Field):
    """A field that is made of several columns, or of one that is called otherwise.

    `paths` lead to their values, and `make` takes these. Where it `is_dated`, the first of them is
    a date, which may also come as a text such as 2013-06-30; without it the field is null.
    """

    paths: Sequence[str] = ()
    is_dated = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", **kwargs)

    def make(self, *values: Any) -> Any:
        raise TypeError(f"{type(self).__name__} makes nothing")

    def to_representation(self, row: Any) -> Any:
        return self.make(*[follow_path(row, path) for path in self.paths])


def follow_path(row: Any, path: str) -> Any:
    """Give what is at the end of a path such as `indicator__unit`; None where it ends before."""
    for step in path.split("__"):
        row = getattr(row, step, None)
    return row


class WorkedOutField(serializers.Field):
    """A field that is worked out of what other fields of the same row show: those named in `of`."""

    of: Sequence[str] = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> Any:
        raise TypeError(f"{type(self).__name__} works nothing out")

    def to_representation(self, row: Any) -> Any:
        parent: Any = self.parent
        fields = [parent.fields[name] for name in self.of]
        stored = [(each, each.get_attribute(row)) for each in fields]
        shown = [each if each is None else field.to_representation(each) for field, each in stored]
        return self.work_out(self.context, *shown)


class PartialDateField(MadeField):
    """A date and its precision, two columns of the model, as one text or null."""

    is_dated = True

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("source", None)
        kwargs.setdefault("required", False)
        super().__init__(allow_null=True, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # DRF would merge None into the other values; an empty date empties its two columns.
        if data in (None, "") and not self.read_only:
            return dict(zip(self.paths, (None, ""), strict=True))
        return super().run_validation(data)

    @property
    def paths(self) -> tuple[str, str]:  # type: ignore[override]
        """Name the two columns: of the first day and of the precision."""
        return str(self.field_name), f"{self.field_name}_precision"

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            if not isinstance(data, str):
                raise DateError("not_a_date", str(data))
            parsed = PartialDate.parse(data)
        except DateError as error:
            raise serializers.ValidationError(error.message, code="invalid_date") from error
        return dict(zip(self.paths, (parsed.first, parsed.precision), strict=True))

    make = staticmethod(print_partial_date)


def print_moment(value: datetime | str) -> str:
    """Print a moment as the API does, in UTC: of a time, or of the text of one in UTC."""
    if isinstance(value, str):
        return f"{value.replace(' ', 'T').removesuffix('.000000')}Z"
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class MomentField(serializers.DateTimeField):
    """A moment, written in UTC."""

    def to_representation(self, value: datetime) -> str:
        return print_moment(value)


_MOST_CODES = 500  # of one question


class ReferenceField(serializers.RelatedField):
    """A reference by a code; none is `null`. An empty text is no code, and is refused.

    Who reads many rows has `found_rows` in the context: what was found is not looked up again.
    """

    key_column: ClassVar[str]  # that has the code
    unknown = 0  # how many codes of none it was given in this request

    def fold(self, code: str) -> str:
        """Give a code in the case in which it is kept."""
        return code

    def find_row(self, data: Any) -> Any:
        """Find the row with this code among those that can be referred to; None if none has."""
        if not isinstance(data, str):
            return None
        code = self.fold(data)
        found, key = self.context.get("found_rows"), (self.model, code)
        if found is None:
            return self.list_rows().filter(**{self.key_column: code}).first()
        if key not in found:
            self.find_rows([data])
        return found.get(key)

    def require_row(self, data: Any) -> Any:
        """Find the row with this code; ValidationError if none has it.

        What was probably meant is looked for as often as an answer has room for it.
        """
        row = self.find_row(data)
        if row is None:
            self.unknown += 1
            rows = self.list_rows()
            raise describe_unknown_row(data, rows, is_searched=self.unknown <= MAX_ERRORS)
        return row

    def find_rows(self, given: Iterable[Any]) -> None:
        """Look up at once the rows with these codes: `found_rows` has them from then on.

        What no code can be, such as a text with NUL, is not asked for: databases refuse it.
        """
        texts = {code for code in given if isinstance(code, str) and code.isprintable()}
        codes = sorted({self.fold(code) for code in texts})
        for start in range(0, len(codes), _MOST_CODES):
            some = codes[start : start + _MOST_CODES]
            for row in self.list_rows().filter(**{f"{self.key_column}__in": some}):
                self.context["found_rows"][self.model, getattr(row, self.key_column)] = row

    @cached_property
    def model(self) -> Any:
        """The model that is referred to."""
        rows: Any = self.get_queryset()
        return rows.model

    def list_rows(self) -> Any:
        """List the rows that can be referred to: none that the client may not see."""
        rows: Any = self.get_queryset()
        request = self.context.get("request")
        actor = request.user if request is not None else self.context.get("actor")
        return rows if actor is None else select_visible(rows, actor)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data == "":
            message = serializers.CharField.default_error_messages["blank"]
            raise serializers.ValidationError(message, code="blank")
        return super().run_validation(data)


class RowField(ReferenceField, serializers.SlugRelatedField):
    """A reference to another row by its public code."""

    key_column = "code_key"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field=self.key_column, **kwargs)

    def fold(self, code: str) -> str:
        return code.lower()

    def to_internal_value(self, data: Any) -> Any:
        return self.require_row(data)

    def to_representation(self, row: Any) -> str:
        return row.code


class SeenRowField(RowField):
    """A reference to a row that not all see who see this one: to the others it is null."""


class TermField(ReferenceField, serializers.PrimaryKeyRelatedField):
    """A reference to a term of a vocabulary by its code, which is its key: no join is needed."""

    key_column = "pk"

    def use_pk_only_optimization(self) -> bool:
        return True

    def to_internal_value(self, data: Any) -> Any:
        return self.require_row(data)
