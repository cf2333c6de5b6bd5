"""The base serializer and its fields: strict, validated by the model; `fields=` and `expand=`."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache, reduce
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext_lazy as _
from rest_framework import serializers
from rest_framework.fields import get_error_detail

from api.problems.errors import MAX_ERRORS
from api.problems.nearest_rows import describe_unknown_row
from api.readers import Query, Reader, Reading, read_distinct_names
from api.requests import select_visible
from api.strict import StrictSerializerMixin
from config.mistakes import Mistake, Text, require_word
from config.texts import MAX_LENGTH, shorten
from sheets import dates


class WordField(serializers.ChoiceField):
    """A word of a vocabulary; null means unknown, which the database keeps as blank.

    If blank means a word instead, that is `shown_if_blank`.
    """

    def __init__(self, *, shown_if_blank: str | None = None, **kwargs: Any) -> None:
        self.shown_if_blank = shown_if_blank
        super().__init__(**kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        return "" if data is None and self.allow_blank else super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        if data == "" and self.allow_blank:
            return ""
        if isinstance(data, str) and data in self.choices:
            return data
        return require_word(shorten(str(data)), [*map(str, self.choices)], self.choices)

    def to_representation(self, value: Any) -> Any:
        return value or self.shown_if_blank


class MadeField(serializers.Field):
    """A field computed from several columns, or from one with another name.

    `make` takes the values at the end of `paths`. If it `is_dated`, the first of them is a date,
    perhaps as a text such as 2013-06-30; the field is null without it.
    """

    paths: Sequence[str] = ()
    is_dated = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", **kwargs)

    def make(self, *values: Any) -> Any:
        raise NotImplementedError

    def to_representation(self, row: Any) -> Any:
        def follow_path(path: str) -> Any:
            return reduce(lambda found, step: getattr(found, step, None), path.split("__"), row)

        return self.make(*map(follow_path, self.paths))


class WorkedOutField(serializers.Field):
    """A field computed from the shown values of the fields of the same row named in `of`."""

    of: Sequence[str] = ()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="*", read_only=True, **kwargs)

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> Any:
        raise NotImplementedError

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
        # DRF would merge None into the other values
        if data in (None, "") and not self.read_only:
            return dict(zip(self.paths, (None, ""), strict=True))
        return super().run_validation(data)

    @property
    def paths(self) -> tuple[str, str]:  # type: ignore[override]
        """The columns of the first day and of the precision."""
        return str(self.field_name), f"{self.field_name}_precision"

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        try:
            if not isinstance(data, str):
                raise dates.DateError("not_a_date", str(data))
            parsed = dates.PartialDate.parse(data)
        except dates.DateError as error:
            raise Mistake("invalid_date", error.message, error.suggestion) from error
        return dict(zip(self.paths, (parsed.first, parsed.precision), strict=True))

    make = staticmethod(dates.print_partial_date)


# What is said of values of another type, by kind of field
_INVALID: dict[type, Text] = {
    serializers.IntegerField: _("Give a whole number, without quotes and unit."),
    serializers.BooleanField: _("Give true or false."),
}


class WholeDateField(serializers.DateField):
    """A day, as people write it; of what is valid, the first or last one of a month or year."""

    def to_internal_value(self, data: Any) -> date:
        text = str(data)
        try:
            meant = dates.parse_date_as_written(text)
        except dates.DateError as error:
            raise Mistake("invalid", error.message) from error
        if edge := dates.MEANT_DAYS.get(str(self.field_name)):
            return getattr(meant, edge)
        if meant.precision != dates.Precision.DAY:
            raise Mistake("invalid", dates.NOT_A_DAY % {"text": shorten(text)}, str(meant.last))
        return meant.first


def print_moment(value: datetime | str) -> str:
    """Print a time, or the text of one in UTC, as the API does: in UTC, with a Z."""
    if isinstance(value, str):
        return f"{value.replace(' ', 'T').removesuffix('.000000')}Z"
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


class MomentField(serializers.DateTimeField):
    """A moment, written in UTC."""

    def to_representation(self, value: datetime) -> str:
        return print_moment(value)


_MOST_CODES = 500  # of one question


class ReferenceField(serializers.RelatedField):
    """A reference by a code, or null; an empty text is refused.

    With `found_rows` in the context, rows are looked up only once.
    """

    key_column: ClassVar[str]  # of the code
    unknown = 0  # number of unknown codes in this request

    def fold(self, code: str) -> str:
        """Return a code in the case in which it is stored."""
        return code

    def find_row(self, data: Any) -> Any:
        """Find the row with this code among those that may be referred to, or None."""
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
        """Find the row with this code, or raise a ValidationError.

        Only the first errors, which are listed, get suggestions.
        """
        row = self.find_row(data)
        if row is None:
            self.unknown += 1
            rows = self.list_rows()
            raise describe_unknown_row(data, rows, is_searched=self.unknown <= MAX_ERRORS)
        return row

    def find_rows(self, given: Iterable[Any]) -> None:
        """Look up the rows with these codes at once, for `found_rows`."""
        # Databases refuse texts with NUL even in lookups
        texts = {code for code in given if isinstance(code, str) and code.isprintable()}
        codes = sorted({self.fold(code) for code in texts})
        for start in range(0, len(codes), _MOST_CODES):
            some = codes[start : start + _MOST_CODES]
            for row in self.list_rows().filter(**{f"{self.key_column}__in": some}):
                self.context["found_rows"][self.model, getattr(row, self.key_column)] = row

    @cached_property
    def model(self) -> Any:
        rows: Any = self.get_queryset()
        return rows.model

    def list_rows(self) -> Any:
        """Select the rows that may be referred to, which the client may see."""
        rows: Any = self.get_queryset()
        request = self.context.get("request")
        actor = request.user if request is not None else self.context.get("actor")
        return rows if actor is None else select_visible(rows, actor)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data == "":
            message = serializers.CharField.default_error_messages["blank"]
            raise serializers.ValidationError(message, code="blank")
        return super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        return self.require_row(data)


class RowField(ReferenceField, serializers.SlugRelatedField):
    """A reference to another row by its public code."""

    key_column = "code_key"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(slug_field=self.key_column, **kwargs)

    def fold(self, code: str) -> str:
        return code.lower()

    def to_representation(self, row: Any) -> str:
        return row.code


class SeenRowField(RowField):
    """A reference to a row that is null for clients that may not see that row."""


class TermField(ReferenceField, serializers.PrimaryKeyRelatedField):
    """A reference to a term of a vocabulary by its code, which is its key: no join is needed."""

    key_column = "pk"

    def use_pk_only_optimization(self) -> bool:
        return True


# Fields of all resources
CODE = ["code"]
NAME_FIELDS = ["name_zh", "name_en"]
RECORD_FIELDS = ["version", "created_at", "updated_at"]


class PlannedSerializer(StrictSerializerMixin, serializers.ModelSerializer):
    """Declares the fields of rows; a plan derived from it reads them."""

    # Fields that rows of lists have only on request
    on_request: ClassVar[Collection[str]] = ()
    # What restricted fields show to others, and the column by which `judge_readers` decides
    reserved: ClassVar[Mapping[str, Any]] = {}
    reserved_for = ""

    @classmethod
    def select_rows(cls, rows: models.QuerySet, person: Any) -> models.QuerySet:
        """Select the rows that a person may see, and annotate them.

        It may depend only on what the person may see, and on the day being read.
        """
        return rows

    @classmethod
    def judge_readers(cls, person: Any) -> Callable[[Any], bool]:
        """Return the function of `reserved_for` that says whether a person sees the whole row."""
        return lambda value: True


class LedgerSerializer(PlannedSerializer):
    """Reads and writes one row; validates it by the model's `clean`, validators and constraints."""

    remedies = {
        "version": _("If-Match says which version an edit is of."),
        "created_at": _("The ledger keeps it."),
        "updated_at": _("The ledger keeps it; “as_of” reads the past."),
        "id": _("The ledger gives it, and the URL names it."),
    }
    synonyms = {
        **dict.fromkeys(("id", "slug", "key"), "code"),
        **dict.fromkeys(("name", "title"), "name_zh"),
        **dict.fromkeys(("description", "comment", "remark", "remarks"), "note"),
    }
    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.DateField: WholeDateField,
        models.DateTimeField: MomentField,
    }
    serializer_choice_field = WordField
    serializer_related_field = TermField
    # A PUT without these fields keeps them: nobody publishes by forgetting a field
    left_alone = frozenset({"publication", "default_publication"})
    # References to rows that some clients may not see
    seen_by_some: ClassVar[frozenset[str]] = frozenset()
    drafted: Any = None  # the validated row, not stored
    # Field classes and arguments, by serializer, name and language, on which DRF's labels depend
    built: ClassVar[dict[tuple[type, str, str | None], tuple[Any, dict[str, Any]]]] = {}

    def get_field_names(self, *about: Any) -> list[str]:
        names: list[str] = super().get_field_names(*about)
        alone = self.built_alone
        return names if alone is None else [name for name in names if name in alone]

    def build_field(self, field_name: str, *about: Any) -> Any:
        """Build a field once in a process: it takes a tenth of the time of a write."""
        key = type(self), field_name, get_language()
        if key not in self.built:
            kind, options = super().build_field(field_name, *about)
            if invalid := next((_INVALID[base] for base in _INVALID if issubclass(kind, base)), ""):
                options["error_messages"] = {"invalid": invalid}
            self.built[key] = kind, options
        kind, options = self.built[key]
        return kind, {**options}

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        """Build a field; a date whose model has its precision is a partial date."""
        if hasattr(self.Meta.model, f"{field_name}_precision"):
            return PartialDateField, {} if model_field.editable else {"read_only": True}
        kind, options = super().build_standard_field(field_name, model_field)
        if isinstance(model_field, models.TextField):
            options["max_length"] = model_field.max_length or MAX_LENGTH
        return kind, options

    def build_relational_field(self, field_name: str, relation_info: Any) -> Any:
        """Build a field; rows with `code_key` are referred to by their code, terms by their key."""
        field_class, options = super().build_relational_field(field_name, relation_info)
        if hasattr(relation_info.related_model, "code_key"):
            field_class = SeenRowField if field_name in self.seen_by_some else RowField
        return field_class, options

    def build_unknown_field(self, field_name: str, model_class: Any) -> Any:
        """Build a field: `other_name_zh` is the name of the row that `other` refers to."""
        other, is_name, language = field_name.rpartition("_name_")
        if not is_name:
            return super().build_unknown_field(field_name, model_class)
        options = {"source": f"{other}.name_{language}", "read_only": True}
        is_optional = model_class._meta.get_field(other).null
        return serializers.CharField, options | ({"allow_null": True} if is_optional else {})

    def get_validators(self) -> list[Any]:
        return []  # `full_clean` checks the constraints, with their own messages

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.context.get("is_replacement") and self.parent is None:
            attrs = self.values_of_absent() | attrs
        self.drafted = row = self.draft(attrs)
        if self.parent is None and "check_drafted" in self.context:
            # Before the constraints, which may reveal a row that the client may not see
            self.context["check_drafted"](row)
        try:
            # Bulk writes leave constraints to the database: checking them takes most of the time
            is_bulk = self.context.get("is_bulk")
            is_one_of_many = self.context.get("is_seeding") or is_bulk
            exclude = find_unread(type(row), attrs) if is_bulk else self.not_given(row)
            row.full_clean(exclude=exclude, validate_constraints=not is_one_of_many)
        except DjangoValidationError as error:
            raise serializers.ValidationError(get_error_detail(error)) from error
        return attrs

    def values_of_absent(self) -> dict[str, Any]:
        """Return the defaults of the fields that a PUT leaves out."""
        values: dict[str, Any] = {}
        model: Any = self.Meta.model
        for field in self.fields.values():
            if field.read_only or field.write_only or field.field_name in self.left_alone:
                continue
            if isinstance(field, PartialDateField):
                values |= dict(zip(field.paths, (None, ""), strict=True))
                continue
            if field.source == "*":  # a claim's value, which is required
                continue
            column = model._meta.get_field(field.source)
            if column.many_to_many or column.one_to_many:
                values[column.name] = []
            elif column.editable:  # the others are derived
                values[column.name] = column.get_default()
        return values

    def get_parent_row(self) -> dict[str, Any]:
        """Return the parent row, by the name of the foreign key."""
        return self.context.get("parent_row", {})

    def draft(self, attrs: dict[str, Any]) -> models.Model:
        """Build the row as it would be stored, with the names of its unchanged fields."""
        model: Any = self.Meta.model
        attnames = [f.attname for f in model._meta.concrete_fields]
        row: Any = (
            model()
            if self.instance is None
            else model.from_db(None, attnames, [getattr(self.instance, name) for name in attnames])
        )
        columns = name_columns(model)
        for name, value in {**self.get_parent_row(), **attrs}.items():
            if name in columns:
                setattr(row, name, value)
        if "free_codes" in self.context and "code" in attrs:
            row.is_code_free = attrs["code"].lower() in self.context["free_codes"]
        if self.instance is not None:
            row.unchanged = frozenset(
                f.name
                for f in model._meta.concrete_fields
                if getattr(row, f.attname) == getattr(self.instance, f.attname)
            )
        return row

    def not_given(self, row: models.Model) -> set[str]:
        """Return the columns that saving fills in: a generated code, and the parent row."""
        missing = {
            column.name
            for column in row._meta.concrete_fields
            if not (column.generated or column.null)
            and getattr(row, column.attname) is None
            and column.name not in self.fields
        }
        return missing | ({"code"} if getattr(row, "code", None) == "" else set())


@cache
def name_columns(model: type[models.Model]) -> Mapping[str, bool]:
    """Return whether each column of a model, by name, is a foreign key."""
    return {field.name: field.is_relation for field in model._meta.concrete_fields}


def find_unread(model: type[models.Model], attrs: Mapping[str, Any]) -> set[str]:
    """Return the columns that need no check: those not given, and foreign keys, already found."""
    return {name for name, is_link in name_columns(model).items() if is_link or name not in attrs}


@cache
def list_shared_fields(serializer: type[PlannedSerializer]) -> list[serializers.Field]:
    """List the fields of a serializer's responses, bound to one without a context."""
    return [field for field in serializer().fields.values() if not field.write_only]


class TermSerializer(LedgerSerializer):
    """A term of a vocabulary. Its code is its key and never changes."""

    def validate_code(self, code: str) -> str:
        if self.instance is not None and code != self.instance.code:
            raise serializers.ValidationError(
                _("The code of a row never changes; it stays “%(code)s”.")
                % {"code": self.instance.code},
                code="immutable",
            )
        return code


class ExpandReader(Reader[list[str]]):
    """Reads `expand`: names of child rows, among the view's `expandable`, to include."""

    lists = ("expand",)

    def names(self, view: Any) -> Collection[str]:
        return self.lists if view.expandable else ()

    def read(self, query: Query, view: Any) -> Reading[list[str]]:
        if "expand" not in query:
            return [], []
        message = _("There are no “%(name)s” to be expanded.")
        return read_distinct_names("expand", query["expand"], view.expandable, message)


class FieldsReader(Reader[list[str] | None]):
    """Reads `fields`: names of top-level fields, with those that EXPAND has read; None for all.

    If rows are `whole`, they have all expandable fields by default.
    """

    parameters = ("fields",)
    lists = ("fields",)

    def __init__(self, *, whole: bool = False) -> None:
        self.whole = whole

    def read(self, query: Query, view: Any) -> Reading[list[str] | None]:
        serializer: Any = view.get_serializer_class()
        known = [str(field.field_name) for field in list_shared_fields(serializer)]
        errors: list[Mistake] = []
        if "fields" in query:
            message = _("There is no field “%(name)s”.")
            names, errors = read_distinct_names("fields", query["fields"], known, message)
        elif serializer.on_request and ("expand" in query or not self.whole):
            names = [name for name in known if name not in serializer.on_request]
        else:
            return None, []
        return [*names, *view.values.get(EXPAND, ())], errors


EXPAND = ExpandReader()
FIELDS = FieldsReader()
WHOLE_FIELDS = FieldsReader(whole=True)
