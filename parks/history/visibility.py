"""Which versions of a row were open to everybody, and when.

Whether a row is public is said by its publication, and by that of the rows above it: a project is
public while its park is, too. So a version was public if at some moment before the next one all of
these were published.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from parks.access import Publication
from parks.models.records import Change

NEVER_ENDED = 2**63


@dataclass(frozen=True)
class Step:
    """What a version is compared with: the one before that the reader sees, and all in between."""

    before: int | None
    revisions: frozenset[int]


class PublicPast:
    """When rows of a model were public, by the revisions that made them so."""

    def __init__(self, model: Any, keys: Collection[Any]) -> None:
        # The rows above it are those with which it appears and disappears
        links = model.audience.under
        self.is_of_roles = model.audience.is_of_roles
        self.has_publication = "publication" in {f.name for f in model._meta.concrete_fields}
        columns = ["id", "history_id", "revision_id", "history_type"]
        columns += ["publication"] if self.has_publication else []
        columns += [f"{name}_id" for name in links]
        self.versions: dict[Any, list[dict[str, Any]]] = {}
        rows = model.history.model.objects.filter(id__in=keys).order_by("id", "version")
        for row in rows.values(*columns):
            self.versions.setdefault(row["id"], []).append(row)
        self.links = {
            name: PublicPast(model._meta.get_field(name).related_model, self.find_linked(name))
            for name in links
        }

    def find_linked(self, name: str) -> set[Any]:
        """Find the keys of the rows that this link ever led to."""
        ids = {row[f"{name}_id"] for rows in self.versions.values() for row in rows}
        return ids - {None}

    def is_public(self, key: Any, revision: int) -> bool:
        """Tell whether everybody saw a row when a revision had been written."""
        if self.is_of_roles:
            return False
        versions = self.versions.get(key, [])
        place = bisect_right(versions, revision, key=lambda row: row["revision_id"])
        version = versions[place - 1] if place else None
        if version is None or version["history_type"] == Change.Op.DELETE:
            return False
        if self.has_publication and version["publication"] not in ("", Publication.PUBLISHED):
            return False
        return self.are_links_public(version, revision)

    def are_links_public(self, version: dict[str, Any], revision: int) -> bool:
        """Tell whether the rows above a version, if it has any, are public."""
        return all(
            version[f"{name}_id"] is None or past.is_public(version[f"{name}_id"], revision)
            for name, past in self.links.items()
        )

    def turns(self) -> set[int]:
        """Find the revisions at which something may have become public, or ceased to be."""
        own = {row["revision_id"] for rows in self.versions.values() for row in rows}
        return own.union(*(past.turns() for past in self.links.values()))

    def public_versions(self, key: Any) -> Iterator[int]:
        """Find the keys of the versions that everybody has been able to see."""
        versions, turns = self.versions.get(key, []), self.turns()
        ends = [row["revision_id"] for row in versions[1:]] + [NEVER_ENDED]
        for version, end in zip(versions, ends, strict=True):
            start = version["revision_id"]
            if version["history_type"] == Change.Op.DELETE:
                is_public = self.is_public(key, start - 1) and self.are_links_public(
                    version, NEVER_ENDED
                )
            else:
                moments = {start, *(turn for turn in turns if start < turn < end)}
                is_public = any(self.is_public(key, moment) for moment in moments)
            if is_public:
                yield version["history_id"]


def steps(model: Any, key: Any, *, is_inside: bool) -> dict[int, Step]:
    """Find the versions of a row that a reader may see, the oldest first, by their keys.

    Those inside the park see all of them, everybody else the ones that were public.
    """
    past = PublicPast(model, [key]) if not is_inside else None
    public = None if past is None else {*past.public_versions(key)}
    rows = model.history.model.objects.filter(id=key).order_by("version")
    seen: dict[int, Step] = {}
    before, revisions = None, set()
    for version, revision in rows.values_list("history_id", "revision_id"):
        revisions.add(revision)
        if public is None or version in public:
            seen[version] = Step(before, frozenset(revisions))
            before, revisions = version, set()
    return seen
