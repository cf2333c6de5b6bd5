"""Pairs of rows that are probably one, and `organisations/duplicates`, which lists them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.exceptions import NotAuthenticated, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from api.base import LedgerView
from api.lists.filters import FILTERS, StrictFilterBackend
from api.strict import StrictSerializerMixin
from config.database.prepared import snapshot
from parks.access import Write, may_write, may_write_some, select_readable, select_writable
from parks.filters import OrganisationFilterSet
from parks.models import DistinctOrganisations, Organisation
from parks.models.organisations import Distinct
from parks.models.vocabularies import loosen_organisation
from parks.recording.change_rows import chunks

COMPARED_AT_ONCE = 2_000  # rows
PAIRED_AT_MOST = 10  # of the rows that have one thing in common: what is left is paired later
PAIRS_SHOWN = 100


class Pair(NamedTuple):
    """The keys of two rows that are probably one, and the reasons."""

    row: int
    into: int
    reasons: tuple[Any, ...]


PairFinder = Callable[[QuerySet], Iterable[Pair]]


class OrganisationLikeness(models.TextChoices):
    SAME_NAME = "same_name", gettext_lazy("the same name")
    SAME_ALIAS = "same_alias", gettext_lazy("another name of one is a name of the other")


def list_duplicates(
    actor: Any, rows: QuerySet, find_pairs: PairFinder
) -> tuple[int, list[tuple[Any, Any, tuple[Any, ...]]]]:
    """Count the pairs of these rows that the actor may merge, and list the first.

    Pairs with the most reasons come first. The older row of a pair remains if the actor may delete
    the newer one.
    """
    pairs = list(find_pairs(rows))
    model: Any = rows.model
    named = {key for pair in pairs for key in pair[:2]}
    rows = select_writable(model, actor).values_list("pk", flat=True)
    mine = {key for some in chunks(named) for key in rows.filter(pk__in=some)}
    found = [
        pair if pair.row in mine else Pair(pair.into, pair.row, pair.reasons) for pair in pairs
    ]
    found = [pair for pair in found if pair.row in mine]
    found.sort(key=lambda pair: (-len(pair.reasons), pair.into, pair.row))
    shown = found[:PAIRS_SHOWN]
    by_key = model._default_manager.in_bulk({key for pair in shown for key in pair[:2]})
    return len(found), [(by_key[pair.row], by_key[pair.into], pair.reasons) for pair in shown]


def group_by_marks(marked: Iterable[tuple[int, Iterable[Any]]]) -> list[Collection[int]]:
    """Group the keys of rows by marks that several of them have; of each group the oldest ones."""
    first: dict[Any, int] = {}
    groups: dict[Any, set[int]] = defaultdict(set)
    for key, marks in marked:
        for mark in marks:
            if (known := first.setdefault(mark, key)) != key:
                groups[mark] |= {known, key}
    return [sorted(keys)[:PAIRED_AT_MOST] for keys in groups.values()]


def find_organisation_pairs(rows: QuerySet) -> Iterator[Pair]:
    """Find organisations with a common name, ignoring punctuation and the legal form.

    Left out are pairs with two credit codes, of a parent and its child, and those that were
    declared distinct.
    """
    named = rows.order_by().values_list("pk", "name_zh", "name_en", "aliases")
    pairs = {
        (other, one)
        for keys in group_by_marks(
            (pk, _loosen([name_zh, name_en, *aliases.splitlines()]))
            for pk, name_zh, name_en, aliases in named.iterator(COMPARED_AT_ONCE)
        )
        for one, other in combinations(sorted(keys), 2)
    }
    keys = {key for pair in pairs for key in pair}
    stored = {
        row.pk: row for some in chunks(keys) for row in Organisation.objects.filter(pk__in=some)
    }
    distinct = {pair for some in chunks(keys) for pair in DistinctOrganisations.find(some)}
    for row, into in sorted(pairs):
        if frozenset((row, into)) in distinct:
            continue
        one, other = stored[row], stored[into]
        codes = {one.uscc, other.uscc} - {""}
        if len(codes) < 2 and row != other.parent_id and into != one.parent_id:
            share = _loosen([one.name_zh, one.name_en]) & _loosen([other.name_zh, other.name_en])
            likeness = OrganisationLikeness.SAME_NAME if share else OrganisationLikeness.SAME_ALIAS
            yield Pair(row, into, (likeness,))


def _loosen(names: Iterable[str]) -> set[str]:
    return {loosen_organisation(name) for name in names} - {""}


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
        with snapshot():
            rows = self.filter_queryset(select_readable(self.get_queryset().model, request.user))
            count, pairs = list_duplicates(request.user, rows, self.find_pairs)
        results = [
            {
                "row": LikeRowSerializer(row).data,
                "into": LikeRowSerializer(into).data,
                "reasons": [{"code": each.value, "detail": str(each.label)} for each in reasons],
                "merge_url": reverse(self.merge_address, (row.code,), request=request),
            }
            for row, into, reasons in pairs
        ]
        answer = {"count": count, "results": results}
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
        body = TwoSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        codes = [code.lower() for code in body.validated_data["codes"]]
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
