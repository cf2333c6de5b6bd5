"""Doubtful writes over REST: `confirm=`, and the problem that names every doubt."""

from collections.abc import Callable, Collection, Sequence
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework.serializers import BaseSerializer

from config.api.problems.errors import BodyError, ConfirmationError, ErrorCode
from config.api.problems.pointers import json_pointer
from config.api.readers import Query, Reader, Readers, Reading, describe_unknown_word
from config.api.views import LedgerViewSet
from projects.doubts.asking import ask
from projects.doubts.doubts import Doubt, DoubtfulWriteError, DoubtKind

CONFIRM_PARAMETER = OpenApiParameter(
    "confirm",
    description=gettext_lazy(
        "What is right although it is doubtful, separated by commas. Without it, a doubtful write "
        "is a 409 that names every doubt, and nothing is written."
    ),
    enum=DoubtKind.values,
    many=True,
    explode=False,
)
Steps = Sequence[str | int]


class ConfirmReader(Reader[Collection[str]]):
    """Reads `confirm`: the kinds of doubts that the client has settled."""

    def names(self, view: Any) -> Collection[str]:
        return ("confirm",)

    def read(self, query: Query, view: Any) -> Reading[Collection[str]]:
        words = query["confirm"].split(",") if "confirm" in query else []
        unknown = dict.fromkeys(word for word in words if word not in DoubtKind.values)
        return set(words), [
            describe_unknown_word("confirm", word, DoubtKind.values) for word in unknown
        ]


CONFIRM = ConfirmReader()


class DoubtedViewMixin(LedgerViewSet):
    """Writes nothing that is doubtful before the client has confirmed it."""

    readers: ClassVar[Readers] = {
        "create": (CONFIRM,),
        "update": (CONFIRM,),
        "partial_update": (CONFIRM,),
    }
    # The field of the body by which a doubt about a project came up, where all come up by one
    doubted_field: ClassVar[str] = ""

    def write(self, serializer: BaseSerializer[Any]) -> None:
        confirmed = self.get_value(CONFIRM)
        body: Any = serializer.initial_data

        def locate(doubt: Doubt) -> Steps:
            field = self.doubted_field or doubt.field
            return (field,) if field in body else ()

        try:
            with ask(lambda project: confirmed):
                super().write(serializer)
        except DoubtfulWriteError as error:
            raise build_confirmation_error(error.doubts, locate) from error


def build_confirmation_error(
    doubts: Sequence[Doubt], locate: Callable[[Doubt], Steps]
) -> ConfirmationError:
    """Build the error that names every doubt, at the place of the body that `locate` gives."""
    return ConfirmationError(
        BodyError(
            json_pointer(*locate(doubt)),
            ErrorCode(doubt.code, confirm=doubt.kind.value),
            f"{doubt.detail} {describe_remedy(doubt.kind)}",
        )
        for doubt in doubts
    )


def describe_remedy(kind: DoubtKind) -> str:
    """Say what a client can do about a doubt, in the active language."""
    return _("If it is right, send it again with confirm=%(word)s.") % {"word": kind.value}
