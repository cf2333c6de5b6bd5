"""One function for each plan, which builds what is shown of a row that was found.

To ask of each field of each row how it is made takes longer than to make it. So that is written
down once as an expression of Python, and compiled.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from config.api.lists.plans import Cell, RowPlan

Row = Sequence[Any]


def compile_row_builder(
    plan: RowPlan, conversions: Mapping[int, Callable[[Any], Any]]
) -> Callable[[Row], dict[str, Any]]:
    """Compile what builds the fields that a plan shows of a row, in the order of the answer.

    `conversions` say how values that the driver gives are converted, but None, by their places.
    Where a field is no cell, the key of the row, or of what it refers to, holds its place.
    """
    functions: list[Callable[..., Any]] = []

    def call(function: Callable[..., Any], *given: str) -> str:
        functions.append(function)
        return f"call[{len(functions) - 1}]({', '.join(given)})"

    def read(place: int) -> str:
        value, convert = f"row[{place}]", conversions.get(place)
        return f"({value} if {value} is None else {call(convert, value)})" if convert else value

    def build(part: Any, places: Sequence[int]) -> str:
        first = read(places[0])
        if not isinstance(part, Cell):
            return first
        if part.is_word:
            return f"{first} or None"
        if part.make is None and part.convert is None:
            return first
        if part.make is not None and not part.is_raw:
            return call(part.make, first, *map(read, places[1:]))
        show: Any = part.make or part.convert
        shown = call(show, "first", *map(read, places[1:]))
        return f"None if (first := {first}) is None else {shown}"

    fields = [
        f"{name!r}: {build(part, places)}"
        for name, part, places in zip(plan.names, plan.parts, plan.list_places(), strict=True)
    ]
    # Of names of fields and places alone: nothing in it comes from whoever asks
    written = f"lambda row: {{{', '.join(fields)}}}"
    builder: Callable[[Row], dict[str, Any]] = eval(written, {"call": functions})  # noqa: S307
    return builder
