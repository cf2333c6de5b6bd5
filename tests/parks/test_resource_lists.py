"""The lists of parks' resources: what each filter leaves, and in which order.

That every filter takes each value that it lists, and has its twin, is a test of all lists.
"""

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from tests.answers import API, codes
from tests.conftest import REGIONS, SECTORS
from tests.factories import (
    FigureFactory,
    IndicatorFactory,
    OrganisationFactory,
    ParkFactory,
    PersonFactory,
    PostFactory,
    ProjectFigureFactory,
    RegionFactory,
    SourceFactory,
    TimelineEntryFactory,
)
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]


def make_nothing() -> None:
    """Leave it at the vocabularies that tests share."""


def make_indicators() -> None:
    IndicatorFactory.create(code="trials", name_zh="试验数", name_en="Trials", kind="text")


def make_organisations() -> None:
    group = OrganisationFactory.create(code="group", name_zh="小米集团", name_en="")
    OrganisationFactory.create(
        **{"code": "maker", "name_zh": "小米通讯技术有限公司", "name_en": "Xiaomi Communications"},
        **{"aliases": "Mi Home", "uscc": "91110108551385082Q", "kind": "company"},
        **{"ownership": "private", "region_id": "110108", "parent": group},
        source=SourceFactory.create(code="S1"),
    )
    OrganisationFactory.create(code="port", name_zh="天津港", region_id="120000")


def make_sources() -> None:
    for code, day, kind in [
        *[("a", "2023", "media"), ("b", "2023-Q2", "official"), ("c", "2023-06", "")],
        *[("d", "2023-06-30", "media"), ("e", None, "company")],
    ]:
        SourceFactory.create(code=code, on=day, kind=kind, title=f"Report {code}")
    SourceFactory.create(code="f", on="2024-01-01", publisher="新华社", title="全文")


def make_people() -> None:
    source = SourceFactory.create(code="S1")
    PersonFactory.create(code="a", source=source, name_zh="叶堂林", name_en="Ye Tanglin")
    b, c, d, e, f = (PostFactory.create(person=PersonFactory.create(code=each)) for each in "bcdef")
    PostFactory.create(person=b.person, source=source)
    ProjectFigureFactory.create(said_by=c, source=source)
    TimelineEntryFactory.create(said_by=d, source=source)
    FigureFactory.create(said_by=e, source=SourceFactory.create(code="S2"))
    ProjectFigureFactory.create(said_by=f, source=source, project__publication="draft")


def make_parks() -> None:
    RegionFactory.create(code="120115", name_zh="宝坻区", name_en="Baodi District")
    operator, source = OrganisationFactory.create(code="firm"), SourceFactory.create(code="S1")
    ParkFactory.create(code="a", kind="district", is_placeholder=True)
    ParkFactory.create(code="b", name_zh="临港", region_id="310000", kind="new_area")
    ParkFactory.create(code="c", name_zh="", name_en="Nameless", source=SourceFactory.create())
    zgc = {"name_zh": "京津中关村科技城", "aliases": "Baodi Town", "kind": "science_town"}
    ParkFactory.create(code="d", brand="zgc", operator=operator, source=source, **zgc)


def make_figures() -> None:
    """Of a park, with one dimension or word each, and of other subjects."""
    rows = [FigureFactory.create(code="a", park=ParkFactory.create(code="town"), on="2020")]
    of_town = {"park": rows[0].park}
    mayor = PostFactory.create(code="mayor", person=PersonFactory.create(code="wang"))
    jobs = IndicatorFactory.create(code="jobs")
    FigureFactory.create(
        **{"code": "b", "on": "2022-06", "qualifier": "over", "origin_id": "110108"},
        **{"sector_id": "C3973", **of_town},
    )
    FigureFactory.create(code="c", on="2024-03-12", nature="target", place_id="120115", **of_town)
    rows[0].superseded_by = FigureFactory._meta.model.objects.get(code="c")
    rows[0].source = SourceFactory.create(code="S2")
    rows[0].save()
    FigureFactory.create(code="d", indicator=jobs, is_withdrawn=True, **of_town)
    FigureFactory.create(code="e", region_id="120115", park=None, on="2023-Q4")
    FigureFactory.create(code="f", region_id="120000", park=None, sector_group_id="ic")
    FigureFactory.create(
        **{"code": "g", "region_group_id": "jjj", "park": None, "scope_text": "央企"},
        **{"said_by": mayor, "attribution": "quotation"},
    )
    firm = OrganisationFactory.create(code="firm")
    FigureFactory.create(code="h", organisation=firm, park=None, size_floor_cny=10**8)


def make_entries() -> None:
    entry, elsewhere = TimelineEntryFactory.create, {"park": None}
    entry(code="a", park=ParkFactory.create(code="bay"), on="2013")
    entry(code="b", region_group_id="jjj", kind="policy", on="2014-02-26", **elsewhere)
    report = SourceFactory.create(code="S2")
    planned = {"name_zh": "总体规划获批", "kind": "approval", "source": report}
    entry(code="c", region_id="120115", on="2015-06", **planned, **elsewhere)
    mayor = PostFactory.create(code="mayor")
    firm = OrganisationFactory.create(code="firm")
    entry(code="d", organisation=firm, said_by=mayor, attribution="quotation", **elsewhere)
    entry(code="e", region_id="120000", nature="recommended", on="2014", **elsewhere)


PREFECTURES = sorted(c for c in REGIONS if c.endswith("00") and not c.endswith("0000"))
# What makes the rows of a list, and which are left of them by a query; of one letter each, or words
LISTS: dict[str, tuple[Callable[[], None], dict[str, str]]] = {
    "regions": (
        make_nothing,
        {
            "level=country": "DE US",
            "level=country,prefecture": " ".join([*PREFECTURES, "DE", "US"]),
            "within=浙江": "330000 330100 330106 330300 330302",
            "within=xiongan": "130629",
            "q=suZHOU": "320500 341300",
            "q=3303": "330300 330302",
            "q=%25": "",
            "ordering=-code": " ".join(sorted(REGIONS, reverse=True)),
        },
    ),
    "sectors": (
        make_nothing,
        {
            "level=section,division": "C C27 C34 C35 C39 I I65 M M73",
            "within=ic": "C3973 I6520",
            "within=39": "C39 C397 C3972 C3973",
            "q=集成电路": "C3973 I652 I6520",
            "q=special PURPOSE": "C35 C351",
            "hitech=yes,no,unknown": " ".join(sorted(SECTORS)),
            "hitech=yes&within=C39": "C397 C3972 C3973",
            "hitech=unknown&within=ic": "I6520",
            "ordering=-code&within=ic": "I6520 C3973",
        },
    ),
    "region-groups": (
        make_nothing,
        {"limit=2": "beijing-six gba jjj left-and-joined prd xiongan yrd", "q=Yangtze": "yrd"},
    ),
    "sector-groups": (make_nothing, {"limit=1": "ic zgc-equipment", "q=装备": "zgc-equipment"}),
    "indicators": (
        make_indicators,
        {
            "kind=text&q=试验": "trials",
            "kind=money&q=试验": "",
            "is_summable=true&q=TRIAL": "trials",
            "is_summable=false&q=试验": "",
        },
    ),
    "organisations": (
        make_organisations,
        {
            "region=北京": "maker",
            "region=120000,110000": "maker port",
            "region=unknown": "group",
            "region_not=北京": "group port",
            "kind=company": "maker",
            "kind_not=company": "group port",
            "ownership=private": "maker",
            "ownership_not=private": "group port",
            "parent=GROUP": "maker",
            "parent=unknown": "group port",
            "source=s1": "maker",
            "source_not=S1": "group port",
            "q=小米": "group maker",
            "q=小米 communications": "maker",
            "q=mi home": "maker",
            "q=10855138": "maker",
            "ordering=-code&limit=1": "port maker group",
        },
    ),
    "sources": (
        make_sources,
        {
            "kind=media,company": "a d e",
            "kind=unknown": "c f",
            "published_from=2023-02": "b c d f",  # the whole period lies inside
            "published_from=2023-06-01": "c d f",
            "published_to=2023": "a b c d",
            "published_to=2023-06-29": "",
            "published_from=2023-06&published_to=2023-06": "c d",
            "q=report C": "c",
            "q=新华": "f",
            "ordering=-published_on": "f d c b a e",
            "ordering=published_on": "a b c d f e",
        },
    ),
    "people": (
        make_people,
        {
            "source=s1": "a b c d",
            "source=S1,S2": "a b c d e",
            "source_not=S1": "e f",
            "source=unknown": "f",  # what somebody may not see leaves no trace
            "q=tanglin YE": "a",
            "ordering=-code&limit=1": "f e d c b a",
        },
    ),
    "parks": (
        make_parks,
        {
            "region=天津": "a c d",
            "region=上海,宝坻": "a b c d",
            "region_not=天津": "b",
            "kind=new_area,science_town": "b d",
            "kind=unknown": "c",
            "kind_not=district": "b c d",
            "brand=zgc": "d",
            "brand=unknown": "a b c",
            "brand_not=zgc": "a b c",
            "operator=firm": "d",
            "operator=unknown": "a b c",
            "is_placeholder=true": "a",
            "is_placeholder=false": "b c d",
            "source=s1": "d",
            "source_not=S1,unknown": "c",
            "q=关村": "d",
            "q=baodi": "a c d",
            "ordering=-code&limit=1": "d c b a",
        },
    ),
    "figures": (
        make_figures,
        {
            "park=TOWN,unknown": "a b c d e f g h",
            "park=unknown": "e f g h",
            "region=120000": "e f",
            "region=unknown": "a b c d g h",
            "region_group=JJJ": "g",
            "organisation=firm": "h",
            "indicator=JOBS": "d",
            "indicator_not=jobs": "a b c e f g h",
            "nature=target,projected": "c",
            "nature_not=actual": "c",
            "qualifier=over": "b",
            "as_of_min=2022-06-02": "c e",
            "as_of_max=2023-12-30": "a b",
            "as_of_min=2022&as_of_max=2023": "b e",
            "origin=jjj": "b",
            "origin=unknown": "a c d e f g h",
            "sector=ic": "b",
            "place=天津": "c",
            "is_narrowed=true": "b c f g h",
            "is_narrowed=false": "a d e",
            "said_by=mayor": "g",
            "said_by=WANG,unknown": "a b c d e f g h",
            "said_by=unknown": "a b c d e f h",
            "attribution=quotation": "g",
            "q=央": "g",
            "source=s2": "a",
            "superseded=true": "a d",
            "superseded=false": "b c e f g h",
            "park=town&superseded=false&nature=actual": "b",
            "ordering=-as_of,code&limit=2": "c e b a d f g h",
        },
    ),
    "timeline": (
        make_entries,
        {
            "limit=2": "a e b c d",
            "ordering=-happened_on": "c b e a d",
            "park=bay": "a",
            "region=天津": "e c",
            "region_group=jjj": "e b c",  # with what happened in its regions
            "region_group=yrd": "",
            "organisation=firm": "d",
            "kind=policy,approval": "b c",
            "kind_not=policy,approval": "a e d",
            "nature=recommended": "e",
            "happened_from=2014-02": "b c",
            "happened_to=2014-11": "a b",
            "said_by=mayor": "d",
            "attribution=quotation": "d",
            "source=S2": "c",
            "q=规划": "c",
        },
    ),
}


@pytest.mark.slow
@together("path", LISTS)
def test_a_list_is_narrowed_and_in_order(api: APIClient, path: str) -> None:
    make, asked = LISTS[path]
    make()
    found = {}
    for query in asked:
        parameters = dict(term.split("=", 1) for term in query.replace("%25", "%").split("&"))
        found[query] = " ".join(codes(api, path, **parameters))
    assert found == asked


def test_a_source_that_nobody_has_is_no_source_of_people(api: APIClient) -> None:
    assert api.get(f"{API}/people", {"source": "S3"}).json()["errors"][0]["code"] == "unknown_value"
