"""The models of places and of the words that describe them."""

from parks.models.figures import Claim, ClaimQuerySet, Figure, Indicator, Nature, Source
from parks.models.ledger import LedgerModel, LedgerQuerySet
from parks.models.organisations import Organisation
from parks.models.places import Park
from parks.models.records import RetiredCode, SeededRow
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
]
