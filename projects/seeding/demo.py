"""Synthetic projects, named as such, to try filters on and to measure with.

The same seed makes the same rows, and project 7 is the same among ten as among a million. They have
the difficulties of real rows: coarse codes, partial dates, unknown amounts, undated milestones.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from random import Random
from typing import Any

from config.database.bulk_insert import reserve_keys
from parks.models import Nature, RetiredCode
from parks.recording.recording import recorded
from projects.models import Funding, Investor, Participation, Project, words
from projects.models.words import (
    BINDING,
    SIGNING_TYPES,
    STAGES,
    AgreementType,
    InvestmentBasis,
    MilestoneStatus,
    Stage,
)
from projects.seeding import demo_office
from projects.seeding.demo_world import (
    CODE_PREFIX,
    LAST_DAY,
    PUBLICATIONS,
    World,
    draw_day,
    partly,
    pick,
)
from projects.writing.writing import Rows, StatedProject, write_projects
from sheets.amounts import Qualifier

BATCH = 5_000
LAST_STAGES = dict(zip(STAGES, [3, 5, 14, 26, 3, 3, 18, 6, 18, 4], strict=True))
QUALIFIERS = dict(zip(Qualifier, [70, 8, 4, 10, 4, 2, 2], strict=True))
BASES = dict(zip(InvestmentBasis, [20, 30, 15, 35], strict=True))
STANDINGS = dict(zip(Project.Standing, [90, 3, 4, 1, 2], strict=True))
KINDS = ["", *Project.Kind.values]
FUNCTIONS = ["", *Project.Function.values]
SITE_MODES = ["", *Project.SiteMode.values]
AGREEMENTS = ["", *BINDING]
ORIGIN_BASES, SECTOR_BASES = Project.OriginBasis.values, Project.SectorBasis.values
NAMED = {"both": 94, "zh": 4, "en": 2}
INVESTOR_COUNTS = {0: 15, 1: 60, 2: 18, 3: 7}
NOTE_COUNTS = {0: 60, 1: 25, 2: 15}
NOTED = ["演示进展：方案已报审", "演示进展：桩基施工", "演示进展：主体封顶"]
NEXT_STEPS = ["演示计划：办理用地手续", "演示计划：设备进场", "演示计划：组织验收"]
CLAIM_COUNTS = {0: 28, 1: 60, 2: 12}


def make_projects(world: World, count: int) -> Iterator[int]:
    """Write the missing projects of 1 to `count`; yield the size of each batch.

    Deleted demo projects are left out, since their codes are retired. Each batch is a revision, so
    that an interrupted run continues when it is called again.
    """
    taken = set(Project.objects.filter(code_key__startswith=CODE_PREFIX).values_list("code_key"))
    taken |= set(RetiredCode.objects.filter(model="projects.project").values_list("code_key"))
    missing = [n for n in range(1, count + 1) if (project_code(n),) not in taken]
    for start in range(0, len(missing), BATCH):
        numbers = missing[start : start + BATCH]
        before = Project.objects.filter(code=project_code(numbers[0] - 1))
        with recorded(reason="make_demo") as writer:
            projects = [draft(world, n) for n in numbers]
            keys = reserve_keys(Project, len(projects))
            for stated, key in zip(projects, keys, strict=True):
                stated.columns["id"] = key
            rows = [*before.values("id", "is_umbrella"), *(each.columns for each in projects)]
            for earlier, project in pairwise(rows):
                if project["standing"] == Project.Standing.MERGED:
                    project["duplicate_of_id"] = earlier["id"]
                elif earlier["is_umbrella"] and not project["is_umbrella"]:
                    project |= {"part_of_id": earlier["id"], "phase_no": 1}
            write_projects(projects)
            writer.derive()
            demo_office.increase_amounts(
                [project_code(n) for n in numbers if n % 50 == 9 and n < BATCH]
            )
        yield len(numbers)


def project_code(n: int) -> str:
    return f"{CODE_PREFIX}{n:06}"


def draft(world: World, n: int) -> StatedProject:
    chance = Random(f"{world.seed} {n}")  # noqa: S311
    last_news = draw_day(chance)
    made = StatedProject(_project(world, chance, n, last_news))
    made.milestones = _milestones(world, chance, made.columns, last_news)
    made.figures = _figures(chance, made.columns, last_news)
    made.successors = {
        place: place + 1
        for place, (earlier, later) in enumerate(pairwise(made.figures))
        if earlier.get("amount_cny")
        and earlier["investment_basis"] == later.get("investment_basis", "")
    }
    if n % 50 == 3 and made.figures:
        made.figures.append(demo_office.contradict(made.figures[-1]))
    companies = chance.sample(world.companies, pick(chance, INVESTOR_COUNTS))
    made.investors = [
        {
            "organisation_id": company.pk,
            "role": Investor.Role.CO if place else Investor.Role.LEAD,
            "share_bp": 10_000 // len(companies) if chance.random() < 0.3 else None,
        }
        for place, company in enumerate(companies)
    ]
    signing = next((each for each in made.milestones if each.get("event_id")), None)
    if signing:
        made.participations = [
            {
                "event_id": signing["event_id"],
                "role": Participation.Role.SIGNED,
                "agreement_type": signing["agreement_type"],
            }
        ]
    made.notes = _notes(chance, n, last_news)
    made.plans, made.fundings = _plan_and_flows(Random(f"{world.seed} {n} flows"))  # noqa: S311
    office = Random(f"{world.seed} {n} office")  # noqa: S311
    demo_office.add_office_rows(made, office, last_news, world.tags)
    demo_office.measure_land(made, Random(f"{world.seed} {n} land"))  # noqa: S311
    demo_office.add_results(made, Random(f"{world.seed} {n} results"), LAST_DAY.year - 1)  # noqa: S311
    return made


def _plan_and_flows(chance: Random) -> tuple[Rows, Rows]:
    """Plan the last year of every fourth project, and report most of these plans."""
    if chance.random() > 0.25:
        return [], []
    planned = _amount(chance)
    flows = []
    for kind in Funding.Kind:
        if chance.random() < 0.6:
            came = planned * chance.randrange(5, 130) // 100
            month = LAST_DAY.replace(month=chance.randint(1, LAST_DAY.month), day=1)
            is_foreign = kind in (Funding.Kind.FOREIGN_AGREED, Funding.Kind.FOREIGN)
            flow: dict[str, Any] = {"reported_cny": came, "amount_cny": came}
            if is_foreign and chance.random() < 0.7:  # in dollars
                came //= 7
                flow = {"reported_value": came, "amount_value": came, "currency": "USD"}
            flows.append({"kind": kind.value, "month": month, **flow})
    return [{"year": LAST_DAY.year, "planned_cny": planned}], flows


def _notes(chance: Random, n: int, last_news: date) -> Rows:
    """Draft notes of progress a month apart, the newest on the day of the last news."""
    made = []
    for place in range(pick(chance, NOTE_COUNTS)):
        noted_on = last_news - timedelta(days=30 * place)
        made.append(
            {
                "code": f"{project_code(n)}-note-{place + 1}",
                "noted_on": noted_on,
                "text": chance.choice(NOTED),
                "noted_by": "演示责任单位",
            }
        )
        if chance.random() < 0.7:
            made[-1] |= {
                "next_step": chance.choice(NEXT_STEPS),
                "due_on": noted_on + timedelta(days=chance.choice([14, 30, 90, 400])),
            }
    return made


def _project(world: World, chance: Random, n: int, last_news: date) -> dict[str, Any]:
    origin, sector = world.places.origin(chance), world.places.sector(chance)
    named = pick(chance, NAMED)
    industry = world.places.sector_names[sector] if sector else "行业未知"
    return {
        "code": project_code(n),
        "name_zh": f"演示项目{n:06}（{industry}）" if named != "en" else "",
        "name_en": f"Demo project {n:06}" if named != "zh" else "",
        "park_id": chance.choice(world.parks).pk,
        "kind": chance.choice(KINDS),
        "function": chance.choice(FUNCTIONS),
        "site_mode": chance.choice(SITE_MODES),
        "land_mu": Decimal(chance.randrange(500, 50_000)) / 100 if chance.random() < 0.3 else None,
        "origin_id": origin,
        "origin_basis": chance.choice(ORIGIN_BASES) if origin else "",
        "origin_text": "演示来源地" if origin and chance.random() < 0.3 else "",
        "sector_id": sector,
        "sector_basis": chance.choice(SECTOR_BASES) if sector else "",
        "is_umbrella": chance.random() < 0.01,
        "source_id": chance.choice(world.sources).pk if chance.random() < 0.9 else None,
        "publication": pick(chance, PUBLICATIONS),
        "note": "=1+1 演示文字，不是公式" if chance.random() < 0.01 else "",
        "responsible_unit": "演示责任单位" if chance.random() < 0.2 else "",
        "contact": "演示联系人" if chance.random() < 0.2 else "",
        **_standing(chance, last_news),
        **partly(chance, last_news, "reported_on"),
    }


def _standing(chance: Random, last_news: date) -> dict[str, Any]:
    standing = pick(chance, STANDINGS)
    if standing == Project.Standing.ACTIVE:
        return {"standing": standing}
    return {
        "standing": standing,
        "standing_reason": "演示原因",
        "open_issues": "演示问题：用地指标未落实",
        **partly(chance, last_news, "standing_on"),
    }


def _milestones(world: World, chance: Random, project: dict[str, Any], last_news: date) -> Rows:
    """Draft the stage reached, most stages before it, and a revoked or scheduled next one."""
    if chance.random() < 0.02:
        return []
    reached = STAGES.index(pick(chance, LAST_STAGES))
    made = []
    day = last_news
    for stage in STAGES[reached::-1]:
        if stage == STAGES[reached] or chance.random() < 0.6:
            made.append(_build_met(world, chance, project, stage, day))
        day -= timedelta(days=chance.randrange(-15, 300))  # now and then in the wrong order
    following = STAGES[reached + 1 : reached + 2]
    fate = chance.random()
    if following and fate < 0.04:
        revoked: dict[str, Any] = {"status": MilestoneStatus.REVOKED, "reason": "演示：协议已撤回"}
        revoked |= partly(chance, last_news, "actual_on")
        made.append({"type": following[0], **revoked})
    elif following and fate < 0.42:
        planned = last_news + timedelta(days=chance.randrange(30, 700))
        scheduled = {"status": MilestoneStatus.SCHEDULED, **partly(chance, planned, "planned_on")}
        made.append({"type": following[0], **scheduled})
    return made


def _build_met(
    world: World, chance: Random, project: dict[str, Any], stage: str, day: date
) -> dict[str, Any]:
    is_signing = stage in SIGNING_TYPES
    is_at_event = is_signing and chance.random() < 0.25
    agreement = chance.choice(AGREEMENTS) if is_signing else ""
    if stage == Stage.SIGNED and agreement == AgreementType.INTENT:
        agreement = AgreementType.CONTRACT
    return {
        "type": stage,
        "agreement_type": agreement,
        "event_id": chance.choice(world.events).pk if is_at_event else None,
        "source_id": project["source_id"],
        **partly(chance, day, "actual_on"),
    }


def _figures(chance: Random, project: dict[str, Any], last_news: date) -> Rows:
    """Draft up to two claims of the investment, some in dollars or words, and claims of jobs."""
    claims: Rows = []
    for _n in range(pick(chance, CLAIM_COUNTS)):
        basis = pick(chance, BASES)
        is_intended = basis == InvestmentBasis.INTENDED
        claims.append(
            {
                "amount_cny": _amount(chance),
                "qualifier": pick(chance, QUALIFIERS),
                "investment_basis": basis,
                "is_withdrawn": chance.random() < 0.02,
                "nature": Nature.INTENDED if is_intended else Nature.PROJECTED,
            }
        )
    fate = chance.random()
    if not claims and fate < 0.1:
        claims.append({"value": _amount(chance) // 7, "currency": "USD"})
    elif not claims and fate < 0.2:
        claims.append({"value_text": "数亿元"})
    if fate > 0.9:
        claims.append({"indicator_id": "jobs", "value": chance.randrange(10, 3000)})
    return [
        {
            "code": f"{project['code']}-{place}",
            "source_id": project["source_id"],
            "indicator_id": words.HEADLINE_INDICATOR,
            **partly(chance, last_news, "as_of"),
            **claim,
        }
        for place, claim in enumerate(claims, start=1)
    ]


def _amount(chance: Random) -> int:
    """Draw whole yuan with two significant digits, from 100,000 to 50 billion."""
    yuan = min(max(10 ** chance.gauss(8.2, 0.7), 1e5), 5e10)
    return int(float(f"{yuan:.1e}"))
