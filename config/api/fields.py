"""Serializer fields: codes, words, and dates known in part."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.api.problems.errors import ErrorCode
from config.api.problems.nearest_rows import find_meant_row
from config.dates import DateError, PartialDate, Precision
from config.suggestions import nearest
from config.texts import shorten


class WordField(serializers.ChoiceField):
    """A word of a vocabulary; null means unknown, which the database keeps as blank."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return "" if data is None and self.allow_blank else super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        if data == "" and self.allow_blank:
            return ""
        if not isinstance(data, str) or data not in self.choices:
            words = [str(word) for word in self.choices]
            raise serializers.ValidationError(
                _("“%(word)s” is not one of: %(words)s.")
                % {"word": shorten(str(data)), "words": ", ".join(words)},
                code=ErrorCode("unknown_value", suggestion=nearest(str(data), words)),
            )
        return data

    def to_representation(self, value: Any) -> Any:
        return value or None


class PartialDateField(serializers.Field):
    """A date and its precision, two columns of the model, as one text or null."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["source"] = "*"
        kwargs.setdefault("required", False)
        super().__init__(allow_null=True, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # DRF would merge None into the other values; an empty date empties its two columns.
        if data in (None, "") and not self.read_only:
            return dict(zip(self.columns, (None, ""), strict=True))
        return super().run_validation(data)

    @property
    def columns(self) -> tuple[str, str]:
        """Name the two columns: of the first day and of the precision."""
        return str(self.field_name), f"{self.field_name}_precision"

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            if not isinstance(data, str):
                raise DateError("not_a_date", str(data))
            parsed = PartialDate.parse(data)
        except DateError as error:
            raise serializers.ValidationError(error.message, code="invalid_date") from error
        return dict(zip(self.columns, (parsed.first, parsed.precision), strict=True))

    def to_representation(self, row: Any) -> str | None:
        first, precision = (getattr(row, column) for column in self.columns)
        return print_partial_date(first, precision)


def print_partial_date(first: Any, precision: str) -> str | None:
    """Print the two columns of a date as the API and files do: 2013, 2015-06, 2015-06-30."""
    return str(PartialDate(first, Precision(precision))) if first else None


class ReferenceField(serializers.RelatedField):
    """A reference by a code; none is `null`. An empty text is no code, and is refused."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data == "":
            message = serializers.CharField.default_error_messages["blank"]
            raise serializers.ValidationError(message, code="blank")
        return super().run_validation(data)


class RowField(ReferenceField, serializers.SlugRelatedField):
    """A reference to another row by its public code."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field="code_key", **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        code = data.lower() if isinstance(data, str) else data
        rows = self.visible_rows()
        row = rows.filter(code_key=code).first() if isinstance(code, str) else None
        if row is None:
            raise describe_unknown_row(data, rows)
        return row

    def visible_rows(self) -> Any:
        """Give the rows that can be referred to: none that the client may not see."""
        rows: Any = self.get_queryset()
        request = self.context.get("request")
        actor = request.user if request is not None else self.context.get("actor")
        if actor is None or not hasattr(rows, "visible_to"):
            return rows
        return rows.visible_to(actor)

    def to_representation(self, row: Any) -> str:
        return row.code


class TermField(ReferenceField, serializers.PrimaryKeyRelatedField):
    """A reference to a term of a vocabulary by its code, which is its key: no join is needed."""

    def use_pk_only_optimization(self) -> bool:
        return True

    def to_internal_value(self, data: Any) -> Any:
        rows: Any = self.get_queryset()
        row = rows.filter(pk=data).first() if isinstance(data, str) else None
        if row is None:
            raise describe_unknown_row(data, rows)
        return row


def describe_unknown_row(code: Any, queryset: QuerySet) -> serializers.ValidationError:
    """Describe a reference that leads nowhere, with the code that was probably meant."""
    meant = find_meant_row(str(code), queryset)
    return serializers.ValidationError(
        _("There is no %(kind)s “%(code)s”.")
        % {"kind": queryset.model._meta.verbose_name, "code": shorten(str(code))},
        code=ErrorCode("unknown_value", meant.suggestion, meant.candidates),
    )
