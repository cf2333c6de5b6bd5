"""A ledger of some hundred projects that holds every trap a filter can fall into."""

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from parks.models import Organisation, OrganisationTag, Park, RegionGroup, SectorGroup, Source
from parks.recording.recording import recorded
from projects.models import (
    Assignment,
    Funding,
    Investor,
    Milestone,
    Obstacle,
    Participation,
    ProgressNote,
    Project,
    ProjectFigure,
    ProjectTag,
    Return,
    SigningEvent,
    words,
)
from projects.models.words import LostBecause
from projects.seeding.fixtures import analyse, load_all
from sheets.dates import months_before
from tests.conftest import FIXTURES
from tests.factory_values import date_columns, first_day
from tests.projects.oracle.bounds import add_bounds
from tests.projects.oracle.terms import APPROVALS

ORIGINS = [
    *("330000", "320000", "440000", "220000", "420000"),  # no more than a province is known
    *("330100", "330106", "330300", "330302", "320500", "320505", "341300", "341302", "340800"),
    *("440300", "440305", "440100", "440500", "441900", "220200", "220202", "220104"),
    *("110000", "110105", "110108", "110101", "120000", "120115", "310115", "500000", "500105"),
    *("130100", "130171", "130600", "130629", "130632", "131000", "130000"),  # 130171: statistical
    *("429004", "419001", "469005", "659001"),  # counties with no city above them
    *("810000", "810001", "820000", "710000", "710100", "DE", "US", "SG"),
]
SECTORS = [
    *("C", "I", "M"),  # no more than the section is known
    *("C39", "C397", "C3973", "C3972", "C391", "C3911", "I65", "I6520", "I6513", "I651"),
    *("C34", "C341", "C3411", "C3415", "C3491", "C27", "C2710", "C271", "C358", "C3581"),
    *("M73", "M7340", "M732", "D44", "D4415", "A", "A01", "G59", "K7010", "O8290", "C1311"),
]
DATES = [
    *("2013", "2022", "2023", "2024", "2021-Q4", "2023-Q1", "2023-Q4", "2024-Q2"),
    *("2022-12", "2023-01", "2023-11", "2023-12", "2024-02", "2024-03"),
    *("2022-12-31", "2023-01-01", "2023-03-31", "2023-04-01", "2023-11-29", "2023-12-31"),
    *("2024-01-01", "2024-02-29", "2024-03-05"),
]
AMOUNTS = [
    *(0, 1, 49_999_999, 50_000_000, 50_000_001, 99_999_999, 100_000_000, 100_000_001),
    *(150_000_000, 1_000_000_000, 1_000_000_001, 17_600_000_000, 9_000_000_000_000_000),
]
# Midnights in Shanghai, a moment before and after, and the same instants of the calendar in UTC.
MOMENTS = [
    midnight + timedelta(microseconds=step)
    for midnight in (
        datetime(2023, 12, 31, 16, tzinfo=UTC),
        datetime(2024, 1, 1, tzinfo=UTC),
        datetime(2024, 2, 29, 16, tzinfo=UTC),
        datetime(2024, 6, 15, 4, 30, tzinfo=UTC),
    )
    for step in (-1, 0, 1)
]
NAMES = [
    ("超导量子芯片基地", "Superconducting chip base"),
    ("新能源汽车电池", "EV batteries 100%"),
    ("100%国产_替代", ""),
    ("", 'O\'Brien "Quantum" Labs'),
    ("半导体%材料", "Semi_conductor \\ materials"),
    ("=SUM(A1:A9)公式", "=cmd|' /C calc'!A0"),
    ("-京津合作", "+Plus & minus"),
    ("@生物医药", "'quoted first"),
    ("芯片设计，一期", "Chip design, phase 1"),
    ("；分号；", "tab-free; semicolon"),
    ("𠮷野家物流", "Logistics 🏭"),
    ("智能制造 研究院", "Smart  Manufacturing Institute"),
    ("Ａ级写字楼", "<b>Headquarters</b>"),
    ("总部经济", "null"),
]
ORGANISATIONS = [
    ("org-smic", "中芯国际集成电路制造有限公司", "SMIC"),
    ("Org-BOE", "京东方科技集团", "BOE Technology"),
    ("org-100", "100%控股_有限公司", "100% Holdings"),
    ("org-obrien", "", "O'Brien & Söhne GmbH"),
    ("org-quote", "“引号”公司", 'The "Quote" Co.'),
    ("org-back", "反斜杠\\公司", "Back\\slash"),
    ("org-formula", "=1+1公司", "-Minus Ltd"),
    ("org-idle", "从未投资公司", "Never invested"),
]
# Each with what it belongs to, how it is owned, and its tags: code, year, first and last day
TAGGED: dict[str, tuple[str, str, list[tuple[str, int | None, str | None, str | None]]]] = {
    "org-smic": ("org-100", "local_state", [("listed", None, None, None)]),
    "Org-BOE": ("org-smic", "private", [("hnte", None, "2022-11-01", "2024-03-31")]),
    "org-100": ("", "central_state", [("fortune-500", 2023, None, None)]),
    "org-obrien": ("org-idle", "", [("little-giant", None, "2024-03-05", None)]),
    "org-quote": (
        "",
        "private",
        [("unicorn", 2024, None, None), ("hnte", None, None, "2023-12-31")],
    ),
}
PROJECT_TAGS = [
    ("province-key", 2023, None),
    ("province-key", 2024, None),
    ("started-together", None, "2024-03-05"),
    ("chain", None, None),
]
PARKS = [
    ("Park-Baodi", "120115", "published"),
    ("park-hz", "330106", "published"),
    ("park-suzhou", "320505", "published"),
    ("park-sz", "440300", "published"),
    ("park-xiongan", "130629", "published"),
    ("park-xiantao", "429004", "published"),
    ("park-hongkong", "810000", "published"),
    ("park-draft", "330300", "draft"),
    ("park-gone", "310115", "withdrawn"),
    ("park-empty", "110108", "published"),
]
EVENTS = [
    ("Ceremony-1", "2023-11", "published", None),
    ("ceremony-2", "2024", "published", "Park-Baodi"),
    ("ceremony-3", "2024-03-05", "published", "park-hz"),
    ("ceremony-draft", None, "draft", None),
    ("ceremony-at-draft", "2024-Q1", "published", "park-draft"),
    ("ceremony-nobody", "2022", "published", None),
]
STAGES = words.STAGES


def make_ledger(size: int) -> None:
    """Make the ledger, with so many projects."""
    for _file, _fates in load_all(FIXTURES, ledger=False):
        pass
    add_groups()
    with recorded():  # one version of each row is enough
        add_surroundings()
        add_projects(random.Random(2024), size)
        add_bounds(MOMENTS)
    analyse()


def add_groups() -> None:
    """Groups whose members come and go, and groups of which nothing is left."""
    dated = RegionGroup.objects.create(code="comes-and-goes", name_zh="有进有出", name_en="Dated")
    past, future = date(2020, 12, 31), date(2100, 1, 1)
    dated.members.create(region_id="320500", valid_to=past)
    dated.members.create(region_id="330100", valid_from=past)
    dated.members.create(region_id="440300", valid_from=future)
    dated.members.create(region_id="110000", valid_to=past)
    dated.members.create(region_id="110105", valid_from=past, valid_to=future)
    gone = RegionGroup.objects.create(code="all-gone", name_zh="已解散", name_en="All gone")
    gone.members.create(region_id="330000", valid_to=past)
    mixed = SectorGroup.objects.create(code="mixed", name_zh="混合组", name_en="Mixed, all kinds")
    mixed.members.create(sector_id="C")
    mixed.members.create(sector_id="C39", excluded=True)
    mixed.members.create(sector_id="I65")
    mixed.members.create(sector_id="I6520", excluded=True)
    outside = SectorGroup.objects.create(code="only-out", name_zh="只有排除", name_en="Only out")
    outside.members.create(sector_id="C39", excluded=True)


def settle_owners() -> None:
    """Say of some organisations where they are registered, and to whom they belong."""
    regions = ["110108", None, "DE", "810000", None, "320000"]
    rows = [*Organisation.objects.order_by("id")]
    for number, row in enumerate(rows):
        row.region_id = regions[number % len(regions)]
        row.parent = rows[number - 1] if number % 3 == 1 else None
        row.save()


def add_surroundings() -> None:
    """Parks, organisations, sources and events, some of each that nothing refers to."""
    parks = {
        code: Park.objects.create(
            code=code, name_zh=f"园区{code}", region_id=region, publication=to
        )
        for code, region, to in PARKS
    }
    for code, name_zh, name_en in ORGANISATIONS:
        Organisation.objects.create(code=code, name_zh=name_zh, name_en=name_en)
    settle_owners()
    add_organisation_tags()
    for number in range(1, 6):
        Source.objects.create(code=f"Source-{number}", title=f"报道{number}")
    for code, on, publication, park in EVENTS:
        SigningEvent.objects.create(
            code=code,
            name_zh=f"仪式{code}",
            **date_columns("held_on", on),
            publication=publication,
            park=parks[park] if park else None,
        )


def add_organisation_tags() -> None:
    """What some belong to, how they are owned, and their tags of a year, a term and no date."""
    made = {each.code: each for each in Organisation.objects.all()}
    for code, (parent, ownership, taggings) in TAGGED.items():
        made[code].parent, made[code].ownership = made.get(parent, made[code].parent), ownership
        made[code].save()
        for tag, year, first, last in taggings:
            days = {"valid_from": first_day(first), "valid_to": first_day(last)}
            OrganisationTag.objects.create(organisation=made[code], tag_id=tag, year=year, **days)


def national_code(code: str) -> str:
    """That of every third project, made of its own code; one of them ends with a letter."""
    prefix, number = code.split("-")
    time = 2401 + (int(prefix[1:]) + 1 if prefix[1:] else 0)
    sign = "X" if number == "0" else number[-1]
    return f"{time}-120115-89-05-{int(number):05}{sign}" if int(number) % 3 == 0 else ""


def add_projects(dice: random.Random, size: int, prefix: str = "P") -> None:
    """Projects with all that belongs to them, derived as the product derives them."""
    maker = Maker(dice)
    projects = Project.objects.bulk_create(maker.project(f"{prefix}-{n}") for n in range(size))
    for project in projects:
        maker.add_rows(project)
    for model, rows in maker.rows.items():
        model._default_manager.bulk_create(rows)
    for project in projects:
        column = dice.choice(["part_of", "duplicate_of", *[""] * 10])
        other = dice.choice(projects)
        if column and other != project:
            QuerySet(Project).filter(pk=project.pk).update(**{column: other})
    made = Project.objects.filter(pk__in=[project.pk for project in projects])
    for claim in ProjectFigure.objects.filter(note="superseded", project__in=made):
        newer = claim.project.figures.exclude(pk=claim.pk).order_by("-id").first()
        QuerySet(ProjectFigure).filter(pk=claim.pk).update(superseded_by=newer)
    made.derive()
    for project in projects:  # as no recorded write can: it was changed when it is written
        project.created_at, project.updated_at = dice.choice(MOMENTS), dice.choice(MOMENTS)
    QuerySet(Project).bulk_update(projects, ["created_at", "updated_at"])


class Maker:
    """Throws the dice for each column of a project, blanks and unknowns always among them."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.beside = random.Random(17)  # so that what came later changes nothing else
        self.ground = random.Random(23)
        self.papers = random.Random(29)
        self.losses = random.Random(8)
        self.reviews = random.Random(43)
        self.work = random.Random(5)
        self.promises = random.Random(47)
        self.parks = list(Park.objects.exclude(code="park-empty").order_by("id"))
        self.organisations = list(Organisation.objects.exclude(code="org-idle").order_by("id"))
        self.sources = list(Source.objects.exclude(code="Source-5").order_by("id"))
        self.events = list(SigningEvent.objects.exclude(code="ceremony-nobody").order_by("id"))
        self.led: set[str] = set()  # the projects that have a lead investor
        # From these on, or until then, a project is stale.
        today = timezone.localdate()
        edges = (today, months_before(today, settings.STALE_MONTHS))
        self.days = [str(day + timedelta(days=step)) for day in edges for step in (-1, 0, 1)]
        self.rows: dict[Any, list[Any]] = {
            model: []
            for model in (
                *(Milestone, ProjectFigure, Investor, Participation, Funding, ProgressNote),
                *(ProjectTag, Assignment, Return, Obstacle),
            )
        }

    def maybe(self, values: Any, unknown: Any, share: float = 0.3) -> Any:
        return unknown if self.dice.random() < share else self.dice.choice(list(values))

    def project(self, code: str) -> Project:
        dice = self.dice
        name_zh, name_en = dice.choice(NAMES)
        number = dice.randint(1, 60)
        origin, sector = self.maybe(ORIGINS, None, 0.15), self.maybe(SECTORS, None, 0.15)
        standing_on = self.maybe(DATES, None, 0.5)
        review_on = self.reviews.choice([None, *DATES[:6], *self.days[:3]])
        reported_on = self.maybe([*DATES[-3:], *self.days], None, 0.6)
        return Project(
            code=f"{code}-{dice.choice(['a', 'B', 'c_', 'D'])}",
            name_zh=name_zh and f"{name_zh}{number}",
            name_en=name_en and f"{name_en} {number}",
            park=self.parks[min(int(dice.expovariate(0.35)), len(self.parks) - 1)],
            region_id=self.beside.choice([*filter(None, ORIGINS), *[None] * 20]),
            national_code=national_code(code),
            kind=self.maybe(Project.Kind.values, ""),
            function=self.maybe(Project.Function.values, ""),
            site_mode=self.maybe(Project.SiteMode.values, ""),
            land_mu=self.maybe(["0", "0.01", "9.99", "10", "100.10", "666.67"], None),
            phase_no=self.beside.choice([None, None, 1, 2, 3]),
            floor_area_m2=self.papers.choice([None, None, "0", "799.99", "1200.5"]),
            origin_id=origin,
            origin_basis=dice.choice(Project.OriginBasis.values) if origin else "",
            sector_id=sector,
            sector_basis=dice.choice(Project.SectorBasis.values) if sector else "",
            sector_text=self.maybe(["芯片", "=芯片"], ""),
            standing=(standing := self.maybe(Project.Standing.values, "active", 0.6)),
            standing_reason="" if standing == "active" else "停工",
            **date_columns("standing_on", standing_on),
            is_umbrella=dice.random() < 0.1,
            **date_columns("reported_on", reported_on),
            **date_columns("review_on", review_on),
            source=self.maybe(self.sources, None),
            publication=self.maybe(["draft", "withdrawn"], "published", 0.85),
            responsible_unit=self.beside.choice(
                ["招商一局", "招商二局, 规划局", "投促中心", "", ""]
            ),
            open_issues=self.beside.choice(["用地未批", "", ""]),
            lost_because=self.losses.choice([*LostBecause, None]) if standing != "active" else None,
            lost_to_id=self.losses.choice([*ORIGINS, None]) if standing != "active" else None,
            note=self.maybe(['两行\n"引号", 逗号', "\t=1+1", "普通"], ""),
        )

    def add_rows(self, project: Project) -> None:
        dice = self.dice
        for _milestone in range(dice.choice([0, 1, 1, 2, 3, 5])):
            self.add(Milestone, project, **self.milestone())
        for _approval in range(self.papers.choice([0, 0, 1, 2, 4])):
            self.add(Milestone, project, **self.approval())
        for number in range(dice.choice([0, 1, 1, 1, 2, 3])):
            self.add(ProjectFigure, project, code=f"{project.code}-{number}", **self.claim(number))
        for organisation in dice.sample(self.organisations, dice.choice([0, 0, 1, 1, 2, 3])):
            for role in dice.sample(Investor.Role.values, dice.choice([1, 1, 1, 2])):
                is_second = role == Investor.Role.LEAD and project.code in self.led
                if not is_second:
                    self.add(Investor, project, organisation=organisation, role=role)
                if role == Investor.Role.LEAD:
                    self.led.add(project.code)
        for event in dice.sample(self.events, dice.choice([0, 0, 0, 1, 1, 2, 3])):
            for role in dice.sample(Participation.Role.values, dice.choice([1, 1, 2])):
                self.add(Participation, project, event=event, role=role)

        self.add_numbers(project)
        self.add_work(project)
        self.add_land(project)

    def add_land(self, project: Project) -> None:
        """What is said of its land: a hedge, and what is put into fixed assets there."""
        dice = self.ground
        if project.land_mu is not None:
            project.land_qualifier = dice.choice(["", "", "exact", "over", "about"])
        for number in range(dice.choice([0, 1, 1, 2])):
            as_of = dice.choice([None, *DATES])
            self.add(
                ProjectFigure,
                project,
                code=f"{project.code}-fixed-{number}",
                indicator_id="fixed_investment",
                nature=dice.choice(["projected", "actual"]),
                amount_cny=dice.choice([1_234_567, 80_000_000]),
                **date_columns("as_of", as_of),
                is_withdrawn=dice.random() < 0.2,
                scope_text="一期" if dice.random() < 0.2 else "",
            )

    def add_work(self, project: Project) -> None:
        """What offices add: notes and tags."""
        for _note in range(self.beside.choice([0, 1, 1, 3])):
            self.add(ProgressNote, project, **self.note())
        for tag, year, first in self.beside.sample(PROJECT_TAGS, self.beside.choice([0, 0, 1, 2])):
            self.add(ProjectTag, project, tag_id=tag, year=year, valid_from=first_day(first))
        for answer in self.reviews.sample(["", "已补报"], self.reviews.choice([0, 0, 1, 2])):
            self.add(Return, project, reason="投资额与合同不符", answer=answer)
        for name in self.beside.sample(["张三", "李四", "王五"], self.beside.choice([0, 1, 2])):
            self.add(
                Assignment, project, role=self.beside.choice(["sponsor", "service"]), name=name
            )

        self.add_shared_work(project)

    def add_shared_work(self, project: Project) -> None:
        """Who is responsible, which units share the work, and what blocks the project."""
        for name in self.work.sample(["赵六", "张三"], self.work.choice([0, 0, 1, 2])):
            self.add(Assignment, project, role="responsible", name=name)
        for unit in self.work.sample(
            ["招商一局", "规划局", "住建局"], self.work.choice([0, 0, 1, 2])
        ):
            share = {"office": unit, "share_bp": self.work.choice([1, 2_500, 5_000])}
            self.add(Assignment, project, role="promoter", name=unit, **share)
        for days in self.work.sample([0, 30, 31, 400], self.work.choice([0, 0, 1, 2])):
            raised = timezone.localdate() - timedelta(days=days)
            solved = self.work.choice([None, None, raised])
            self.add(Obstacle, project, problem=f"{days}", raised_on=raised, solved_on=solved)

    def add_numbers(self, project: Project) -> None:
        """What full capacity is to bring, and flows of money."""
        dice = self.dice
        for indicator in dice.sample(["tax_per_year", "jobs"], dice.choice([0, 0, 1, 2])):
            for number in range(dice.choice([1, 1, 2])):
                self.add(ProjectFigure, project, **self.claim_at_capacity(indicator, number))
        months = [date(year, month, 1) for year in (2023, 2024) for month in (1, 3, 4, 11, 12)]
        agreed = self.ground.sample(["foreign_agreed"], self.ground.choice([0, 0, 1]))
        kinds = dice.sample(["paid_in", "completed", "foreign"], dice.choice([0, 0, 1, 1, 2, 3]))
        for kind in (*kinds, *agreed):
            own = self.ground if kind in agreed else dice
            for month in own.sample(months, own.choice([1, 2, 4])):
                amount = own.choice([-5_000_000, 0, 1, 30_000_000, 2_500_000_000])
                flow = {"kind": kind, "month": month, "note": "核减" if amount < 0 else ""}
                of = "value" if month.month == 4 else "cny"
                flow |= {f"reported_{of}": amount, f"amount_{of}": amount}
                flow |= {"currency": "USD"} if of == "value" else {}
                self.add(Funding, project, **flow)

    def add(self, model: Any, project: Project, **columns: Any) -> None:
        self.rows[model].append(model(project=project, **columns))

    def note(self) -> dict[str, Any]:
        """A note of this or an earlier year, some withdrawn, with or without a next step."""
        due = self.beside.choice([None, date(2024, 1, 31), date(2099, 1, 1)])
        return {
            "noted_on": timezone.localdate()
            - timedelta(days=self.beside.choice([0, 5, 50, 200, 900])),
            "text": "设备进场",
            "next_step": "试生产" if due else "",
            "due_on": due,
            "is_withdrawn": self.beside.random() < 0.2,
        }

    def milestone(self) -> dict[str, Any]:
        """Met, mostly at some time, often at an unknown one; or still planned, or revoked."""
        dice = self.dice
        step = dice.choice([*STAGES, "signed", "signed", "intended", "operating"])
        status = dice.choice(["met", "met", "met", "met", "scheduled", "revoked"])
        on = None if status == "scheduled" else self.maybe(DATES, None, 0.25)
        planned = self.maybe([*DATES[:4], "2099", *self.days], None, 0.2)
        promised = self.promises.choice([None, None, *DATES[:2], *self.days])
        agreements = ["", "unknown", "intent", "framework", "contract"]
        return {
            "type": step,
            "status": status,
            **date_columns("actual_on", on),
            **date_columns("planned_on", planned),
            **date_columns("promised_on", promised),
            "agreement_type": dice.choice(agreements) if step in ("intended", "signed") else "",
            "reason": "协议已撤回" if status == "revoked" else "",
        }

    def approval(self) -> dict[str, Any]:
        """A step beside the stages, or one that few sources date, at times taken twice."""
        on = self.papers.choice([None, *DATES])
        status = self.papers.choice(["met", "met", "met", "revoked"])
        return {
            "type": self.papers.choice([*APPROVALS, "registered", "approved"]),
            "status": status,
            **date_columns("actual_on", on),
            "reason": "已撤销" if status == "revoked" else "",
        }

    def claim_at_capacity(self, indicator: str, number: int) -> dict[str, Any]:
        """What full capacity is to bring; the second claim of a project stands beside the first."""
        dice = self.dice
        as_of = self.maybe(DATES, None, 0.4)
        is_money = indicator != "jobs"
        return {
            "code": f"{indicator}-{number}-{dice.getrandbits(64):x}",
            "indicator_id": indicator,
            "nature": dice.choice(["at_capacity", "at_capacity", "at_capacity", "actual"]),
            "amount_cny": dice.choice([1_000_000, 250_000_000]) if is_money else None,
            "value": None if is_money else str(dice.randint(10, 5000)),
            "qualifier": dice.choice(["exact", "over", "nearly"]),
            **date_columns("as_of", as_of),
            "is_withdrawn": dice.random() < 0.1,
            "scope_text": "一期" if dice.random() < 0.1 else "",
        }

    def claim(self, number: int) -> dict[str, Any]:
        """Mostly an amount in yuan; also dollars, a withdrawn one, one of a part, or jobs."""
        dice = self.dice
        as_of = self.maybe(DATES, None, 0.4)
        dated = date_columns("as_of", as_of)
        basis = dice.choice(words.InvestmentBasis.values)
        fate = dice.random()
        if fate < 0.08:
            return dated | {
                "indicator_id": "investment",
                "value": "300000000",
                "currency": "USD",
                "investment_basis": basis,
            }
        if fate < 0.14:
            return dated | {"indicator_id": "jobs", "value": str(dice.randint(1, 500))}
        return dated | {
            "indicator_id": "investment",
            "amount_cny": dice.choice(AMOUNTS),
            "investment_basis": basis,
            "qualifier": dice.choice(["exact", "over", "nearly"]),
            "is_withdrawn": fate < 0.22,
            "scope_text": "一期" if 0.22 < fate < 0.27 else "",
            "sector_id": "C39" if 0.27 < fate < 0.3 else None,
            "note": "superseded" if number == 1 and fate > 0.7 else "",
        }
