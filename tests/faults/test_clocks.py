"""Processes with different clocks write to one ledger: F30."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from tests.contract.servers import Answer, Server, run, serving
from tests.faults.conftest import Told
from tests.faults.ledgers import LIST, turn_clock

PROJECT = f"{LIST}/fab"
SUMMARY = f"{LIST}/summary?group_by=stage&measures=count"


def write(server: Server, note: str) -> Answer:
    """Write a note, whatever version there is."""
    return server.ask(PROJECT, "PATCH", {"note": note}, If_Match="*")


def read_dates(server: Server) -> list[datetime]:
    """The times of the project's versions, the oldest first."""
    rows = json.loads(server.ask(f"{PROJECT}/history").body)["results"]
    return [datetime.fromisoformat(row["at"]) for row in reversed(rows)]


def count_past(server: Server, moments: list[datetime]) -> set[tuple[int, int, int]]:
    """How the project is read as of moments: its status, how often it is listed, all counted."""
    seen = set()
    for moment in moments:
        then = quote(moment.isoformat())
        status = server.ask(f"{PROJECT}?as_of={then}").status
        listed = json.loads(server.ask(f"{LIST}?q=fab&limit=500&as_of={then}").body)["results"]
        total = json.loads(server.ask(f"{SUMMARY}&as_of={then}").body)["total"]["count"]
        seen.add((status, [row["code"] for row in listed].count("fab"), total))
    return seen


def test_f30_two_clocks_on_postgresql(
    on_postgresql: dict[str, str], tmp_path: Path, session: str, told: Told
) -> None:
    codes = []
    one = on_postgresql | {"WEB_CONCURRENCY": "1"}
    with (
        serving(one, session) as right,
        serving(turn_clock(one, tmp_path / "clock", "+8h"), session) as ahead,
    ):
        total = json.loads(right.ask(SUMMARY).body)["total"]["count"]
        for number in range(6):
            codes.append(write((right, ahead)[number % 2], f"two clocks {number}").status)
        dates = read_dates(right)[-6:]
        seen = count_past(right, dates)
    apart = abs(datetime.now(UTC) - dates[-1])
    outcome = f"edits {codes}, dated in order: {dates == sorted(dates)}, as_of: {seen}"
    told("F30", "two processes, one 8 h ahead, write in turn", outcome, "all 200, each row once")
    assert codes == [200] * 6
    assert dates == sorted(dates)
    assert apart < timedelta(minutes=5)
    assert seen == {(200, 1, total)}


def test_f30_two_clocks_on_sqlite(
    on_sqlite: tuple[dict[str, str], str], tmp_path: Path, told: Told
) -> None:
    variables, session = on_sqlite
    one, clock = variables | {"WEB_CONCURRENCY": "1"}, tmp_path / "clock"
    with serving(one, session) as right, serving(turn_clock(one, clock, "+4s"), session) as ahead:
        total = json.loads(right.ask(SUMMARY).body)["total"]["count"]
        codes = [write((right, ahead)[number % 2], str(number)).status for number in range(6)]
        clock.write_text("+8h\n", encoding="ascii")
        codes.append(write(ahead, "8 hours ahead").status)
        refused = write(right, "right again")
        codes.append(refused.status)
        run(["manage.py", "verify_history", "--repair"], one)
        codes.append(write(right, "repaired").status)
        run(["manage.py", "verify_history", "--all"], one)
        now = datetime.now(UTC)
        dates = [date for date in read_dates(right) if date <= now]
        seen = count_past(right, dates)
    outcome = f"4 s apart and 8 h ahead, then right, repaired: {codes}, as_of: {seen}"
    told("F30b", "the same on SQLite", outcome, "503 only after 8 h, each row once")
    assert codes == [200] * 7 + [503, 200]
    assert json.loads(refused.body)["type"] == "/problems/clock-behind"
    assert seen == {(200, 1, total)}
