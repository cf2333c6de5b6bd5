"""Every file of tests says on which database it runs."""

from tests.paths import TESTS
from tests.where import BOTH, LONG, ON_POSTGRESQL, ON_SQLITE, files


def test_every_file_is_assigned_once() -> None:
    there = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")}
    there = {file for file in there if not file.startswith("faults/")}  # `make test-faults`
    assigned = files(BOTH, ON_POSTGRESQL, ON_SQLITE)
    assert there - set(assigned) == set(), "say in tests/where.py where they run"
    assert set(assigned) - there == set(), "take them out of tests/where.py"
    assert len(assigned) == len(there), "some stand twice in tests/where.py"


def test_what_is_left_to_long_runs_is_there() -> None:
    for name in files(LONG):
        file, _colons, test = name.partition("::")
        assert f"def {test}(" in (TESTS / file).read_text(encoding="utf-8"), name
