"""Every sample is answered as `answers.txt` says; `docs/explanation/at-the-door.md` shows them.

The page shows what is stored once a section, other answers and messages once, without the door.
`WRITE_DOCS=1 pytest tests/at_the_door` writes both anew.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from tests.at_the_door.doors import CHINESE, ENGLISH, Answer, Doors, print_sample
from tests.at_the_door.samples import PARK, SAMPLES, Body, Form, Sample, Sheet
from tests.factories import (
    InvestorFactory,
    OrganisationFactory,
    ParkFactory,
    ProjectFactory,
    SigningEventFactory,
)
from tests.samples import IS_LONGEST, sample

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

ANSWERS = Path(__file__).parent / "answers.txt"
PAGE = Path(settings.BASE_DIR) / "docs" / "explanation" / "at-the-door.md"
BEGIN = """# At the door

Tested results of sheets, requests and forms: nothing is guessed, dropped or invented. The three
ways to import a sheet (`POST /imports`, the admin, the command `import_projects`) and all formats
(.xlsx, .xls, .et, .ods, .csv) give the same result. Each message is shown once, in both languages.
`tests/at_the_door` sends these samples and others like them through every door;
`WRITE_DOCS=1 make test ARGS=tests/at_the_door` writes this page.

*Asked* is a 409 `confirmation-required`: nothing is stored until you confirm. *Refused*: nothing
is stored. `name = value` is a form of the admin. The ledger has the park `town` (科技城), its
projects `fab` (晶圆厂, 5000万元, by 甲公司) and `hub` (数据中心, about 10亿元, about 30 mu), the
organisations 甲公司, 乙公司, 和利时 and A/B公司, and the event `kick-off` (开工仪式).

年度计划投资 in a sheet of projects is not stored as a plan: headers seldom name the year, and the
plan of a year would be replaced unseen. Import it as `plans`, or keep it as a further column.
"""
LONGEST = 400


@pytest.fixture
def doors(superuser: User, tmp_path: Path) -> Doors:
    """Doors of a ledger with a few rows."""
    park = ParkFactory.create(code=PARK, name_zh="科技城", name_en="")
    fab = ProjectFactory.create(
        code="fab", name_zh="晶圆厂", name_en="", park=park, investment=50_000_000
    )
    ProjectFactory.create(
        code="hub",
        name_zh="数据中心",
        name_en="",
        park=park,
        land_mu=30,
        land_qualifier="about",
        investment=1_000_000_000,
        investment__qualifier="about",
    )
    for code, name in (("yi", "乙公司"), ("he", "和利时"), ("ab", "A/B公司")):
        OrganisationFactory.create(code=code, name_zh=name, name_en="")
    InvestorFactory.create(project=fab, organisation__code="jia", organisation__name_zh="甲公司")
    SigningEventFactory.create(code="kick-off", kind="start", name_zh="开工仪式", park=park)
    return Doors.open(superuser, tmp_path)


@pytest.mark.slow
def test_every_sample_is_answered_as_stored(doors: Doors) -> None:
    is_written = bool(os.environ.get("WRITE_DOCS"))
    lines = [*build_sections(doors, 1 if is_written else 10)]
    if is_written:
        ANSWERS.write_text("\n".join(lines), encoding="utf-8")
        PAGE.write_text(build_page(), encoding="utf-8")
    stored = iter(ANSWERS.read_text(encoding="utf-8").split("\n"))
    for line in lines:  # a sample of the stored ones, in their order
        assert line in stored, line
    assert not IS_LONGEST or [*stored] == []


def test_the_page_shows_the_stored_answers() -> None:
    assert PAGE.read_text(encoding="utf-8") == build_page()


def build_page() -> str:
    """Build the page: what is stored once a section but for numbers, other answers once."""
    lines, shown, explained = [BEGIN], set[str](), set[str]()
    for line in ANSWERS.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            shown = {each for each in shown if not each.startswith("stored")}
            lines += [line, "", "| Sample | Result |", "| --- | --- |"]
        elif line.startswith("| ") and not line.startswith(("| ---", "| Comes in")):
            sent, _door, done, said = line[2:-2].split(" | ")
            alike = re.sub(r"[\d,.]+", "0", done)
            if alike in shown:
                continue
            shown.add(alike)
            codes = {*re.findall(r"`([a-z_]+)`", done)} or {said}
            is_new = bool(said) and not codes <= explained
            explained |= codes
            shown_sent = sent.replace(" ¦ ", "｜")
            lines.append(f"| {shown_sent} | {done}{f'<br>{said}' if is_new else ''} |")
        elif not line:
            lines += [] if lines[-1] == "| --- | --- |" or lines[-1].startswith("## ") else [""]
    return "\n".join([*lines, ""])


def build_sections(doors: Doors, one_in: int) -> Iterator[str]:
    """Write the lines of one in so many samples of each section; in a long run of all."""
    for title, samples in SAMPLES.items():
        yield f"## {title}"
        yield from ("", "| Comes in | Door | Done | Said |", "| --- | --- | --- | --- |")
        for turn, each in sample([*enumerate(samples)], one_in):
            for door, english, chinese in answer(doors, each, turn):
                cells = [print_sample(each), door, print_done(english), said(english, chinese)]
                yield f"| {' | '.join(cell.replace('|', '¦') for cell in cells)} |"
        yield ""


def answer(doors: Doors, asked: Sample, turn: int) -> Iterator[tuple[str, Answer, Answer]]:
    """Answer by each door, in both languages; those that say the same, once."""
    if isinstance(asked, Body):
        yield "REST", doors.try_body(asked, ENGLISH), doors.try_body(asked, CHINESE)
    elif isinstance(asked, Form):
        yield "form", doors.try_form(asked, ENGLISH), doors.try_form(asked, CHINESE)
    else:
        yield from answer_sheet(doors, asked, turn)


def answer_sheet(doors: Doors, sheet: Sheet, turn: int) -> Iterator[tuple[str, Answer, Answer]]:
    """Sheets that all three doors take go through the command or the page by turns."""
    english, chinese = doors.try_file(sheet, ENGLISH), doors.try_file(sheet, CHINESE)
    # What else is said with a file, the page asks in a way of its own
    takes_options = not {*sheet.options} - {"on_error"}
    if IS_LONGEST or turn % 2 or not takes_options:
        by_command = doors.try_command(sheet)
        assert (by_command.done, by_command.codes) == (english.done, english.codes), sheet
    if takes_options and (IS_LONGEST or not turn % 2):
        at_desk = doors.try_desk(sheet)
        assert (at_desk.done, at_desk.codes) == (english.done, english.codes), sheet
        assert at_desk.said == chinese.said
    yield "file" if takes_options else "REST, command", english, chinese


def print_done(found: Answer) -> str:
    codes = ", ".join(f"`{code}`" for code in dict.fromkeys(found.codes))
    return f"{found.done}{': ' if codes else ''}{codes}" if found.done else codes


def said(english: Answer, chinese: Answer) -> str:
    lines = [*dict.fromkeys(english.said), *dict.fromkeys(chinese.said)]
    return "<br>".join(line if len(line) <= LONGEST else f"{line[:LONGEST]}…" for line in lines)
