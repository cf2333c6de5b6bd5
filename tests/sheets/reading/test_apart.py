"""The process in which files are read: what it is told, what it answers, and how it is ended."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.utils import translation

from config.mistakes import Mistake
from sheets.reading import apart
from sheets.reading.apart import KEPT_VARIABLES, OWN_ENVIRONMENT, read_apart
from sheets.reading.files import ReadTable, read_table
from sheets.reading.headers import Heading


def answer(*texts: str, sign: str = ",") -> str:
    return sign.join(texts)


def tell_environment() -> dict[str, str]:
    return dict(os.environ)


def tell_process() -> tuple[int, int]:
    return os.getpid(), os.getppid()


def spin() -> int:
    """Stay within one call of C code, in which no signal handler of Python would run."""
    return sum(range(10**15))


def sleep() -> None:
    time.sleep(3_600)


def take_memory() -> int:
    return len(bytes(2**28))


def fail() -> None:
    raise KeyError("a fault of ours")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def find_children(process: int) -> list[int]:
    found = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in found.split()]


def wait_for_end(process: int) -> None:
    while Path(f"/proc/{process}").exists():
        time.sleep(0.01)


def refusal(function: Any, *arguments: Any) -> Mistake:
    with pytest.raises(Mistake) as refused:
        read_apart(function, *arguments)
    return refused.value


def read_small(data: bytes) -> ReadTable:
    return read_apart(read_table, data, "a.csv", {"name": Heading("name")})


def test_a_function_is_called_in_another_process_each_time() -> None:
    first, program = read_apart(tell_process)
    second, same_program = read_apart(tell_process)
    assert len({os.getpid(), program, first, second}) == 4
    assert program == same_program
    assert read_apart(answer, "a", "b", sign=";") == "a;b"


def test_it_knows_no_secret_and_no_database() -> None:
    found = read_apart(tell_environment)
    assert found.keys() <= {*KEPT_VARIABLES, *OWN_ENVIRONMENT, "LC_CTYPE", "PWD"}
    assert {name: found[name] for name in OWN_ENVIRONMENT} == OWN_ENVIRONMENT


def test_a_table_comes_back_whole() -> None:
    lines = [f"第{number}行,{number}" for number in range(1_000)]
    table = read_small("\n".join(["name,other", *lines]).encode())
    assert [row.cells for row in table.rows] == [line.split(",") for line in lines]
    assert table.rows.find(500).line == 500
    assert [problem.code for problem in table.problems] == ["unknown_column"]


def test_what_is_wrong_with_a_file_is_told_in_the_language_of_the_request() -> None:
    with translation.override("zh-hans"):
        error = refusal(read_table, b'name\n"', "a.csv", {})
        with pytest.raises(Mistake) as here:
            read_table(b'name\n"', "a.csv", {})
    assert error.as_dict() == here.value.as_dict()
    assert (error.code, error.further) == ("broken_quotes", {"line": 2})


def test_a_call_without_end_is_ended_and_nothing_is_left_of_it(settings: LazySettings) -> None:
    settings.READING_MAX_SECONDS = 1
    child, program = read_apart(tell_process)
    with translation.override("zh-hans"):
        error = refusal(spin)
    assert error.code == "too_costly"
    assert "1 秒" in str(error.message)
    wait_for_end(child)
    while find_children(program):
        time.sleep(0.01)


def test_one_that_only_waits_is_ended_as_well(settings: LazySettings) -> None:
    settings.READING_MAX_SECONDS = 1
    error = refusal(sleep)
    assert error.code == "too_costly"
    assert "1 s of processor time" in str(error.message)


def test_memory_has_an_end(settings: LazySettings) -> None:
    settings.READING_MAX_BYTES = 2**29
    assert read_apart(take_memory) == 2**28
    settings.READING_MAX_BYTES = 2**27
    assert refusal(take_memory).code == "too_costly"


def test_a_fault_of_ours_is_a_file_that_cannot_be_read() -> None:
    assert refusal(fail).code == "unreadable"


def test_who_dies_hurts_nobody_else() -> None:
    with ThreadPoolExecutor(8) as threads:
        killed = [threads.submit(refusal, die) for _number in range(4)]
        others = [threads.submit(read_apart, answer, "a") for _number in range(12)]
        assert {each.result().code for each in killed} == {"too_costly"}
        assert {each.result() for each in others} == {"a"}


@pytest.mark.slow
def test_when_the_program_has_been_ended_another_one_reads() -> None:
    _child, program = read_apart(tell_process)
    os.kill(program, signal.SIGKILL)
    child, other = read_apart(tell_process)
    assert other != program
    assert child


@pytest.mark.slow
def test_the_program_ends_with_its_server_and_takes_its_children_along() -> None:
    program = apart.ReadingProgram()
    with program.begin():
        process: Any = program._process
        (child,) = find_children(process.pid)
        program.stop()
        wait_for_end(process.pid)
        wait_for_end(child)


def test_a_process_that_is_forked_shares_it_and_does_not_end_it() -> None:
    _child, program = read_apart(tell_process)
    ours, theirs = os.pipe()
    forked = os.fork()
    if not forked:
        try:
            os.write(theirs, str(read_apart(tell_process)[1]).encode())
            apart._program.stop()
        finally:
            os._exit(0)
    os.waitpid(forked, 0)
    assert os.read(ours, 20).decode() == str(program)
    assert read_apart(tell_process)[1] == program


def test_a_program_that_does_not_start_says_nothing_of_the_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart, "READER", "raise SystemExit(1)")
    with pytest.raises(Mistake) as refused:
        apart.ReadingProgram().begin()
    assert refused.value.code == apart.BUSY
