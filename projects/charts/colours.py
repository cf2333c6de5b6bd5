"""Which colour a thing has: one table for all pictures, so that it is the same in each of them."""

from collections.abc import Mapping, Sequence
from zlib import crc32

from parks.code_groups import REST
from parks.models import HiTech
from projects.charts.table import ChartDimension, ChartValue
from projects.charts.theme import Theme
from projects.lifecycle.words import STAGES, AgreementType, InvestmentBasis
from projects.models import Funding, Project

# What the values of a dimension are, where several dimensions have the same ones
_SAME_THINGS = {
    "origin_group": "region_group",
    "origin_economic_region": "region_group",
    "origin_named_group": "region_group",
    "origin_province": "province",
    "park_province": "province",
}
# Things that are few and known beforehand, each in the order of the colours of a theme
COLOURED: Mapping[str, Sequence[str]] = {
    "stage": STAGES,
    "investment_basis": list(InvestmentBasis),
    "agreement_type": list(reversed(AgreementType)),
    "standing": list(Project.Standing),
    "kind": list(Project.Kind),
    "function": list(Project.Function),
    "site_mode": list(Project.SiteMode),
    "hitech": list(HiTech),
    "funding_kind": list(Funding.Kind),
    "sector_section": "ABCDEFGHIJKLMNOPQRST",
    "region_group": [
        *("jjj", "yrd", "prd", REST, "east", "central", "west", "northeast"),
        *("gba", "xiongan", "yrd27", "jing-jin", "beijing-six", "overseas"),
    ],
}


def choose_colours(dimension: ChartDimension, theme: Theme) -> dict[ChartValue, str]:
    """Choose the colour of each value of a dimension: that of the thing, in grey what is none.

    Time has one colour. Parks, cities, events and the like are too many to be listed: theirs
    follows from their code, and of two with the same colour in one picture the second takes the
    next that is free. Where there are more values than colours, all have one.
    """
    known = [value for value in dimension.values if value.kind == "known"]
    greys = {"unknown": theme.unknown, "other": theme.other}
    if dimension.is_time or len(known) > len(theme.series):
        return {value: greys.get(value.kind, theme.accent) for value in dimension.values}
    places = _find_places(dimension.name, [value.code for value in known], len(theme.series))
    return {
        value: theme.series[places[value.code]] if value.kind == "known" else greys[value.kind]
        for value in dimension.values
    }


def _find_places(dimension: str, codes: Sequence[str], colours: int) -> dict[str, int]:
    """Find the place of each code's colour among the colours of a theme."""
    thing = _SAME_THINGS.get(dimension, dimension)
    listed = [str(code) for code in COLOURED.get(thing, ())]
    places = {code: listed.index(code) for code in codes if code in listed}
    for code in sorted({*codes} - {*places}):
        place = crc32(f"{thing} {code}".encode()) % colours
        while place in places.values():
            place = (place + 1) % colours
        places[code] = place
    return places
