"""The models of parks, vocabularies, organisations, sources, claims and accounts."""

from parks.models.access import ApiToken, LoginAttempts, Membership, Reminder, SavedList
from parks.models.claims import Claim, ClaimQuerySet, Figure, TimelineEntry
from parks.models.figures import Indicator, Nature, Source
from parks.models.imports import ImportBatch, ImportMapping
from parks.models.ledger import LedgerModel, LedgerQuerySet
from parks.models.operating import AccessRecord, RecurringTask
from parks.models.organisations import DistinctOrganisations, Organisation, Person, Post
from parks.models.places import Park
from parks.models.pushing import Delivery, Subscription
from parks.models.spellings import OrganisationSpelling
from parks.models.tags import OrganisationTag, Tag
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
from parks.recording.records import RetiredCode, SeededRow
