"""/sources/{code}: a source with what cites it."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, found
from tests.factories import (
    EventFigureFactory,
    FigureFactory,
    MembershipFactory,
    OrganisationFactory,
    ParkFactory,
    PersonFactory,
    PostFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SigningEventFactory,
    SourceFactory,
    TimelineEntryFactory,
)
from tests.together import together

pytestmark = pytest.mark.django_db


@pytest.mark.slow
@together("person", ["nobody", "editor of another park", "superuser"])
def test_what_cites_a_source_is_counted_as_its_lists_show_it(
    api: APIClient, admin_api: APIClient, person: str
) -> None:
    client = admin_api if person == "superuser" else api
    if person == "editor of another park":
        client.force_authenticate(MembershipFactory.create().user)
    source, other = SourceFactory.create(code="S1"), SourceFactory.create(code="S2")
    hidden = ParkFactory.create(publication="draft")
    for cited in (source, source, other):
        park = ParkFactory.create(source=cited)
        FigureFactory.create(park=park, source=cited)
        TimelineEntryFactory.create(park=park, source=cited)
        ProjectFactory.create(park=park, source=cited)
        SigningEventFactory.create(source=cited)
        PersonFactory.create(source=cited)
        OrganisationFactory.create(source=cited)
    PostFactory.create(source=source)
    quoted, unseen = PostFactory.create(), PostFactory.create()
    EventFigureFactory.create(source=source, said_by=quoted)
    ProjectFigureFactory.create(source=source)
    # canaries
    ParkFactory.create(publication="draft", source=source)
    FigureFactory.create(park=hidden, source=source, said_by=unseen)
    TimelineEntryFactory.create(park=hidden, source=source)
    ProjectFactory.create(publication="draft", source=source)
    SigningEventFactory.create(publication="draft", source=source)
    EventFigureFactory.create(event__publication="draft", source=source)
    ProjectFigureFactory.create(project__publication="draft", source=source)
    cited_by = found(client.get(f"{API}/sources/s1"))["cited_by"]
    more = person == "superuser"
    assert {name: each["count"] for name, each in cited_by.items()} == {
        "figures": 4 + 3 * more,
        "timeline": 2 + more,
        "projects": 2 + more,
        "events": 2 + more,
        "parks": 2 + more,
        "people": 4 + more,
        "organisations": 2,
    }
    for name, each in cited_by.items():
        page = found(client.get(f"{each['list_url']}&count=exact"))
        assert page["count"] == len(page["results"]) == each["count"], name
