"""What was measured: times in turn, their medians and ratios, kept as facts for the targets."""

import json
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

from benchmarks.clients import RefusedError, take_time

Ask = Callable[[], Any]


@dataclass
class Results:
    """Facts of one database by name, such as `list.broad` in milliseconds and `list.broad:raw`.

    `a:b` is the median of each round's own ratio of a to b.
    """

    database: str
    facts: dict[str, float] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        self.lines.append(text)
        print(text, flush=True)

    def keep(self, name: str, value: float, title: str, unit: str = "") -> None:
        """Keep one fact and print it."""
        self.facts[name] = value
        self.say(f"{title:58}{value:>10,.2f} {unit}")

    def fail(self, title: str, error: BaseException) -> None:
        """Say that something could not be measured; the rest goes on."""
        told = str(error) if isinstance(error, RefusedError) else repr(error)
        self.say(f"{title:58}    not measured: {' '.join(told.split())[:300]}")
        if not isinstance(error, RefusedError):
            traceback.print_exception(error)

    def compare(
        self, name: str, title: str, contestants: Mapping[str, Ask], rounds: int
    ) -> dict[str, list[float]]:
        """Time all in turn, the first of them being the ledger; its median is the fact `name`."""
        times: dict[str, list[float]] = {}
        for who, ask in contestants.items():
            try:
                ask()  # once to warm up, and to see that it answers
                times[who] = []
            except Exception as error:
                self.fail(f"{title}: {who}", error)
        for _round in range(rounds):
            for who in list(times):
                try:
                    times[who].append(take_time(contestants[who]))
                except RefusedError as error:
                    del times[who]
                    self.fail(f"{title}: {who}", error)
        first = next(iter(contestants))
        if first in times:
            self.facts[name] = median(times[first]) * 1000
        self.keep_ratios(name, title, first, times)
        return times

    def keep_ratios(
        self, name: str, title: str, first: str, times: Mapping[str, list[float]]
    ) -> None:
        """Print a line for each contestant: median, p99, and its ratio with quartiles."""
        for who, own in times.items():
            line = f"{title + ': ' + who:58}{median(own) * 1000:>9,.1f} ms"
            line += f"   p99 {find_quantile(own, 0.99) * 1000:>9,.1f}"
            if who != first and first in times:
                ratios = [a / b for a, b in zip(times[first], own, strict=True)]
                self.facts[f"{name}:{who}"] = median(ratios)
                self.facts[f"{name}:{who} faster"] = 1 / median(ratios)
                low, high = find_quartiles(ratios)
                line += f"   {first}/{who} {median(ratios):.2f} ({low:.2f} to {high:.2f})"
            self.say(line)

    def measure(self, measure: Callable[[Any], None], measured: Any) -> None:
        """Do one kind of measurement; one that fails is said, and the rest goes on."""
        begun = perf_counter()
        try:
            measure(measured)
        except Exception as error:
            self.fail(measure.__name__, error)
        self.say(f"  ({measure.__name__}: {perf_counter() - begun:.0f} s)")

    def save(self, path: Path) -> None:
        path.write_text(json.dumps({"facts": self.facts, "lines": self.lines}), "utf-8")


def find_quantile(values: Sequence[float], share: float) -> float:
    """The least value that so large a share of the values does not exceed, such as 0.95."""
    return sorted(values)[max(ceil(len(values) * share) - 1, 0)]


def find_quartiles(values: list[float]) -> tuple[float, float]:
    if len(values) < 2:
        return values[0], values[0]
    low, _middle, high = quantiles(values, n=4, method="inclusive")
    return low, high
