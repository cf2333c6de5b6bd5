"""The admin of figures, timeline entries and people, as a superuser fills it in."""

import re
from datetime import date
from html import unescape

import pytest
from django.test import Client

from parks.models import Figure, Person, Post
from parks.models.claims import SUBJECTS
from sheets.dates import print_partial_date
from tests import factories
from tests.admin_pages import address, refused, row, save, saved, shown
from tests.together import together

pytestmark = pytest.mark.django_db

ADD = "/admin/parks/figure/add/"
SUBJECT_FACTORIES = {
    "park": factories.ParkFactory,
    "region": factories.RegionFactory,
    "region_group": factories.RegionGroupFactory,
    "organisation": factories.OrganisationFactory,
}


@pytest.fixture(autouse=True)
def indicators(db: None) -> None:
    """What the figures measure."""
    for code, kind, unit in (("invested", "money", "CNY"), ("area", "area", "km2")):
        factories.IndicatorFactory.create(code=code, name_en=code, kind=kind, unit=unit)


def change(figure: Figure) -> str:
    return address(Figure, "change", figure.pk)


def page_of(client: Client, url: str) -> str:
    """What stands on a page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", client.get(url).content.decode())).split())


def newer_address(client: Client, figure: Figure) -> str:
    """Where the link to a newer claim leads."""
    found = re.search(
        r'class="addlink" href="([^"]*)"', client.get(change(figure)).content.decode()
    )
    assert found
    return unescape(found[1])


# --- About exactly one -----------------------------------------------------------------------


@pytest.mark.slow
@together("subject", SUBJECTS)
def test_a_figure_is_about_a_park_region_group_or_organisation(desk: Client, subject: str) -> None:
    about = SUBJECT_FACTORIES[subject].create()
    saved(save(desk, ADD, indicator="area", value="14.5", **{subject: about.pk}))
    figure = Figure.objects.get()
    assert figure.subject == about
    assert about.name in page_of(desk, address(Figure, "changelist"))
    assert about.name in page_of(desk, change(figure))
    listed = desk.get(address(Figure, "changelist"), {"about": subject}).context_data["cl"]
    assert list(listed.result_list) == [figure]
    other = next(each for each in SUBJECTS if each != subject)
    listed = desk.get(address(Figure, "changelist"), {"about": other}).context_data["cl"]
    assert not listed.result_list


# --- What a claim says -----------------------------------------------------------------------


def test_a_claim_is_entered_in_its_whole_breadth_and_shown_as_far_as_it_is_given(
    desk: Client,
) -> None:
    park, region = factories.ParkFactory.create(), factories.RegionFactory.create(code="110000")
    post = factories.PostFactory.create()
    given = {
        "indicator": "invested",
        "amount_cny": "超57.6亿元",
        "nature": "projected",
        "as_of": "2020-09",
        "period_from": "2020年1月",
        "period_to": "2020-Q3",
        "base_period": "2013",
        "origin": region.pk,
        "size_floor_cny": "3000万元以上",
        "scope_text": "央企",
        "printed_conversion": "$0.8 billion",
        "as_reported": "超57.6亿元",
        "said_by": post.pk,
        "said_by_text": "在发布会上",
        "attribution": "quotation",
    }
    saved(save(desk, ADD, park=park.pk, **given))
    figure = Figure.objects.get()
    assert (figure.amount_cny, figure.qualifier) == (5_760_000_000, "over")
    assert (figure.period_from, figure.period_from_precision) == (date(2020, 1, 1), "month")
    assert (figure.period_to, figure.period_to_precision) == (date(2020, 7, 1), "quarter")
    assert (figure.origin, figure.size_floor_cny, figure.said_by) == (region, 30_000_000, post)
    page = page_of(desk, change(figure)).split("Code:")[1]  # what comes before is the menu
    for words in ("over 5.76 billion yuan", "2020-09", "2020-01", "2020-Q3", "30 million yuan"):
        assert words in page
    for absent in ("Value in words", "Sector group", "Place"):
        assert absent not in page
    detail = "Give a size with “from”, “at least” or 以上."
    again = {**given, "size_floor_cny": "约1亿", "park": park.pk}
    assert refused(desk, ADD, **again) == {"size_floor_cny": [detail]}


def test_a_rare_part_is_closed_unless_something_in_it_is_wrong(desk: Client) -> None:
    for typed, is_open in (({}, False), ({"period_from": "soon"}, True)):
        parts = save(desk, ADD, **typed).context_data["adminform"]
        (period,) = [part for part in parts if "period_from" in part.fields]
        assert period.is_collapsible is not is_open


# --- Appended, never overwritten -------------------------------------------------------------


def test_what_a_stored_claim_says_is_not_changed(desk: Client) -> None:
    figure = factories.FigureFactory.create(on="2024", value="14.5")
    page = change(figure)
    mendable = {"source", "said_by", "said_by_text", "attribution", "note"}
    assert {*shown(desk, page)} <= {*mendable, "superseded_by", "is_withdrawn", "seen_version"}
    other = {"value": "15", "nature": "target", "as_of": "2020", "note": "查证中", "park": ""}
    saved(save(desk, page, **other, is_withdrawn="on"))
    figure.refresh_from_db()
    assert (
        figure.value,
        figure.nature,
        print_partial_date(figure.as_of, figure.as_of_precision),
    ) == (14.5, "actual", "2024")
    assert (figure.note, figure.is_withdrawn, figure.park is None) == ("查证中", True, False)


def test_a_newer_claim_is_prefilled_and_takes_the_place_of_the_earlier(desk: Client) -> None:
    region = factories.RegionFactory.create(code="110000")
    earlier = factories.FigureFactory.create(
        value="14.5", nature="target", origin=region, size_floor_cny=30_000_000, on="2023"
    )
    page = newer_address(desk, earlier)
    filled = {name: value for name, value in shown(desk, page).items() if value}
    assert filled == {
        "park": str(earlier.park_id),
        "indicator": "area",
        "nature": "target",
        "qualifier": "exact",
        "origin": "110000",
        "size_floor_cny": "30000000",
        "supersedes": str(earlier.pk),
    }
    open_parts = [
        part for part in desk.get(page).context_data["adminform"] if not part.is_collapsible
    ]
    assert {"origin", "supersedes"} <= {name for part in open_parts for name in part.fields}
    saved(save(desk, page, value="15.1", as_of="2024"))
    earlier.refresh_from_db()
    newer = earlier.superseded_by
    assert (str(newer.value), newer.nature) == ("15.1000", "target")
    assert (newer.origin, newer.size_floor_cny) == (region, 30_000_000)
    assert (earlier.value, earlier.version) == (14.5, 2)
    assert "newer_claim" not in desk.get(change(earlier)).content.decode()


# --- People and timelines --------------------------------------------------------------------


def test_posts_are_entered_with_their_person_and_completed_by_name(desk: Client) -> None:
    post = row("posts", name_zh="副区长", held_from="2019", held_to="2024-06")
    saved(save(desk, address(Person, "add"), name_zh="王浩", name_en="Wang Hao", **post))
    stored = Post.objects.get()
    assert (stored.held_to, stored.held_to_precision) == (date(2024, 6, 1), "month")
    assert stored.code.startswith("post-")
    where = {"app_label": "parks", "model_name": "figure", "field_name": "said_by"}
    for word in ("副区", "wang", "王浩"):
        found = desk.get("/admin/autocomplete/", {"term": word, **where}).json()
        assert [each["text"] for each in found["results"]] == ["Wang Hao, 副区长"]
