"""Claims in words, in tables and in grids."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from pages.addresses import find_row_page, join_address
from pages.charts.layers import ChartSpec
from pages.charts.marks import draw_series
from pages.charts.spec import frame_spec
from pages.charts.table import CHART_MEASURES, ChartUnit, choose_unit
from pages.charts.text import clean
from pages.charts.theme import DARK, LIGHT
from pages.language import find_other_language, label_word, say_name
from pages.parts import blocks
from pages.parts.rows import PART_LISTS, SUBJECT_LISTS, AskList, RowNames
from parks.models import Claim, Nature
from projects.models.words import HEADLINE_INDICATOR, InvestmentBasis
from sheets.amounts import LEDGER_CURRENCY, LEDGER_LAND, active_language, format_hedged, say_money
from sheets.dates import PartialDate

# Units of indicators, as they follow a number. Units that a ledger adds are shown as they are.
_UNITS: Mapping[str, str | Promise] = {
    "percent": "%",
    "projects": gettext_lazy(" projects"),
    "enterprises": gettext_lazy(" enterprises"),
    "companies": gettext_lazy(" companies"),
    "km2": gettext_lazy(" km²"),
    "m2": gettext_lazy(" m²"),
    LEDGER_LAND: gettext_lazy(" mu"),
    "times": gettext_lazy(" times"),
    "jobs": gettext_lazy(" jobs"),
    f"jobs per {LEDGER_LAND}": gettext_lazy(" jobs per mu"),
    "people": gettext_lazy(" people"),
    "participants": gettext_lazy(" participants"),
    "parties": gettext_lazy(" parties"),
    "markets and centres": gettext_lazy(" markets and centres"),
}
_YUAN_UNITS: Mapping[str, str | Promise] = {
    LEDGER_CURRENCY: "",
    f"{LEDGER_CURRENCY} per year": gettext_lazy(" a year"),
    f"{LEDGER_CURRENCY} per {LEDGER_LAND}": gettext_lazy(" per mu"),
    f"{LEDGER_CURRENCY} per {LEDGER_LAND} per year": gettext_lazy(" per mu a year"),
}


def write_claimed(claim: Mapping[str, Any]) -> str:
    """Write the value of a claim as it was reported: 近1万个, 超1.5亿元, nearly 80%."""
    value, unit, currency = claim["value"], claim["unit"], claim["currency"]
    if not isinstance(value, int | float):
        return value or str(claim["as_reported"])
    if (currency or unit in _YUAN_UNITS) and float(value).is_integer():
        written = say_money(int(value), currency, claim["qualifier"] or "exact")
        return f"{written}{_YUAN_UNITS.get(unit, '')}"
    number = format_hedged(Decimal(str(value)), claim["qualifier"], language=active_language())
    return f"{number}{f' {currency}' if currency else _UNITS.get(unit, f' {unit}')}"


def value_cell(claim: Mapping[str, Any]) -> blocks.PageCell:
    """Make a cell of the value of a claim, which links to the claim."""
    standing = _("superseded") if claim["superseded_by"] else ""
    standing = _("withdrawn") if claim["is_withdrawn"] else standing
    address = join_address("/figures", {"code": claim["code"]})
    cell = blocks.text_cell(write_claimed(claim), address, standing or claim["printed_conversion"])
    number = claim["value"] if isinstance(claim["value"], int | float) else None
    measure = "" if number is None else "value"
    return replace(cell, value=number, measure=measure, is_struck=bool(standing))


def say_nature(claim: Mapping[str, Any]) -> str:
    """Describe a claim: its nature, the basis of an amount, and what it increases."""
    nature = str(Nature(claim["nature"]).label)
    if claim.get("adds_to"):
        nature = _("increase of %(claim)s") % {"claim": claim["adds_to"]}
    basis = claim.get("investment_basis")
    said = [nature, str(InvestmentBasis(basis).label)] if basis else [nature]
    return " · ".join(dict.fromkeys(said))  # an intention is one by nature and by basis


def say_time(claim: Mapping[str, Any]) -> str:
    """Write the period of a claim, else its day, after the words of the period.

    A Chinese page leaves out English words where it has dates.
    """
    first, last, day = claim["period_from"], claim["period_to"], claim["as_of"]
    if last and (last == first or (last == day and not first)):
        dates = last
    else:
        dates = f"{first or ''} – {last or ''}".strip() if first or last else day or ""
    words = claim["period_text"] or ""
    is_said = dates and find_other_language(words) == "en"
    return " · ".join(filter(None, ["" if is_said else words, dates]))


def source_cell(claim: Mapping[str, Any]) -> blocks.PageCell:
    title = claim.get("source_title") or claim["source"] or ""
    return blocks.text_cell(title, find_row_page("sources", claim["source"]))


def speaker_cell(claim: Mapping[str, Any]) -> blocks.PageCell:
    """Make a cell of who said a claim, which opens what else they said."""
    name = claim["said_by_name"] or claim["said_by_text"] or ""
    is_quoted = claim["attribution"] == Claim.Attribution.QUOTATION
    quoted = label_word(Claim.Attribution, claim["attribution"]) if is_quoted else ""
    return blocks.text_cell(name, find_row_page("people", claim["said_by"]), quoted)


ShownClaim = Mapping[str, Any]


def tabulate_all_claims(
    ask: AskList, claims: Sequence[ShownClaim], left_out: Iterable[str] = ()
) -> blocks.PageTable:
    """Make a table of claims; superseded and withdrawn ones are struck through.

    `left_out` are columns that would say the same in each row: `subject`, `indicator`, `source`.
    """
    names = RowNames(ask, claims, {**SUBJECT_LISTS, **PART_LISTS})
    cells: dict[str, tuple[str, Callable[[ShownClaim], blocks.PageCell]]] = {
        "subject": (_("About what"), lambda claim: names.link_row(claim, find_subject(claim))),
        "indicator": (
            _("Indicator"),
            lambda claim: blocks.name_cell(claim, prefix="indicator_name"),
        ),
        "value": (_("Value"), value_cell),
        "nature": (
            _("Type and date"),
            lambda claim: blocks.PageCell(say_nature(claim), note=say_time(claim)),
        ),
        "part": (_("Scope"), lambda claim: blocks.text_cell(say_part(claim, names))),
        "words": (_("Words as reported"), lambda claim: blocks.text_cell(claim["as_reported"])),
        "speaker": (_("Said by"), speaker_cell),
        "source": (_("Source"), source_cell),
        "note": (_("Note"), lambda claim: blocks.note_cell(claim["note"])),
    }
    shown = [
        blocks.PageColumn(label, make_cell=make_cell)
        for name, (label, make_cell) in cells.items()
        if name not in {*left_out}
    ]
    return blocks.fill_known_columns(_("Claims"), shown, claims)


def find_subject(claim: ShownClaim) -> str:
    return next(name for name in SUBJECT_LISTS if claim.get(name))


def say_scope(claim: ShownClaim) -> str:
    """Write of which part a claim is, or what its whole is; a Chinese page has no English words."""
    text: str = claim["scope_text"]
    if find_other_language(text) != "en":
        return text
    return "" if claim["scope_is_whole"] else _("part of it")


def say_part(claim: ShownClaim, names: RowNames) -> str:
    """Describe the part of its subject that a claim is about: origin, sector, place, size."""
    said = [say_name(names.get_row(claim, name)) for name in PART_LISTS if claim[name]]
    if claim["size_floor_cny"]:
        said.append(_("from %(amount)s") % {"amount": blocks.write_amount(claim["size_floor_cny"])})
    said += [text for text in (say_scope(claim), claim["condition"]) if text]
    return " · ".join(said)


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
        # The first claim of the whole, else the first, and how many others there are
        sorted_cells = {code: sorted(said, key=is_of_part) for code, said in cells.items()}
        chosen = {code: {**said[0], "others": len(said) - 1} for code, said in sorted_cells.items()}
        first = next(iter(chosen.values()))
        names = {key: first[f"indicator_{key}"] for key in ("name_zh", "name_en")}
        rows.append({**names, "nature": nature, "claims": chosen})
    return rows


def is_of_part(claim: ShownClaim) -> bool:
    """Check whether a claim is about only a part of its subject."""
    narrowed = any(claim[name] for name in _PARTS)
    return narrowed or bool(claim["scope_text"] and not claim["scope_is_whole"])


def complete_amounts(ask: AskList, projects: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Complete the projects of a list like `complete_amount`, all with one question."""
    codes = [row["code"] for row in projects if row["investment_cny"] is None]
    question = {"code": ",".join(codes), "fields": "code,figures", "limit": len(codes)}
    found = ask("projects", {**question, "expand": "figures"})["results"] if codes else []
    claims = {row["code"]: row["figures"] for row in found}
    return [complete_amount(row, claims.get(row["code"], ())) for row in projects]


def complete_amount(project: Mapping[str, Any], claims: Sequence[ShownClaim]) -> dict[str, Any]:
    """Give a project without an amount in the ledger's currency its newest in another one."""
    said = [
        claim
        for claim in claims
        if claim["indicator"] == HEADLINE_INDICATOR
        and claim["currency"]
        and isinstance(claim["value"], int | float)
        and not (claim["superseded_by"] or claim["is_withdrawn"] or is_of_part(claim))
    ]
    if project["investment_cny"] is not None or not said:
        return {**project}
    newest = max(said, key=find_day_of_claim)
    basis = newest["investment_basis"]
    return {**project, "other_amount": write_claimed(newest), "investment_basis": basis}


def find_day_of_claim(claim: ShownClaim) -> date:
    """Find the last day that a claim is of; one without a day is older than all others."""
    day = claim["as_of"] or claim["period_to"]
    return PartialDate.parse(day).last if day else date.min


def describe_comparison(
    row: Mapping[str, Any], about: Mapping[str, str], in_part: Collection[Sequence[str]] = ()
) -> dict[str, Any]:
    """Describe a row: its indicator and nature, and the claim of each column.

    `about` are the codes of the columns in their order, each with the filter of claims about it.
    `in_part` has the code, indicator and nature of claims about parts, which stand for no column.
    """
    claims = {code: row["claims"].get(code) for code in about}
    times = {say_time(claim) for claim in claims.values() if claim}
    return {
        "name": blocks.name_cell(row, note=str(Nature(row["nature"]).label)),
        "warning": _("of different days") if len(times) > 1 else "",
        "claims": [
            {
                "value": value_cell(claim),
                "time": say_time(claim),
                "part": blocks.text_cell(say_scope(claim)),
                "source": source_cell(claim),
                "others": claim["others"],
                "href": join_address(
                    "/figures", {about[code]: code, "indicator": claim["indicator"]}
                ),
            }
            if claim
            else link_parts(about[code], code, row, in_part)
            for code, claim in claims.items()
        ],
    }


def link_parts(
    name: str, code: str, row: Mapping[str, Any], in_part: Collection[Sequence[str]]
) -> dict[str, str] | None:
    """Link to the claims about parts of a column without a claim about the whole."""
    if (code, row.get("indicator"), row["nature"]) not in in_part:
        return None
    asked = {name: code, "indicator": row["indicator"], "nature": row["nature"]}
    return {"parts": join_address("/figures", asked)}


_FEWEST_DAYS = 3  # that make a series


def draw_claims(
    page: Any, question: Mapping[str, Any], widths: Sequence[int], *, is_dark: bool = False
) -> list[ChartSpec]:
    """Build the Vega-Lite specs, in some widths, of the dated numbers that a question selects.

    None where they are not of one indicator, of one subject as a whole, or are of few days. They
    are of the nature of the newest.
    """
    asked = {**question, "is_narrowed": "false", "ordering": "as_of", "limit": "500"}
    found = page.ask("figures", asked)["results"]
    dated = [each for each in found if each["as_of"] and isinstance(each["value"], int | float)]
    claims = [claim for claim in dated if claim["nature"] == dated[-1]["nature"]]
    same = {(claim["indicator"], claim["currency"], claim[find_subject(claim)]) for claim in claims}
    if len(same) != 1 or len({claim["as_of"] for claim in claims}) < _FEWEST_DAYS:
        return []
    newest, theme, language = claims[-1], DARK if is_dark else LIGHT, active_language()
    is_money = newest["unit"] in _YUAN_UNITS and not newest["currency"]
    measure = CHART_MEASURES["investment_cny" if is_money else "count"]
    unit = choose_unit(measure, [claim["value"] for claim in claims], language)
    points = [place_claim(claim, unit) for claim in claims]
    subject = RowNames(page.ask, [newest], SUBJECT_LISTS).get_row(newest, find_subject(newest))
    title = clean(f"{say_name(newest, 'indicator_name')} · {say_name(subject)}")
    day = _("as of %(day)s") % {"day": page.moment or timezone.localdate()}
    last = _("The newest: %(claim)s") % {"claim": points[-1]["description"]}
    hollow = [_("hollow: superseded or withdrawn")] if any(p["is_past"] for p in points) else []
    notes = [f"{_('Park Ledger')} · {day}", last, *hollow]
    return [
        frame_spec(title, notes, language, theme, draw_series(points, theme, width), width)
        for width in widths
    ]


def place_claim(claim: ShownClaim, unit: ChartUnit) -> dict[str, Any]:
    """Place a claim in time, and describe it."""
    shown = value_cell(claim)
    said = " · ".join([say_nature(claim), say_time(claim), claim["source_title"] or ""])
    return {
        "day": PartialDate.parse(claim["as_of"]).first.isoformat(),
        "amount": unit.convert(claim["value"]),
        "text": unit.write_with_unit(claim["value"]),
        "is_past": shown.is_struck,
        "href": shown.href,
        "description": clean(f"{shown.text}: {said}"),
    }


def plan_series(page: Any, question: Mapping[str, Any]) -> blocks.Picture | None:
    """Plan the picture of the claims that a question selects; None if they are no series."""
    specs = draw_claims(page, question, blocks.PICTURE_WIDTHS)
    return blocks.frame_picture(page.picture_root, "figures", question, specs)
