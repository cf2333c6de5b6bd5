"""manage.py load_fixtures: fills an empty ledger, follows its files, and undoes nobody's edit."""

import json
import shutil
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings
from rest_framework.test import APIClient

from projects.seeding.fixtures import LEDGERS, VOCABULARIES, load_all
from tests.answers import API, Row, codes, found, made, mistakes, problem, walk
from tests.conftest import FIXTURES, read_fixture
from tests.samples import sample

FILES = [each.file for each in [*VOCABULARIES, *LEDGERS]]
# A project of which a line says everything: origin, sector, investor, milestone, event, amount.
CODE = "jingliang-coldchain"


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the fixtures that a test may change."""
    for file in FILES:
        shutil.copy(FIXTURES / file, tmp_path / file)
    return tmp_path


def load(folder: Path) -> dict[str, Counter[str]]:
    return dict(load_all(folder))


def fates(folder: Path, file: str) -> dict[str, int]:
    """What became of the rows of one file; all rows of the others must be the same as before."""
    by_file = load(folder)
    ours = by_file.pop(file)
    assert {fate for each in by_file.values() for fate in each} == {"same"}
    return {fate: count for fate, count in ours.items() if fate != "same"}


def rewrite(path: Path, change: Callable[[Row], Row | None], code: str = CODE) -> None:
    """Replace the line of a row by what `change` makes of the row."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        made_new = change(row) if row["code"] == code else row
        lines.append(json.dumps(made_new, ensure_ascii=False) if made_new != row else line)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def append(path: Path, row: Row | str) -> None:
    line = row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


# --- The shipped ledger -------------------------------------------------------------------------


def test_every_project_says_what_its_line_says(api: APIClient) -> None:
    listed = {row["code"]: row for row in walk(api, "projects", limit=500)}
    names = ("origin", "sector", "park", "reported_on", "source", "kind", "function", "part_of")
    for line in read_fixture("projects"):
        said = listed[line["code"]]
        assert [said[name] for name in names] == [line.get(name) for name in names]
        investors = [each["organisation"] for each in line.get("investors", [])]
        assert [each["organisation"] for each in said["investors"]] == investors
        for name in ("name_zh", "name_en"):
            assert said[name] == line.get(name, "")


def test_a_project_has_the_rows_of_its_line(api: APIClient) -> None:
    (line,) = (row for row in read_fixture("projects") if row["code"] == CODE)
    answer = found(api.get(f"{API}/projects/{CODE}"))
    for name in ("milestones", "participations", "figures"):
        assert len(answer[name]) == len(line.get(name, []))
        for said, meant in zip(answer[name], line.get(name, []), strict=True):
            assert {key: said[key] for key in meant} == meant
    assert answer["warnings"] == []


# --- Loading again ------------------------------------------------------------------------------


def test_loading_again_finds_all_rows_the_same_in_few_queries() -> None:
    with CaptureQueriesContext(connection) as captured:
        again = load(FIXTURES)
    assert [*again] == FILES
    assert {fate for each in again.values() for fate in each} == {"same"}
    assert again["projects.jsonl"]["same"] == 150
    # a transaction, a savepoint and at most two look-ups for each file
    assert len(captured) <= 5 * len(FILES)


@pytest.mark.only_sqlite
def test_statistics_of_a_ledger_that_grew_since_are_renewed() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute("UPDATE sqlite_stat1 SET stat = '0 0' WHERE tbl = 'parks_region'")
        cursor.execute("ANALYZE sqlite_schema")
        load(FIXTURES)
        cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'parks_region'")
        assert all(int(stat.split()[0]) > 100 for (stat,) in cursor.fetchall())


def test_the_command_tells_what_became_of_each_file() -> None:
    said = StringIO()
    call_command("load_fixtures", stdout=said)
    assert "projects.jsonl: 150 same\n" in said.getvalue()
    assert said.getvalue().count("\n") == len(FILES)
    said = StringIO()
    call_command("load_fixtures", "--vocabularies-only", stdout=said)
    assert said.getvalue().count("\n") == len(VOCABULARIES)
    assert "projects.jsonl" not in said.getvalue()
    with override_settings(RECORDS="none"):
        call_command("load_fixtures", stdout=(none := StringIO()))
    assert none.getvalue() == said.getvalue()
    with override_settings(RECORDS="no"), pytest.raises(CommandError, match="all, none"):
        call_command("load_fixtures")


@pytest.mark.parametrize(
    ("rows", "body"),
    [
        ("milestones", {"type": "operating"}),
        ("participations", {"event": "baodi-promo-2023", "role": "presented"}),
    ],
)
def test_a_row_added_to_a_project_is_an_edit_of_it(
    admin_api: APIClient, folder: Path, rows: str, body: Row
) -> None:
    made(admin_api.post(f"{API}/projects/{CODE}/{rows}", body))
    edited = found(admin_api.get(f"{API}/projects/{CODE}"))
    rewrite(folder / "projects.jsonl", lambda row: row | {"note": "新"})
    assert fates(folder, "projects.jsonl") == {"edited": 1}
    assert found(admin_api.get(f"{API}/projects/{CODE}")) == edited


def test_a_deleted_project_stays_deleted(admin_api: APIClient, folder: Path) -> None:
    assert admin_api.delete(f"{API}/projects/{CODE}").status_code == 204
    assert fates(folder, "projects.jsonl") == {}
    rewrite(folder / "projects.jsonl", lambda row: row | {"note": "新"})
    assert fates(folder, "projects.jsonl") == {"deleted": 1}
    problem(admin_api.get(f"{API}/projects/{CODE}"), 404)
    body = {"code": CODE, "name_zh": "又来", "park": "baodi-zgc"}
    assert mistakes(admin_api.post(f"{API}/projects", body), 409) == {"#/code": "code_retired"}


def test_a_changed_line_updates_a_row_that_nobody_touched(api: APIClient, folder: Path) -> None:
    before = found(api.get(f"{API}/projects/{CODE}"))

    def change(row: Row) -> Row:
        claim, *more = row["figures"]
        milestones = [{"type": "operating", "status": "met", "actual_on": "2026-05"}]
        return row | {
            "name_zh": "新写法",
            "milestones": row["milestones"] + milestones,
            "figures": [claim | {"value": 987_000_000, "qualifier": "over"}, *more],
        }

    rewrite(folder / "projects.jsonl", change)
    assert fates(folder, "projects.jsonl") == {"updated": 1}
    after = found(api.get(f"{API}/projects/{CODE}"))
    assert (after["name_zh"], after["name_en"]) == ("新写法", before["name_en"])
    assert (after["stage"], after["stage_on"]) == ("operating", "2026-05")
    assert (after["investment_cny"], after["investment_qualifier"]) == (987_000_000, "over")
    assert [f["code"] for f in after["figures"]] == [f["code"] for f in before["figures"]]
    assert after["participations"] != []
    # The update is nobody's edit: the next one is taken as well.
    assert fates(folder, "projects.jsonl") == {}
    rewrite(folder / "projects.jsonl", lambda row: row | {"name_zh": "更新的写法"})
    assert fates(folder, "projects.jsonl") == {"updated": 1}
    assert found(api.get(f"{API}/projects/{CODE}"))["name_zh"] == "更新的写法"


@pytest.mark.slow
def test_a_changed_line_of_every_ledger_file_is_taken(api: APIClient, folder: Path) -> None:
    for file, code, address in [
        ("sources.jsonl", "S002", "sources"),
        ("organisations.jsonl", "delixi", "organisations"),
        ("parks.jsonl", "baodi-zgc", "parks"),
        ("events.jsonl", "baodi-promo-2023", "events"),
    ]:
        rewrite(folder / file, lambda row: row | {"note": "新写法"}, code)
        assert fates(folder, file) == {"updated": 1}, file
        assert found(api.get(f"{API}/{address}/{code}"))["note"] == "新写法"


def test_a_row_that_somebody_made_under_the_same_code_is_left_alone(
    admin_api: APIClient, folder: Path
) -> None:
    theirs = {"code": "Brand-New", "park": "baodi-zgc", "name_zh": "他们的项目"}
    before = made(admin_api.post(f"{API}/projects", theirs))
    append(folder / "projects.jsonl", theirs | {"code": "brand-new", "name_zh": "我们的项目"})
    assert fates(folder, "projects.jsonl") == {"edited": 1}
    assert found(admin_api.get(f"{API}/projects/brand-new")) == before


@pytest.mark.slow
def test_a_vocabulary_follows_its_file(admin_api: APIClient, folder: Path) -> None:
    found(admin_api.patch(f"{API}/regions/330300", {"name_zh": "改过的名字"}))
    rewrite(folder / "regions.jsonl", lambda row: row | {"aliases": ["东瓯"]}, "330300")
    append(folder / "regions.jsonl", {"code": "ZZ", "level": "country", "name_en": "Nowhere"})
    assert fates(folder, "regions.jsonl") == {"created": 1, "updated": 3640}
    region = found(admin_api.get(f"{API}/regions/330300"))
    assert (region["name_zh"], region["aliases"]) == ("温州市", ["东瓯"])
    for name in ("东瓯", "温州市", "浙江温州"):
        assert codes(admin_api, "regions", within=name, ordering="code")[0] == "330300"
    assert codes(admin_api, "regions", within="nowhere") == ["ZZ"]
    rewrite(folder / "region_groups.jsonl", lambda row: row | {"members": []}, "jjj")
    by_file = load(folder)
    groups = len(read_fixture("region_groups"))
    assert by_file["region_groups.jsonl"] == {"created": 0, "updated": groups}
    assert codes(admin_api, "regions", within="jjj") == []


# --- Bad lines ----------------------------------------------------------------------------------

GOOD = {"code": "good", "park": "baodi-zgc", "name_zh": "好的"}
BAD = GOOD | {"code": "bad"}
BAD_LINES: list[tuple[str, Row | str, list[str]]] = [
    ("projects.jsonl", BAD | {"sector": "C999"}, ["projects.jsonl: bad", '"sector"', "C999"]),
    ("projects.jsonl", BAD | {"orgin": "DE"}, ["projects.jsonl: bad", '"orgin"']),
    ("projects.jsonl", BAD | {"stage": "signed"}, ["projects.jsonl: bad", '"stage"']),
    ("projects.jsonl", BAD | {"reported_on": "2024-13"}, ["projects.jsonl: bad", "2024-13"]),
    ("projects.jsonl", BAD | {"name_zh": ""}, ["projects.jsonl: bad", "name"]),
    ("projects.jsonl", {"code": "bad", "name_zh": "无园区"}, ["projects.jsonl: bad", '"park"']),
    (
        "projects.jsonl",
        BAD | {"milestones": [{"type": "sigend"}]},
        ["projects.jsonl: bad, milestones", '"type"', "sigend"],
    ),
    (
        "projects.jsonl",
        BAD | {"figures": [{"indicator": "investment", "value": 1.5}]},
        ["projects.jsonl: bad, figures", '"value"'],
    ),
    (
        "projects.jsonl",
        BAD | {"participations": [{"event": "nowhere"}]},
        ["projects.jsonl: bad, participations", '"event"', "nowhere"],
    ),
    ("projects.jsonl", '{"code": "bad",', ["projects.jsonl, line 152"]),
    ("projects.jsonl", '["bad"]', ["projects.jsonl, line 152"]),
    ("projects.jsonl", "", ["projects.jsonl, line 152"]),
    ("projects.jsonl", {"name_zh": "没有代码"}, ["projects.jsonl, line 152", "code"]),
    ("regions.jsonl", {"code": "ZZ", "nam_zh": "x"}, ["regions.jsonl: ZZ", "nam_zh"]),
    ("regions.jsonl", {"code": "ZZ", "valid_to": "soon"}, ["regions.jsonl: ZZ", "soon"]),
    ("sources.jsonl", {"code": "S999", "titel": "x"}, ["sources.jsonl: S999", '"titel"']),
]


@pytest.mark.slow
@pytest.mark.parametrize(("file", "line", "told"), sample(BAD_LINES, 2))
def test_a_bad_line_is_an_error_that_names_file_and_field_and_stores_nothing_of_the_file(
    api: APIClient, folder: Path, file: str, line: Row | str, told: list[str]
) -> None:
    if file == "projects.jsonl":
        append(folder / file, GOOD)
    append(folder / file, line)
    with pytest.raises(CommandError) as refused:
        call_command("load_fixtures", folder=folder, verbosity=0)
    assert [part for part in told if part not in str(refused.value)] == []
    assert codes(api, "projects", q="good bad") == []
    for address in ("projects/good", "projects/bad", "sources/S999", "regions/ZZ"):
        problem(api.get(f"{API}/{address}"), 404)
