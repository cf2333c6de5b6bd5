"""Office data of synthetic rows: tags, approvals, people in charge, points, and capital."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db.models import F

from parks.models import Nature, Organisation, OrganisationTag
from parks.models.places import PointAccuracy, PointDatum
from parks.names.cell_lookup import create_rows
from projects.models import Assignment, Funding, Investor, Project, ProjectFigure
from projects.models.words import HEADLINE_INDICATOR, Approval, CapitalType
from projects.writing.writing import StatedProject, update_rows
from sheets.amounts import Qualifier

TAGGED, APPROVED, ASSIGNED, PLACED, STATED = 0.25, 0.2, 0.3, 0.3, 0.15  # of all projects
HEDGED, EQUIPPED = 0.2, 0.6  # of projects with a known area
PROMISED = 0.2  # of projects with an amount
KEY_TAGS = ["province-key", "city-key", "county-key"]
YEARS = [2023, 2024, 2025, 2026]
COMPANY_TAGS = ["fortune-500", "china-500", "private-500", "unicorn", "gazelle", "tech-sme"]
CERTIFICATES = ["hnte", "specialised-sme", "little-giant"]
OWNERSHIPS = [*Organisation.Ownership.values, "private", "private", ""]
DATUMS = [PointDatum.WGS84, PointDatum.WGS84, PointDatum.GCJ02]


def add_office_rows(
    made: StatedProject, chance: Random, last_news: date, known: Collection[str]
) -> None:
    """Add tags among the `known` ones, approvals, people, a point and capital to a draft."""
    if chance.random() < TAGGED:
        made.tags.append({"tag_id": chance.choice(KEY_TAGS), "year": chance.choice(YEARS)})
    if chance.random() < TAGGED / 5:
        made.tags.append(
            {"tag_id": "started-together", "valid_from": last_news, "detail": "演示第一批"}
        )
    made.tags = [tag for tag in made.tags if tag["tag_id"] in known]
    if chance.random() < APPROVED:
        for number, approval in enumerate(chance.sample(Approval.values, chance.choice([1, 2, 3]))):
            made.milestones.append(
                {
                    "type": approval,
                    "actual_on": last_news - timedelta(days=chance.randrange(400)),
                    "actual_on_precision": "day",
                    "document_no": f"演示文号〔{last_news.year}〕{number + 1}号",
                }
            )
    if chance.random() < ASSIGNED:
        for role in chance.sample(Assignment.Role.values, chance.choice([1, 2])):
            name = f"演示人员{chance.randrange(1, 21):02}"
            made.assignments.append({"role": role, "name": name, "office": "演示责任单位"})
    if len(made.investors) > 1 and chance.random() < 0.3:
        made.investors[-1]["role"] = Investor.Role.VEHICLE
    if chance.random() < STATED:
        made.columns["capital_type_stated"] = chance.choice(CapitalType.values)
    if chance.random() < PLACED:
        made.columns |= draw_point(chance)


def measure_land(made: StatedProject, chance: Random) -> None:
    """Add floor areas, qualify some areas of land, and add claims of fixed-asset investment."""
    if made.columns["site_mode"] == Project.SiteMode.LEASE:
        made.columns |= {"floor_area_m2": chance.randrange(5, 200) * 100, "building": "演示楼栋"}
    if made.columns["land_mu"] is None:
        return
    if chance.random() < HEDGED:
        made.columns["land_qualifier"] = chance.choice([Qualifier.OVER, Qualifier.ABOUT]).value
    amounts = [claim["amount_cny"] for claim in made.figures if claim.get("amount_cny")]
    if amounts and chance.random() < EQUIPPED:
        made.figures.append(
            {
                "code": f"{made.columns['code']}-fixed",
                "source_id": made.columns["source_id"],
                "indicator_id": "fixed_investment",
                "nature": Nature.PROJECTED,
                "amount_cny": amounts[-1] * chance.randrange(50, 95) // 100,
            }
        )


def add_results(made: StatedProject, chance: Random, year: int) -> None:
    """Recognise some money, and add results of a year and a day of review to some projects."""
    for flow in made.fundings:
        percent = chance.choice([0, 80, 100])
        if percent and flow["kind"] in (Funding.Kind.PAID_IN, Funding.Kind.COMPLETED):
            flow["recognised_cny"] = flow["amount_cny"] * percent // 100
    amounts = [claim["amount_cny"] for claim in made.figures if claim.get("amount_cny")]
    if not amounts or chance.random() > PROMISED:
        return
    made.columns |= {"review_on": date(year, 12, 31), "review_on_precision": "day"}
    first = {f"period_{end}": date(year, 1, 1) for end in ("from", "to")}
    period = first | {f"{name}_precision": "year" for name in first}
    for nature, percent in ((Nature.PROMISED, 100), (Nature.ACTUAL, chance.randrange(50, 130))):
        for indicator, share in (("output_per_year", 80), ("tax_per_year", 6)):
            claim = {"indicator_id": indicator, "nature": nature, **period}
            claim["code"] = f"{made.columns['code']}-{indicator.partition('_')[0]}-{nature}"
            claim["amount_cny"] = amounts[-1] * share * percent // 10_000
            if nature == Nature.PROMISED or percent < 110:  # some never reported
                made.figures.append({**claim, "source_id": made.columns["source_id"]})


def contradict(claim: Mapping[str, Any]) -> dict[str, Any]:
    """Draft a claim that contradicts another one."""
    name = "amount_cny" if claim.get("amount_cny") else "value"
    other = {name: claim[name] * 2} if claim.get(name) else {}
    return {**claim, "code": f"{claim['code']}-other", **other}


def increase_amounts(codes: Sequence[str]) -> None:
    """Add a fifth to the amounts of these projects (增资)."""
    counted = ProjectFigure.objects.standing().filter(
        project__code__in=codes,
        indicator=HEADLINE_INDICATOR,
        amount_cny=F("project__investment_cny"),
    )
    for base in counted.select_related("project").order_by("pk"):
        ProjectFigure.objects.create(
            code=f"{base.project.code}-more",
            project=base.project,
            indicator_id=HEADLINE_INDICATOR,
            nature=base.nature,
            investment_basis=base.investment_basis,
            amount_cny=base.amount_cny // 5,
            adds_to=base,
            source_id=base.source_id,
        )


def draw_point(chance: Random) -> dict[str, Any]:
    """Draw a point in the east of China."""
    return {
        "address": f"演示路{chance.randrange(1, 999)}号",
        "latitude": Decimal(chance.randrange(23_000_000, 41_000_000)) / 10**6,
        "longitude": Decimal(chance.randrange(104_000_000, 120_000_000)) / 10**6,
        "point_accuracy": chance.choice(["", *PointAccuracy.values]),
        "point_datum": chance.choice(DATUMS).value,
    }


def tag_companies(
    companies: Sequence[Organisation], chance: Random, known: Collection[str]
) -> None:
    """Assign demo companies to groups and give them `known` tags, unless one of them has a tag."""
    if OrganisationTag.objects.filter(organisation__in=companies).exists():
        return
    groups = {
        company.pk: {"parent_id": companies[number - number % 20].pk}
        for number, company in enumerate(companies)
        if number % 20 in (1, 2, 3)
    }
    update_rows(Organisation, groups)
    taggings: list[dict[str, Any]] = []
    for number, company in enumerate(companies):
        for tag in chance.sample(COMPANY_TAGS, chance.choice([0, 0, 1, 1, 2])):
            years = [year for year in YEARS if chance.random() < 0.6]
            taggings += [{"organisation_id": company.pk, "tag_id": tag, "year": y} for y in years]
        if chance.random() < 0.4:
            first = date(chance.randrange(2014, 2026), chance.randrange(1, 13), 1)
            last = first.replace(year=first.year + 3) - timedelta(days=1)
            term = {"valid_from": first, "valid_to": last, "detail": f"演示证书{number:03}"}
            tag = chance.choice(CERTIFICATES)
            taggings.append({"organisation_id": company.pk, "tag_id": tag, **term})
    create_rows(OrganisationTag, [each for each in taggings if each["tag_id"] in known])
