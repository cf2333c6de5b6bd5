"""The fixtures are what their makers write: of what stands in the tree, and of the sources."""

import csv
from pathlib import Path

from fixtures.files import Row
from fixtures.make_ledger import NO_TITLE, NO_TITLE_ZH, make_organisations, make_sources
from fixtures.make_people import make_people
from fixtures.make_vocabularies import make_indicators
from tests.site.test_fixtures import rows


def test_what_is_made_of_tables_in_the_tree_is_as_the_makers_write_it() -> None:
    assert rows("organisations") == make_organisations()
    assert rows("indicators") == make_indicators()
    assert rows("people") == make_people()


def as_in_the_table(row: Row) -> dict[str, str]:
    """A source as the table has it, which is none of ours: notes for a missing title in English."""
    title = row["title"].replace(f"，{NO_TITLE_ZH}", f", {NO_TITLE}").replace(NO_TITLE_ZH, NO_TITLE)
    publisher, author = row["publisher"], row.get("author", "")
    if author and publisher.endswith(")"):
        publisher = f"{publisher[:-1]}, {author})"
    elif author:
        publisher = f"{publisher} ({author})"
    cells = {name: row.get(name, "") for name in ("code", "published_on", "url", "note")}
    return {**cells, "title": title, "publisher": publisher}


def test_sources_are_made_again_as_they_stand(tmp_path: Path) -> None:
    table = [as_in_the_table(row) for row in rows("sources")]
    (tmp_path / "real").mkdir()
    with (tmp_path / "real" / "sources.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)
    assert make_sources(tmp_path) == rows("sources")
