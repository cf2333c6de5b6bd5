"""What is due, silent, not known, and whose, in plain Python: facts of a project, and filters."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from tests.projects.oracle.terms import DATED, NARROWING, SHANGHAI, STAGES, Row

FIVE = {
    "amount": "investment_cny",
    "origin": "origin_id",
    "sector": "sector_id",
    "source": "source_id",
    "date": "stage_on",
}
COMPLETENESS = ["complete", "lacks_one", "lacks_two", "lacks_more"]
Period = Callable[[date, str], tuple[date, date]]


def today() -> date:
    return datetime.now(SHANGHAI).date()


def describe(children: dict[str, dict[int, list[Row]]], known: Row, period: Period) -> Row:
    """The last news, the next step, the plan for each stage, and what is in conflict."""
    milestones = children["Milestone"].get(known["id"], [])
    days = [
        period(m["actual_on"], m["actual_on_precision"])[1]
        for m in milestones
        if m["status"] == "met" and m["actual_on"]
    ]
    flows = children["Funding"].get(known["id"], [])
    came = [f for f in flows if f["amount_cny"] or f["amount_value"]]
    money = [f for f in came if f["kind"] != "foreign_agreed"]
    moved = days + [period(flow["month"], "month")[1] for flow in money]
    days = days + [period(flow["month"], "month")[1] for flow in flows]
    if known["reported_on"]:
        days.append(period(known["reported_on"], known["reported_on_precision"])[1])
    reached = STAGES.index(known["stage"]) if known["stage"] else -1
    plans = [
        (m["type"], m["status"], period(m["planned_on"], m["planned_on_precision"]))
        for m in milestones
        if m["planned_on"] and m["status"] != "revoked"
    ]
    ahead = [on for type_, status, on in plans if status == "scheduled" and ranks(type_) > reached]
    next_one = min(ahead, key=lambda on: on[1], default=None)
    facts: Row = {
        "news_on": (min(max(days), today()),) * 2 if days else None,
        "moved_on": max(moved, default=None),
        **describe_newest_note(children["ProgressNote"].get(known["id"], [])),
        "next_planned_on": next_one and next_one[1],
        "planned_on": next_one,
        "is_returned": any(not row["answer"] for row in children["Return"].get(known["id"], [])),
        "obstacle_days": max(
            (
                (today() - row["raised_on"]).days
                for row in children["Obstacle"].get(known["id"], [])
                if row["solved_on"] is None
            ),
            default=None,
        ),
        "claims_in_conflict": is_torn(children["ProjectFigure"].get(known["id"], [])),
        "days_past_promise": find_days_late(milestones, known, period, ["promised_on"]),
        "days_late": find_days_late(milestones, known, period, ["promised_on", "planned_on"]),
    }
    for name in DATED:
        of_stage = [on for type_, _status, on in plans if type_ == name]
        facts[f"{name}_planned_on"] = min(of_stage, key=lambda on: on[1], default=None)
    return facts


def find_days_late(milestones: list[Row], known: Row, period: Period, names: list[str]) -> int:
    """How late the open step is that is most late, by the first of these days that it has."""
    reached = STAGES.index(known["stage"]) if known["stage"] else -1
    met = {m["type"] for m in milestones if m["status"] == "met"}
    days = [0]
    for m in milestones if known["standing"] == "active" else ():
        is_ahead = ranks(m["type"]) > reached if m["type"] in STAGES else m["type"] not in met
        due = [period(m[name], m[f"{name}_precision"])[1] for name in names if m[name]]
        if m["status"] == "scheduled" and is_ahead and due:
            days.append((today() - due[0]).days)
    return max(days)


LATENESS = {"not_late": 0, "1-30": 1, "31-90": 31, "91-180": 91, "181-": 181}


def lateness(row: Row) -> str:
    return [word for word, least in LATENESS.items() if row["days_late"] >= least][-1]


def describe_newest_note(notes: list[Row]) -> Row:
    standing = [n for n in notes if n["superseded_by_id"] is None and not n["is_withdrawn"]]
    newest = max(standing, key=lambda note: (note["noted_on"], note["id"]), default=None)
    days = {name: newest and newest[name] for name in ("noted_on", "due_on")}
    return {
        "latest_progress_on": days["noted_on"] and (days["noted_on"],) * 2,
        "next_step_due_on": days["due_on"] and (days["due_on"],) * 2,
    }


def ranks(stage: str) -> int:
    """The place of a stage; approvals stand before all."""
    return STAGES.index(stage) if stage in STAGES else -1


def is_torn(claims: list[Row]) -> bool:
    """Whether claims that hold say different numbers of the same thing."""
    said: dict[Any, set[Any]] = {}
    for claim in claims:
        holds = claim["superseded_by_id"] is None and not claim["is_withdrawn"]
        number = claim["value"] if claim["amount_cny"] is None else claim["amount_cny"]
        is_whole = claim["scope_is_whole"] or not claim["scope_text"]
        narrowed = any(claim[name] for name in NARROWING if name != "scope_text") or not is_whole
        if holds and number is not None and not narrowed:
            names = (
                "indicator_id nature investment_basis currency as_of as_of_precision period_from"
            )
            same = tuple(claim[name] for name in f"{names} period_to".split())
            said.setdefault(same, set()).add(number)
    return any(len(numbers) > 1 for numbers in said.values())


def is_under_way(row: Row) -> bool:
    is_before = row["stage"] is None or ranks(row["stage"]) < ranks("operating")
    return bool(row["standing"] == "active" and is_before)


def is_overdue(row: Row) -> bool:
    planned = row["next_planned_on"]
    return is_under_way(row) and planned is not None and planned < today()


def is_past_review(row: Row) -> bool:
    on = row["review_on"]
    is_to_be = row["standing"] == "active" and row["stage"] != "full_capacity"
    return is_to_be and on is not None and on[1] < today()


def is_due(row: Row) -> bool:
    planned = row["next_planned_on"]
    last = today() + timedelta(days=90)
    return is_under_way(row) and planned is not None and today() <= planned <= last


def is_step_overdue(row: Row) -> bool:
    return row["next_step_due_on"] is not None and row["next_step_due_on"][0] < today()


def is_silent(row: Row, months: int, *, sees_notes: bool) -> bool:
    told = [row["news_on"], row["latest_progress_on"] if sees_notes else None]
    return all(on is None or on[1] < count_back(months) for on in told)


def is_stalled(row: Row, months: int) -> bool:
    return row["moved_on"] is None or bool(row["moved_on"] < count_back(months))


def count_back(months: int) -> date:
    """The same day so many months ago, or the last day of that month."""
    count = today().year * 12 + today().month - 1 - months
    for day in range(today().day, 0, -1):
        try:
            return date(count // 12, count % 12 + 1, day)
        except ValueError:
            continue
    raise AssertionError(months)


def lacks(row: Row) -> list[str]:
    return [name for name, column in FIVE.items() if row[column] is None]


def completeness(row: Row) -> str:
    return COMPLETENESS[min(len(lacks(row)), 3)]


def capital_of(oracle: Any, investors: list[Row]) -> str | None:
    """Whose capital it is by the investors, with two companies above each."""
    sides = set()
    for investor in (each for each in investors if each["role"] != "vehicle"):
        row, regions = oracle.organisations[investor["organisation_id"]], []
        for _level in range(3):
            regions += [row["region_id"]] if row and row["region_id"] else []
            row = oracle.organisations.get(row["parent_id"]) if row else None
        known = [
            "F" if code >= "A" else "H" if code[:2] in ("71", "81", "82") else "D"
            for code in regions
        ]
        sides.add(next((side for side in "FHD" if side in known), "?"))
    if "D" in sides and sides & {*"FH"}:
        return "joint"
    if "?" in sides or not sides:
        return None
    return {"F": "foreign", "H": "hmt", "D": "domestic"}[min(sides, key="FHD".index)]


SCOPES = ["abroad", "hmt", "other_province", "other_city", "same_city"]


def scope_of(regions: Any, origin: str | None, place: str) -> str | None:
    """How far away the investor is from where a project stands."""
    if not origin:
        return None
    if origin >= "A" or origin[:2] in ("71", "81", "82"):
        return "abroad" if origin >= "A" else "hmt"
    if regions.province(origin) != regions.province(place):
        return "other_province" if place < "A" else None
    cities = [regions.city(origin), regions.city(place)]
    if None in cities:
        return None
    return "same_city" if len({*cities}) == 1 else "other_city"
