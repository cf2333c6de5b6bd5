"""Shared rows that may be drafts, as JSON: for which park they were made, and who sees them."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from config.api.serializers import LedgerSerializer
from parks.access import Publication, judge_parks, rights_of
from parks.models.made_for import MAKERS_ALONE


class MadeForSerializer(LedgerSerializer):
    """A shared row, which may be a draft that was made for one park."""

    reserved: ClassVar[Mapping[str, Any]] = dict.fromkeys(MAKERS_ALONE)
    reserved_for = "park_id"
    left_alone = LedgerSerializer.left_alone | MAKERS_ALONE

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance is None and attrs.get("park"):
            attrs.setdefault("publication", attrs["park"].publication_of_new)
        return super().validate(attrs)

    def build_standard_field(self, field_name: str, model_field: Any) -> Any:
        kind, options = super().build_standard_field(field_name, model_field)
        if field_name == "publication":
            # Of versions older than the column, which everybody saw
            options["shown_if_blank"] = Publication.PUBLISHED.value
        return kind, options

    @classmethod
    def judge_readers(cls, person: Any) -> Callable[[Any], bool]:
        """Tell for whom it was made to those who would see its draft."""
        return judge_parks(rights_of(person), cls.Meta.model)
