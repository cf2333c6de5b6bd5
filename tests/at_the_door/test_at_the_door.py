"""`docs/explanation/at-the-door.md` says what every door answers to every kind of sample.

`WRITE_DOCS=1 pytest tests/at_the_door` writes the page anew.
"""

import os
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
from tests.samples import IS_LONG, sample

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("vocabularies", "investment_indicator"),
]

PAGE = Path(settings.BASE_DIR) / "docs" / "explanation" / "at-the-door.md"
BEGIN = """# At the door

What the ledger makes of what comes in: nothing is guessed, nothing falls off, nothing is invented.
A sheet (.xlsx, .xls, .et, .ods and .csv are read alike) goes through three doors: `POST /imports`,
the page of the admin and the command
`import_projects`; where they answer alike, the answer stands once. Each answer is given in English
and in Chinese. A test sends every sample and holds this page to the answers
(`tests/at_the_door`); it is written by `WRITE_DOCS=1 make test ARGS=tests/at_the_door`.

*Asked* means 409 `confirmation-required`: nothing is stored until it is confirmed. *Refused* means
that nothing is stored. In the ledger are already: the park `town` (科技城), its projects `fab`
(晶圆厂, 5000万元, by 甲公司) and `hub` (数据中心, about 10亿元, about 30 mu), the organisations
甲公司, 乙公司, 和利时 and A/B公司, and the event `kick-off` (开工仪式), at which projects start.

年度计划投资 in a sheet of projects is not written as a plan of a year: few headers say which year
it is, and a project has one plan a year, which the sheet may not replace unseen. Import it as
`plans`, or keep it as a further column.
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


def test_every_sample_is_answered_as_the_page_says(doors: Doors) -> None:
    is_written = bool(os.environ.get("WRITE_DOCS"))
    lines = [*BEGIN.split("\n"), *build_sections(doors, 1 if is_written else 7)]
    if is_written:
        PAGE.write_text("\n".join(lines), encoding="utf-8")
    page = iter(PAGE.read_text(encoding="utf-8").split("\n"))
    for line in lines:  # some of those of the page, in its order
        assert line in page, line
    assert not IS_LONG or [*page] == []


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
    if IS_LONG or turn % 2 or not takes_options:
        by_command = doors.try_command(sheet)
        assert (by_command.done, by_command.codes) == (english.done, english.codes), sheet
    if takes_options and (IS_LONG or not turn % 2):
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
