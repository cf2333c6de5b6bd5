"""Land as the oracle sees it: what was agreed, or is put into fixed assets, for each mu."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.projects.oracle.terms import NARROWING, Row


def find_fixed(children: dict[str, dict[int, list[Row]]], project: int, period: Any) -> int | None:
    """What is put into fixed assets by the newest claim of the whole project that holds."""
    holding = [
        claim
        for claim in children["ProjectFigure"].get(project, [])
        if claim["indicator_id"] == "fixed_investment"
        and claim["superseded_by_id"] is None
        and not claim["is_withdrawn"]
        and claim["amount_cny"] is not None
        and not any(claim[name] for name in NARROWING)
    ]

    def age(claim: Row) -> Any:
        as_of = claim["as_of"]
        return (period(as_of, claim["as_of_precision"])[1] if as_of else date.min), claim["id"]

    newest = max(holding, key=age, default=None)
    return newest and newest["amount_cny"]


def put_agreed(row: Row) -> bool:
    return put_on_land(row, "agreed_per_mu") is not None


def put_fixed(row: Row) -> bool:
    return put_on_land(row, "investment_intensity") is not None


def put_on_land(row: Row, measure: str) -> int | None:
    """The yuan of a measure, if the project has bought land of a known area; else None."""
    if row["site_mode"] != "land" or not row["land_mu"]:
        return None
    if measure == "investment_intensity":
        return row["fixed_investment"]
    return row["investment_cny"] if row["investment_basis"] == "agreed" else None


PER_MU = {"agreed_per_mu": put_agreed, "investment_intensity": put_fixed}


def per_mu(rows: list[Row], measure: str) -> int | None:
    """Yuan a mu, to whole yuan."""
    known = [
        (cny, row["land_mu"]) for row in rows if (cny := put_on_land(row, measure)) is not None
    ]
    land = sum((mu for _cny, mu in known), Decimal(0))
    return round(float(sum(cny for cny, _mu in known)) / float(land)) if known else None


def check_lists(listed: Any, row: Row, measure: str) -> None:
    """What a number per mu says that it is worked out from is what its lists have."""
    of = row[f"{measure}_of"]
    if of["leased"]:
        assert len(listed(of["leased_list_url"])) == of["leased"], row
    if not of["projects"]:
        assert row[measure] is of["numerator"] is of["denominator_list_url"] is None, row
        return
    projects = listed(of["denominator_list_url"])
    assert len(projects) == of["projects"], row
    land = sum(Decimal(str(project["land_mu"])) for project in projects)
    assert (of["denominator"], {project["site_mode"] for project in projects}) == (
        float(land),
        {"land"},
    )
    if measure == "agreed_per_mu":
        agreed = listed(of["numerator_list_url"])
        assert of["numerator"] == sum(project["investment_cny"] for project in agreed), row
