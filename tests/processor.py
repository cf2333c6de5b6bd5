"""How much processor each test takes, which a run of many prints, the dearest first.

It counts the programs that a test has waited for. On a busy machine it is up to half more, where
the time of the clock is several times more.
"""

import os
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

SHOWN = 20  # functions
_begun: list[float] = [0]
_spent: Counter[str] = Counter()


def read_processor() -> float:
    """Seconds of this process, and of its children that have ended."""
    return sum(os.times()[:4])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    _begun[0] = read_processor()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Iterator[None]:
    """Tell the process that prints, which may be another one."""
    report: Any = yield
    if call.when == "teardown":
        report.user_properties.append(("processor", read_processor() - _begun[0]))
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for name, seconds in report.user_properties:
        if name == "processor":
            _spent[report.nodeid.partition("[")[0]] += float(str(seconds))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if len(_spent) > SHOWN:
        terminalreporter.section(f"{_spent.total():.0f} seconds of processor in tests")
        for test, seconds in _spent.most_common(SHOWN):
            terminalreporter.write_line(f"{seconds:6.1f} {test}")
