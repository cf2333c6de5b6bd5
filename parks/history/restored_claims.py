"""Claims go back to what was claimed then, without anything being written over.

A claim that was deleted comes back. Of one that was superseded since, a new claim says the same,
and takes the place of what stands now. What nobody claimed then is withdrawn. Only what may be
mended of a claim is written into it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from parks.history.restored_rows import (
    change_back,
    check_references,
    list_restorable_columns,
    locate_errors,
    revive,
)
from parks.models.claims import MENDABLE

_LINK = "superseded_by"


class RestoredClaims:
    """Claims that are put back together: as they stood then, by key, and as they stand now.

    `then` are versions, `now` rows; `place` is where errors of them stand.
    """

    def __init__(
        self,
        model: Any,
        then: Mapping[int, Any],
        now: Mapping[int, Any],
        actor: Any,
        place: tuple[str, ...] = (),
    ) -> None:
        self.model, self.then, self.actor, self.place = model, then, actor, place
        self.claims: dict[int, Any] = {**now}
        self.later = {*now} - {*then}
        self.standing = {
            key
            for key, each in then.items()
            if each.superseded_by_id is None and not each.is_withdrawn
        }

    def restore(self) -> None:
        """Bring back, mend and claim again; withdraw the later claims that still stand."""
        said_again = []
        for key, version in sorted(self.then.items()):
            with locate_errors(*self.find_place(version)):
                if key not in self.claims:
                    self.claims[key] = revive(version, self.actor, superseded_by_id=None)
                change_back(self.claims[key], version, self.actor, only=MENDABLE)
        self.link()
        for key in sorted(self.standing):
            claim, version = self.claims[key], self.then[key]
            if claim.superseded_by_id is not None or not says_the_same(claim, version):
                said_again.append(version)
        for version in said_again:
            with locate_errors(*self.find_place(version)):
                self.claim_again(version)
        for claim in [self.claims[key] for key in sorted(self.later)]:
            if claim.is_standing:
                claim.is_withdrawn = True
                claim.save()

    def find_place(self, version: Any) -> tuple[str, ...]:
        return (*self.place, version.code) if self.place else ()

    def link(self) -> None:
        """Have claims that stand alone now be superseded by those that had taken their place."""
        for key, version in self.then.items():
            claim, successor = self.claims[key], self.find(version.superseded_by_id)
            if successor is not None and claim.superseded_by_id is None:
                claim.superseded_by = successor
                claim.save()

    def find(self, key: int | None) -> Any:
        """Find a claim about the same by its key; None if there is none."""
        if key is not None and key not in self.claims:
            found = self.model.objects.filter(pk=key).first()
            if found is None:
                return None
            self.claims[key] = found
        return self.claims.get(key or 0)

    def claim_again(self, version: Any) -> None:
        """Claim what a version says in place of what stands now, unless a claim says so already."""
        last = self.find_last(self.claims[version.id])
        for key, claim in self.claims.items():
            if key not in self.then and claim.is_standing and says_the_same(claim, version):
                self.later.discard(key)
                return
        again = version.instance
        again.pk, again.code, again.version = None, "", 1
        check_references(again, list_restorable_columns(self.model), self.actor)
        again.full_clean()
        again.save()
        if last.pk not in self.standing or last.pk == version.id:
            again.supersede(last)
        self.claims[again.pk] = again
        self.standing.add(again.pk)

    def find_last(self, claim: Any) -> Any:
        """Find the claim at the end of those that took the place of one another."""
        return [*self.follow(claim)][-1]

    def follow(self, claim: Any) -> Iterator[Any]:
        while claim is not None:
            yield claim
            claim = self.find(claim.superseded_by_id)


def says_the_same(one: Any, other: Any) -> bool:
    """Tell whether two claims, or versions of them, are the same but for what superseded them."""
    return all(
        getattr(one, column.attname) == getattr(other, column.attname)
        for column in list_restorable_columns(type(one))
        if column.name != _LINK
    )


def link_freed(claim: Any, deletion: Any) -> None:
    """Have a claim that came back take the place again of those that its deletion set free."""
    versions = type(deletion).objects
    freed = versions.filter(revision=deletion.revision_id, superseded_by=None)
    for each in freed.exclude(history_type=deletion.history_type):
        before = versions.filter(id=each.id, version=each.version - 1).first()
        if before is not None and before.superseded_by_id == claim.pk:
            for earlier in type(claim).objects.filter(pk=each.id, superseded_by=None):
                claim.supersede(earlier)
