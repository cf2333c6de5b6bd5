"""The surroundings of synthetic projects: places, and demo parks, companies and events."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from parks.access import Publication
from parks.models import Figure, LedgerModel, Organisation, Park, Region, Sector, Source, Tag
from projects.models import EventFigure, SigningEvent, Target, TargetMeasure
from projects.seeding.demo_office import OWNERSHIPS, draw_point, tag_companies
from sheets.dates import Precision, first_day

CODE_PREFIX = "demo-"
FIRST_DAY = date(2012, 1, 1)
LAST_DAY = date(2026, 6, 30)
PARK_COUNT = 50


# Weights; None is unknown
REGION_LEVELS = {Region.Level.PROVINCE: 12, Region.Level.PREFECTURE: 28, Region.Level.COUNTY: 60}
PROVINCES = {"11": 30, "12": 15, "13": 10, "31": 10, "32": 10, "33": 10, "44": 12}  # others: 1
SECTOR_LEVELS = {
    None: 10,
    Sector.Level.SECTION: 4,
    Sector.Level.DIVISION: 16,
    Sector.Level.GROUP: 20,
    Sector.Level.CLASS: 50,
}
SECTIONS = {"C": 50, "I": 15, "M": 10}  # others: 1
CHIPS = ("C3973", "I6520")
PRECISIONS = {
    None: 20,
    Precision.YEAR: 10,
    Precision.QUARTER: 3,
    Precision.MONTH: 22,
    Precision.DAY: 45,
}
PUBLICATIONS = {Publication.PUBLISHED: 96, Publication.DRAFT: 3, Publication.WITHDRAWN: 1}


def pick(chance: Random, weights: Mapping[Any, int]) -> Any:
    return chance.choices([*weights], [*weights.values()])[0]


def draw_day(chance: Random) -> date:
    return FIRST_DAY + timedelta(days=chance.randrange((LAST_DAY - FIRST_DAY).days + 1))


def partly(chance: Random, day: date, column: str) -> dict[str, Any]:
    """Return the two columns of a partial date: known in full, in part, or not at all."""
    precision = pick(chance, PRECISIONS)
    if precision is None:
        return {}
    return {column: first_day(day, precision), f"{column}_precision": precision}


class Places:
    """The regions and sectors of the ledger, by level and place."""

    def __init__(self) -> None:
        self.regions: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.countries: list[str] = []
        regions = Region.objects.in_force().filter(is_statistical=False).order_by("code")
        for code, level in regions.values_list("code", "level"):
            if level == Region.Level.COUNTRY:
                self.countries.append(code)
            else:
                self.regions[code[:2], level].append(code)
        provinces = sorted({province for province, _level in self.regions})
        self.provinces = {each: PROVINCES.get(each, 1) for each in provinces}
        self.sectors: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.sector_names = dict(Sector.objects.values_list("code", "name_zh"))
        for code, level in Sector.objects.in_force().values_list("code", "level").order_by("code"):
            self.sectors[code[0], level].append(code)
        sections = sorted({section for section, _level in self.sectors})
        self.sections = {each: SECTIONS.get(each, 1) for each in sections}

    def region(self, chance: Random) -> str:
        province = pick(chance, self.provinces)
        known = self.regions.get((province, pick(chance, REGION_LEVELS)))
        return chance.choice(known or self.regions[province, Region.Level.PROVINCE])

    def origin(self, chance: Random) -> str | None:
        fate = chance.random()
        if fate < 0.08:
            return None
        return chance.choice(self.countries) if fate < 0.14 else self.region(chance)

    def sector(self, chance: Random) -> str | None:
        level = pick(chance, SECTOR_LEVELS)
        if level is None:
            return None
        if level == Sector.Level.CLASS and chance.random() < 0.08:
            return chance.choice(CHIPS)
        return chance.choice(self.sectors[pick(chance, self.sections), level])


class World:
    """The rows that synthetic projects refer to; missing ones are created."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = Random(f"{seed} world")  # noqa: S311
        self.places = Places()
        self.sources: list[Source] = make_missing(Source, "source", 20, self._source)
        self.companies: list[Organisation] = make_missing(
            Organisation, "company", 400, self._company
        )
        self.tags = {*Tag.objects.values_list("code", flat=True)}
        tag_companies(self.companies, Random(f"{seed} companies"), self.tags)  # noqa: S311
        self.parks: list[Park] = make_missing(Park, "park", PARK_COUNT, self._park)
        self.events: list[SigningEvent] = make_missing(SigningEvent, "event", 40, self._event)
        make_missing(Figure, "area", PARK_COUNT, self._area)
        make_missing(Target, "target", PARK_COUNT * len(TargetMeasure), self._target)
        make_missing(EventFigure, "declared", len(self.events), self._build_declared)

    def _source(self, n: int) -> dict[str, Any]:
        return {
            "title": f"演示来源{n:02} / Demo source {n:02}",
            "kind": self.chance.choice(Source.Kind.values),
            **partly(self.chance, draw_day(self.chance), "published_on"),
        }

    def _company(self, n: int) -> dict[str, Any]:
        again = n % 20 == 12  # a duplicate of the one before
        return {
            "name_zh": f"演示企业{n - 1:03}有限公司" if again else f"演示企业{n:03}",
            "name_en": f"Demo company {n:03}",
            "region_id": self.places.origin(self.chance),
            "kind": Organisation.Kind.COMPANY,
            "ownership": OWNERSHIPS[n % len(OWNERSHIPS)],
        }

    def _park(self, n: int) -> dict[str, Any]:
        hidden = {PARK_COUNT: Publication.DRAFT, PARK_COUNT - 1: Publication.WITHDRAWN}
        return {
            "name_zh": f"演示园区{n:02}",
            "name_en": f"Demo park {n:02}",
            "kind": self.chance.choice(Park.Kind.values),
            "region_id": self.places.region(self.chance),
            "operator": self.chance.choice(self.companies),
            "source": self.chance.choice(self.sources),
            "publication": hidden.get(n, Publication.PUBLISHED),
            **draw_point(Random(f"{self.seed} park {n}")),  # noqa: S311
        }

    def _event(self, n: int) -> dict[str, Any]:
        return {
            "name_zh": f"演示签约活动{n:02}",
            "name_en": f"Demo signing {n:02}",
            "kind": self.chance.choice(SigningEvent.Kind.values),
            "source": self.chance.choice(self.sources),
            "park": self.chance.choice(self.parks) if self.chance.random() < 0.7 else None,
            "publication": pick(self.chance, PUBLICATIONS),
            **partly(self.chance, draw_day(self.chance), "held_on"),
        }

    def _area(self, n: int) -> dict[str, Any]:
        return {
            "park": self.parks[n - 1],
            "indicator_id": "area",
            "value": Decimal(self.chance.randrange(5, 900)) / 10,
            "source": self.chance.choice(self.sources),
            **partly(self.chance, draw_day(self.chance), "as_of"),
        }

    def _target(self, n: int) -> dict[str, Any]:
        park, measure = divmod(n - 1, len(TargetMeasure))
        word = TargetMeasure.values[measure]
        scales = {"CNY": 10**8, "USD": 10**7, "": 1}
        return {
            "park": self.parks[park],
            "year": LAST_DAY.year,
            "measure": word,
            "origin_scope": "abroad,hmt" if word == TargetMeasure.FOREIGN_CNY else "",
            "value": self.chance.randrange(5, 60) * scales[TargetMeasure(word).currency],
            "source": self.chance.choice(self.sources),
        }

    def _build_declared(self, n: int) -> dict[str, Any]:
        return {
            "event": self.events[n - 1],
            "indicator_id": "declared_projects",
            "value": self.chance.randrange(5, 160),
            "source": self.chance.choice(self.sources),
        }


def make_missing(
    model: type[LedgerModel], word: str, count: int, columns: Callable[[int], dict[str, Any]]
) -> list[Any]:
    """Create the missing rows of 1 to `count`; all are drawn, so that seeds are stable."""
    rows = [model(code=f"{CODE_PREFIX}{word}-{n:03}", **columns(n)) for n in range(1, count + 1)]
    codes = [row.code for row in rows]
    manager: Any = model._default_manager
    known = set(manager.filter(code__in=codes).values_list("code", flat=True))
    manager.bulk_create([row for row in rows if row.code not in known])
    return list(manager.filter(code__in=codes).order_by("code"))
