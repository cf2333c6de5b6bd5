"""Faults that are put into modules: which there are, and how a run of tests gets one."""

import ast
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.together import together
from tools.faults import find_faults
from tools.faulty_runs import Trial, run_apart, swap_function
from tools.mutate import (
    Capability,
    draw_trials,
    find_bounds,
    list_trials,
    read_survivors,
    read_table,
)


@together(
    ("code", "faults"),
    [
        ("LIMIT = 5", ["5 -> 4", "5 -> 6"]),
        ("WORDS = {'ab': 1}", ["'ab' -> 'a'", "1 -> 0", "1 -> 2"]),
        ("WORDS = 'a', 'b'", ["'a' -> ''", "'b' -> ''", "without 'a'", "without 'b'"]),
        ("def f(a): return a < b", ["a < b -> a <= b", "return a < b -> return None"]),
        ("if a and not b: c()", ["a and (not b) -> a or not b", "c() -> pass", "not b -> b"]),
        ("if a == b: c = 1", ["1 -> 0", "1 -> 2", "if a == b -> if not a == b"]),
        ("x = [a for a in b if a]", ["a filter a -> a filter"]),
        ("x = a + 'b'", ["'b' -> ''"]),
        ("x = f(y, strict=True, encoding='utf-8')", []),
        ("x = _('text')", []),
        ("Language = Literal['zh', 'en']", []),
        ("__all__ = ['a', 'b']", []),
        ("postgresql = 'now()'", []),
        ("x = ContextVar('name', default=y)", []),
        ("x = 'a' if c.vendor == 'postgresql' else d", []),
        ("if c.vendor == 'postgresql':\n    x = 'a'\n    y('b')", []),
        ("def as_postgresql(self): return 'a'", []),
        ("def f(a: 'int') -> 'str':\n    'Text.'\n    logger.info('text')", []),
    ],
)
def test_a_fault_is_a_mistake_that_a_person_makes(code: str, faults: list[str]) -> None:
    found = sorted(fault.text for fault in find_faults(ast.parse(code)))
    wanted = sorted(faults)
    assert [
        text for text in found if not text.startswith(("if a and", "'a' if", "if c."))
    ] == wanted


def test_the_table_names_files_and_the_survivors_name_faults() -> None:
    capabilities = read_table()
    assert len(capabilities) >= 25
    for capability in capabilities:
        assert [
            name for name in capability.tests if not (ROOT / name.partition("::")[0]).exists()
        ] == []
    survivors = read_survivors("equivalent") | read_survivors("harmless")
    modules = sorted({module for module, _line, _fault in survivors})
    known = {trial.key for trial in list_trials(Capability("", modules, []))}
    assert {*survivors} - known == set(), "take them out of tests/survivors.toml"
    assert all(survivors.values())


def test_numbers_that_are_no_bounds_are_not_drawn_and_bounds_have_their_tests() -> None:
    (capability,) = read_table(["marks"])
    drawn = {trial.fault.text for trial in draw_trials(capability, 1, 1_000)}
    assert "62 -> 61" not in drawn
    assert "62 -> 61" in {trial.fault.text for trial in list_trials(capability)}
    module = "projects/lifecycle/due.py"
    tests = find_bounds([module])
    (days,) = {
        t.place for t in list_trials(Capability("", [module], [])) if t.fault.text == "90 -> 91"
    }
    assert tests[days] == [
        "tests/projects/oracle/test_filter_oracle.py::test_the_api_judges_each_bound_as_the_oracle_does"
    ]


def test_a_seed_draws_the_same_faults_and_none_that_is_equivalent() -> None:
    (capability,) = read_table(["dates"])
    drawn = [trial.key for trial in draw_trials(capability, 7, 60)]
    assert drawn == [trial.key for trial in draw_trials(capability, 7, 60)]
    assert drawn != [trial.key for trial in draw_trials(capability, 8, 60)]
    assert not {*drawn} & {*read_survivors("equivalent")}
    with pytest.raises(SystemExit, match="no nonsense"):
        read_table(["nonsense"])


def count() -> int:
    return 5


@pytest.mark.slow
def test_a_function_in_memory_gets_the_fault_in_a_process_of_its_own() -> None:
    path = Path(__file__).relative_to(ROOT).as_posix()
    tree = ast.parse(Path(__file__).read_text("utf-8"))
    line = count.__code__.co_firstlineno + 1
    (fault,) = (f for f in find_faults(tree) if f.line == line and f.text == "5 -> 6")
    trial = Trial(path, "", tree, fault)

    def swapped() -> tuple[int, int]:
        return len(swap_function(trial)), count()

    assert dict(run_apart([swapped, count], jobs=2)) == {0: [2, 6], 1: 5}
    assert count() == 5
