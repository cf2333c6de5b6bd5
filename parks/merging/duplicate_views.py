"""`organisations/duplicates`: pairs that are probably one, for those who may merge them."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from config.api.base import LedgerView
from config.api.lists.filters import FILTERS, StrictFilterBackend
from config.api.strict import StrictSerializerMixin
from config.snapshots import snapshot
from parks.access import Write, may_write, may_write_some, select_readable
from parks.filters import OrganisationFilterSet
from parks.merging.duplicates import PairFinder, find_organisation_pairs, list_duplicates
from parks.models import DistinctOrganisations, Organisation
from parks.models.distinct import Distinct


class LikeRowSerializer(serializers.Serializer):
    """One of two rows that are probably one."""

    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()


class ReasonSerializer(serializers.Serializer):
    """What two rows have in common."""

    code = serializers.CharField(help_text=gettext_lazy("The word for it."))
    detail = serializers.CharField(help_text=gettext_lazy("The same in words."))


class PairSerializer(serializers.Serializer):
    """Two rows that are probably one, why, and where the first is merged into the second."""

    row = LikeRowSerializer()
    into = LikeRowSerializer()
    reasons = ReasonSerializer(many=True)
    merge_url = serializers.URLField(help_text=gettext_lazy("POST there; `dry_run=true` shows it."))


class DuplicatesSerializer(serializers.Serializer):
    """How many pairs are probably one, and the first hundred of them."""

    count = serializers.IntegerField()
    results = PairSerializer(many=True)


class TwoSerializer(StrictSerializerMixin, serializers.Serializer):
    """Two rows that look like one and are not."""

    codes = serializers.ListField(
        child=serializers.CharField(max_length=64),
        min_length=2,
        max_length=2,
        help_text=gettext_lazy("Their codes."),
    )


class DuplicatesViewSet(LedgerView, GenericViewSet):
    """Pairs that are probably one among the rows that the filters of their list select."""

    readers = {"duplicates": (FILTERS,), "keep_apart": ()}
    filter_backends = [StrictFilterBackend]
    pagination_class = None
    further_problems = {"duplicates": (403,), "keep_apart": (403,)}
    merge_address: str  # the name of it
    find_pairs: PairFinder
    distinct: type[Distinct]

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if not request.user.is_authenticated:
            raise NotAuthenticated
        if not may_write_some(request.user, Write.DELETE, self.get_queryset().model):
            raise PermissionDenied(_("This is for those who may merge such rows."))

    @extend_schema(
        summary=gettext_lazy("Pairs that are probably one"),
        description=gettext_lazy(
            "Of the rows that the filters select, for those who may merge them: each pair with "
            "what the two have in common. Those with the most reasons come first; once they "
            "are merged, others follow."
        ),
        responses=DuplicatesSerializer,
    )
    def duplicates(self, request: Request) -> Response:
        """List pairs that are probably one."""
        with snapshot():
            rows = self.filter_queryset(select_readable(self.get_queryset().model, request.user))
            found = list_duplicates(request.user, rows, self.find_pairs)
        results = [
            {
                "row": LikeRowSerializer(row).data,
                "into": LikeRowSerializer(into).data,
                "reasons": [{"code": each.value, "detail": str(each.label)} for each in reasons],
                "merge_url": reverse(self.merge_address, (row.code,), request=request),
            }
            for row, into, reasons in found.pairs
        ]
        answer = {"count": found.count, "results": results}
        return Response(answer, headers={"Cache-Control": "no-store"})

    @extend_schema(
        summary=gettext_lazy("Say that two rows are not the same"),
        description=gettext_lazy(
            "For those who may end one of the two: they are no pair from then on, and nobody is "
            "asked about them again. To say so again is no error."
        ),
        request=TwoSerializer,
        responses={204: None},
    )
    def keep_apart(self, request: Request) -> Response:
        """Remember of two rows that they are two."""
        asked = TwoSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        codes = [code.lower() for code in asked.validated_data["codes"]]
        rows = select_readable(self.get_queryset().model, request.user)
        found = {row.code_key: row for row in rows.filter(code_key__in=codes)}
        unknown = next((code for code in codes if code not in found), None)
        if unknown is not None or len(found) != len(codes):
            detail = _("There is no “%(code)s”.") % {"code": unknown}
            if unknown is None:
                detail = _("Give the codes of two rows.")
            error = serializers.ErrorDetail(detail, "unknown_value" if unknown else "same_row")
            raise serializers.ValidationError({"codes": [error]})
        if not any(may_write(request.user, Write.DELETE, row) for row in found.values()):
            raise PermissionDenied
        one, other = found.values()
        self.distinct.keep([(one.pk, other.pk)])
        return Response(status=status.HTTP_204_NO_CONTENT)


class OrganisationDuplicatesViewSet(DuplicatesViewSet):
    queryset = Organisation.objects.all()
    filterset_class = OrganisationFilterSet
    merge_address = "organisation-merge"
    find_pairs = staticmethod(find_organisation_pairs)
    distinct = DistinctOrganisations
