"""Every bound of the product is tried below, at and above, or it is said why it is none."""

import ast
from pathlib import Path

from tests.paths import ROOT
from tests.together import together
from tools.bounds import find_all, find_bounds, read_table


def test_every_bound_has_a_row_and_every_row_a_bound() -> None:
    bounds = {str(bound) for bound in find_all()}
    named = {*read_table()}
    assert bounds - named == set(), "name in tests/bounds.toml the test that tries them"
    assert named - bounds == set(), "take them out of tests/bounds.toml"


def test_the_tests_of_bounds_are_there() -> None:
    for name in sorted({test for tests in read_table().values() for test in tests}):
        file, _colons, test = name.partition("::")
        assert f"\ndef {test}(" in (ROOT / file).read_text(encoding="utf-8"), name


@together(
    ("text", "found"),
    [
        ("MOST = 5", {"MOST": ["5"]}),
        ("MOST: int = 2 * 2**20", {"MOST": ["2 * 2 ** 20"]}),
        ("WAIT = timedelta(minutes=15)", {"WAIT": ["15"]}),
        ("FIRST = date(1900, 3, 1)", {"FIRST": ["1900", "3", "1"]}),
        ("LEAST, MOST = 1, 2", {"LEAST": ["1"], "MOST": ["2"]}),
        ("SIZE = 720, 460", {"SIZE": ["720", "460"]}),
        ("PORT = env.int('PORT', default=8000)", {"PORT": ["8000"]}),
        ("class A:\n    name = CharField(max_length=9)", {"A.name": ["9"]}),
        ("class A:\n    year = IntegerField(validators=[MinValueValidator(0)])", {"A.year": ["0"]}),
        ("class A:\n    class Meta:\n        rules = [Q(a__gte=0)]", {"A.Meta.rules": ["0"]}),
        ("class A:\n    rows: int = 9\n    seen: int = 0", {"A.rows": ["9"]}),
        ("class A:\n    kind = CharField(max_length=9, choices=KINDS)", {}),
        ("NAMES = ('a', 'b')\nSTART = '0' * 64\nUNITS = {'wan': 4}", {}),
        ("def f():\n    most = 5", {}),
    ],
)
def test_bounds_are_found(text: str, found: dict[str, list[str]]) -> None:
    bounds = find_bounds(Path("a.py"), ast.parse(text).body)
    assert {each.name: [ast.unparse(n.node) for n in each.numbers] for each in bounds} == found
