"""Tamper evidence: whether the history is what was sealed, and what is the first that is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from parks.models.records import Change, Revision, Seal
from parks.recording.seals import START, chain_digest, digests, list_sealed_models

_CHUNK = 2_000  # rows that are read at once


@dataclass(frozen=True)
class Finding:
    """Something that is not as it was sealed: where, and what about it."""

    what: str  # altered, missing, added or broken
    where: str  # parks.historicalpark 12, or a seal


@dataclass(frozen=True)
class Head:
    """The end of the chain: to be kept elsewhere, since a chain that was cut is whole."""

    number: int
    digest: str
    rows: int


def verify(findings: list[Finding], expected: str = "") -> Head:
    """Check every seal and every row of the history; `findings` gets what is wrong, in order.

    `expected` is a digest that was noted earlier: the chain must still hold it.
    """
    histories = list_sealed_models().values()
    models: dict[str, Any] = {past._meta.label_lower: past for past in histories}
    models[Revision._meta.label_lower] = Revision
    sealed: dict[str, set[int]] = {label: set() for label in models}
    before, number, is_found = START, 0, expected in ("", START)
    for seal in Seal.objects.order_by("last_number").iterator(10):
        manifest = bytes(seal.manifest)
        if seal.first_number != number + 1 or chain_digest(before, manifest) != seal.digest:
            findings.append(Finding("broken", f"seal {seal.first_number}-{seal.last_number}"))
        lines = [line.split(" ") for line in manifest.decode(errors="replace").splitlines()]
        lines = [line for line in lines if len(line) == 3 and line[0] in models]
        findings += _compare(models, lines)
        for label, key, _digest in lines:
            sealed[label].add(int(key))
        before, number = seal.digest, seal.last_number
        is_found = is_found or seal.digest == expected
    findings += _find_unsealed(models, sealed, number)
    if not is_found:
        findings.append(Finding("missing", f"seal with the digest {expected}"))
    return Head(number, before, sum(map(len, sealed.values())))


def _compare(models: dict[str, Any], lines: list[list[str]]) -> Iterator[Finding]:
    """The rows of a manifest that are gone or say something else, in its order."""
    for start in range(0, len(lines), _CHUNK):
        part = lines[start : start + _CHUNK]
        found: dict[tuple[str, str], str] = {}
        for label in {line[0] for line in part}:
            keys = [int(line[1]) for line in part if line[0] == label]
            for row, digest in digests(models[label], Q(pk__in=keys)):
                found[label, str(row)] = digest
        for label, key, digest in part:
            stored = found.get((label, key))
            if stored != digest:
                yield Finding("missing" if stored is None else "altered", f"{label} {key}")


def _find_unsealed(
    models: dict[str, Any], sealed: dict[str, set[int]], number: int
) -> Iterator[Finding]:
    """Rows that no seal knows, other than those of changes that are not settled yet."""
    waiting = set(
        Change.objects.filter(number__isnull=True).values_list("revision_id", flat=True).distinct()
    )
    for label, model in models.items():
        column = "pk" if model is Revision else "revision_id"
        rows = model.objects.order_by("pk").values_list("pk", column)
        for key, revision in rows.iterator(_CHUNK):
            if key not in sealed[label] and revision not in waiting:
                yield Finding("added", f"{label} {key}")
    beyond = Change.objects.filter(number__gt=number).order_by("number").first()
    if beyond is not None:
        yield Finding("missing", f"seal after number {number}")
