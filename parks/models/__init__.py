"""The models of places and of the words that describe them."""

from parks.models.claims import Claim, ClaimQuerySet, Figure
from parks.models.figures import Indicator, Nature, Source
from parks.models.ledger import LedgerModel, LedgerQuerySet
from parks.models.organisations import Organisation
from parks.models.people import Person, Post
from parks.models.places import Park
from parks.models.records import RetiredCode, SeededRow
from parks.models.timeline import TimelineEntry
from parks.models.vocabularies import (
    HiTech,
    Named,
    Region,
    RegionGroup,
    RegionGroupMember,
    RegionName,
    Sector,
    SectorGroup,
    SectorGroupMember,
)

__all__ = [
    "Claim",
    "ClaimQuerySet",
    "Figure",
    "HiTech",
    "Indicator",
    "LedgerModel",
    "LedgerQuerySet",
    "Named",
    "Nature",
    "Organisation",
    "Park",
    "Person",
    "Post",
    "Region",
    "RegionGroup",
    "RegionGroupMember",
    "RegionName",
    "RetiredCode",
    "Sector",
    "SectorGroup",
    "SectorGroupMember",
    "SeededRow",
    "Source",
    "TimelineEntry",
]
