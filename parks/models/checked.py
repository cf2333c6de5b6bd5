"""What is checked of the texts of every row, whoever writes it: see `config.texts`."""

from collections.abc import Collection, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from config.texts import check_text


class WithTexts(models.Model):
    """A row whose texts, those in lists included, hold nothing but characters, and not too many."""

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        errors: dict[str, Any] = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as error:
            errors = error.update_error_dict({})
        for field in self._meta.concrete_fields:
            value = None if field.generated else getattr(self, field.attname)
            if not (value and isinstance(value, str | dict | list)):
                continue
            if field.name in (exclude or ()) or field.name in errors:
                continue
            try:
                for text in _find_texts(value):
                    check_text(text, has_lines=isinstance(field, models.TextField))
            except ValidationError as error:
                errors[field.name] = error.error_list
        if errors:
            raise ValidationError(errors)


def _find_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _find_texts([*value, *value.values()])
    elif isinstance(value, list):
        for member in value:
            yield from _find_texts(member)
