"""All files are shared out evenly, and each is in one share."""

from tests.paths import TESTS
from tests.shares import read_weights, share_out, weigh


def test_each_file_is_in_one_share_and_all_shares_take_about_as_long() -> None:
    assert [name for name in read_weights() if not (TESTS / name).is_file()] == []
    known = {*TESTS.rglob("test_*.py")} - {*(TESTS / "faults").rglob("*")}
    for parts in (1, 2, 8):
        shares = share_out(known, parts)
        assert sorted(file for share in shares for file in share) == sorted(known)
        seconds = [sum(map(weigh, share)) for share in shares]
        assert max(seconds) < 1.05 * min(seconds)
