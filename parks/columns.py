"""The columns of files of parks, vocabularies, organisations, sources, figures and people."""

from dataclasses import replace
from typing import Any

from django.db.models import Case, F, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Replace
from django.utils.translation import gettext_lazy as _, pgettext_lazy

from parks import models
from parks.access import rights_of
from sheets.writing.cells import JoinedTexts, Printed, join_list
from sheets.writing.columns import Column, Table, derive_columns, derive_table

SUBJECT = derive_columns(models.Figure, "park region region_group organisation")


def show_maker(actor: Any) -> Case:
    """Show the park of a row to those who would see its draft."""
    rights = rights_of(actor)
    mine = Q(pk__isnull=False) if rights.edits_shared else Q(park__in=rights.parks)
    return Case(When(mine, then=F("park__code")), default=Value(None))


PUBLICATION_COLUMNS = derive_columns(models.Source, "publication", Column("park", path=show_maker))


def either_name(path: str = "") -> Coalesce:
    """Build the expression of the Chinese name of a row, or else the English one."""
    return Coalesce(NullIf(F(f"{path}name_zh"), Value("")), F(f"{path}name_en"))


def join_aliases(actor: Any) -> Printed:
    return join_list("aliases")


def join_name_lines(actor: Any) -> Replace:
    """Join names on separate lines into one text, as lists are joined."""
    return Replace(F("aliases"), Value("\n"), Value("；"), output_field=TextField())


def join_rows(model: Any, link: str, text: Any, *order: str, **chosen: Any) -> Any:
    """Build a column that joins a text of the rows of a model that link to the row."""
    rows = model.objects.filter(**{link: OuterRef("pk")}, **chosen).order_by(*order)
    return lambda actor: JoinedTexts(rows.values(text=text))


def join_sectors(*, excluded: bool = False, **chosen: Any) -> Any:
    chosen["excluded"] = excluded
    return join_rows(models.SectorGroupMember, "group", F("sector_id"), "sector_id", **chosen)


def join_tag_codes(tags: QuerySet) -> JoinedTexts:
    """Join the codes of some tags into one text, each with the year of its list."""
    year = Concat(Value(" "), Cast("year", TextField()), output_field=TextField())
    dated = Case(When(year__isnull=True, then=Value("")), default=year, output_field=TextField())
    joined = Concat("tag_id", dated, output_field=TextField())
    return JoinedTexts(tags.order_by("tag_id", "year", "id").values(text=joined))


PLACE = derive_columns(
    models.Park,
    Column("address", headers="详细地址 具体地址 地址"),
    Column("latitude", headers="北纬", hint=_("In degrees: 39.720000.")),
    Column("longitude", headers="东经", hint=_("In degrees: 117.310000.")),
    Column("point_accuracy", headers="坐标精度"),
    Column("point_datum", headers="坐标系 坐标系统"),
)

PARKS = derive_table(
    "parks",
    models.Park,
    "code name_zh name_en",
    Column("aliases", path=join_name_lines, is_list=True),
    "kind region region_name_zh region_name_en",
    *PLACE,
    "brand operator",
    Column(
        "leading_sectors",
        path=join_rows(models.SectorGroup, "parks", F("code"), "code"),
        is_list=True,
    ),
    "is_placeholder publication default_publication source note version created_at",
    "updated_at",
)

ORGANISATIONS = derive_table(
    "organisations",
    models.Organisation,
    "code name_zh name_en",
    Column("aliases", path=join_name_lines, is_list=True),
    "uscc kind ownership region parent",
    Column(
        "tags",
        _("tags"),
        path=lambda actor: join_tag_codes(
            models.OrganisationTag.objects.filter(organisation=OuterRef("pk"))
        ),
        is_list=True,
    ),
    "source note",
    *PUBLICATION_COLUMNS,
    "version created_at updated_at",
)

SOURCES = derive_table(
    "sources",
    models.Source,
    "code title publisher author published_on url kind is_copy note",
    *PUBLICATION_COLUMNS,
    "version created_at updated_at",
)

PEOPLE = derive_table(
    "people",
    models.Person,
    "code name_zh name_en source note",
    Column(
        "posts",
        _("posts"),
        path=join_rows(models.Post, "person", either_name(), "held_from", "code"),
        is_list=True,
    ),
    *PUBLICATION_COLUMNS,
    "version created_at updated_at",
)

INDICATORS = derive_table(
    "indicators",
    models.Indicator,
    "code name_zh name_en kind unit is_summable definition_zh definition_en",
    "headline_rank",
)

REGIONS = derive_table(
    "regions",
    models.Region,
    Column("code", kind="word"),
    "name_zh name_en level kind parent",
    Column("aliases", path=join_aliases, is_list=True),
    "valid_from valid_to is_statistical source",
)

SECTORS = derive_table(
    "sectors",
    models.Sector,
    Column("code", kind="word"),
    "name_zh name_en level parent hitech valid_from valid_to",
)

REGION_GROUPS = derive_table(
    "region-groups",
    models.RegionGroup,
    "code name_zh name_en family definition_zh definition_en",
    Column("aliases", path=join_aliases, is_list=True),
    "source has_countries",
    Column(
        "members",
        _("members"),
        path=join_rows(models.RegionGroupMember, "group", F("region_id"), "region_id", "id"),
        is_list=True,
    ),
)

TAGS = derive_table(
    "tags",
    models.Tag,
    "code name_zh name_en bearer is_yearly term_years is_of_group publisher",
    "definition_zh definition_en valid_from valid_to",
)

SECTOR_GROUPS = derive_table(
    "sector-groups",
    models.SectorGroup,
    "code name_zh name_en",
    Column("aliases", path=join_aliases, is_list=True),
    "source",
    Column("members", _("members"), path=join_sectors(), is_list=True),
    Column(
        "excluded",
        pgettext_lazy("members", "taken out"),
        path=join_sectors(excluded=True),
        is_list=True,
    ),
    *(
        Column(word, word.label, path=join_sectors(position=word), is_list=True)
        for word in models.SectorGroupMember.Position
    ),
)

# A claim keeps its value in one of three columns, whatever it is about
CLAIM = derive_columns(
    models.Figure,
    "indicator indicator_name_zh indicator_name_en",
    Column("amount_cny", _("amount"), "money"),
    "value value_text",
    Column(
        "unit",
        _("unit"),
        path=lambda actor: Coalesce(NullIf(F("currency"), Value("")), F("indicator__unit")),
    ),
    "currency qualifier nature as_of as_of_basis period_from period_to period_text",
    "base_period origin origin_group sector sector_group place",
    Column("size_floor_cny", _("size from"), "money"),
    "scope_text scope_is_whole condition printed_conversion as_reported said_by",
    Column(
        "said_by_person",
        _("said by (person)"),
        path=lambda actor: Coalesce(
            either_name("said_by__person__"), NullIf(F("said_by_text"), Value(""))
        ),
    ),
    "said_by_text attribution source",
    Column("source_title", _("source (title)"), path="source__title"),
    "superseded_by is_withdrawn note version created_at updated_at",
)


def _of_claim(names: str) -> list[Column]:
    return [
        replace(each, path=f"claim.{each.name}") for each in derive_columns(models.Figure, names)
    ]


# Each indicator and nature with the headline of each park: see api.files
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
        *_of_claim("value value_text"),
        Column("unit", _("unit"), path="indicator.unit"),
        *_of_claim("currency qualifier as_of as_of_basis period_from period_to scope_text"),
        *_of_claim("condition as_reported"),
        Column("source", _("source"), path="claim.source.code"),
        Column("figure", _("figure"), path="claim.code"),
        Column("others", _("other claims of the indicator"), "number", path="claim.others"),
    ],
)
FIGURES = derive_table("figures", models.Figure, "code", *SUBJECT, *CLAIM)

TIMELINE = derive_table(
    "timeline",
    models.TimelineEntry,
    "code",
    *SUBJECT,
    "kind happened_on happened_on_basis name_zh name_en nature said_by said_by_text",
    "attribution as_reported source note version created_at updated_at",
    title=_("timeline"),
)
