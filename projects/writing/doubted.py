"""Doubtful writes over REST: `confirm=`, and the problem that lists every doubt."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from types import MappingProxyType
from typing import Any, ClassVar

from django.utils.translation import gettext as _, gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework.generics import GenericAPIView
from rest_framework.serializers import BaseSerializer

from api.files import FILE_PARAMETERS
from api.problems.errors import ConfirmationError, json_pointer
from api.readers import Query, Reader, Readers, Reading, array_of, describe_unknown_word
from config.mistakes import Mistake
from parks.history.views import DRY_RUN
from parks.publishing import PUBLISH_NEEDED
from projects.writing.doubts import Candidate, Doubt, DoubtfulWriteError, DoubtKind
from projects.writing.writing import open_revision

CONFIRM_PARAMETER = OpenApiParameter(
    "confirm",
    description=gettext_lazy(
        "What is right although it is doubtful, separated by commas. Without it, a doubtful write "
        "is a 409 that names every doubt, and nothing is written."
    ),
    type=array_of(DoubtKind.values),
)
WRITE_WORDS = [*DoubtKind.values, PUBLISH_NEEDED]
CONFIRM_WRITE_PARAMETER = OpenApiParameter(
    "confirm",
    description=gettext_lazy(
        "What is right although it is doubtful, separated by commas. Without it, a doubtful write "
        "is a 409 that names every doubt, and nothing is written. With publish_needed, the drafts "
        "of sources, organisations and people that a published project refers to are published "
        "with it."
    ),
    type=array_of(WRITE_WORDS),
)
SHOWN_AT_MOST = 10  # candidates of one doubt
# The lists of a body that a doubt about a field may come from
_ALSO_BY = {"investors": "milestones", "investment_cny": "figures"}
Steps = Sequence[str | int]


class ConfirmReader(Reader[Collection[str]]):
    """Reads `confirm`: the kinds of doubts that the client confirms."""

    parameters = ("confirm",)
    lists = ("confirm",)

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words

    def read(self, query: Query, view: Any) -> Reading[Collection[str]]:
        words = query["confirm"].split(",") if "confirm" in query else []
        unknown = dict.fromkeys(word for word in words if word not in self.words)
        return set(words), [describe_unknown_word("confirm", word, self.words) for word in unknown]


CONFIRM = ConfirmReader(DoubtKind.values)
CONFIRM_WRITE = ConfirmReader(WRITE_WORDS)


class DoubtedViewMixin(GenericAPIView):
    """Rejects doubtful writes until the client confirms them."""

    readers: ClassVar[Readers] = {
        **dict.fromkeys(("create", "update", "partial_update"), (CONFIRM_WRITE,)),
        "restore": (DRY_RUN, CONFIRM_WRITE),
    }
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = [
        *FILE_PARAMETERS,
        CONFIRM_WRITE_PARAMETER,
    ]
    # The field of the body that all doubts are about, if it is one
    doubted_field: ClassVar[str] = ""

    def write(self, serializer: BaseSerializer[Any]) -> None:
        body: Any = serializer.initial_data

        def locate(doubt: Doubt) -> Steps:
            return locate_doubt(body, self.doubted_field or doubt.field)

        with self.doubt(self.find_doubted(serializer), locate):
            super().write(serializer)  # type: ignore[misc]

    def guard_restored(self, row: Any) -> AbstractContextManager[Any]:
        return self.doubt([getattr(row, "project_id", row.pk)], lambda doubt: ())

    @contextmanager
    def doubt(self, stored: Iterable[int], locate: Callable[[Doubt], Steps]) -> Iterator[None]:
        """Write inside this context; raise `ConfirmationError` for doubts that are not confirmed.

        `stored` are the keys of stored projects that may become duplicates, `locate` returns the
        place of a doubt in the body.
        """
        view: Any = self
        confirmed = view.get_value(CONFIRM_WRITE)
        try:
            with open_revision(self.request.user, lambda project: confirmed, stored) as writer:
                writer.publishes_needed = PUBLISH_NEEDED in confirmed
                yield
        except DoubtfulWriteError as error:
            raise build_confirmation_error(error.doubts, locate) from error

    def find_doubted(self, serializer: BaseSerializer[Any]) -> Iterable[int]:
        """Find the keys of the stored projects that this write may turn into duplicates."""
        raise NotImplementedError


def locate_doubt(body: Mapping[str, Any], field: str) -> Steps:
    """Find the place of a doubt about a field in the body of a project."""
    names = (field, _ALSO_BY.get(field, field))
    return next(((name,) for name in names if name in body), ())


def build_confirmation_error(
    doubts: Sequence[Doubt],
    locate: Callable[[Doubt], Steps],
    places: Mapping[int, Steps] = MappingProxyType({}),
) -> ConfirmationError:
    """Build the error that lists every doubt, at the place in the body from `locate`.

    `places` has, by key, the places of projects that are written together.
    """
    return ConfirmationError(
        Mistake(
            doubt.code,
            f"{doubt.detail} {describe_remedy(doubt.kind)}",
            candidates=[_show(each, places) for each in doubt.candidates[:SHOWN_AT_MOST]] or None,
            confirm=doubt.kind.value,
        ).at(pointer=json_pointer(*locate(doubt)))
        for doubt in doubts
    )


def _show(candidate: Candidate, places: Mapping[int, Steps]) -> dict[str, str]:
    code = {"code": candidate.code} if candidate.code else {}
    place = {"pointer": json_pointer(*places[candidate.pk])} if candidate.pk in places else {}
    return {**code, "name_zh": candidate.name_zh, "name_en": candidate.name_en, **place}


def describe_remedy(kind: DoubtKind) -> str:
    """Describe what a client can do about a doubt, in the active language."""
    if kind == DoubtKind.AMOUNTS:
        return _("If it is right, send it again with confirm=amounts.")
    return _(
        "If it is the same project, change that one with PATCH; if it is a phase of it, give "
        "“part_of”; if it is an increase, add a figure to it; if it is another project, send it "
        "again with confirm=duplicates."
    )
