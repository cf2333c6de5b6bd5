"""Rows that are appended as JSON: written once, superseded by another, mended in few fields."""

from collections.abc import Collection
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.api.fields import RowField
from config.api.serializers import LedgerSerializer


class AppendedSerializer(LedgerSerializer):
    """A row that is written once; `supersedes` names the one that it takes the place of.

    `MENDABLE` are the fields that may be written later; a subclass declares `supersedes`.
    """

    MENDABLE: ClassVar[Collection[str]]
    written_once: ClassVar[str | Promise] = _("This cannot be overwritten: add a new one.")
    superseded_by = RowField(read_only=True, allow_null=True)

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        is_written_again = self.instance is not None and not self.context.get("is_seeding")
        if is_written_again and isinstance(data, dict):
            refused = {
                name: [serializers.ErrorDetail(str(self.written_once), "append_only")]
                for name in data
                if name in self.fields and name not in self.MENDABLE
            }
            if refused:
                raise serializers.ValidationError(refused)
        return super().to_internal_value(data)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        earlier = attrs.pop("supersedes", None)
        attrs = super().validate(attrs)
        if earlier is None:
            return attrs
        self.check_superseded(earlier, attrs)
        return attrs | {"supersedes": earlier}

    def check_superseded(self, earlier: Any, attrs: dict[str, Any]) -> None:
        """Refuse to supersede what is said of another thing, or has its successor already."""
        given = {**self.get_parent_row(), **attrs}
        model: Any = self.Meta.model
        row = model(**{name: given.get(name) for name in model.list_compared()})
        try:
            row.check_supersedes(earlier)
        except DjangoValidationError as error:
            detail = serializers.ErrorDetail(error.messages[0], error.code)
            raise serializers.ValidationError({"supersedes": [detail]}) from error

    def create(self, validated_data: dict[str, Any]) -> Any:
        earlier = validated_data.pop("supersedes", None)
        with transaction.atomic():
            row = super().create(validated_data)
            if earlier:
                row.supersede(earlier)
        return row
