"""Shared rows that may be drafts, as JSON: for which park they were made, and who sees them."""

from typing import Any

from config.api.serializers import LedgerSerializer
from parks.access import Publication, sees_all_of
from parks.models.made_for import MAKERS_ALONE


class MadeForSerializer(LedgerSerializer):
    """A shared row, which may be a draft that was made for one park."""

    left_alone = LedgerSerializer.left_alone | MAKERS_ALONE

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance is None and attrs.get("park"):
            attrs.setdefault("publication", attrs["park"].publication_of_new)
        return super().validate(attrs)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Represent the row; for whom it was made is told to those who would see its draft."""
        shown = super().to_representation(instance)
        shown["publication"] = shown["publication"] or Publication.PUBLISHED.value
        request = self.context.get("request")
        if request is not None and not sees_all_of(request.user, instance):
            shown |= dict.fromkeys(MAKERS_ALONE)
        return shown
