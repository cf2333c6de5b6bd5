"""Merging and its undoing on pages of the admin."""

import pytest
from django.test import Client
from django.urls import reverse

from parks.access import Role
from parks.models import Organisation
from projects.models import Investor, Project
from tests.factories import (
    InvestorFactory,
    MembershipFactory,
    OrganisationFactory,
    ParkFactory,
    ProjectFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]


def page(model: str, key: int, app: str = "parks") -> str:
    return reverse(f"admin:{app}_{model}_merge", args=[key])


@pytest.mark.slow
def test_a_merge_is_shown_before_it_is_done_and_can_be_taken_back(desk: Client) -> None:
    one = OrganisationFactory.create(code="one", name_zh="华芯公司")
    two = OrganisationFactory.create(code="two", name_zh="华芯股份")
    InvestorFactory.create(project=ProjectFactory.create(code="fab"), organisation=one)
    change = desk.get(reverse("admin:parks_organisation_change", args=[one.pk]))
    assert page("organisation", one.pk) in change.content.decode()
    same = desk.post(page("organisation", one.pk), {"into": one.pk})
    assert "This is the row itself." in same.content.decode()
    asked = desk.get(page("organisation", one.pk))
    assert "the row that stays" in asked.content.decode().lower()
    shown = desk.post(page("organisation", one.pk), {"into": two.pk}).content.decode()
    assert "This is what would change:" in shown
    assert "华芯公司" in shown
    assert Organisation.objects.filter(pk=one.pk).exists()
    sent = {"into": two.pk, "merge_these": "yes", "change_reason": "同一家"}
    done = desk.post(page("organisation", one.pk), sent, follow=True)
    assert page("organisation", one.pk) in done.content.decode()  # the way back
    assert Investor.objects.get().organisation == two
    reasons = [version.revision.reason for version in Organisation.history.filter(id=one.pk)]
    assert "“one” merged into “two”: 同一家" in reasons
    assert "Take the merge back" in desk.get(page("organisation", one.pk)).content.decode()
    back = desk.post(page("organisation", one.pk), {"change_reason": "看错了"}, follow=True)
    assert back.status_code == 200
    assert Investor.objects.get().organisation == one


def test_an_editor_sees_and_merges_what_is_of_her_park(client: Client) -> None:
    mine, theirs = ParkFactory.create(code="mine"), ParkFactory.create(code="theirs")
    a, b = (ProjectFactory.create(code=code, park=mine) for code in "ab")
    other = ProjectFactory.create(code="c", park=theirs)
    person = MembershipFactory.create(park=mine, role=Role.EDITOR).user
    person.is_staff = True
    person.save()
    client.force_login(person)
    assert client.get(page("project", other.pk, "projects")).status_code in (302, 403)
    client.post(page("project", a.pk, "projects"), {"into": other.pk, "merge_these": "yes"})
    assert Project.objects.filter(pk=a.pk).exists()
    client.post(page("project", a.pk, "projects"), {"into": b.pk, "merge_these": "yes"})
    assert not Project.objects.filter(pk=a.pk).exists()
