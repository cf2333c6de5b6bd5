"""Emptying PostgreSQL's database after a test that commits: a tenth of what a copy of it takes."""

from functools import cache

import psycopg
from psycopg import sql

from tests.templates import BARE, make_database

# All that a test could change besides rows; what is changed in a catalogue has another `xmin`
STRUCTURE = """
    SELECT md5(string_agg(told, ' ' ORDER BY told)) FROM (
        SELECT concat(oid, relname, relacl, reloptions) FROM pg_class
         WHERE relnamespace = 'public'::regnamespace
         UNION ALL
        SELECT concat(attrelid, attname, pg_attribute.xmin) FROM pg_attribute
          JOIN pg_class ON pg_class.oid = attrelid
         WHERE relnamespace = 'public'::regnamespace
         UNION ALL
        SELECT concat(oid, xmin) FROM pg_trigger
         UNION ALL
        SELECT concat(oid, xmin) FROM pg_constraint
         UNION ALL
        SELECT concat(oid, xmin) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
         UNION ALL
        SELECT concat('analysed', starelid) FROM pg_statistic
         WHERE starelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
         UNION ALL
        SELECT concat('set', setconfig) FROM pg_db_role_setting
         WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
    ) AS all_told (told)
"""
# A table into which nothing was ever written has no bytes
WRITTEN = """
    SELECT relname FROM pg_class
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
"""
OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def is_emptied(address: str, server: str) -> bool:
    """Empty what a test wrote, so that a database is as `bare` is; false if it cannot be."""
    structure, rows = read_bare(server)
    with psycopg.connect(address) as connection:
        connection.execute(OTHERS)
        connection.execute("SET lock_timeout = '5s'")
        written = {name for (name,) in connection.execute(WRITTEN)}
        if connection.execute(STRUCTURE).fetchone() != structure or not written >= {*rows}:
            return False
        if any(read_rows(connection, name) != rows[name] for name in rows):
            return False
        if emptied := sorted(written - {*rows}):
            names = sql.SQL(", ").join(map(sql.Identifier, emptied))
            connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
    return True


@cache
def read_bare(server: str) -> tuple[object, dict[str, object]]:
    """Read what is in the template beside empty tables: its structure, and the rows of some."""
    parts = psycopg.conninfo.conninfo_to_dict(server)
    with psycopg.connect(**{**parts, "dbname": make_database(BARE, server)}) as connection:
        names = [name for (name,) in connection.execute(WRITTEN).fetchall()]
        structure = connection.execute(STRUCTURE).fetchone()
        return structure, {name: read_rows(connection, name) for name in names}


def read_rows(connection: "psycopg.Connection", name: str) -> object:
    asked = "SELECT md5(string_agg(row::text, ' ' ORDER BY row::text)) FROM {} AS row"
    return connection.execute(sql.SQL(asked).format(sql.Identifier(name))).fetchone()
