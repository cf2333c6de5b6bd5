"""Bounds by which pages show the first of many: just below, at and just above each."""

from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from rest_framework.test import APIClient

from pages.parts.blocks import PageCell
from pages.parts.sharing import describe_page
from pages.pushing.messages import collect_messages, write_message
from parks.models import Delivery, Subscription
from tests.answers import API, error, sign_in
from tests.factories import (
    MembershipFactory,
    ParkFactory,
    ProjectFactory,
    RegionFactory,
    UserFactory,
)
from tests.together import together

NUMBER = PageCell("1", kind="number")


@together(("length", "end"), [(299, "x"), (300, "x"), (301, "…")])
def test_a_preview_has_300_characters(length: int, end: str) -> None:
    shown = {"headline": "x" * length}
    said = describe_page(RequestFactory().get("/"), shown)["description"]
    assert (len(said), said[-1]) == (min(length, 300), end)


@pytest.mark.django_db
@together(("count", "shown"), [(9, 9), (10, 10), (11, 10)])
def test_the_start_page_shows_ten_parks(count: int, shown: int) -> None:
    person = UserFactory.create(is_staff=True)
    for park in ParkFactory.create_batch(count):
        MembershipFactory.create(user=person, park=park, role="editor")
    page = sign_in(person, Client).get("/admin/")
    assert page.content.decode().count("/admin/projects/project/?park=") == shown


@pytest.mark.django_db
@together(("count", "named"), [(19, 19), (20, 20), (21, 20)])
def test_twenty_regions_of_a_name_are_candidates(api: APIClient, count: int, named: int) -> None:
    for number in range(count):
        RegionFactory.create(code=f"{110101 + 10_000 * number}", name_zh="新区")
    found: dict[str, Any] = error(api.get(f"{API}/projects", {"origin": "新区"}))
    assert len(found["candidates"]) == named


@pytest.mark.django_db
@together(("count", "named"), [(2, 2), (3, 3), (4, 3)])
def test_three_parks_of_similar_codes_are_candidates(
    api: APIClient, count: int, named: int
) -> None:
    for number in range(count):
        ParkFactory.create(code=f"town-{number}")
    found: dict[str, Any] = error(api.get(f"{API}/projects", {"park": "town-x"}))
    assert len(found["candidates"]) == named


@pytest.mark.django_db
@together(("count", "is_cut"), [(2, False), (3, False), (4, True)])
def test_a_letter_names_three_projects(count: int, is_cut: bool) -> None:
    person = UserFactory.create(email="li@example.org")
    park = ParkFactory.create()
    MembershipFactory.create(user=person, park=park, role="viewer")
    ProjectFactory.create_batch(count, park=park)
    Subscription.objects.create(user=person, name="n")
    collect_messages(timezone.now())
    message = write_message(Delivery.objects.get())
    assert message
    assert ("and 1 more" in message.text) == is_cut
    concerns = message.text.count(f": {count}\n")
    assert concerns
    assert message.text.count("  - Project ") == concerns * min(count, 3)
