"""Model fields of the apps: codes in byte order, and dates known only in part."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

from config.database import history
from sheets.dates import PeriodEnd, Precision

validate_code = RegexValidator(
    r"\A[A-Za-z0-9_-]+\Z",
    _("A code may contain only the letters A-Z and a-z, digits, hyphens and underscores."),
)


class CodeField(models.CharField):
    """A public code, sorted and compared by bytes on every database.

    PostgreSQL would sort it by the language of the cluster, under which the half-open code
    ranges that stand for subtrees are wrong; foreign keys to such a column inherit the collation.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters


class WrittenAtField(models.DateTimeField):
    """When a recorded row was written first, or last: by the clock of the ledger.

    A new row gets the moment of its revision. A later version is dated when its revision ends.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        if add:
            setattr(model_instance, self.attname, history.write_moment())
        return getattr(model_instance, self.attname)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.DateTimeField", args, kwargs


class PrecisionField(models.CharField):
    """How exactly the date beside it is known; blank when there is no date."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        usual: dict[str, Any] = {
            "max_length": 7,
            "choices": Precision.choices,
            "blank": True,
            "default": "",
        }
        super().__init__(*args, **usual | kwargs)

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("choices", None)
        return name, path, args, kwargs


class PeriodEndField(models.GeneratedField):
    """The last day of the period that a partial date names: stored, so that it can be indexed.

    A `..._to` filter compares with it, so a date known to the year lies inside a range only
    when the whole year does.
    """

    def __init__(self, date_field: str = "", **kwargs: Any) -> None:
        if date_field:
            kwargs = {
                "expression": PeriodEnd(date_field, f"{date_field}_precision"),
                "output_field": models.DateField(null=True),
                "db_persist": True,
                **kwargs,
            }
        super().__init__(**kwargs)


def require_full_date(name: str, field: str) -> models.CheckConstraint:
    """Build the constraint that a partial date has its precision, and a precision its date.

    Year and quarter dates stand on the first day of their period only by `PartialDate`, which
    every entry point goes through; the database holds the pair together.
    """
    without = models.Q(**{f"{field}__isnull": True, f"{field}_precision": ""})
    with_both = models.Q(**{f"{field}__isnull": False}) & ~models.Q(**{f"{field}_precision": ""})
    return models.CheckConstraint(
        name=name,
        condition=without | with_both,
        violation_error_message=_("A date and its precision must be given together."),
    )


def require_order(name: str, first: str, last: str, message: Any) -> models.CheckConstraint:
    """Build the constraint that of two columns that are both known the first is not the larger."""
    is_open = models.Q(**{f"{first}__isnull": True}) | models.Q(**{f"{last}__isnull": True})
    return models.CheckConstraint(
        name=name,
        condition=is_open | models.Q(**{f"{first}__lte": models.F(last)}),
        violation_error_message=message,
    )


def require_validity(owner: str) -> models.CheckConstraint:
    """Build the constraint that the first day of validity is not after the last."""
    message = _("The first day of validity is after the last.")
    return require_order(f"{owner}_valid_in_order", "valid_from", "valid_to", message)


def blame_column(
    column: str, message: Any, *, code: str, params: dict[str, Any] | None = None
) -> ValidationError:
    """Build the error of one column, as `clean` raises it."""
    return ValidationError({column: ValidationError(message, code=code, params=params)})


def add_text(label: Any, **options: Any) -> models.CharField:
    """Build a column of texts that is blank in rows which the release before writes."""
    return models.CharField(label, blank=True, default="", db_default="", **options)


def refer_to(
    to: type[models.Model] | str,
    label: Any,
    *,
    on_delete: Any = models.PROTECT,
    related_name: str | None = "+",
    **options: Any,
) -> models.ForeignKey:
    """Build a foreign key that may be unknown, by default to a row that then cannot be deleted."""
    return models.ForeignKey(
        to,
        on_delete,
        null=True,
        blank=True,
        related_name=related_name,
        verbose_name=label,
        **options,
    )


def limit_text(label: Any, longest: int, **options: Any) -> models.TextField:
    """Build a column of texts on several lines, of at most so many characters."""
    return models.TextField(
        label, max_length=longest, validators=[MaxLengthValidator(longest)], **options
    )


def store_column(
    expression: Any, output_field: models.Field, **options: Any
) -> models.GeneratedField:
    """Build a column that the database works out and stores, so that it can be indexed."""
    return models.GeneratedField(
        expression=expression, output_field=output_field, db_persist=True, **options
    )


def require_unique(
    name: str, fields: Sequence[str], message: Any, *, condition: models.Q | None = None
) -> models.UniqueConstraint:
    """Build the constraint that no two rows have the same in these columns: code `unique`."""
    return models.UniqueConstraint(
        fields=fields,
        name=name,
        condition=condition,
        violation_error_code="unique",
        violation_error_message=message,
    )
