"""Regions and sectors for the oracle: what a filter's value names, and what lies below it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from parks.models import Region, RegionGroup, RegionGroupMember, SectorGroup, SectorGroupMember

Row = dict[str, Any]
SHANGHAI = ZoneInfo("Asia/Shanghai")
STAGES = (
    "lead negotiating intended signed registered approved started completed operating full_capacity"
).split()
APPROVALS = "land_granted environmental energy_review works_permit in_statistics".split()
DATED = [
    *("intended", "signed", "registered", "approved", "land_granted", "works_permit"),
    *("started", "completed", "in_statistics", "operating"),
]
# What makes a claim one about a part of the project
NARROWING = (
    "origin_id origin_group_id sector_id sector_group_id place_id size_floor_cny scope_text"
).split()
ZH_TYPES = ("特别行政区 自治区 自治州 自治县 自治旗 地区 新区 林区 特区 省 市 盟 县 区 旗").split()
EN_TYPES = (
    "special administrative region,autonomous region,autonomous prefecture,autonomous county,"
    "autonomous banner,province,municipality,prefecture,new area,city,district,county,league,banner"
).split(",")


class RefusedError(Exception):
    """A value that must be answered with a 400; `candidates` are the codes an ambiguity lists."""

    def __init__(self, reason: str, candidates: list[str] | None = None) -> None:
        super().__init__(reason)
        self.candidates = candidates


def folded(text: str) -> str:
    return " ".join(text.split()).casefold()


@dataclass
class Chosen:
    """Codes with all below them, without some of those, and perhaps the unknown."""

    parts: list[tuple[set[str], set[str]]]
    unknown: bool


class Vocabulary:
    """Codes with their parents and names, and named groups of them."""

    def __init__(self, rows: list[Row], groups: dict[str, tuple[Row, set[str], set[str]]]) -> None:
        self.rows = {row["code"]: row for row in rows}
        self.groups = groups
        self.by_name: dict[str, list[str]] = {}
        self.by_short_name: dict[str, list[str]] = {}
        for row in rows:
            full, short = self.names(row)
            for name in full:
                self.by_name.setdefault(name, []).append(row["code"])
            for name in short - full:
                self.by_short_name.setdefault(name, []).append(row["code"])

    def names(self, row: Row) -> tuple[set[str], set[str]]:
        return {folded(row["name_zh"]), folded(row["name_en"])} - {""}, set()

    def lineage(self, code: str) -> Iterator[str]:
        """The code and all above it, upwards."""
        at: str | None = code
        while at:
            yield at
            at = self.rows[at]["parent_id"]

    def holds(self, chosen: Chosen, code: str | None) -> bool:
        if code is None:
            return chosen.unknown
        line = set(self.lineage(code))
        return any(line & inside and not line & outside for inside, outside in chosen.parts)

    def choose(self, text: str) -> Chosen:
        """A text is taken whole, then split."""
        words = [word.strip() for word in re.split("[,，、;；]", text)]
        if len(words) > 1:
            whole = self.find(text)
            if whole:
                return Chosen([whole], unknown=False)
        parts = []
        for word in words:
            if word.casefold() != "unknown":
                found = self.find(word)
                if not found:
                    raise RefusedError(f"nothing is called {word}")
                parts.append(found)
        return Chosen(parts, unknown=len(parts) < len(words))

    def find(self, word: str) -> tuple[set[str], set[str]] | None:
        """Code, then group, then name."""
        code = self.code(word)
        if code:
            return {code}, set()
        for row, inside, outside in self.groups.values():
            known = (row["code"], row["name_zh"], row["name_en"], *row["aliases"])
            if folded(word) in {folded(name) for name in known}:
                return inside, outside
        named = self.named(word)
        return ({named}, set()) if named else None

    def code(self, word: str) -> str | None:
        return word.upper() if word.upper() in self.rows else None

    def named(self, word: str, within: str | None = None) -> str | None:
        for names in (self.by_name, self.by_short_name):
            codes = names.get(folded(word), [])
            if within:
                codes = [code for code in codes if within in list(self.lineage(code))[1:]]
            if codes:
                return self.only(word, codes)
        return None

    def only(self, word: str, codes: list[str]) -> str:
        """The one of the codes that contains all the others."""
        codes = [code for code in codes if not self.rows[code]["valid_to"]] or codes
        for code in codes:
            if all(code in self.lineage(other) for other in codes):
                return code
        raise RefusedError(f"{word} names several", sorted(codes))


class Regions(Vocabulary):
    def find(self, word: str) -> tuple[set[str], set[str]] | None:
        countries = {code for code, row in self.rows.items() if row["level"] == "country"}
        if folded(word) in ("foreign", "abroad", "foreign countries", "国外", "外国"):
            return countries, set()
        return super().find(word)

    def names(self, row: Row) -> tuple[set[str], set[str]]:
        if row["is_statistical"]:
            return set(), set()
        full, _none = super().names(row)
        short = {folded(name) for name in row["aliases"]}
        for name in full:
            short |= {name.removesuffix(f" {ending}") for ending in EN_TYPES} - {name}
            ending = next((type_ for type_ in ZH_TYPES if name.endswith(type_)), "")
            if ending and len(name) - len(ending) >= 2:
                short.add(name.removesuffix(ending))
        return full, short

    def named(self, word: str, within: str | None = None) -> str | None:
        return super().named(word, within) or self.at_path(folded(word), within)

    def only(self, word: str, codes: list[str]) -> str:
        """A province wins over all that share its name: 河北 is no district of Tianjin."""
        provinces = [code for code in codes if self.rows[code]["level"] == "province"]
        return provinces[0] if len(provinces) == 1 else super().only(word, codes)

    def at_path(self, word: str, within: str | None) -> str | None:
        """北京市朝阳区, or Jiangsu/Suzhou: a province or prefecture, then a name or path within."""
        cuts = [word.index("/")] if "/" in word else range(2, len(word))
        found = {
            self.named(word[cut:].removeprefix("/"), within=code)
            for cut in cuts
            for names in (self.by_name, self.by_short_name)
            for code in names.get(word[:cut], [])
            if self.rows[code]["level"] in ("province", "prefecture")
            and (within is None or within in list(self.lineage(code))[1:])
        } - {None}
        return self.only(word, sorted(filter(None, found))) if found else None

    def province(self, code: str | None) -> str | None:
        top = [*self.lineage(code)][-1] if code else None
        return "foreign" if top and self.rows[top]["level"] == "country" else top

    def county(self, code: str) -> str | None:
        """The code where nothing lies below it; None where it is not said in which part."""
        return None if any(row["parent_id"] == code for row in self.rows.values()) else code

    def country(self, code: str | None) -> str | None:
        is_country = code and self.rows[code]["level"] == "country"
        return code if is_country or code is None else "CN"

    def city(self, code: str | None) -> str | None:
        """A municipality is its own, so is Hong Kong; else the prefecture, or what has none."""
        province = self.province(code)
        if not code or not province or province == "foreign":
            return province
        line = [*self.lineage(code)]
        if self.rows[province]["kind"] in ("municipality", "sar"):
            return province
        return line[-2] if len(line) > 1 else None


class Sectors(Vocabulary):
    def code(self, word: str) -> str | None:
        """With or without the letter of the section."""
        if word.isdigit() and len(word) > 1:
            return next((code for code in self.rows if code[1:] == word), None)
        return super().code(word)

    def upwards(self, code: str | None, level: str) -> str | None:
        line = self.lineage(code) if code else ()
        return next((at for at in line if self.rows[at]["level"] == level), None)


def region_groups() -> dict[str, tuple[Row, set[str], set[str]]]:
    today = datetime.now(SHANGHAI).date()
    groups: dict[str, Any] = {r["code"]: (r, set(), set()) for r in RegionGroup.objects.values()}
    for member in RegionGroupMember.objects.values():
        since, until = member["valid_from"], member["valid_to"]
        if (since is None or since <= today) and (until is None or until >= today):
            groups[member["group_id"]][1].add(member["region_id"])
    countries = set(Region.objects.filter(level="country").values_list("code", flat=True))
    for group, inside, _outside in groups.values():
        if group["has_countries"]:
            inside |= countries
    return groups


def sector_groups() -> dict[str, tuple[Row, set[str], set[str]]]:
    groups: dict[str, Any] = {r["code"]: (r, set(), set()) for r in SectorGroup.objects.values()}
    for member in SectorGroupMember.objects.values():
        groups[member["group_id"]][2 if member["excluded"] else 1].add(member["sector_id"])
    return groups
