"""The least that answers the same: the best SQL for the same JSON, with as little as can be."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.questions import LIMIT, Case

# Of each list's field what gives it: a column, a word that is null where it is blank, a date
# with its precision, or an expression
WORDS = (
    "kind function site_mode origin_basis sector_basis stage agreement_type hitech"
    " land_qualifier investment_qualifier investment_basis totals_exclusion origin_scope"
    " capital_type capital_type_stated point_accuracy point_datum"
).split()
DATES = (
    "stage_on intended_on signed_on started_on completed_on operating_on standing_on reported_on"
    " review_on"
).split()
NAMES = """code name_zh name_en park park_name_zh park_name_en national_code kind function site_mode
 land_mu land_qualifier region project_region site address latitude longitude
 point_accuracy point_datum
 origin origin_name_zh origin_name_en origin_basis origin_scope origin_text sector
 sector_name_zh sector_name_en sector_basis sector_text capital_type capital_type_stated
 stage stage_on intended_on signed_on started_on completed_on operating_on
 agreement_type hitech investment_cny investment_qualifier investment_basis paid_in_cny
 counts_in_totals totals_exclusion news_on next_planned_on is_stale
 standing standing_on standing_reason is_umbrella duplicate_of part_of phase_no reported_on source
 publication note open_issues responsible_unit floor_area_m2 building review_on
 version created_at updated_at""".split()
DECIMALS = ("land_mu", "floor_area_m2", "latitude", "longitude")
FLAGS = ("counts_in_totals", "is_stale", "is_umbrella")
JOINED = {
    "park": "park.code",
    "park_name_zh": "park.name_zh",
    "park_name_en": "park.name_en",
    "region": "p.region_id",
    "origin": "p.origin_id",
    "origin_name_zh": "origin.name_zh",
    "origin_name_en": "origin.name_en",
    "sector": "p.sector_id",
    "sector_name_zh": "sector.name_zh",
    "sector_name_en": "sector.name_en",
    "source": "source.code",
    "duplicate_of": "duplicate_of.code",
    "part_of": "part_of.code",
    "counts_in_totals": "p.totals_exclusion = ''",
    "open_issues": "''",
    "responsible_unit": "''",
}
VISIBLE = """p.publication = 'published'
    AND p.park_id NOT IN (SELECT id FROM parks_park WHERE publication <> 'published')"""
JOINS = """
    JOIN parks_park park ON park.id = p.park_id
    LEFT JOIN parks_region origin ON origin.code = p.origin_id
    LEFT JOIN parks_sector sector ON sector.code = p.sector_id
    LEFT JOIN parks_source source ON source.id = p.source_id
    LEFT JOIN projects_project duplicate_of ON duplicate_of.id = p.duplicate_of_id
    LEFT JOIN projects_project part_of ON part_of.id = p.part_of_id
"""
INVESTORS = """
    SELECT i.project_id, o.code, o.name_zh, o.name_en, NULLIF(i.role, ''), i.share_bp
    FROM projects_investor i JOIN parks_organisation o ON o.id = i.organisation_id
    WHERE i.project_id IN ({ids}) ORDER BY i.project_id, i.id
"""
INVESTOR_NAMES = """
    (SELECT {join_texts}(COALESCE(NULLIF(o.name_zh, ''), o.name_en), '；')
     FROM projects_investor i JOIN parks_organisation o ON o.id = i.organisation_id
     WHERE i.project_id = p.id)
"""
INVESTOR_FIELDS = ("organisation", "organisation_name_zh", "organisation_name_en", "role")
STALE_MONTHS = 24


def page(case: Case, vendor: str) -> str:
    """SQL of a page and one row more: found by key first, and only then joined."""
    columns = ", ".join(["p.id", *list_columns(vendor)])
    where = case.where
    if vendor == "postgresql" or case.key == "broad":  # on SQLite a selective list is slower so
        where = where.replace("investment_cny", "investment_rank")
    return f"""SELECT {columns} FROM (
        SELECT p.id FROM projects_project p WHERE {VISIBLE} AND {where}
        ORDER BY {case.order} LIMIT {LIMIT + 1}
    ) page JOIN projects_project p ON p.id = page.id {JOINS} ORDER BY {case.order}"""


def whole_table(case: Case, vendor: str) -> str:
    """SQL of all rows, as a file holds them."""
    join_texts = "STRING_AGG" if vendor == "postgresql" else "GROUP_CONCAT"
    investors = INVESTOR_NAMES.format(join_texts=join_texts)
    columns = ", ".join(list_columns(vendor))
    return f"""SELECT {columns}, {investors} FROM projects_project p {JOINS}
        WHERE {VISIBLE} AND {case.where} ORDER BY {case.order}"""


def list_columns(vendor: str) -> list[str]:
    """SQL of each field of a row, in the order of NAMES."""
    return [f"{write_column(name, vendor)} AS {name}" for name in NAMES]


def write_column(name: str, vendor: str) -> str:
    if name in WORDS:
        return f"NULLIF(p.{name}, '')"
    if name in DATES:
        return write_date(name, vendor)
    if name == "is_stale":
        return write_staleness()
    if name == "news_on":
        today = f"'{find_today()}'" if vendor == "sqlite" else f"DATE '{find_today()}'"
        return f"CASE WHEN p.news_on > {today} THEN {today} ELSE p.news_on END"
    if name in ("created_at", "updated_at") and vendor == "sqlite":
        return f"replace(p.{name}, ' ', 'T') || 'Z'"
    if name in DECIMALS and vendor == "postgresql":
        return f"p.{name}::float8"
    return JOINED.get(name, f"p.{name}")


def write_date(name: str, vendor: str) -> str:
    """SQL of a date as far as it is known."""
    day = f"p.{name}"
    if vendor == "postgresql":
        year, month, whole = (
            f"to_char({day}, '{form}')" for form in ("YYYY", "YYYY-MM", "YYYY-MM-DD")
        )
        quarter = f"to_char({day}, 'YYYY-\"Q\"Q')"
    else:
        year, month, whole = f"substr({day}, 1, 4)", f"substr({day}, 1, 7)", day
        quarter = f"{year} || '-Q' || ((CAST(substr({day}, 6, 2) AS INTEGER) + 2) / 3)"
    return f"""CASE p.{name}_precision WHEN 'year' THEN {year} WHEN 'quarter' THEN {quarter}
        WHEN 'month' THEN {month} ELSE {whole} END"""


def find_today() -> date:
    """Find the day where the ledger is."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def write_staleness() -> str:
    """SQL of whether there should have been news, as the ledger judges it today."""
    today = find_today()
    silent = today.replace(year=today.year - STALE_MONTHS // 12)
    return f"""(p.standing = 'active' AND p.stage NOT IN ('operating', 'full_capacity')
        AND (COALESCE(p.news_on < '{silent}', FALSE)
        OR COALESCE(p.next_planned_on < '{today}', FALSE)))"""


def build_rows(found: Sequence[Any], investors: Sequence[Any]) -> list[dict[str, Any]]:
    """The rows of a page as the API shows them, from what was read for it."""
    rows = {}
    for key, *values in found:
        row = dict(zip(NAMES, values, strict=True))
        for name in FLAGS:
            row[name] = bool(row[name])
        row |= {"further_columns": {}, "investors": []}
        rows[key] = row
    for project, *values, share in investors:
        named = dict(zip(INVESTOR_FIELDS, values, strict=True))
        rows[project]["investors"].append({**named, "share_bp": share})
    return list(rows.values())


# --- Sums ----------------------------------------------------------------------------------------

# By what is joined, as somebody writes it who has no columns for what is counted by
PLAIN_SUMMARY = """
    SELECT CASE WHEN p.origin_id >= 'A' THEN 'foreign' ELSE province.code END, province.name_zh,
           section.code, section.name_zh, {year}, COUNT(*), SUM(p.investment_cny)
    FROM projects_project p
    JOIN parks_park park ON park.id = p.park_id AND park.publication = 'published'
    LEFT JOIN parks_region province ON province.code = substr(p.origin_id, 1, 2) || '0000'
    LEFT JOIN parks_sector section ON section.code = substr(p.sector_id, 1, 1)
    WHERE p.publication = 'published'
    GROUP BY 1, 2, 3, 4, 5
"""
# The same from columns that have the codes already
RAW_SUMMARY = f"""
    SELECT p.origin_province, p.sector_section, p.signed_year, COUNT(*), SUM(p.investment_cny)
    FROM projects_project p WHERE {VISIBLE} GROUP BY 1, 2, 3
"""


def plain_summary(vendor: str) -> str:
    year = "CAST(EXTRACT(YEAR FROM p.signed_on) AS INTEGER)"
    if vendor == "sqlite":
        year = "CAST(substr(p.signed_on, 1, 4) AS INTEGER)"
    return PLAIN_SUMMARY.format(year=year)
