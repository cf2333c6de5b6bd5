"""Whatever text is written is read back sign for sign, or refused: nothing is changed silently."""

import json
from typing import Any

import pytest
from rest_framework import serializers
from rest_framework.test import APIClient

from api.serializers import LedgerSerializer
from parks.claims.serializers import FigureSerializer, PersonSerializer, TimelineEntrySerializer
from parks.serializers import OrganisationSerializer, ParkSerializer, SourceSerializer
from projects.children.serializers import (
    FundingSerializer,
    MilestoneSerializer,
    ProjectFigureSerializer,
)
from projects.serializers import EventSerializer, ProjectSerializer
from tests import factories
from tests.answers import API, Row, found, mistakes
from tests.samples import HERE, sample
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

CORPUS = [
    "晶圆厂（一期）",
    "𠮷野家𠀀𪛖",  # beyond the first plane
    "e\u0301cole",  # decomposed
    "école",
    "ﬁ ℌ １２３ ｶﾞ",  # what normalisation would change
    "👩‍👩‍👧‍👦 🏳️‍🌈",
    "שלום مرحبا",
    "\u202eoverridden",
    "zero\u200bwidth\ufeffinside",
    "no\u00a0break\u3000space",
    "a\tb",
    "a\nb",
    "a\r\nb",
    "nul\x00",
    "\x7f\x85",
    "half \ud83d",
    "\ufffd",
    "'; DROP TABLE projects_project; --",
    "<script>alert(1)</script> &amp; &",
    "=1+1",
    "-1",
    '"\\/\\u4e00',
    "100%s %(name)s {0}",
    "null",
    "0",
    "x" * 300,
    "ⅷ İ ı ß ẞ",
]
ROWS: dict[str, tuple[Any, type[LedgerSerializer]]] = {
    "projects": (factories.ProjectFactory, ProjectSerializer),
    "parks": (factories.ParkFactory, ParkSerializer),
    "events": (factories.SigningEventFactory, EventSerializer),
    "organisations": (factories.OrganisationFactory, OrganisationSerializer),
    "sources": (factories.SourceFactory, SourceSerializer),
    "people": (factories.PersonFactory, PersonSerializer),
    "figures": (factories.FigureFactory, FigureSerializer),
    "timeline": (factories.TimelineEntryFactory, TimelineEntrySerializer),
    "projects/fab/milestones": (factories.MilestoneFactory, MilestoneSerializer),
    "projects/fab/fundings": (factories.FundingFactory, FundingSerializer),
    "projects/fab/figures": (factories.ProjectFigureFactory, ProjectFigureSerializer),
}


def texts(serializer: type[LedgerSerializer]) -> list[str]:
    """The fields that take text as it is."""
    return [
        name
        for name, field in serializer().fields.items()
        if isinstance(field, serializers.CharField) and name not in ("code", "move_reason")
        if not field.read_only
    ]


# Of those that read text alike one half on one database, one on the other
@pytest.mark.slow
@together("resource", ["projects", *sample([*ROWS][1:], 2, HERE)])
def test_a_text_is_read_back_as_it_was_written_or_refused(
    admin_api: APIClient, resource: str
) -> None:
    factory, serializer = ROWS[resource]
    address = f"{API}/{resource}/{made_row(factory, resource)}"
    names = texts(serializer)
    response = write(admin_api, address, dict.fromkeys(names, "plain"))
    if response.status_code == 400:  # what a claim says is never overwritten
        refusals = mistakes(response)
        names = [name for name in names if refusals.get(f"#/{name}") != "append_only"]
    taken = 0
    # All read text alike, so they share it
    is_project = resource == "projects"
    corpus = sample(CORPUS, *((2, HERE) if is_project else (5, [*ROWS].index(resource))))
    before = found(admin_api.get(address))
    for text in corpus:
        response = write(admin_api, address, dict.fromkeys(names, text))
        refused: set[str] = set()
        if response.status_code == 400:
            refused = {place.removeprefix("#/") for place in mistakes(response)}
            assert refused <= {*names}
            assert found(admin_api.get(address)) == before
            response = write(admin_api, address, dict.fromkeys({*names} - refused, text))
        after = found(response)
        assert found(admin_api.get(address)) == after
        for name in names:
            assert after[name] == (before[name] if name in refused else text), (name, text)
        taken += len(names) - len(refused)
        before = after
    assert taken > len(corpus) * len(names) / 2


def made_row(factory: Any, resource: str) -> Any:
    """A new row of this resource: its code, or its number."""
    if resource == "projects":  # of which one that is active has no reason
        return factory.create(code="row", standing="suspended").code
    if "/" not in resource:
        return factory.create(code="row").code
    row = factory.create(project=factories.ProjectFactory.create(code="fab"))
    return getattr(row, "code", row.pk)


def write(client: APIClient, address: str, fields: Row) -> Any:
    """A PATCH with all signs escaped: so half of a surrogate pair gets there, too."""
    headers = {"If-Match": "*"}
    body = json.dumps(fields)
    return client.generic("PATCH", address, body, "application/json", headers=headers)
