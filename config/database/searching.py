"""Search in texts by two or more characters: how texts are compared, and the indexes.

A GIN index of pairs of characters on PostgreSQL, an FTS5 table of triples with triggers on SQLite.
Indexes only narrow a search: conditions on the texts, the same on both databases, decide.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Func, Q
from django.db.models.lookups import Contains, Exact

from config.database import history
from config.texts import FOLDED

MOST_KEYS = 5_000  # of an index; with more matches, a scan in any order finds some soon
SHORTEST = 2  # characters that an index can find
_LAST_CHARACTER = "\U0010ffff"
_MADE = frozenset(FOLDED.values())


class FoldText(Func):
    """`fold` in the database."""

    function = "fold_text"
    arity = 1
    output_field: Any = models.TextField()


def match_text(column: str, word: str) -> Q:
    """Build the condition that a column contains a folded word."""
    if _MADE.isdisjoint(word):  # folding the column cannot change the result
        return Q(**{f"{column}__contains": word})
    return Q(Contains(FoldText(F(column)), word))


def equal_text(column: str, text: str) -> Q:
    """Build the condition that a column equals a folded text."""
    return Q(Exact(FoldText(F(column)), text))


@dataclass(frozen=True)
class TextIndex:
    """An index over the texts of a table, in parts that are searched separately."""

    table: str
    parts: Mapping[str, Sequence[str]]  # names of columns

    def find(self, part: str, words: Sequence[str]) -> frozenset[int] | None:
        """Find a superset of the keys of the rows with all these folded words in a part.

        None if there are too many, and for short words. For a past moment the index finds the rows
        of now; those written since are read.
        """
        words = [word for word in words if len(word) >= SHORTEST]
        if not words:
            return None
        if history.is_past():
            with history.reading_now():
                now = self.find(part, words)
            then = frozenset() if now is None else self._find_versions(part, words)
            return None if now is None or len(then) > MOST_KEYS else now | then
        one = self._one_word_on_sqlite if connection.vendor == "sqlite" else self._one_word
        each, params = zip(*(one(part, word) for word in words), strict=True)
        sql = f"{' INTERSECT '.join(each)} LIMIT {MOST_KEYS + 1}"
        with connection.cursor() as cursor:
            cursor.execute(sql, [value for values in params for value in values])
            found = frozenset(key for (key,) in cursor.fetchall())
        return found if len(found) <= MOST_KEYS else None

    def _find_versions(self, part: str, words: Sequence[str]) -> frozenset[int]:
        """Find the rows written since the moment whose texts at that moment had all these words."""
        place = "instr" if connection.vendor == "sqlite" else "strpos"
        each = " AND ".join([f"{place}({self._whole(part)}, %s) > 0"] * len(words))
        sql = f"SELECT id FROM {self.table} WHERE {each} LIMIT {MOST_KEYS + 1}"  # noqa: S608
        with history.reading_versions(self.table), connection.cursor() as cursor:
            cursor.execute(sql, words)
            return frozenset(key for (key,) in cursor.fetchall())

    def _one_word(self, part: str, word: str) -> tuple[str, list[Any]]:
        pairs = f"text_pairs({self._whole(part)})"
        return f"SELECT id FROM {self.table} WHERE {pairs} @> text_pairs(%s)", [word]  # noqa: S608

    def _one_word_on_sqlite(self, part: str, word: str) -> tuple[str, list[Any]]:
        if len(word) == SHORTEST:  # the beginning of a triple
            sql = (
                f"SELECT DISTINCT doc FROM {self.table}_triples "  # noqa: S608
                "WHERE term >= %s AND term < %s AND col = %s"
            )
            return sql, [word, word + _LAST_CHARACTER, part]
        quoted = word.replace('"', '""')
        sql = f"SELECT rowid FROM {self.table}_texts WHERE {self.table}_texts MATCH %s"  # noqa: S608
        return sql, [f'{part} : "{quoted}"']

    def _whole(self, part: str, row: str = "") -> str:
        # The folded texts of a part, each on a line
        names = [f"{row}{name}" for name in self.parts[part]]
        if len(names) == 1:
            names = [f"NULLIF({names[0]}, '')"]
        lines = "'\n' || " + " || '\n' || ".join(names) + " || '\n'"
        collated = f'({lines}) COLLATE "C"' if connection.vendor == "postgresql" else lines
        return f"fold_text({collated})"

    def build(self, apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        """Build the index: for a migration that is not atomic."""
        statements = self._build_on_sqlite() if connection.vendor == "sqlite" else self._build()
        for sql in statements:
            editor.execute(sql, None)

    def drop(self, apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        if connection.vendor == "postgresql":
            editor.execute(f"DROP INDEX IF EXISTS {self.table}_texts", None)
            return
        for when in ("insert", "update", "delete"):
            editor.execute(f"DROP TRIGGER {self.table}_texts_{when}", None)
        editor.execute(f"DROP TABLE {self.table}_triples", None)
        editor.execute(f"DROP TABLE {self.table}_texts", None)

    def _build(self) -> list[str]:
        pairs = ", ".join(f"text_pairs({self._whole(part)})" for part in self.parts)
        # Every search reads the pending list. Without statistics, the planner never prefers to
        # compute the pairs of all rows.
        return [
            # Of an interrupted build
            f"DROP INDEX CONCURRENTLY IF EXISTS {self.table}_texts",
            f"CREATE INDEX CONCURRENTLY {self.table}_texts ON {self.table} USING gin ({pairs}) "
            "WITH (gin_pending_list_limit = 256)",
            *(
                f"ALTER INDEX {self.table}_texts ALTER COLUMN {place} SET STATISTICS 0"
                for place in range(1, len(self.parts) + 1)
            ),
        ]

    def _build_on_sqlite(self) -> list[str]:
        table, texts, parts = self.table, f"{self.table}_texts", ", ".join(self.parts)
        columns = ", ".join(name for names in self.parts.values() for name in names)
        now, new = (
            ", ".join(self._whole(part, row) for part in self.parts) for row in ("", "new.")
        )
        add = f"INSERT INTO {texts}(rowid, {parts})"
        kept = {
            f"insert AFTER INSERT ON {table}": f"{add} VALUES (new.id, {new})",
            f"update AFTER UPDATE OF {columns} ON {table}": (
                f"UPDATE {texts} SET ({parts}) = ({new}) WHERE rowid = new.id"  # noqa: S608
            ),
            f"delete AFTER DELETE ON {table}": f"DELETE FROM {texts} WHERE rowid = old.id",  # noqa: S608
        }
        return [
            f"CREATE VIRTUAL TABLE {texts} "
            f"USING fts5({parts}, tokenize = 'trigram case_sensitive 1')",
            f"CREATE VIRTUAL TABLE {table}_triples USING fts5vocab({texts}, instance)",
            f"{add} SELECT id, {now} FROM {table}",  # noqa: S608
            *(f"CREATE TRIGGER {texts}_{when} BEGIN {what}; END" for when, what in kept.items()),
        ]


def build_functions(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    """Create the functions of PostgreSQL; SQLite calls `fold` itself."""
    if connection.vendor != "postgresql":
        return
    wide = "".join(map(chr, FOLDED)).replace("'", "''")
    narrow = "".join(FOLDED.values()).replace("'", "''")
    # The most frequent characters first, as `translate` compares each character with its whole
    # list. A search is faster than the start of parallel workers.
    editor.execute(
        "CREATE FUNCTION fold_text(text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE "
        "LANGUAGE plpgsql AS $$ DECLARE folded text := "
        "lower(replace(replace($1, '（', '('), '）', ')') COLLATE \"C\"); BEGIN "
        "IF folded ~ ('[！-～　À-ſͰ-ԯ]' COLLATE \"C\") THEN "
        f"folded := translate(folded, '{wide}', '{narrow}'); END IF; RETURN folded; END $$",
        None,
    )
    editor.execute(
        "CREATE FUNCTION text_pairs(text) RETURNS text[] IMMUTABLE STRICT COST 1000 "
        "PARALLEL RESTRICTED LANGUAGE plpgsql AS $$ "
        "DECLARE c text[] := string_to_array($1, NULL); BEGIN "
        "RETURN ARRAY(SELECT a || b FROM unnest(c, c[2:]) AS pair(a, b) WHERE b IS NOT NULL); "
        "END $$",
        None,
    )


def drop_functions(apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if connection.vendor == "postgresql":
        editor.execute("DROP FUNCTION fold_text(text)", None)
        editor.execute("DROP FUNCTION text_pairs(text)", None)
