"""Synthetic projects, plainly named so: plenty to try filters on, and to measure with.

The same seed makes the same rows, and project 7 is the same among ten as among a million. They
hold what makes real rows hard: coarse codes, partial dates, unknown amounts, undated milestones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from config.amounts import Qualifier
from parks.models import Nature, RetiredCode
from parks.recording.recording import recorded
from projects.lifecycle import words
from projects.lifecycle.words import (
    BINDING,
    SIGNING_TYPES,
    STAGES,
    InvestmentBasis,
    MilestoneStatus,
)
from projects.models import Investor, Milestone, Participation, Project, ProjectFigure
from projects.seeding.demo_world import CODE_PREFIX, PUBLICATIONS, World, day_between, partly, pick

BATCH = 2000
LAST_STAGES = dict(zip(STAGES, [3, 5, 14, 26, 3, 3, 18, 6, 18, 4], strict=True))
QUALIFIERS = dict(zip(Qualifier, [70, 8, 4, 10, 4, 2, 2], strict=True))
BASES = {
    InvestmentBasis.AGREED: 20,
    InvestmentBasis.PLANNED: 30,
    InvestmentBasis.INTENDED: 15,
    InvestmentBasis.REPORTED: 35,
}
STANDINGS = dict(zip(Project.Standing, [90, 3, 4, 1, 2], strict=True))


@dataclass
class Draft:
    """A project with all that belongs to it, not yet written."""

    project: Project
    milestones: list[Milestone] = field(default_factory=list)
    figures: list[ProjectFigure] = field(default_factory=list)
    investors: list[Investor] = field(default_factory=list)
    participations: list[Participation] = field(default_factory=list)


def make_projects(world: World, count: int) -> Iterator[int]:
    """Write those of the projects 1 to `count` that are missing; yields how many, batch by batch.

    Numbers of demo projects that somebody deleted are left out: their codes are retired.
    """
    taken = set(Project.objects.filter(code_key__startswith=CODE_PREFIX).values_list("code_key"))
    taken |= set(RetiredCode.objects.filter(model="projects.project").values_list("code_key"))
    missing = [n for n in range(1, count + 1) if (project_code(n),) not in taken]
    for start in range(0, len(missing), BATCH):
        numbers = missing[start : start + BATCH]
        before = Project.objects.filter(code=project_code(numbers[0] - 1))
        with recorded(reason="make_demo"):
            projects = _write([draft(world, n) for n in numbers])
            _relate([*before, *projects])
        yield len(numbers)


def project_code(n: int) -> str:
    return f"{CODE_PREFIX}{n:06}"


def _write(drafts: Sequence[Draft]) -> list[Project]:
    """Write drafts as a set, then derive their stages and amounts as a set."""
    projects = Project.objects.bulk_create([each.project for each in drafts])
    Milestone.objects.bulk_create(row for each in drafts for row in each.milestones)
    ProjectFigure.objects.bulk_create(row for each in drafts for row in each.figures)
    Investor.objects.bulk_create(row for each in drafts for row in each.investors)
    Participation.objects.bulk_create(row for each in drafts for row in each.participations)
    _supersede(drafts)
    written = Project.objects.filter(pk__gte=projects[0].pk, pk__lte=projects[-1].pk)
    written.derive()
    return projects


def _supersede(drafts: Sequence[Draft]) -> None:
    """Of two claims on one basis the later stands in the place of the earlier."""
    ProjectFigure.objects.supersede(
        {
            earlier.pk: later.pk
            for each in drafts
            for earlier, later in zip(each.figures, each.figures[1:], strict=False)
            if earlier.investment_basis == later.investment_basis and earlier.amount_cny
        }
    )


def _relate(projects: Sequence[Project]) -> None:
    """Merged projects name the one before them; those after an umbrella agreement are its parts."""
    related = []
    for before, project in zip(projects, projects[1:], strict=False):
        if project.standing == Project.Standing.MERGED:
            project.duplicate_of = before
        elif before.is_umbrella and not project.is_umbrella:
            project.part_of = before
        else:
            continue
        related.append(project)
    Project.objects.bulk_update(related, ["duplicate_of", "part_of"])


def draft(world: World, n: int) -> Draft:
    """Draft project `n` of a world with all that belongs to it."""
    chance = Random(f"{world.seed} {n}")  # noqa: S311
    last_news = day_between(chance)
    made = Draft(_project(world, chance, n, last_news))
    made.milestones = _milestones(world, chance, made.project, last_news)
    made.figures = _figures(world, chance, made.project, last_news)
    companies = chance.sample(world.companies, pick(chance, {0: 15, 1: 60, 2: 18, 3: 7}))
    made.investors = [
        Investor(
            project=made.project,
            organisation=company,
            role=Investor.Role.CO if place else Investor.Role.LEAD,
            share_bp=10_000 // len(companies) if chance.random() < 0.3 else None,
        )
        for place, company in enumerate(companies)
    ]
    signing = next((m for m in made.milestones if m.event), None)
    if signing:
        made.participations = [
            Participation(
                project=made.project,
                event=signing.event,
                role=Participation.Role.SIGNED,
                agreement_type=signing.agreement_type,
            )
        ]
    return made


def _project(world: World, chance: Random, n: int, last_news: date) -> Project:
    origin, sector = world.places.origin(chance), world.places.sector(chance)
    named = pick(chance, {"both": 94, "zh": 4, "en": 2})
    industry = world.places.sector_names[sector] if sector else "行业未知"
    return Project(
        code=project_code(n),
        name_zh=f"演示项目{n:06}（{industry}）" if named != "en" else "",
        name_en=f"Demo project {n:06}" if named != "zh" else "",
        park=chance.choice(world.parks),
        kind=chance.choice(["", *Project.Kind.values]),
        function=chance.choice(["", *Project.Function.values]),
        site_mode=chance.choice(["", *Project.SiteMode.values]),
        land_mu=Decimal(chance.randrange(500, 50_000)) / 100 if chance.random() < 0.3 else None,
        origin_id=origin,
        origin_basis=chance.choice(Project.OriginBasis.values) if origin else "",
        origin_text="演示来源地" if origin and chance.random() < 0.3 else "",
        sector_id=sector,
        sector_basis=chance.choice(Project.SectorBasis.values) if sector else "",
        is_umbrella=chance.random() < 0.01,
        source=chance.choice(world.sources) if chance.random() < 0.9 else None,
        publication=pick(chance, PUBLICATIONS),
        note="=1+1 演示文字，不是公式" if chance.random() < 0.01 else "",
        responsible_unit="演示责任单位" if chance.random() < 0.2 else "",
        contact="演示联系人" if chance.random() < 0.2 else "",
        **_standing(chance, last_news),
        **partly(chance, last_news, "reported_on"),
    )


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


def _milestones(world: World, chance: Random, project: Project, last_news: date) -> list[Milestone]:
    """The stage reached, most of those before it, now and then one revoked, and what is next."""
    if chance.random() < 0.02:
        return []
    reached = STAGES.index(pick(chance, LAST_STAGES))
    made = []
    day = last_news
    for stage in STAGES[reached::-1]:
        if stage == STAGES[reached] or chance.random() < 0.6:
            made.append(_build_met(world, chance, project, stage, day))
        day -= timedelta(days=chance.randrange(-5, 300))  # now and then in the wrong order
    following = STAGES[reached + 1 : reached + 2]
    if following and chance.random() < 0.04:
        made.append(
            Milestone(
                project=project,
                type=following[0],
                status=MilestoneStatus.REVOKED,
                reason="演示：协议已撤回",
                **partly(chance, last_news, "actual_on"),
            )
        )
    elif following and chance.random() < 0.4:
        planned = last_news + timedelta(days=chance.randrange(30, 700))
        made.append(
            Milestone(
                project=project,
                type=following[0],
                status=MilestoneStatus.SCHEDULED,
                **partly(chance, planned, "planned_on"),
            )
        )
    return made


def _build_met(world: World, chance: Random, project: Project, stage: str, day: date) -> Milestone:
    is_signing = stage in SIGNING_TYPES
    return Milestone(
        project=project,
        type=stage,
        agreement_type=chance.choice(["", *BINDING]) if is_signing else "",
        event=chance.choice(world.events) if is_signing and chance.random() < 0.25 else None,
        source=project.source,
        **partly(chance, day, "actual_on"),
    )


def _figures(
    world: World, chance: Random, project: Project, last_news: date
) -> list[ProjectFigure]:
    """No claim of the investment, one, or two; some in dollars or in words; now and then jobs."""
    claims: list[dict[str, Any]] = []
    for _n in range(pick(chance, {0: 28, 1: 60, 2: 12})):
        basis = pick(chance, BASES)
        claims.append(
            {
                "amount_cny": _amount(chance),
                "qualifier": pick(chance, QUALIFIERS),
                "investment_basis": basis,
                "is_withdrawn": chance.random() < 0.02,
                "nature": Nature.INTENDED
                if basis == InvestmentBasis.INTENDED
                else Nature.PROJECTED,
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
        ProjectFigure(
            **{
                "code": f"{project.code}-{place}",
                "project": project,
                "source": project.source,
                "indicator_id": words.HEADLINE_INDICATOR,
                **partly(chance, last_news, "as_of"),
                **claim,
            }
        )
        for place, claim in enumerate(claims, start=1)
    ]


def _amount(chance: Random) -> int:
    """Whole yuan as amounts are given: two digits that count, from 100,000 to 50 billion."""
    yuan = min(max(10 ** chance.gauss(8.2, 0.7), 1e5), 5e10)
    return int(float(f"{yuan:.1e}"))
