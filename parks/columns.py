"""What files call the fields of parks, vocabularies, organisations, sources, figures and people."""

from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Replace
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from config.spreadsheets import Column, Table
from config.spreadsheets.sql import JoinedList, JoinedTexts
from parks.access import rights_of
from parks.models import (
    OrganisationTag,
    Post,
    RegionGroupMember,
    SectorGroup,
    SectorGroupMember,
)

NAME_COLUMNS = [Column("name_zh", _("Chinese name")), Column("name_en", _("English name"))]
RECORD_COLUMNS = [
    Column("version", _("version"), "number"),
    Column("created_at", _("created at"), "moment"),
    Column("updated_at", _("updated at"), "moment"),
]
VALIDITY = [
    Column("valid_from", _("valid from"), "date"),
    Column("valid_to", _("valid to"), "date"),
]
SUBJECT = [
    Column("park", _("park"), path="park__code"),
    Column("region", _("region"), "word", path="region_id"),
    Column("region_group", _("region group"), path="region_group_id"),
    Column("organisation", _("organisation"), path="organisation__code"),
]


def show_maker(actor: Any) -> Case:
    """Show for which park a row was made to those alone who would see its draft."""
    rights = rights_of(actor)
    mine = Q(pk__isnull=False) if rights.edits_shared else Q(park__in=rights.parks)
    return Case(When(mine, then=F("park__code")), default=Value(None))


MADE_FOR = [
    Column("publication", _("publication"), "word"),
    Column("park", _("made for park"), path=show_maker),
]


def either_name(path: str = "") -> Coalesce:
    """Give the Chinese name of a row, or the English one where there is none."""
    return Coalesce(NullIf(F(f"{path}name_zh"), Value("")), F(f"{path}name_en"))


def join_aliases(actor: Any) -> JoinedList:
    return JoinedList(F("aliases"))


def join_name_lines(actor: Any) -> Replace:
    """Join names that stand one per line in one text, as lists are joined."""
    return Replace(F("aliases"), Value("\n"), Value("；"), output_field=TextField())


def join_tag_codes(tags: QuerySet) -> JoinedTexts:
    """Join the codes of some tags into one text, each with the year of its list."""
    year = Concat(Value(" "), Cast("year", TextField()), output_field=TextField())
    dated = Case(When(year__isnull=True, then=Value("")), default=year, output_field=TextField())
    joined = Concat("tag_id", dated, output_field=TextField())
    return JoinedTexts(tags.order_by("tag_id", "year", "id").values(text=joined))


def join_organisation_tags(actor: Any) -> JoinedTexts:
    """Join the codes of an organisation's own tags into one text."""
    return join_tag_codes(OrganisationTag.objects.filter(organisation=OuterRef("pk")))


def join_leading_sectors(actor: Any) -> JoinedTexts:
    """Join the codes of a park's leading sector groups in one text."""
    groups = SectorGroup.objects.filter(parks=OuterRef("pk")).order_by("code")
    return JoinedTexts(groups.values(text=F("code")))


def join_region_members(actor: Any) -> JoinedTexts:
    """Join the codes of a group's regions in one text, those of the past and future included."""
    members = RegionGroupMember.objects.filter(group=OuterRef("pk"))
    return JoinedTexts(members.order_by("region_id", "id").values(text=F("region_id")))


def join_sector_members(actor: Any) -> JoinedTexts:
    """Join the codes of a group's sectors in one text; those that are taken out are left out."""
    members = SectorGroupMember.objects.filter(group=OuterRef("pk"), excluded=False)
    return JoinedTexts(members.order_by("sector_id").values(text=F("sector_id")))


def join_excluded_members(actor: Any) -> JoinedTexts:
    members = SectorGroupMember.objects.filter(group=OuterRef("pk"), excluded=True)
    return JoinedTexts(members.order_by("sector_id").values(text=F("sector_id")))


def join_posts(actor: Any) -> JoinedTexts:
    """Join the titles of a person's posts in one text."""
    rows = Post.objects.filter(person=OuterRef("pk")).order_by("held_from", "code")
    return JoinedTexts(rows.values(text=either_name()))


def find_claim_unit(actor: Any) -> Coalesce:
    """Find the unit of a claim's value: its currency, or what its indicator says."""
    return Coalesce(NullIf(F("currency"), Value("")), F("indicator__unit"))


def find_speaker(actor: Any) -> Coalesce:
    """Find the name of who says it: the person of the post that the row names, or as in words."""
    return Coalesce(either_name("said_by__person__"), NullIf(F("said_by_text"), Value("")))


PLACE = [
    Column("address", _("street address"), headers="详细地址 具体地址 地址"),
    Column("latitude", _("latitude"), "number", headers="北纬", hint=_("In degrees: 39.720000.")),
    Column(
        "longitude", _("longitude"), "number", headers="东经", hint=_("In degrees: 117.310000.")
    ),
    Column("point_accuracy", _("accuracy of the point"), "word", headers="坐标精度"),
    Column("point_datum", _("datum of the point"), "word", headers="坐标系 坐标系统"),
]

PARKS = Table(
    "parks",
    _("parks"),
    [
        Column("code", _("code")),
        *NAME_COLUMNS,
        Column("aliases", _("other names"), path=join_name_lines),
        Column("kind", _("kind"), "word"),
        Column("region", _("region"), "word", path="region_id"),
        Column("region_name_zh", _("region (Chinese)"), path="region__name_zh"),
        Column("region_name_en", _("region (English)"), path="region__name_en"),
        *PLACE,
        Column("brand", _("parent brand")),
        Column("operator", _("operator"), path="operator__code"),
        Column("leading_sectors", _("leading sectors"), path=join_leading_sectors),
        Column("is_placeholder", _("stands for no named park"), "flag"),
        Column("publication", _("publication"), "word"),
        Column("default_publication", _("publication of new projects"), "word"),
        Column("source", _("source"), path="source__code"),
        Column("note", _("note")),
        *RECORD_COLUMNS,
    ],
)

ORGANISATIONS = Table(
    "organisations",
    _("organisations"),
    [
        Column("code", _("code")),
        *NAME_COLUMNS,
        Column("aliases", _("other names"), path=join_name_lines),
        Column("uscc", _("unified social credit code")),
        Column("kind", _("kind"), "word"),
        Column("ownership", _("ownership"), "word"),
        Column("region", _("registered in"), "word", path="region_id"),
        Column("parent", _("parent organisation"), path="parent__code"),
        Column("tags", _("tags"), path=join_organisation_tags),
        Column("source", _("source"), path="source__code"),
        Column("note", _("note")),
        *MADE_FOR,
        *RECORD_COLUMNS,
    ],
)

SOURCES = Table(
    "sources",
    _("sources"),
    [
        Column("code", _("code")),
        Column("title", _("title")),
        Column("publisher", _("publisher")),
        Column("author", _("author")),
        Column("published_on", _("published on"), "partial_date"),
        Column("url", _("address")),
        Column("kind", _("kind"), "word"),
        Column("is_copy", _("is a copy"), "flag"),
        Column("note", _("note")),
        *MADE_FOR,
        *RECORD_COLUMNS,
    ],
)

PEOPLE = Table(
    "people",
    _("people"),
    [
        Column("code", _("code")),
        *NAME_COLUMNS,
        Column("source", _("source"), path="source__code"),
        Column("note", _("note")),
        Column("posts", _("posts"), path=join_posts),
        *MADE_FOR,
        *RECORD_COLUMNS,
    ],
)

INDICATORS = Table(
    "indicators",
    _("indicators"),
    [
        Column("code", _("code")),
        *NAME_COLUMNS,
        Column("kind", _("kind"), "word"),
        Column("unit", _("unit")),
        Column("is_summable", _("may be summed"), "flag"),
        Column("definition_zh", _("definition in Chinese")),
        Column("definition_en", _("definition in English")),
        Column("headline_rank", _("place among the headlines"), "number"),
    ],
)

REGIONS = Table(
    "regions",
    _("regions"),
    [
        Column("code", _("code"), "word"),
        *NAME_COLUMNS,
        Column("level", _("level"), "word"),
        Column("kind", _("kind")),
        Column("parent", _("part of"), "word", path="parent_id"),
        Column("aliases", _("other names"), path=join_aliases),
        *VALIDITY,
        Column("is_statistical", _("statistical only"), "flag"),
        Column("source", _("source")),
    ],
)

SECTORS = Table(
    "sectors",
    _("sectors"),
    [
        Column("code", _("code"), "word"),
        *NAME_COLUMNS,
        Column("level", _("level"), "word"),
        Column("parent", _("part of"), "word", path="parent_id"),
        Column("hitech", _("high-tech industry"), "word"),
        *VALIDITY,
    ],
)

REGION_GROUPS = Table(
    "region-groups",
    _("region groups"),
    [
        Column("code", _("code")),
        *NAME_COLUMNS,
        Column("family", _("family")),
        Column("definition_zh", _("definition in Chinese")),
        Column("definition_en", _("definition in English")),
        Column("aliases", _("other names"), path=join_aliases),
        Column("source", _("source")),
        Column("has_countries", _("with all countries"), "flag"),
        Column("members", _("members"), path=join_region_members),
    ],
)

TAGS = Table(
    "tags",
    _("tags"),
    [
        Column("code", _("code")),
        *NAME_COLUMNS,
        Column("bearer", _("given to"), "word"),
        Column("is_yearly", _("list of a year"), "flag"),
        Column("term_years", _("term (years)"), "number"),
        Column("is_of_group", _("counts for the group"), "flag"),
        Column("publisher", _("publisher")),
        Column("definition_zh", _("definition in Chinese")),
        Column("definition_en", _("definition in English")),
        *VALIDITY,
    ],
)

SECTOR_GROUPS = Table(
    "sector-groups",
    _("sector groups"),
    [
        Column("code", _("code")),
        *NAME_COLUMNS,
        Column("aliases", _("other names"), path=join_aliases),
        Column("source", _("source")),
        Column("members", _("members"), path=join_sector_members),
        Column("excluded", pgettext_lazy("members", "taken out"), path=join_excluded_members),
    ],
)

# A claim keeps its value in one of three columns, whatever it is about
CLAIM = [
    Column("indicator", _("indicator"), path="indicator_id"),
    Column("indicator_name_zh", _("indicator (Chinese)"), path="indicator__name_zh"),
    Column("indicator_name_en", _("indicator (English)"), path="indicator__name_en"),
    Column("amount_cny", _("amount"), "money"),
    Column("value", _("value"), "number"),
    Column("value_text", _("value in words")),
    Column("unit", _("unit"), path=find_claim_unit),
    Column("currency", _("currency")),
    Column("qualifier", _("qualifier"), "word"),
    Column("nature", _("nature"), "word"),
    Column("as_of", _("as of"), "partial_date"),
    Column("as_of_basis", _("how the day is known"), "word"),
    Column("period_from", _("period from"), "partial_date"),
    Column("period_to", _("period to"), "partial_date"),
    Column("period_text", _("period in words")),
    Column("base_period", _("base period")),
    Column("origin", _("origin"), "word", path="origin_id"),
    Column("origin_group", _("origin group"), path="origin_group_id"),
    Column("sector", _("sector"), "word", path="sector_id"),
    Column("sector_group", _("sector group"), path="sector_group_id"),
    Column("place", _("place"), "word", path="place_id"),
    Column("size_floor_cny", _("size from"), "money"),
    Column("scope_text", _("scope in words")),
    Column("scope_is_whole", _("scope is the whole"), "flag"),
    Column("condition", _("condition")),
    Column("printed_conversion", _("printed conversion")),
    Column("as_reported", _("as reported")),
    Column("said_by", _("said by"), path="said_by__code"),
    Column("said_by_person", _("said by (person)"), path=find_speaker),
    Column("said_by_text", _("said by, in words")),
    Column("attribution", _("attribution"), "word"),
    Column("source", _("source"), path="source__code"),
    Column("source_title", _("source (title)"), path="source__title"),
    Column("superseded_by", _("superseded by"), path="superseded_by__code"),
    Column("is_withdrawn", _("withdrawn"), "flag"),
    Column("note", _("note")),
    *RECORD_COLUMNS,
]
# Each indicator and nature with the headline of each park: see config.api.files.computed_files
COMPARISON = Table(
    "parks-compare",
    _("comparison of parks"),
    [
        Column("park", _("park"), path="park.code"),
        Column("park_name_zh", _("park (Chinese)"), path="park.name_zh"),
        Column("park_name_en", _("park (English)"), path="park.name_en"),
        Column("indicator", _("indicator"), path="indicator.code"),
        Column("indicator_name_zh", _("indicator (Chinese)"), path="indicator.name_zh"),
        Column("indicator_name_en", _("indicator (English)"), path="indicator.name_en"),
        Column("nature", _("nature"), "word"),
        Column("amount_cny", _("amount"), "money", path="claim.amount_cny"),
        Column("value", _("value"), "number", path="claim.value"),
        Column("value_text", _("value in words"), path="claim.value_text"),
        Column("unit", _("unit"), path="indicator.unit"),
        Column("currency", _("currency"), path="claim.currency"),
        Column("qualifier", _("qualifier"), "word", path="claim.qualifier"),
        Column("as_of", _("as of"), "partial_date", path="claim.as_of"),
        Column("as_of_basis", _("how the day is known"), "word", path="claim.as_of_basis"),
        Column("period_from", _("period from"), "partial_date", path="claim.period_from"),
        Column("period_to", _("period to"), "partial_date", path="claim.period_to"),
        Column("scope_text", _("scope in words"), path="claim.scope_text"),
        Column("condition", _("condition"), path="claim.condition"),
        Column("as_reported", _("as reported"), path="claim.as_reported"),
        Column("source", _("source"), path="claim.source.code"),
        Column("figure", _("figure"), path="claim.code"),
        Column("others", _("other claims of the indicator"), "number", path="claim.others"),
    ],
)
FIGURES = Table("figures", _("figures"), [Column("code", _("code")), *SUBJECT, *CLAIM])

TIMELINE = Table(
    "timeline",
    _("timeline"),
    [
        Column("code", _("code")),
        *SUBJECT,
        Column("kind", _("kind"), "word"),
        Column("happened_on", _("date"), "partial_date"),
        Column("happened_on_basis", _("how the date is known"), "word"),
        *NAME_COLUMNS,
        Column("nature", _("nature"), "word"),
        Column("said_by", _("said by"), path="said_by__code"),
        Column("said_by_text", _("said by, in words")),
        Column("attribution", _("attribution"), "word"),
        Column("as_reported", _("as reported")),
        Column("source", _("source"), path="source__code"),
        Column("note", _("note")),
        *RECORD_COLUMNS,
    ],
)
