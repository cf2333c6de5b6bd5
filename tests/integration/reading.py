"""Tasks of programs that read."""

import csv
import gzip
import io
import json

from tests.answers import API, error, found
from tests.integration.program import Program

FAB = "projects/delixi-topcon"


def read_every_project(program: Program) -> None:
    """Read every project, page by page."""
    rows = program.walk("projects", limit=100)
    exact = found(program.others.get(f"{API}/projects?count=exact&limit=1"))["count"]
    assert len({row["code"] for row in rows}) == exact > 100


def find_by_origin_sector_and_size(program: Program) -> None:
    """Find the projects of investors of one region in a sector, from a size on."""
    rows = program.walk("projects", origin="yrd", sector="C", investment_min="1亿")
    assert "delixi-topcon" in {row["code"] for row in rows}
    assert all(row["sector"][0] == "C" and row["investment_cny"] >= 10**8 for row in rows)


def find_a_code_by_its_name(program: Program) -> None:
    """Find the code of a sector by its English name."""
    rows = found(program.get("sectors", q="manufacture of integrated circuits"))["results"]
    assert [row["code"] for row in rows] == ["C3973"]


def sum_by_two_dimensions(program: Program) -> None:
    """Sum up by two dimensions with a generated client, which repeats what is a list."""
    answer = found(program.get("projects/summary", group_by=["park", "stage"]))
    assert answer["group_by"] == ["park", "stage"]
    assert sum(row["count"] for row in answer["rows"]) == answer["total"]["count"]


def open_a_cell(program: Program) -> None:
    """Open a cell of a summary into the list that makes it."""
    rows = found(program.get("projects/summary", group_by="sector_section"))["rows"]
    (cell,) = (row for row in rows if row["sector_section"]["value"] == "M")
    listed = program.walk(cell["list_url"])
    assert len(listed) == cell["count"] > 0
    assert sum(row["investment_cny"] or 0 for row in listed) == (cell["investment_cny"] or 0)


def read_the_past(program: Program) -> None:
    """Read a project as it was before the last edit."""
    before = found(program.others.get(f"{API}/{FAB}"))
    found(program.others.patch(f"{API}/{FAB}", {"name_zh": "改名"}, headers={"If-Match": "*"}))
    _edit, version = found(program.get(f"{FAB}/history", limit=2))["results"]
    assert found(program.get(FAB, as_of=version["at"]))["name_zh"] == before["name_zh"] != "改名"


def take_a_file_for_excel(program: Program) -> None:
    """Take a list into Excel as CSV, with Chinese headers and amounts in 亿元."""
    answer = program.get("projects.csv", park="baodi-zgc", header="zh", unit="yi")
    content = b"".join(answer)
    assert content.startswith("\ufeff".encode())
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == int(answer.headers["X-Row-Count"]) > 10
    assert "来源地" in rows[0]


def put_a_picture_into_a_report(program: Program) -> None:
    """Put a chart into a report."""
    answer = program.get("projects/summary.svg", group_by="stage", park="baodi-zgc")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in b"".join(answer)


def read_compressed(program: Program) -> None:
    """Read a page of 50 projects over a slow line: less than a fifth of its bytes."""
    plain = program.others.get(f"{API}/projects").content
    coded = program.get("projects", headers={"Accept-Encoding": "gzip"})
    assert coded.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(coded.content) == plain
    assert len(coded.content) * 5 < len(plain)


def ask_again(program: Program) -> None:
    """Ask again for what nobody has changed: no byte is sent."""
    tag = program.get("projects/summary", group_by="stage").headers["ETag"]
    again = program.get("projects/summary", headers={"If-None-Match": tag}, group_by="stage")
    assert (again.status_code, again.content) == (304, b"")


def read_from_a_page(program: Program) -> None:
    """Read from a page of another site, in the browser."""
    site = {"Origin": "https://dashboard.example.org"}
    answer = program.get("regions", headers=site, level="province")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    exposed = answer.headers["Access-Control-Expose-Headers"].lower()
    assert {"etag", "link", "retry-after"} <= {*exposed.split(", ")}


def learn_from_a_mistake(program: Program) -> None:
    """Mend a question that has a slip of the pen, by the answer."""
    told = error(program.get("projects", orgin="jjj"))
    rows = found(program.get("projects", **{told["suggestion"]: "jjj"}))["results"]
    assert len(rows) > 10


def see_what_is_to_be_done(program: Program) -> None:
    """See what is overdue, silent, incomplete or contradictory in one's parks."""
    shown = found(program.get("attention"))
    assert shown["incomplete"]["count"] >= len(shown["incomplete"]["results"]) == 10
    assert {"overdue", "due", "silent", "conflicts"} <= {*shown}


def copy_the_ledger(program: Program) -> None:
    """Copy all projects, each with all that lies below it."""
    lines = b"".join(program.get("projects.jsonl")).splitlines()
    rows = {row["code"]: row for row in map(json.loads, lines)}
    exact = found(program.others.get(f"{API}/projects?count=exact&limit=1"))["count"]
    assert len(rows) == exact > 100
    whole = found(program.others.get(f"{API}/{FAB}"))
    for name in ("milestones", "figures", "investors", "fundings", "participations"):
        assert len(rows["delixi-topcon"][name]) == len(whole[name])


def keep_the_copy_in_step(program: Program) -> None:
    """Bring the copy up to date after 30 projects were changed, with their milestones."""
    cursor = found(program.others.get(f"{API}/changes?after=latest"))["after"]
    listed = found(program.others.get(f"{API}/projects?limit=30&fields=code"))["results"]
    changes = [{**row, "note": "核对过"} for row in listed]
    bulk = f"{API}/projects/bulk?on_existing=update"
    found(program.others.post(bulk, {"projects": changes}))
    told = found(program.get("changes", after=cursor, resource="project", limit=500))
    codes = ",".join(row["code"] for row in told["results"])
    rows = program.walk("projects", code=codes, expand="milestones", limit=500)
    assert {row["code"] for row in rows} == {row["code"] for row in listed}
    assert all(row["note"] == "核对过" and "milestones" in row for row in rows)
