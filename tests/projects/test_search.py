"""What `q` finds, in which order, and that no way of writing forgets the index."""

import unicodedata
from random import Random

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.test import Client
from rest_framework.test import APIClient

from config.database import searching
from config.texts import fold
from parks.models import Organisation, Park
from parks.models.spellings import read_letters, spell
from projects import filters as projects_searching
from projects.models import Project
from tests.admin_pages import address, save, saved
from tests.answers import API, CarefulClient, Row, found, made, walk
from tests.factories import (
    InvestorFactory,
    MembershipFactory,
    OrganisationFactory,
    ParkFactory,
    ProjectFactory,
    UserFactory,
)
from tests.projects.importing.imports import applied, table
from tests.samples import IS_LONGEST
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

PIECES = [
    *"海尔 海尔集团 尔集 天津 海 集团天 北 \uf963 𠮷野 ﬁ ½ １2 ￥ ， ． · （ ） － 👩‍👩‍👧".split(
        " "
    ),
    *"Haier HAIER ＨＡＩＥＲ ｈａ ab A É é e\u0301 ΣΊΣ σς Ж ж İ ß NOT : , ( ) - _ % ' * ^".split(
        " "
    ),
    *(" OR ", "\\", '"', "\u00a0", "　"),
]


# --- What is found, worked out a second time --------------------------------------------------


def small(sign: str) -> str:
    """A sign as it is compared, by what Unicode says of it."""
    if unicodedata.east_asian_width(sign) == "F" and unicodedata.normalize("NFKC", sign) < "\x7f":
        sign = unicodedata.normalize("NFKC", sign)
    lower = sign.lower()
    name = unicodedata.name(sign, "")
    is_ours = name.startswith(("LATIN CAPITAL", "GREEK CAPITAL", "CYRILLIC CAPITAL"))
    return lower if is_ours and len(lower) == 1 else sign


def compared(text: str) -> str:
    return "".join(map(small, text))


def expect(rows: list[Row], q: str, parks: set[str]) -> list[str]:
    """The codes of what is found, best first, then the largest, then the newest."""
    words = compared(q).split()
    tiers: list[tuple[int, int, int, str]] = []
    for row in rows:
        names = [compared(row[name]) for name in ("code", "name_zh", "name_en")]
        work = [row["unit"]] if row["park"] in parks else []
        others = [compared(text) for text in (row["note"], *row["investors"], *work)]
        sounds = () if row["name_zh"].isascii() else spell(row["name_zh"])
        if not all(
            any(word in text for text in names + others)
            or any(sound.startswith(read_letters(word) or "-") for sound in sounds)
            for word in words
        ):
            continue
        is_named = all(any(word in text for text in names) for word in words)
        tier = 0 if " ".join(words) in names else 1 if is_named else 2
        tiers.append((tier, -row["investment"], -row["id"], row["code"]))
    return [code for *_order, code in sorted(tiers)]


def write(dice: Random, most: int) -> str:
    return "".join(dice.choices(PIECES, k=dice.randint(0, most))).strip()


@kept_rows
def ledger() -> list[Row]:
    """Projects of two parks, whose texts are made of the same few hostile pieces."""
    dice = Random(15)
    parks = [ParkFactory.create(code=code) for code in ("bay", "town")]
    organisations = [
        OrganisationFactory.create(
            name_zh=write(dice, 3), name_en=f"x{write(dice, 2)}", aliases=write(dice, 2)
        )
        for _n in range(8)
    ]
    rows = []
    for number in range(36):
        park = dice.choice(parks)
        texts = {"name_zh": write(dice, 4) or "名", "name_en": write(dice, 3)}
        texts |= {"note": write(dice, 3), "responsible_unit": write(dice, 2)}
        project = ProjectFactory.create(code=f"P-{number}", park=park, **texts)
        Project.objects.filter(pk=project.pk).update(investment_cny=dice.choice([None, 1, 2]))
        invested = dice.sample(organisations, dice.choice([0, 0, 1, 2]))
        for organisation in invested:
            InvestorFactory.create(project=project, organisation=organisation)
        amount = Project.objects.values_list("investment_rank", flat=True).get(pk=project.pk)
        names = [t for o in invested for t in (o.name_zh, o.name_en, o.aliases)]
        rows.append(
            {"id": project.pk, "code": project.code, "park": park.code, "investment": amount}
            | {"investors": names, "unit": texts.pop("responsible_unit"), **texts}
        )
    return rows


def ask(dice: Random, rows: list[Row]) -> str:
    """A few words, most often such as there are."""
    words = []
    for _n in range(dice.choice([1, 1, 1, 2, 3])):
        row = dice.choice(rows)
        text = dice.choice([row["name_zh"], row["note"], row["unit"], *row["investors"], "海尔"])
        begin = dice.randint(0, max(len(text) - 2, 0))
        part = text if dice.random() < 0.2 else text[begin : begin + dice.randint(1, 5)]
        words.append(dice.choice([part, part.upper(), part.lower(), write(dice, 2)]))
    q = " ".join(words).strip()[:100]
    return q if q.strip() else "海尔"


def client_of(*parks: str, is_superuser: bool = False) -> APIClient:
    person, client = UserFactory.create(is_superuser=is_superuser), CarefulClient()
    for code in parks:
        MembershipFactory.create(user=person, park=Park.objects.get(code=code), role="viewer")
    client.force_login(person)
    return client


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("most", [5_000, 3])
def test_any_words_find_what_holds_them_all_best_first(
    ledger: list[Row], monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    for module in (searching, projects_searching):
        monkeypatch.setattr(module, "MOST_KEYS", most)  # beyond which the index says nothing
    dice = Random(most)
    readers = [
        (APIClient(), set()),
        (client_of("town"), {"town"}),
        (client_of(is_superuser=True), {"town", "bay"}),
    ]
    hits = 0
    asked = 70 if IS_LONGEST else 24
    for _n in range(asked):
        q = ask(dice, ledger)
        client, parks = dice.choice(readers)
        expected = expect(ledger, q, parks)
        limit = dice.choice([2, 7, 100]) if len(expected) < 20 else 100
        assert [row["code"] for row in walk(client, "projects", q=q, limit=limit)] == expected, q
        hits += bool(expected)
    assert hits > asked * 0.4


@pytest.mark.slow
@pytest.mark.both_databases
def test_pages_lead_back_as_they_led_on(ledger: list[Row]) -> None:
    api = APIClient()
    expected = expect(ledger, "海", set())
    page = found(api.get(f"{API}/projects", {"q": "海", "limit": 4}))
    forward = [page]
    while page["next"]:
        page = found(api.get(page["next"]))
        forward.append(page)
    assert [row["code"] for page in forward for row in page["results"]] == expected
    for before in reversed(forward[:-1]):
        page = found(api.get(page["previous"]))
        assert page["results"] == before["results"]


@pytest.mark.slow
def test_files_have_the_order_of_the_list_and_an_order_that_is_asked_for_counts(
    ledger: list[Row],
) -> None:
    api = APIClient()
    expected = expect(ledger, "海尔", set())
    text = api.get(f"{API}/projects.csv", {"q": "海尔", "columns": "code"}).getvalue()
    assert text.decode("utf-8-sig").split() == ["code", *expected]
    by_code = walk(api, "projects", q="海尔", ordering="-code")
    assert {row["code"] for row in by_code} == {*expected}
    assert [row["code"] for row in by_code] != expected


# --- Who may find what -------------------------------------------------------------------------


def test_who_is_responsible_is_found_by_those_who_may_read_it() -> None:
    town = ParkFactory.create(code="town")
    ParkFactory.create(code="bay")
    ProjectFactory.create(code="fab", park=town, responsible_unit="投资促进局", open_issues="缺电")
    for client, sees in (
        (APIClient(), False),
        (client_of("bay"), False),
        (client_of("town"), True),
        (client_of(is_superuser=True), True),
    ):
        assert bool(codes(client, "促进局")) is sees
        assert bool(codes(client, "投资")) is sees
        summary = found(client.get(f"{API}/projects/summary?q=促进&group_by=park"))
        assert bool(summary["rows"]) is sees


# --- Every way of writing ------------------------------------------------------------------------


def codes(client: APIClient, q: str) -> list[str]:
    return [row["code"] for row in walk(client, "projects", q=q)]


def named(q: str) -> list[str]:
    """Whom the index finds by a name, without a look at the rows."""
    keys = projects_searching.PROJECT_TEXTS.find("names", [fold(q)])
    return sorted(Project.objects.filter(pk__in=keys or ()).values_list("code", flat=True))


def test_what_is_written_over_http_is_found_and_no_more_when_it_changes(
    admin_api: APIClient,
) -> None:
    ParkFactory.create(code="town")
    made(admin_api.post(f"{API}/projects", {"code": "fab", "park": "town", "name_zh": "晶圆厂"}))
    assert codes(admin_api, "晶圆") == ["fab"] == named("晶圆")
    found(admin_api.patch(f"{API}/projects/fab", {"name_zh": "电池厂", "note": "曾经是别的"}))
    assert (named("晶圆"), named("池厂"), codes(admin_api, "经是别")) == ([], ["fab"], ["fab"])
    bulk = [{"code": "wind", "park": "town", "name_zh": "风电"}]
    bulk += [{"code": "fab", "version": 2, "name_zh": "光伏厂"}]
    found(admin_api.post(f"{API}/projects/bulk", {"projects": bulk}))
    assert (named("风电"), named("电池"), named("光伏厂")) == (["wind"], [], ["fab"])
    assert admin_api.delete(f"{API}/projects/fab").status_code == 204
    assert named("光伏") == codes(admin_api, "光伏") == []


def test_what_is_imported_is_found_and_what_is_taken_back_is_not(admin_api: APIClient) -> None:
    ProjectFactory.create(code="old", name_zh="旧名厂", park=ParkFactory.create(code="town"))
    header = ["code", "name_zh", "park", "note", "investors"]
    rows = [["old", "新名厂", "town", "", ""], ["new", "晶圆", "town", "二期在建", "华虹集团"]]
    answer = applied(admin_api, table(header, *rows))
    assert (named("旧名"), named("新名厂"), named("晶圆")) == ([], ["old"], ["new"])
    assert codes(admin_api, "期在") == codes(admin_api, "虹集") == ["new"]
    found(admin_api.post(f"{API}/imports/{answer['code']}/undo"))
    assert (named("旧名"), named("新名"), named("晶圆")) == (["old"], [], [])
    assert codes(admin_api, "华虹") == []


def test_what_is_typed_in_the_admin_is_found(superuser: User) -> None:
    ContentType.objects.clear_cache()  # tests of migrations make the types anew, and undo it
    desk = Client()
    desk.force_login(superuser)
    firm = OrganisationFactory.create(code="firm", name_zh="旧字号", name_en="")
    saved(save(desk, address(Organisation, "change", firm.pk), name_zh="新字号"))
    api = APIClient()
    assert [row["code"] for row in walk(api, "organisations", q="新字")] == ["firm"]
    assert walk(api, "organisations", q="旧字") == []


def test_a_new_name_of_an_investor_finds_its_projects(admin_api: APIClient) -> None:
    investor = InvestorFactory.create(project__code="fab", organisation__code="firm")
    names = {"name_zh": "华虹", "aliases": ["老字号"]}
    found(admin_api.patch(f"{API}/organisations/firm", names))
    assert codes(admin_api, "华虹") == codes(admin_api, "老字") == ["fab"]
    investor.delete()
    assert codes(admin_api, "华虹") == []


@pytest.mark.both_databases
def test_rows_written_by_sql_are_found() -> None:
    ProjectFactory.create(code="fab", name_zh="晶圆")
    models.QuerySet(Project).filter(code="fab").update(name_zh="电池")
    assert (named("晶圆"), named("电池")) == ([], ["fab"])


@pytest.mark.both_databases
def test_the_best_organisation_comes_first() -> None:
    for code, name in (("a", "北京海尔"), ("b", "海尔"), ("c", "青岛")):
        OrganisationFactory.create(code=code, name_zh=name, name_en="", aliases="")
    Organisation.objects.filter(code="c").update(aliases="海尔之家")
    rows = walk(APIClient(), "organisations", q="海尔", limit=1)
    assert [row["code"] for row in rows] == ["b", "a", "c"]


# --- The database --------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_both_databases_fold_every_sign_alike() -> None:
    signs = [chr(code) for code in range(1, 0x3100) if not 0xD800 <= code < 0xE000]
    signs += [chr(code) for code in range(0xFE00, 0xFFFE)]
    with connection.cursor() as cursor:
        for start in range(0, len(signs), 500):
            text = "".join(signs[start : start + 500])
            cursor.execute("SELECT fold_text(%s)", [text])
            assert cursor.fetchone()[0] == fold(text)
