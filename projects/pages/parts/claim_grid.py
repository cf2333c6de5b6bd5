"""A grid of claims: a row an indicator and nature, a column what it is said of; never ranked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from parks.models import Nature
from projects.pages.addresses import join_address
from projects.pages.parts.blocks import name_cell, text_cell
from projects.pages.parts.claim_tables import ShownClaim
from projects.pages.parts.claims import say_time, source_cell, value_cell

_PARTS = ("origin", "origin_group", "sector", "sector_group", "place", "size_floor_cny")


def gather_claims(claims: Iterable[ShownClaim], subjects: Sequence[str]) -> list[dict[str, Any]]:
    """Gather claims, newest first, into rows as `parks/compare` has them.

    `subjects` are the fields that say of whom a claim is. Each cell has the newest claim of the
    whole, or of a part if there is none, and how many `others` there are.
    """
    found: dict[tuple[str, str], dict[str, list[ShownClaim]]] = {}
    for claim in claims:
        about = next(claim[name] for name in subjects if claim[name])
        cells = found.setdefault((claim["indicator"], claim["nature"]), {})
        cells.setdefault(about, []).append(claim)
    rows = []
    for (_indicator, nature), cells in found.items():
        chosen = {code: choose_claim(said) for code, said in cells.items()}
        first = next(iter(chosen.values()))
        names = {key: first[f"indicator_{key}"] for key in ("name_zh", "name_en")}
        rows.append({**names, "nature": nature, "claims": chosen})
    return rows


def choose_claim(claims: Sequence[ShownClaim]) -> dict[str, Any]:
    """Choose the first claim that is of the whole, else the first, and count the others."""
    whole = [claim for claim in claims if not is_of_part(claim)]
    return {**[*whole, *claims][0], "others": len(claims) - 1}


def is_of_part(claim: ShownClaim) -> bool:
    """Tell whether a claim is only of a part of what it is about."""
    narrowed = any(claim[name] for name in _PARTS)
    return narrowed or bool(claim["scope_text"] and not claim["scope_is_whole"])


def describe_comparison(row: Mapping[str, Any], about: Mapping[str, str]) -> dict[str, Any]:
    """Describe a row: its indicator and nature, and what is said of each.

    `about` are the codes of the columns in their order, each with the filter of claims about it.
    """
    claims = [row["claims"].get(code) for code in about]
    times = {say_time(claim) for claim in claims if claim}
    return {
        "name": name_cell(row, note=str(Nature(row["nature"]).label)),
        "warning": _("of different days") if len(times) > 1 else "",
        "claims": [
            describe_compared(claim, {filters: code})
            for claim, (code, filters) in zip(claims, about.items(), strict=True)
        ],
    }


def describe_compared(
    claim: Mapping[str, Any] | None, question: Mapping[str, str]
) -> dict[str, Any] | None:
    """Describe what is said of one: value, day, part, source, and what else is said."""
    if claim is None:
        return None
    return {
        "value": value_cell(claim),
        "time": say_time(claim),
        "part": text_cell(claim["scope_text"]),
        "source": source_cell(claim),
        "others": claim["others"],
        "href": join_address("/figures", {**question, "indicator": claim["indicator"]}),
    }
