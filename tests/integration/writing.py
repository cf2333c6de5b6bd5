"""Tasks of programs that write."""

import io
from typing import Any

from tests.answers import API, Row, found, made, problem
from tests.integration.program import Program

PARK = "baodi-zgc"
FAB = "projects/sany-wind"
STEPS: list[Row] = [
    {"type": "signed", "actual_on": "2024-03", "agreement_type": "contract"},
    {"type": "started", "status": "scheduled", "planned_on": "2027"},
]


def build_project(number: int) -> Row:
    """Build a project with an amount, an investor, two steps and the taxes that it promises."""
    return {
        "code": f"plant-{number}",
        "name_zh": f"第{number}号工厂",
        "park": PARK,
        "sector": "C3973",
        "investment_cny": f"{number + 1}亿元",
        "investment_basis": "agreed",
        "milestones": STEPS,
        "investors": [{"organisation": "delixi", "share_bp": 6000}],
        "figures": [{"indicator": "tax_per_year", "value": "2000万元", "nature": "projected"}],
    }


def check_project(shown: Row) -> None:
    """Check that a project is as `build_project` has it."""
    assert (shown["stage"], shown["signed_on"]) == ("signed", "2024-03")
    assert [row["type"] for row in shown["milestones"]] == ["signed", "started"]
    assert [row["organisation"] for row in shown["investors"]] == ["delixi"]
    claimed = {figure["indicator"] for figure in shown["figures"]}
    assert claimed == {"investment", "tax_per_year"}


def write_a_whole_project(program: Program) -> None:
    """Write a project with an amount, an investor, two milestones and a claim about taxes."""
    made(program.post("projects", build_project(0)))
    check_project(found(program.others.get(f"{API}/projects/plant-0")))


def write_again(program: Program) -> None:
    """Send it again because the answer was lost, and have it once."""
    address, only_new = "projects/plant-0", {"If-None-Match": "*"}
    made(program.others.put(f"{API}/{address}", build_project(0), headers=only_new))
    problem(program.put(address, build_project(0), only_new), 412)
    check_project(found(program.get(address)))


def edit_what_was_read(program: Program) -> None:
    """Edit what was read, and nothing newer."""
    tag = program.get(FAB).headers["ETag"]
    assert found(program.patch(FAB, {"note": "现场核实"}, tag))["note"] == "现场核实"


def edit_beside_another(program: Program) -> None:
    """Edit what somebody else has edited since: be told, read again, and lose nothing."""
    tag = program.get(FAB).headers["ETag"]
    found(program.others.patch(f"{API}/{FAB}", {"note": "别人的"}, headers={"If-Match": "*"}))
    told = problem(program.patch(FAB, {"name_en": "Mine"}, tag), 412)
    assert told["changed_fields"] == ["note"]
    seen = program.get(FAB)
    shown = found(program.patch(FAB, {"name_en": "Mine"}, seen.headers["ETag"]))
    assert (shown["note"], shown["name_en"]) == ("别人的", "Mine")


def change_the_rows_of_a_project(program: Program) -> None:
    """Tick off one milestone of a project, plan another, and add an investor."""
    made(program.others.post(f"{API}/projects", build_project(0)))
    seen = program.get("projects/plant-0")
    signed, started = (
        {name: row[name] for name in ("id", "type", "status", "actual_on", "planned_on")}
        for row in seen.json()["milestones"]
    )
    steps = [
        signed,
        started | {"status": "met", "actual_on": "2025-05"},
        {"type": "operating", "status": "scheduled", "planned_on": "2028"},
    ]
    investors = [{"organisation": "delixi"}, {"organisation": "boysen"}]
    body = {"milestones": steps, "investors": investors}
    shown = found(program.patch("projects/plant-0", body, seen.headers["ETag"]))
    assert (shown["stage"], len(shown["investors"])) == ("started", 2)
    assert [row["status"] for row in shown["milestones"]] == ["met", "met", "scheduled"]


def upsert(program: Program) -> None:
    """Write 20 whole projects by code, of which 10 are there already."""
    there = [build_project(number) for number in range(10)]
    found(program.others.post(f"{API}/projects/bulk", {"projects": there}))
    wanted = [build_project(number) | {"note": "核对过"} for number in range(20)]
    answer = found(program.post("projects/bulk?on_existing=update", {"projects": wanted}))
    assert (answer["created"], answer["changed"]) == (10, 10)
    check_project(found(program.others.get(f"{API}/projects/plant-19")))


def upsert_again(program: Program) -> None:
    """Send the 20 projects again because the answer was lost, and change nothing."""
    wanted = {"projects": [build_project(number) for number in range(20)]}
    found(program.others.post(f"{API}/projects/bulk", wanted))
    answer = found(program.post("projects/bulk?on_existing=update", wanted))
    assert (answer["same"], answer["created"], answer["changed"]) == (20, 0, 0)


def take_back_an_edit(program: Program) -> None:
    """Take back an edit that renamed a project and dropped a milestone."""
    before = found(program.others.get(f"{API}/{FAB}"))
    kept = [{"id": row["id"]} for row in before["milestones"] if row["status"] == "met"]
    wrong = {"name_zh": "错名", "milestones": kept}
    found(program.others.patch(f"{API}/{FAB}", wrong, headers={"If-Match": "*"}))
    edit, version = found(program.get(f"{FAB}/history", limit=2))["results"]
    address = f"{FAB}/history/{version['version']}/restore"
    found(program.post(address, headers={"If-Match": f'"{edit["version"]}"'}))
    after = found(program.others.get(f"{API}/{FAB}"))
    assert (after["name_zh"], after["milestones"]) == (before["name_zh"], before["milestones"])


def bring_back_what_was_deleted(program: Program) -> None:
    """Bring back a project that was deleted, with its milestones, under its code."""
    before = found(program.others.get(f"{API}/{FAB}"))
    program.others.delete(f"{API}/{FAB}", headers={"If-Match": "*"})
    _deleted, version = found(program.get(f"{FAB}/history", limit=2))["results"]
    address = f"{FAB}/history/{version['version']}/restore"
    made(program.post(address, headers={"If-None-Match": "*"}))
    assert found(program.others.get(f"{API}/{FAB}"))["milestones"] == before["milestones"]


def import_a_sheet(program: Program) -> None:
    """Import a sheet of an office: see every wrong cell, mend it, apply, take it back."""
    head = "项目名称,园区,投资方,总投资（亿元）,签约日期"
    wrong = f"{head}\n晶圆厂,{PARK},德力西集团,约12,2024年13月\n"
    (line,) = find_lines(program.send("imports", {"file": as_file(wrong)}))
    assert [each["column"] for each in line["errors"]] == ["签约日期"]
    right = wrong.replace("13月", "3月")
    checked = program.send("imports", {"file": as_file(right)})
    assert [each["action"] for each in find_lines(checked)] == ["create"]
    code = checked.json()["code"]
    assert found(program.post(f"imports/{code}/apply"))["counts"]["create"] == 1
    assert found(program.post(f"imports/{code}/undo"))["state"] == "undone"


def as_file(text: str) -> Any:
    file = io.BytesIO(text.encode("gb18030"))
    file.name = "sheet.csv"
    return file


def find_lines(answer: Any) -> list[Row]:
    lines = made(answer)["rows"]
    return [line for line in lines if line["action"] != "skip"]
