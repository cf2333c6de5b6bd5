"""Run tests while there is a fault in a module, each time in a process of its own.

A *warm* run is forked from a process that has loaded the product and collected the tests: it gives
the functions in memory the code with the fault, and runs those tests that call the function. What
it does not notice is tried again in a *cold* run, which loads the product with the fault in it.
"""

import ast
import gc
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

import pytest

from tools.faults import Fault, find_function

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "mutants"  # what the tests print, by capability
SECONDS_OF_PROCESSOR = 120  # of a cold run
TIMES_LONGER = 3  # a warm run takes at most so many times as long as without a fault, plus 10 s
SECONDS = 900  # of a run that waits for something
TIMES_SLOWER = 10  # than without a fault a warm run may be, plus 2 minutes, on a busy machine
BROKEN = 3  # exit code of a process whose task raised an error
OPTIONS = ["-x", "-q", "--tb=line", "-o", "cache_dir=var/cache/pytest-mutants"]


class Trial(NamedTuple):
    """A fault of a module, and where its text comes from."""

    module: str
    source: str  # the line of the module
    tree: ast.Module
    fault: Fault

    @property
    def key(self) -> tuple[str, str, str]:
        return self.module, self.source, self.fault.text

    @property
    def path(self) -> str:
        return str(ROOT / self.module)

    @property
    def place(self) -> tuple[str, int, int]:
        return self.module, self.fault.line, getattr(self.fault.node, "col_offset", -1)

    def compile(self) -> CodeType:
        with self.fault.put_in():
            return compile(self.tree, self.path, "exec")

    def __str__(self) -> str:
        return f"{self.module}:{self.fault.line}: {self.fault.text}"


class FaultyLoader(SourceFileLoader):
    """Loads a module with a fault."""

    def __init__(self, fullname: str, path: str, code: CodeType) -> None:
        super().__init__(fullname, path)
        self.code = code

    def get_code(self, fullname: str) -> CodeType:
        return self.code


@dataclass
class FaultyFinder:
    """Finds one module with a fault in it, before Python finds it without."""

    trial: Trial

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        is_faulty = fullname == self.trial.module.removesuffix(".py").replace("/", ".")
        spec = PathFinder.find_spec(fullname, path) if is_faulty else None
        if spec and spec.origin:
            spec.loader = FaultyLoader(fullname, spec.origin, self.trial.compile())
        return spec


def run_apart(tasks: Sequence[Callable[[], Any]], jobs: int = 1) -> Iterator[tuple[int, Any]]:
    """Run each task in a forked process; yield its place and its result, None if it has none."""
    waiting, running = [*reversed([*enumerate(tasks)])], {}
    while waiting or running:
        while waiting and len(running) < jobs:
            place, task = waiting.pop()
            result = tempfile.TemporaryFile("w+")  # noqa: SIM115 closed below
            running[_fork(task, result)] = place, result
        process, status = os.wait()
        if process in running:
            with suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)  # servers that a test has left
            place, result = running.pop(process)
            with result:
                result.seek(0)
                text = result.read()
            if os.waitstatus_to_exitcode(status) == BROKEN:
                raise RuntimeError("A task of a process failed.")
            yield place, json.loads(text) if text else None


def _fork(task: Callable[[], Any], result: Any) -> int:
    """Fork a process that writes the result of a task into a file; return its id."""
    sys.stdout.flush()
    if process := os.fork():
        return process
    try:
        json.dump(task(), result)
        result.flush()
    except BaseException:
        traceback.print_exc()
        os._exit(BROKEN)
    os._exit(0)


def _limit(seconds: int, of_waiting: int = SECONDS) -> None:
    """End this process if it runs or waits too long."""
    os.setpgrp()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    signal.alarm(of_waiting)


def _run_pytest(tests: Sequence[str], log: Path, *plugins: object) -> bool:
    """Run tests that print into a file; return whether all pass."""
    with log.open("a") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    options = [*OPTIONS, f"--basetemp={log.with_suffix('')}", *tests]
    return pytest.main(options, plugins=[ReadsHere(), *plugins]) == pytest.ExitCode.OK


class ReadsHere:
    """A plugin that has spreadsheets read in this process: their own is started without faults."""

    def pytest_collection_finish(self) -> None:
        apart = import_module("sheets.reading.apart")
        apart.read_apart.__code__ = _read_here.__code__


def _read_here(read: Any, *arguments: Any, **options: Any) -> Any:
    return read(*arguments, **options)


def run_cold(tests: Sequence[str], trial: Trial, log: Path) -> bool:
    """Load the product with a fault, and run tests; return whether one of them fails."""

    def run() -> bool:
        _limit(SECONDS_OF_PROCESSOR)
        sys.meta_path.insert(0, FaultyFinder(trial))  # type: ignore[arg-type] by its methods
        try:
            return _run_pytest(tests, log)
        except Exception:  # the product does not load
            return False

    ((_, passed),) = run_apart([run])
    return not passed


def run_warm(tests: Sequence[str], trials: Sequence[Trial], log: Path) -> list[bool] | None:
    """Try faults in the functions of a loaded product; return for each whether a test fails.

    None if a test fails without any fault.
    """
    runs = WarmRuns(trials)
    _run_pytest(tests, log, runs)
    return runs.noticed


@dataclass(eq=False)  # pytest hashes its plugins
class WarmRuns:
    """A plugin of pytest that runs the collected tests without a fault, and then with each."""

    trials: Sequence[Trial]
    noticed: list[bool] | None = None
    is_apart: bool = False
    seconds: int = SECONDS_OF_PROCESSOR
    of_waiting: int = SECONDS
    item: str = ""
    began: float = 0
    seconds_of: dict[str, float] = field(default_factory=dict)  # of each test, without a fault
    callers: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if self.is_apart:
            return None  # pytest goes on
        began = time.monotonic()
        ((_, found),) = run_apart([partial(self.run_without, session)])
        if found is not None:
            waited = int(time.monotonic() - began)
            self.of_waiting = min(SECONDS, 120 + TIMES_SLOWER * waited)
            spent = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            self.seconds = 10 + TIMES_LONGER * int(spent)
            tasks = [partial(self.run_with, session, trial, *found) for trial in self.trials]
            passed = dict(run_apart(tasks))
            self.noticed = [passed[place] is not True for place in range(len(tasks))]
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.item, self.began = nodeid, time.monotonic()

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self.seconds_of[nodeid] = time.monotonic() - self.began

    def run_without(self, session: pytest.Session) -> tuple[list[str], list[Any]] | None:
        """Run all tests; return them, quickest first, and the callers of each file and line."""
        files = {trial.path for trial in self.trials}

        def note(frame: FrameType, event: str, _argument: Any) -> None:
            code = frame.f_code
            if code.co_filename in files:
                self.callers[code.co_filename, code.co_firstlineno].add(self.item)

        sys.settrace(note)
        try:
            passed = self.run(session)
        finally:
            sys.settrace(None)
        found = [(*place, [*items]) for place, items in self.callers.items()]
        return (sorted(self.seconds_of, key=self.seconds_of.__getitem__), found) if passed else None

    def run_with(
        self, session: pytest.Session, trial: Trial, order: list[str], found: list[Any]
    ) -> bool:
        """Run the tests that call a faulty function; return whether all pass."""
        lines = swap_function(trial)
        callers = {
            name
            for file, line, names in found
            if file == trial.path and line in lines
            for name in names
        }
        items = {item.nodeid: item for item in session.items}
        session.items = [items[name] for name in order if name in callers]
        return not session.items or self.run(session)

    def run(self, session: pytest.Session) -> bool:
        _limit(self.seconds, self.of_waiting)
        self.is_apart = True
        try:
            session.config.hook.pytest_runtestloop(session=session)
        except session.Failed:
            return False
        return not session.testsfailed


def swap_function(trial: Trial) -> range:
    """Give a function in memory its faulty code; return its lines, none if it stays as it is."""
    function = find_function(trial.tree, trial.fault.line)
    if function is None:
        return range(0)
    first = min(each.lineno for each in (function, *function.decorator_list))
    place = (trial.path, first, function.name)
    new = next(code for code in _list_codes(trial.compile()) if _place(code) == place)
    old = [each for each in gc.get_objects() if type(each) is FunctionType]
    old = [each for each in old if _place(each.__code__) == place]
    if any(each.__code__ == new or each.__code__.co_freevars != new.co_freevars for each in old):
        return range(0)  # the fault is in a default or a decorator, or takes `super()` away
    for each in old:
        each.__code__ = new
    return range(first, (function.end_lineno or first) + 1)


def _place(code: CodeType) -> tuple[str, int, str]:
    return code.co_filename, code.co_firstlineno, code.co_name


def _list_codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _list_codes(constant)
