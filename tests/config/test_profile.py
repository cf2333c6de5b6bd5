"""A profile says what names the place of a ledger; its mistakes keep everything from starting."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import gettext, override, trans_real

from config.profile import PROFILES, load_profile, place_texts
from tests.paths import ROOT

CHINA = (PROFILES / "china.toml").read_text(encoding="utf-8")


def read_mistakes(path: Path, *changes: tuple[str, str]) -> str:
    """What is said of the Chinese profile with these changes."""
    text = CHINA
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as refused:
        load_profile(str(path))
    return str(refused.value)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("\nbands", "\nband", "no key band. Is bands meant?"),
        ("\nbands", "\nwidths", "no key widths. The keys are name_zh, "),
        ('country = "CN"', "", "country is missing: give two capital letters"),
        ('country = "CN"', 'country = "CHN"', "country is 'CHN': give two capital letters"),
        ('country = "CN"', "country = 86", "country is 86: give two capital letters"),
        ("Asia/Shanghai", "Asia/Peking", "time_zone is 'Asia/Peking': give a time zone"),
        ("[100_000_000, 500_000_000", "[500_000_000, 500_000_000", "each larger than before"),
        ("[100_000_000", "[0, 100_000_000", "each larger than before"),
        ("[100_000_000", "[true, 100_000_000", "each larger than before"),
        ('page = "/', 'pages = "/', "tables with zh, en, page"),
        ('"parks/baodi-zgc"', '"baodi-zgc"', "tables with zh, en, page"),
        ("[6, 0,", "[6.5, 0,", "by code lists such as"),
        ('"jjj",', '"JJJ",', "groups is "),
        ('name_zh = "', "name_zh = ", "cannot be read: Invalid value"),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    assert told in read_mistakes(tmp_path / "our.toml", (before, after))


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    told = read_mistakes(tmp_path / "our.toml", ('"CN"', '"C"'), ("Asia/Shanghai", "Nowhere"))
    assert len(told.splitlines()) == 2


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ("chnia", "Is china meant?"),
        ("mars", "Shipped are china, international."),
        ("/nowhere/our.toml", "/nowhere/our.toml cannot be read: No such file or directory."),
    ],
)
def test_a_profile_that_is_not_there_is_refused(chosen: str, told: str) -> None:
    with pytest.raises(SystemExit, match=re.escape(told)):
        load_profile(chosen)


def test_every_shipped_profile_has_every_key_that_is_explained() -> None:
    told = (ROOT / "docs/reference/profiles.md").read_text(encoding="utf-8")
    keys = {*re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`[^|]+) \|", told, re.MULTILINE)))}
    assert keys == {*vars(load_profile("china"))} - {"path"}
    for path in PROFILES.glob("*.toml"):
        assert load_profile(path.stem) == load_profile(str(path))


@pytest.fixture
def renamed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A ledger of another name, whose texts are those of the tests again afterwards."""
    monkeypatch.setattr(trans_real, "_translations", {})
    monkeypatch.setattr(trans_real, "_default", None)
    path = tmp_path / "our.toml"
    text = CHINA.replace('"Park Ledger"', '"Kulim Hi-Tech Park"').replace("园区项目台账", "居林园")
    path.write_text(text + '[words_en]\n"yuan" = "ringgit"\n[words_zh]\n"元" = "林吉特"\n', "utf-8")
    place_texts(load_profile(str(path)), ROOT / "locale/zh_Hans/LC_MESSAGES/django.mo")


@pytest.mark.django_db
def test_all_texts_have_the_name_and_the_words_of_the_profile(renamed: Any, client: Client) -> None:
    page = client.get("/sign-in").content.decode()
    assert "Kulim Hi-Tech Park" in page
    assert "Park Ledger" not in page
    assert gettext("Give whole yuan.") == "Give whole ringgit."
    with override("zh-hans"):
        assert (gettext("Park Ledger"), gettext("Give whole yuan.")) == (
            "居林园",
            "请填整数林吉特。",
        )
        assert gettext("Save") == "保存"


AMOUNTS = """
import django; django.setup()
from sheets.amounts import AmountError, format_cny, parse_amount, parse_cny
from sheets.reading.units import find_column_unit, parse_unit
from projects.models import TargetMeasure
for text in ("RM1.2 billion", "over RM2.5 bn", "1.2亿林吉特", "5000000"):
    print(text, *parse_cny(text))
for text in ("€ 25m", "1.5亿元"):
    try:
        parse_cny(text)
    except AmountError as error:
        print(text, error.code, parse_amount(text).unit)
for text in ("RM million", "RM'000", "万元", "USD million", "million"):
    print(text, find_column_unit(parse_unit(text)))
print(format_cny(1_200_000_000, "over", language="en"), TargetMeasure.AGREED_CNY.currency)
"""


def run_with(profile: str | Path, program: str, folder: Path) -> list[str]:
    """The lines that a program prints in a ledger with this profile."""
    given = {"PROFILE": str(profile), "VAR_DIR": str(folder), "ENV_FILE": os.devnull}
    given |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.slow
def test_amounts_and_units_of_sheets_are_in_the_currency_of_the_ledger(tmp_path: Path) -> None:
    assert run_with("international", AMOUNTS, tmp_path) == [
        *("RM1.2 billion 1200000000 exact", "over RM2.5 bn 2500000000 over"),
        *("1.2亿林吉特 120000000 exact", "5000000 5000000 exact"),
        *("€ 25m other_currency EUR", "1.5亿元 other_currency CNY"),
        *("RM million ('MYR', 1000000)", "RM'000 ('MYR', 1000)", "万元 ('CNY', 10000)"),
        *("USD million ('USD', 1000000)", "million None"),
        "over 1.2 billion ringgit MYR",
    ]


SITE = """
import django; django.setup()
from django.test import Client, override_settings
from django.conf import settings
from parks.admin.places import OrganisationAdmin
from parks.admin.vocabularies import SectorAdmin
from projects.admin.projects import ProjectAdmin
page = Client(SERVER_NAME="localhost").get("/sign-in")
print('<img src="data:image/svg+xml;base64,PHN2Zy8+"' in page.content.decode())
print(settings.PROFILE.style in page.content.decode())
print(page.headers["Content-Security-Policy"].count("sha256-"))
print([name for name in ("uscc", "national_code", "hitech")
       if name in str((OrganisationAdmin.fieldsets, ProjectAdmin.fieldsets, SectorAdmin.fields))])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "added", "told"),
    [
        ("international", 'logo = "logo.svg"\naccent = "#0b6e4f"\n', ["True", "True", "1", "[]"]),
        ("china", "", ["False", "True", "0", "['uscc', 'national_code', 'hitech']"]),
    ],
)
def test_logo_colour_and_codes_of_china_are_those_of_the_profile(
    tmp_path: Path, name: str, added: str, told: list[str]
) -> None:
    path = tmp_path / "our.toml"
    path.write_text(added + (PROFILES / f"{name}.toml").read_text("utf-8"), "utf-8")
    (tmp_path / "logo.svg").write_text("<svg/>", "utf-8")
    assert run_with(path, SITE, tmp_path) == told


def test_a_logo_that_is_not_there_is_named(tmp_path: Path) -> None:
    told = read_mistakes(tmp_path / "our.toml", ("time_zone", 'logo = "away.svg"\ntime_zone'))
    assert f"{tmp_path / 'away.svg'} cannot be read: No such file" in told
