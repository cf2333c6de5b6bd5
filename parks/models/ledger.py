"""What every ledger row has: a public code that lasts, a version, and when it was written."""

import secrets
from collections.abc import Collection
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.fields import CodeField, validate_code
from parks.models.records import RetiredCode

CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # no signs that are read for one another
RESERVED_CODES = frozenset(
    "bulk changes cohorts compare docs export facets follow-through history import imports "
    "overview schema summary template unknown".split()
)


def validate_not_reserved(code: str) -> None:
    """Raise `ValidationError` when the code is a word that addresses or filters need."""
    if code.lower() in RESERVED_CODES:
        raise ValidationError(
            _("“%(code)s” is reserved for addresses; choose another code."),
            code="reserved_code",
            params={"code": code},
        )


class LedgerQuerySet(models.QuerySet[Any]):
    """Rows that are deleted one by one, so that each retires its code."""

    def delete(self) -> tuple[int, dict[str, int]]:
        total = 0
        by_model: dict[str, int] = {}
        with transaction.atomic(using=self.db):
            for row in self:
                count, each = row.delete()
                total += count
                for label, n in each.items():
                    by_model[label] = by_model.get(label, 0) + n
        return total, by_model

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]

    def touch(self) -> int:
        """Give every row a new version: something that belongs to it has changed."""
        return self.update(version=models.F("version") + 1, updated_at=timezone.now())


class LedgerModel(models.Model):
    """A row with a public code: unique whatever the case, unchangeable, never given again."""

    code_prefix = ""
    _stored_code: str | None = None
    owns: tuple[str, ...] = ()  # relations whose rows go with this one and retire their codes

    code = CodeField(
        _("code"),
        max_length=64,
        blank=True,
        validators=[validate_code, validate_not_reserved],
        help_text=_("The public address of the row. Made up when left blank; never changes."),
    )
    code_key = models.GeneratedField(
        expression=Lower("code"),
        output_field=CodeField(max_length=64),
        db_persist=True,
    )
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=["code_key"],
                name="%(class)s_code_once",
                violation_error_code="unique",
                violation_error_message=_("This code is taken."),
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @classmethod
    def from_db(cls, db: str | None, field_names: Any, values: Any, **kwargs: Any) -> Self:
        row = super().from_db(db, field_names, values, **kwargs)
        row._stored_code = row.__dict__.get("code")
        return row

    @classmethod
    def new_code(cls) -> str:
        return cls.code_prefix + "".join(secrets.choice(CODE_ALPHABET) for _sign in range(8))

    def clean(self) -> None:
        super().clean()
        self.check_code()

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """As Django does it; that a code is taken is said of `code`, not of its generated key."""
        try:
            super().validate_constraints(exclude)
        except ValidationError as error:
            if "code_key" in error.error_dict:
                error.error_dict["code"] = error.error_dict.pop("code_key")
            raise

    def check_code(self) -> None:
        """Raise `ValidationError` when the code was changed, or belonged to a deleted row."""
        stored = getattr(self, "_stored_code", None)
        if not self._state.adding:
            if stored is not None and self.code != stored:
                raise ValidationError(
                    {
                        "code": ValidationError(
                            _("The code of a row never changes; it stays “%(code)s”."),
                            code="immutable",
                            params={"code": stored},
                        )
                    }
                )
            return
        if (
            self.code
            and RetiredCode.objects.filter(
                model=self._meta.label_lower, code_key=self.code.lower()
            ).exists()
        ):
            raise ValidationError(
                {
                    "code": ValidationError(
                        _("The code “%(code)s” belonged to a deleted row; choose another."),
                        code="code_retired",
                        params={"code": self.code},
                    )
                }
            )

    def save(self, *args: Any, **kwargs: Any) -> None:
        is_new = self._state.adding
        if is_new and not self.code:
            self.code = self.new_code()
        self.check_code()
        if not is_new:
            # Counted where it is stored: a copy read a while ago must not give a number twice.
            self.version = models.F("version") + 1
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {*kwargs["update_fields"], "version", "updated_at"}
        super().save(*args, **kwargs)
        if not is_new:
            self.refresh_from_db(fields=["version"])
        self._stored_code = self.code

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            for relation in self.owns:
                getattr(self, relation).all().delete()
            RetiredCode.objects.get_or_create(
                model=self._meta.label_lower, code_key=self.code.lower()
            )
            return super().delete(*args, **kwargs)
