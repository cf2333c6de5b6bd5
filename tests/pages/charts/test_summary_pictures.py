"""GET /projects/summary.svg and .png, /fundings/summary.svg and .png: summaries as pictures."""

import re
from xml.etree import ElementTree

import pytest
from rest_framework.test import APIClient

from pages.charts import drawing, spec
from tests.answers import API, error, found, problem
from tests.conftest import make_vocabularies
from tests.factories import FundingFactory, ParkFactory, ProjectFactory
from tests.pages.charts.chart_examples import LINK, SVG, texts
from tests.samples import sample
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

ADDRESS = f"{API}/projects/summary.svg"
HOSTILE = "<script>alert(1)</script>"


@kept_rows
def ledger() -> None:
    """What the pictures show."""
    make_vocabularies()
    town = ParkFactory.create(code="town", name_zh="科技城", name_en="Town")
    port = ParkFactory.create(code="port", name_zh="", name_en=HOSTILE)
    for number, (origin, sector, met) in enumerate(
        [
            ("330300", "C3973", {"signed": "2024-03"}),
            ("330106", "I6520", {"signed": "2024", "operating": None}),
            ("310000", "C27", {"signed": "2021"}),
            ("DE", "C", {"started": "2023"}),
            (None, None, {}),
            ("440000", "C39", {"intended": "2023-Q4"}),
        ]
    ):
        project = ProjectFactory.create(
            code=f"p{number}",
            park=port if number == 3 else town,
            origin_id=origin,
            sector_id=sector,
            met=met,
            investment=number * 10**8 or None,
        )
        FundingFactory.create(project=project, on="2024-03")
    ProjectFactory.create(code="hidden", park=town, publication="draft")


def picture(api: APIClient, address: str = ADDRESS, **parameters: str) -> ElementTree.Element:
    response = api.get(address, parameters)
    assert response.status_code == 200, response.content.decode()
    assert response.headers["Content-Type"] == "image/svg+xml"
    return ElementTree.fromstring(response.content)


def marks(svg: ElementTree.Element) -> list[tuple[str, int]]:
    """The link of each mark, and the count that is said of it."""
    return [
        (link.attrib[LINK], int(re.sub(r".*: | \(.*|,", "", mark.attrib["aria-label"])))
        for link in svg.iter(f"{SVG}a")
        for mark in link
    ]


@pytest.mark.parametrize(
    "parameters",
    sample(
        [
            {"group_by": "park"},
            {"group_by": "signed_year"},
            {"group_by": "origin_group,signed_year"},
            {"group_by": "origin_group,sector_section"},
            {"group_by": "stage"},
            {"group_by": "stage", "stage_not": "lead,signed"},
            {"group_by": "stage", "chart": "bars", "park": "town"},
            {"group_by": "origin_province"},
            {"group_by": "origin_city", "top": "1"},
            {"group_by": "sector_group,signed_quarter"},
            {"group_by": "size_band", "bands": "1,3", "measures": "count_at_least"},
            {"group_by": "signed_year", "cumulative": "true"},
            {"group_by": "signed_year", "compare": "previous_year"},
        ],
        2,
    ),
    ids=lambda parameters: "&".join(f"{name}={text}" for name, text in parameters.items()),
)
def test_each_mark_opens_the_list_that_it_counts(
    api: APIClient, ledger: None, parameters: dict[str, str]
) -> None:
    drawn = marks(picture(api, **parameters))
    assert drawn
    for address, count in drawn:
        assert address.startswith("http://testserver/")
        assert len(found(api.get(address))["results"]) == count, address


def test_a_picture_names_what_selected_its_projects(api: APIClient, ledger: None) -> None:
    """Codes of groups, regions, sectors and parks stand with the names of the language."""
    asked = {
        "group_by": "stage",
        "origin": "yrd,浙江,foreign",
        "origin_group_not": "prd",
        "sector": "ic",
        "park": "town",
        "size_band": "100000000-500000000",
    }
    chinese, english = (" ".join(texts(picture(api, **asked, lang=lang))) for lang in ("zh", "en"))
    for words in (
        "来源地：长江三角洲、浙江省",
        "珠江三角洲",
        "行业：集成电路",
        "园区：科技城",
        "1亿元至5亿元以下",
    ):
        assert words in chinese
    for words in ("Yangtze River Delta, Zhejiang", "Pearl River Delta", "Integrated circuits"):
        assert words in english


def test_the_language_of_a_picture_is_that_asked_for_not_that_of_the_browser(
    api: APIClient, ledger: None
) -> None:
    assert "科技城" in texts(picture(api, group_by="park", lang="zh"))
    api.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    svg = picture(api, group_by="park")
    assert {"Town", HOSTILE, "Number of projects by park"} <= {*texts(svg)}
    assert svg.attrib["lang"] == "en"


def test_a_picture_runs_nothing_and_is_asked_for_again_only_when_something_changed(
    api: APIClient, ledger: None
) -> None:
    response = api.get(ADDRESS, {"group_by": "park"})
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"] == 'inline; filename="projects-summary.svg"'
    assert b"<script" not in response.content
    tag = response.headers["ETag"]
    assert api.get(ADDRESS, {"group_by": "park"}, HTTP_IF_NONE_MATCH=tag).status_code == 304


def test_what_asks_for_images_gets_one(api: APIClient, ledger: None) -> None:
    accept = "image/avif,image/webp,image/*,*/*;q=0.8"
    assert api.get(ADDRESS, {"group_by": "park"}, HTTP_ACCEPT=accept).status_code == 200


# --- PNG -------------------------------------------------------------------------------------


@pytest.mark.parametrize("resource", ["projects", "fundings"])
def test_a_png_is_as_large_as_asked_for(api: APIClient, ledger: None, resource: str) -> None:
    widths = []
    for scale in ("1", "1.5", "4"):
        asked = {"group_by": "park", "scale": scale, "lang": "zh"}
        response = api.get(f"{API}/{resource}/summary.png", asked)
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "image/png"
        assert response.content.startswith(b"\x89PNG")
        widths.append(int.from_bytes(response.content[16:20]))
    assert widths[1:] == pytest.approx([widths[0] * 1.5, widths[0] * 4], abs=4)


@pytest.mark.parametrize(
    "scale", sample(["0.9", "4.1", "5", "-1", "1e0", "nan", "１", "two", "1.", ".5"], 3)
)
def test_a_scale_that_is_none_is_refused(api: APIClient, db: None, scale: str) -> None:
    response = api.get(f"{API}/projects/summary.png", {"group_by": "park", "scale": scale})
    assert error(response)["parameter"] == "scale"


def test_without_a_chinese_font_a_png_is_refused_with_the_remedy(
    api: APIClient, ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing._artist, "_has_chinese", False)
    address = f"{API}/projects/summary.png"
    refused = problem(api.get(address, {"group_by": "park", "lang": "zh"}), 503)
    assert refused["type"] == "/problems/unavailable"
    assert "fonts-noto-cjk" in refused["detail"]
    assert api.get(address, {"group_by": "stage"}).status_code == 200
    assert picture(api, group_by="park", lang="zh")


# --- Refused ---------------------------------------------------------------------------------


def test_a_chart_that_does_not_fit_is_refused_with_those_that_do(
    api: APIClient, ledger: None
) -> None:
    assert error(api.get(ADDRESS, {"group_by": "signed_year", "chart": "funnel"})) == {
        "parameter": "chart",
        "code": "does_not_fit",
        "detail": "“funnel” does not fit these dimensions; what fits is: columns, bars.",
        "suggestion": "columns",
        "candidates": ["columns", "bars"],
    }


def test_too_many_rows_are_refused_with_the_way_out(
    api: APIClient, ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spec, "MOST_DRAWN_ROWS", 3)
    wrong = error(api.get(ADDRESS, {"group_by": "origin_city"}))
    assert (wrong["parameter"], wrong["code"]) == ("top", "too_many_rows")
    assert "top=." in wrong["detail"]
    assert picture(api, group_by="origin_city", top="1")
