"""Parts and wholes: a part is left out of totals while its whole counts.

That is the same for every reader: a whole that is not published, or whose park is not, does not
count. A whole that is itself a part or a duplicate leads to the next project.
"""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection

from config.database.prepared import among
from parks.access import Publication
from parks.models import Park
from parks.models.ledger import list_names
from parks.recording.change_rows import chunks
from parks.recording.recording import RevisionWriter
from projects.models import Project
from projects.models.dimensions import TOTALS_EXCLUSION
from projects.models.words import STAGES, Stage

_IS_PUBLISHED = f"= '{Publication.PUBLISHED.value}'"
_SIGNED = STAGES.index(Stage.SIGNED)

# Columns that decide whether a project counts, and which projects are its parts
OF_PARTS = {*list_names([TOTALS_EXCLUSION]), "publication", "park"}

# Each part with all projects above it
_ABOVE = """
    WITH RECURSIVE above(part, whole) AS (
        SELECT p.id, p.part_of_id FROM {project} p
        WHERE p.id {among} AND p.part_of_id IS NOT NULL {more}
        UNION
        SELECT a.part, n.id FROM above a JOIN {project} w ON w.id = a.whole
        JOIN {project} n ON n.id = w.part_of_id OR n.id = w.duplicate_of_id
    )"""

# A project above the part that would count without its own whole
_WITH_ONE_THAT_COUNTS = """
    SELECT a.part FROM above a JOIN {project} w ON w.id = a.whole AND w.id <> a.part
    JOIN {park} k ON k.id = w.park_id
    WHERE w.totals_exclusion IN ('', 'part') AND w.stage_rank >= {signed}
    AND w.publication {is_published} AND k.publication {is_published}"""

_BELOW = """
    SELECT id FROM {project} WHERE id {among}
    AND (part_of_id IS NOT NULL OR counts_apart IS NOT NULL)
    UNION SELECT id FROM {project} WHERE part_of_id {among}
    UNION SELECT id FROM {project} WHERE duplicate_of_id {among}"""

_BELOW_PARKS = """
    SELECT p.id FROM {project} w JOIN {project} p ON p.part_of_id = w.id WHERE w.park_id {among}
    UNION
    SELECT p.id FROM {project} w JOIN {project} p ON p.duplicate_of_id = w.id
    WHERE w.park_id {among}"""

# Locks the projects that are read, until the result is stored
_KEPT = """
    SELECT w.id FROM {project} w JOIN {park} k ON k.id = w.park_id
    WHERE w.id IN (SELECT whole FROM above) ORDER BY w.id FOR SHARE"""
_IS_NEWLY_LINKED = """
    AND p.part_of_id IS DISTINCT FROM (
        SELECT v.part_of_id FROM {past} v WHERE v.id = p.id ORDER BY v.history_id DESC LIMIT 1
    )"""

# The same rule on the versions of a past moment (each %s); what was withdrawn since is not shown
# there, and does not count
_THEN = "(SELECT MAX(n.history_id) FROM {table} n WHERE n.id = {key} AND n.history_date <= %s)"
_NEWEST = "(SELECT MAX(n.history_id) FROM {table} n WHERE n.id = {key})"
_EXCLUSION_THEN = """CASE
    WHEN v.part_of_id IS NULL OR v.totals_exclusion IN ('umbrella', 'duplicate', 'merged')
    THEN v.totals_exclusion
    WHEN EXISTS (
        WITH RECURSIVE above(whole) AS (
            SELECT v.part_of_id
            UNION
            SELECT CASE WHEN e.is_part = 1 THEN w.part_of_id ELSE w.duplicate_of_id END
            FROM above a JOIN {past} w ON w.history_id = {whole_then}
            CROSS JOIN (SELECT 1 AS is_part UNION ALL SELECT 0) e
        )
        SELECT 1 FROM above a
        JOIN {past} w ON w.history_id = {whole_then} AND w.id <> v.id AND w.history_type <> '-'
        JOIN {past} l ON l.history_id = {whole_newest}
        JOIN {past_park} k ON k.history_id = {park_then}
        JOIN {past_park} m ON m.history_id = {park_newest}
        WHERE w.totals_exclusion IN ('', 'part') AND w.stage_rank >= {signed}
        AND w.publication {is_published} AND l.publication {is_published}
        AND k.publication {is_published} AND m.publication {is_published}
    ) THEN 'part'
    WHEN v.stage_rank >= {signed} THEN '' ELSE 'no_contract' END"""


def settle_written_parts(writer: RevisionWriter) -> None:
    """Recompute `counts_apart` for the parts of the projects and parks of a revision.

    New projects have no older parts: only those that are parts themselves are recomputed.
    """
    created = writer.find_created(Project)
    keys = {*writer.find_changed(Project, *OF_PARTS)}
    if created:
        parts = Project.objects.filter(
            part_of__isnull=False, pk__range=(min(created), max(created))
        )
        keys |= {*parts.values_list("pk", flat=True)}.intersection(created)
    found = _fetch(_BELOW_PARKS, writer.find_changed(Park, "publication"))
    settle_parts(keys | found)


def settle_parts(projects: Collection[int]) -> None:
    """Recompute `counts_apart` for these projects and all below them; changes are versions."""
    parts: set[int] = set()
    fresh = {*projects}
    while fresh:
        fresh = _fetch(_BELOW, fresh) - parts
        parts |= fresh
    for chunk in chunks(parts):
        _settle(chunk)


def correct_exclusion() -> str:
    """Build the SQL of `totals_exclusion` of a past version `v`."""
    tables = _name_tables()
    past, past_park = tables["past"], tables["past_park"]
    return _EXCLUSION_THEN.format(
        **tables,
        whole_then=_THEN.format(table=past, key="a.whole"),
        whole_newest=_NEWEST.format(table=past, key="a.whole"),
        park_then=_THEN.format(table=past_park, key="w.park_id"),
        park_newest=_NEWEST.format(table=past_park, key="w.park_id"),
        signed=_SIGNED,
        is_published=_IS_PUBLISHED,
    )


def _settle(parts: list[int]) -> None:
    rows: Any = Project.objects.filter(pk__in=parts).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    if connection.features.has_select_for_update:
        _fetch(_ABOVE + _KEPT, parts, more=_IS_NEWLY_LINKED.format(**_name_tables()))
    covered = _fetch(_ABOVE + _WITH_ONE_THAT_COUNTS, parts)
    stored = rows.values_list("pk", "part_of_id", "counts_apart")
    apart = {pk: (whole is not None and pk not in covered) or None for pk, whole, _was in stored}
    for value in (True, None):
        changed = [pk for pk, _whole, was in stored if apart[pk] is value and was is not value]
        if changed:
            Project.objects.filter(pk__in=changed).update(counts_apart=value)


def _fetch(statement: str, keys: Iterable[int], more: str = "") -> set[int]:
    """Run a statement on these keys, for each `{among}` in it; return the keys found."""
    found: set[int] = set()
    times = statement.count("{among}")
    for chunk in chunks({*keys}):
        condition, wanted = among(chunk)
        with connection.cursor() as cursor:
            cursor.execute(
                statement.format(
                    **_name_tables(),
                    among=condition,
                    more=more,
                    signed=_SIGNED,
                    is_published=_IS_PUBLISHED,
                ),
                wanted * times,
            )
            found |= {row[0] for row in cursor.fetchall()}
    return found


def _name_tables() -> dict[str, str]:
    quote = connection.ops.quote_name
    return {
        "project": quote(Project._meta.db_table),
        "park": quote(Park._meta.db_table),
        "past": quote(Project.history.model._meta.db_table),
        "past_park": quote(Park.history.model._meta.db_table),
    }
