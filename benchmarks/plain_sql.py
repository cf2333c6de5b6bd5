"""What the API is measured against: the same questions as plain SQL, with as little as can be."""

import csv
import io
import subprocess
from tempfile import TemporaryFile

import orjson
from django.db import connection

COLUMNS = """
    p.code, p.name_zh, p.name_en, park.code, park.name_zh, park.name_en,
    p.national_code, p.kind, p.function, p.site_mode, p.land_mu, p.origin_id, origin.name_zh,
    origin.name_en, p.origin_basis,
    p.origin_text, p.sector_id, sector.name_zh, sector.name_en, p.sector_basis, p.sector_text,
    p.stage, p.stage_on, p.stage_on_precision, p.intended_on, p.intended_on_precision,
    p.signed_on, p.signed_on_precision, p.started_on, p.started_on_precision, p.completed_on,
    p.completed_on_precision, p.operating_on, p.operating_on_precision, p.agreement_type,
    p.hitech, p.investment_cny, p.investment_qualifier, p.investment_basis, p.standing,
    p.standing_on, p.standing_on_precision, p.standing_reason, p.is_umbrella, duplicate_of.code,
    part_of.code, p.reported_on, p.reported_on_precision, source.code, p.publication, p.note,
    '', '', p.version, p.created_at, p.updated_at
"""
FROM = """
    FROM projects_project p
    JOIN parks_park park ON park.id = p.park_id
    LEFT JOIN parks_region origin ON origin.code = p.origin_id
    LEFT JOIN parks_sector sector ON sector.code = p.sector_id
    LEFT JOIN parks_source source ON source.id = p.source_id
    LEFT JOIN projects_project duplicate_of ON duplicate_of.id = p.duplicate_of_id
    LEFT JOIN projects_project part_of ON part_of.id = p.part_of_id
    WHERE p.publication = 'published' AND park.publication = 'published'
"""
INVESTORS = """
    SELECT i.project_id, o.code, o.name_zh, o.name_en, i.role, i.share_bp
    FROM projects_investor i JOIN parks_organisation o ON o.id = i.organisation_id
    WHERE i.project_id IN ({ids}) ORDER BY i.project_id, i.id
"""
INVESTOR_NAMES = """
    (SELECT {join_texts}(COALESCE(NULLIF(o.name_zh, ''), o.name_en), '；')
     FROM projects_investor i JOIN parks_organisation o ON o.id = i.organisation_id
     WHERE i.project_id = p.id)
"""


NAMES = [column.strip().replace(".", "_") for column in COLUMNS.split(",")]
FETCHED_AT_ONCE = 2000
SHELL = "sqlite3"


def list_page(where: str, order: str, limit: int) -> bytes:
    """A page as JSON by two queries: its projects and one more, then their investors."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id, {COLUMNS} {FROM} AND {where} ORDER BY {order} LIMIT {limit + 1}"
        )
        found = cursor.fetchall()
        rows = {key: dict(zip(NAMES, values, strict=True)) for key, *values in found[:limit]}
        for row in rows.values():
            row["investors"] = []
        cursor.execute(INVESTORS.format(ids=", ".join(map(str, rows))))
        for project, *investor in cursor.fetchall():
            rows[project]["investors"].append(investor)
    return orjson.dumps(list(rows.values()), default=str)


def csv_file(where: str, order: str) -> bytes:
    """All rows as a CSV file by Python's csv, written to disk and read back as a server would."""
    with TemporaryFile() as file, connection.cursor() as cursor:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([*NAMES, "investors"])
        cursor.execute(_all_rows(where, order))
        while rows := cursor.fetchmany(FETCHED_AT_ONCE):
            writer.writerows(rows)
        text.flush()
        file.seek(0)
        return file.read()


def copied_file(where: str, order: str) -> bytes:
    """The same by PostgreSQL's COPY: as fast as the database itself makes such a file."""
    connection.ensure_connection()
    statement = f"COPY ({_all_rows(where, order)}) TO STDOUT (FORMAT csv, HEADER)"
    with TemporaryFile() as file, connection.connection.cursor() as cursor:
        with cursor.copy(statement) as pieces:
            for piece in pieces:
                file.write(piece)
        file.seek(0)
        return file.read()


def shell_file(where: str, order: str) -> bytes:
    """The same by SQLite's own shell, as fast as SQLite itself makes such a file."""
    path = connection.settings_dict["NAME"]
    with TemporaryFile() as file:
        command = [SHELL, "-readonly", "-csv", "-header", str(path), _all_rows(where, order)]
        subprocess.run(command, stdout=file, check=True)
        file.seek(0)
        return file.read()


def _all_rows(where: str, order: str) -> str:
    join_texts = "STRING_AGG" if connection.vendor == "postgresql" else "GROUP_CONCAT"
    investors = INVESTOR_NAMES.format(join_texts=join_texts)
    return f"SELECT {COLUMNS}, {investors} {FROM} AND {where} ORDER BY {order}"
