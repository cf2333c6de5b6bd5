"""Arrange parts that import each other on floors: each part stands above all that it imports."""

from collections.abc import Iterable
from typing import NamedTuple

Arrow = tuple[str, str]  # from, to: the first imports the second


class Floors(NamedTuple):
    """How many floors there are, and how many arrows run upwards, since they close a circle."""

    height: int
    upward: int


def arrange_floors(parts: Iterable[str], arrows: Iterable[Arrow]) -> Floors:
    """Arrange parts on floors; the arrows left out to do so are few, though not proven fewest."""
    arrows = set(arrows)
    order = {part: place for place, part in enumerate(order_parts(set(parts), arrows))}
    down = {(of, to) for of, to in arrows if order[of] < order[to]}
    floors: dict[str, int] = {}
    for part in reversed(order):
        floors[part] = 1 + max((floors[to] for of, to in down if of == part), default=0)
    return Floors(max(floors.values(), default=0), len(arrows) - len(down))


def order_parts(parts: set[str], arrows: set[Arrow]) -> list[str]:
    """Order parts from the top by the heuristic of Eades, Lin and Smyth (1993)."""
    top: list[str] = []
    bottom: list[str] = []
    left = set(parts)
    while left:
        out = {part: sum(of == part and to in left for of, to in arrows) for part in left}
        into = {part: sum(to == part and of in left for of, to in arrows) for part in left}
        sinks = sorted(part for part in left if not out[part])
        sources = sorted(part for part in left if not into[part])
        if sinks:
            bottom[:0] = sinks
            left.difference_update(sinks)
        elif sources:
            top += sources
            left.difference_update(sources)
        else:
            best = min(left, key=lambda part: (into[part] - out[part], part))
            top.append(best)
            left.remove(best)
    return top + bottom
