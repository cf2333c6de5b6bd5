"""What files call the fields of parks, vocabularies, organisations, sources, figures and people."""

from typing import Any

from django.db.models import F, OuterRef, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.spreadsheets import Column, Table
from config.spreadsheets.sql import JoinedList, JoinedTexts
from parks.models import Post, RegionGroupMember, SectorGroup, SectorGroupMember

NAME_COLUMNS = [
    Column("name_zh", _("Chinese name"), "name_zh"),
    Column("name_en", _("English name"), "name_en"),
]
RECORD_COLUMNS = [
    Column("version", _("version"), "version", "number"),
    Column("created_at", _("created at"), "created_at", "moment"),
    Column("updated_at", _("updated at"), "updated_at", "moment"),
]
VALIDITY = [
    Column("valid_from", _("valid from"), "valid_from", "date"),
    Column("valid_to", _("valid to"), "valid_to", "date"),
]
SUBJECT = [
    Column("park", _("park"), "park__code"),
    Column("region", _("region"), "region_id", "word"),
    Column("region_group", _("region group"), "region_group_id"),
    Column("organisation", _("organisation"), "organisation__code"),
]


def either_name(path: str = "") -> Coalesce:
    """The Chinese name of a row, or the English one where there is none."""
    return Coalesce(NullIf(F(f"{path}name_zh"), Value("")), F(f"{path}name_en"))


def join_aliases(actor: Any) -> JoinedList:
    return JoinedList(F("aliases"))


def join_leading_sectors(actor: Any) -> JoinedTexts:
    """The codes of a park's leading sector groups in one text."""
    groups = SectorGroup.objects.filter(parks=OuterRef("pk")).order_by("code")
    return JoinedTexts(groups.values(text=F("code")))


def join_region_members(actor: Any) -> JoinedTexts:
    """The codes of a group's regions in one text, those of the past and future included."""
    members = RegionGroupMember.objects.filter(group=OuterRef("pk"))
    return JoinedTexts(members.order_by("region_id", "id").values(text=F("region_id")))


def join_sector_members(actor: Any) -> JoinedTexts:
    """The codes of a group's sectors in one text; those that are taken out are left out."""
    members = SectorGroupMember.objects.filter(group=OuterRef("pk"), excluded=False)
    return JoinedTexts(members.order_by("sector_id").values(text=F("sector_id")))


def join_excluded_members(actor: Any) -> JoinedTexts:
    members = SectorGroupMember.objects.filter(group=OuterRef("pk"), excluded=True)
    return JoinedTexts(members.order_by("sector_id").values(text=F("sector_id")))


def join_posts(actor: Any) -> JoinedTexts:
    """The titles of a person's posts in one text."""
    rows = Post.objects.filter(person=OuterRef("pk")).order_by("held_from", "code")
    return JoinedTexts(rows.values(text=either_name()))


def find_claim_unit(actor: Any) -> Coalesce:
    """The unit of a claim's value: its currency, or what its indicator says."""
    return Coalesce(NullIf(F("currency"), Value("")), F("indicator__unit"))


def find_speaker(actor: Any) -> Coalesce:
    """The name of who says it: the person of the post that the row names, or as in words."""
    return Coalesce(either_name("said_by__person__"), NullIf(F("said_by_text"), Value("")))


PARKS = Table(
    "parks",
    _("parks"),
    [
        Column("code", _("code"), "code"),
        *NAME_COLUMNS,
        Column("kind", _("kind"), "kind", "word"),
        Column("region", _("region"), "region_id", "word"),
        Column("region_name_zh", _("region (Chinese)"), "region__name_zh"),
        Column("region_name_en", _("region (English)"), "region__name_en"),
        Column("brand", _("parent brand"), "brand"),
        Column("operator", _("operator"), "operator__code"),
        Column("leading_sectors", _("leading sectors"), join_leading_sectors),
        Column("is_placeholder", _("stands for no named park"), "is_placeholder", "flag"),
        Column("publication", _("publication"), "publication", "word"),
        Column("source", _("source"), "source__code"),
        Column("note", _("note"), "note"),
        *RECORD_COLUMNS,
    ],
)

ORGANISATIONS = Table(
    "organisations",
    _("organisations"),
    [
        Column("code", _("code"), "code"),
        *NAME_COLUMNS,
        Column("uscc", _("unified social credit code"), "uscc"),
        Column("region", _("registered in"), "region_id", "word"),
        Column("parent", _("parent organisation"), "parent__code"),
        Column("note", _("note"), "note"),
        *RECORD_COLUMNS,
    ],
)

SOURCES = Table(
    "sources",
    _("sources"),
    [
        Column("code", _("code"), "code"),
        Column("title", _("title"), "title"),
        Column("publisher", _("publisher"), "publisher"),
        Column("author", _("author"), "author"),
        Column("published_on", _("published on"), "published_on", "partial_date"),
        Column("url", _("address"), "url"),
        Column("kind", _("kind"), "kind", "word"),
        Column("is_copy", _("is a copy"), "is_copy", "flag"),
        Column("note", _("note"), "note"),
        *RECORD_COLUMNS,
    ],
)

PEOPLE = Table(
    "people",
    _("people"),
    [
        Column("code", _("code"), "code"),
        *NAME_COLUMNS,
        Column("note", _("note"), "note"),
        Column("posts", _("posts"), join_posts),
        *RECORD_COLUMNS,
    ],
)

INDICATORS = Table(
    "indicators",
    _("indicators"),
    [
        Column("code", _("code"), "code"),
        *NAME_COLUMNS,
        Column("kind", _("kind"), "kind", "word"),
        Column("unit", _("unit"), "unit"),
        Column("is_summable", _("may be summed"), "is_summable", "flag"),
        Column("definition", _("definition"), "definition"),
    ],
)

REGIONS = Table(
    "regions",
    _("regions"),
    [
        Column("code", _("code"), "code", "word"),
        *NAME_COLUMNS,
        Column("level", _("level"), "level", "word"),
        Column("kind", _("kind"), "kind"),
        Column("parent", _("part of"), "parent_id", "word"),
        Column("aliases", _("other names"), join_aliases),
        *VALIDITY,
        Column("is_statistical", _("statistical only"), "is_statistical", "flag"),
        Column("source", _("source"), "source"),
    ],
)

SECTORS = Table(
    "sectors",
    _("sectors"),
    [
        Column("code", _("code"), "code", "word"),
        *NAME_COLUMNS,
        Column("level", _("level"), "level", "word"),
        Column("parent", _("part of"), "parent_id", "word"),
        Column("hitech", _("high-tech"), "hitech", "word"),
        *VALIDITY,
    ],
)

REGION_GROUPS = Table(
    "region-groups",
    _("region groups"),
    [
        Column("code", _("code"), "code"),
        *NAME_COLUMNS,
        Column("family", _("family"), "family"),
        Column("definition", _("definition"), "definition"),
        Column("aliases", _("other names"), join_aliases),
        Column("source", _("source"), "source"),
        Column("members", _("members"), join_region_members),
    ],
)

SECTOR_GROUPS = Table(
    "sector-groups",
    _("sector groups"),
    [
        Column("code", _("code"), "code"),
        *NAME_COLUMNS,
        Column("aliases", _("other names"), join_aliases),
        Column("source", _("source"), "source"),
        Column("members", _("members"), join_sector_members),
        Column("excluded", pgettext_lazy("members", "taken out"), join_excluded_members),
    ],
)

# A claim keeps its value in one of three columns, whatever it is about
CLAIM = [
    Column("indicator", _("indicator"), "indicator_id"),
    Column("indicator_name_zh", _("indicator (Chinese)"), "indicator__name_zh"),
    Column("indicator_name_en", _("indicator (English)"), "indicator__name_en"),
    Column("amount_cny", _("amount"), "amount_cny", "money"),
    Column("value", _("value"), "value", "number"),
    Column("value_text", _("value in words"), "value_text"),
    Column("unit", _("unit"), find_claim_unit),
    Column("currency", _("currency"), "currency"),
    Column("qualifier", _("qualifier"), "qualifier", "word"),
    Column("nature", _("nature"), "nature", "word"),
    Column("as_of", _("as of"), "as_of", "partial_date"),
    Column("period_from", _("period from"), "period_from", "partial_date"),
    Column("period_to", _("period to"), "period_to", "partial_date"),
    Column("base_period", _("base period"), "base_period"),
    Column("origin", _("origin"), "origin_id", "word"),
    Column("origin_group", _("origin group"), "origin_group_id"),
    Column("sector", _("sector"), "sector_id", "word"),
    Column("sector_group", _("sector group"), "sector_group_id"),
    Column("place", _("place"), "place_id", "word"),
    Column("size_floor_cny", _("size from"), "size_floor_cny", "money"),
    Column("scope_text", _("scope in words"), "scope_text"),
    Column("printed_conversion", _("printed conversion"), "printed_conversion"),
    Column("as_reported", _("as reported"), "as_reported"),
    Column("said_by", _("said by"), "said_by__code"),
    Column("said_by_person", _("said by (person)"), find_speaker),
    Column("said_by_text", _("said by, in words"), "said_by_text"),
    Column("attribution", _("attribution"), "attribution", "word"),
    Column("source", _("source"), "source__code"),
    Column("source_title", _("source (title)"), "source__title"),
    Column("superseded_by", _("superseded by"), "superseded_by__code"),
    Column("is_withdrawn", _("withdrawn"), "is_withdrawn", "flag"),
    Column("note", _("note"), "note"),
    *RECORD_COLUMNS,
]
# Each indicator and nature with the headline of each park: see config.api.files.computed_files
COMPARISON = Table(
    "parks-compare",
    _("comparison of parks"),
    [
        Column("park", _("park"), "park.code"),
        Column("park_name_zh", _("park (Chinese)"), "park.name_zh"),
        Column("park_name_en", _("park (English)"), "park.name_en"),
        Column("indicator", _("indicator"), "indicator.code"),
        Column("indicator_name_zh", _("indicator (Chinese)"), "indicator.name_zh"),
        Column("indicator_name_en", _("indicator (English)"), "indicator.name_en"),
        Column("nature", _("nature"), "nature", "word"),
        Column("amount_cny", _("amount"), "claim.amount_cny", "money"),
        Column("value", _("value"), "claim.value", "number"),
        Column("value_text", _("value in words"), "claim.value_text"),
        Column("unit", _("unit"), "indicator.unit"),
        Column("currency", _("currency"), "claim.currency"),
        Column("qualifier", _("qualifier"), "claim.qualifier", "word"),
        Column("as_of", _("as of"), "claim.as_of", "partial_date"),
        Column("period_from", _("period from"), "claim.period_from", "partial_date"),
        Column("period_to", _("period to"), "claim.period_to", "partial_date"),
        Column("as_reported", _("as reported"), "claim.as_reported"),
        Column("source", _("source"), "claim.source.code"),
        Column("figure", _("figure"), "claim.code"),
        Column("others", _("other claims of the indicator"), "claim.others", "number"),
    ],
)
FIGURES = Table("figures", _("figures"), [Column("code", _("code"), "code"), *SUBJECT, *CLAIM])

TIMELINE = Table(
    "timeline",
    _("timeline"),
    [
        Column("code", _("code"), "code"),
        *SUBJECT,
        Column("kind", _("kind"), "kind", "word"),
        Column("happened_on", _("date"), "happened_on", "partial_date"),
        *NAME_COLUMNS,
        Column("nature", _("nature"), "nature", "word"),
        Column("said_by", _("said by"), "said_by__code"),
        Column("said_by_text", _("said by, in words"), "said_by_text"),
        Column("as_reported", _("as reported"), "as_reported"),
        Column("source", _("source"), "source__code"),
        Column("note", _("note"), "note"),
        *RECORD_COLUMNS,
    ],
)
