"""Drawing charts: no name can do harm in them, colours differ, and the process that draws lives."""

import os
import signal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from xml.etree import ElementTree

import pytest

from config.mistakes import Mistake
from pages.charts import drawing
from pages.charts.drawing import CannotDraw, to_png, to_svg
from pages.charts.spec import build_chart_spec
from pages.charts.theme import DARK, LIGHT, Theme
from tests.pages.charts.chart_examples import (
    EXAMPLES,
    PARKS,
    SVG,
    UNKNOWN,
    Row,
    data,
    drawn,
    links,
    summary,
    texts,
    value,
)
from tests.samples import sample
from tests.together import together

HOSTILE = [
    "<script>alert(1)</script>",
    "</text></svg><script>alert(1)</script>",
    '" onload="alert(1)" x=\'',
    "]]><!-- &lt;b&gt; & &#x3c;",
    "{{constructor.constructor('alert(1)')()}} ${alert(1)}",
    "datum.amount'); alert(1); ('",
    "a\nb\tc\x00\x08\x1b\ufffe\ud800d",
    "\u202egnp.exe",
    "甲" * 300,
    "a" * 300,
]


# --- Safe ------------------------------------------------------------------------------------


@together("name", sample(HOSTILE, 3))
def test_a_hostile_name_or_filter_is_text_and_nothing_else(name: str) -> None:
    answer = summary(
        "park",
        (value("x", name, name), 2),
        (value("y", "园", "Park"), 1),
        filters={"q": {"given": name, "understood": name}},
    )
    assert_harmless(drawn(answer, kind="bars"))


@pytest.mark.parametrize(
    ("kind", "group_by", "second"),
    [("columns", "park,signed_year", value(2024)), ("heat", "park,hitech", UNKNOWN)],
)
def test_hostile_names_are_text_in_legends_and_tables(
    kind: str, group_by: str, second: Row
) -> None:
    for names in (HOSTILE[:5], HOSTILE[5:]):  # a legend has room for seven
        rows = [(value(f"p{n}", name, name), second, 1) for n, name in enumerate(names)]
        picture = drawn(summary(group_by, *rows), kind=kind)
        assert_harmless(picture)
        assert len(links(picture)) == len(names)


def assert_harmless(picture: ElementTree.Element) -> None:
    """No element that runs or loads anything, no handler, no style, links to the web only."""
    for element in picture.iter():
        assert element.tag.removeprefix(SVG) in {
            *("svg", "title", "g", "path", "rect", "line", "text", "tspan", "a")
        }
        for name, given in element.attrib.items():
            assert not name.startswith("on")
            assert name != "style"
            assert name == "class" or "url(" not in given or name == "aria-label"
    assert all(link.startswith("https://ledger.example/") for link in links(picture))


def test_a_name_is_written_out_as_it_is() -> None:
    name = "<b>R&D</b> \"centre\" 'x'"
    picture = drawn(summary("park", (value("x", name, name), 2)))
    assert name in texts(picture)
    (mark,) = (mark for link in picture.iter(f"{SVG}a") for mark in link)
    assert mark.get("aria-label") == f"{name}: 2"


@together(
    ("address", "link"),
    [
        ("https://ledger.example/projects?park=a&q=%E7%94%B2", True),
        ("HTTP://ledger.example/projects", True),
        ("/api/v1/projects?park=a&stage=lead", True),
        ("?park=a", True),
        ("javascript:alert(1)", False),
        (" javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        ("/\tjavascript:alert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("//evil.example/", False),
        ("/\\evil.example/", False),
        ("vbscript:x", False),
        ("", False),
        (None, False),
    ],
)
def test_only_addresses_of_the_web_or_of_the_site_become_links(
    address: str | None, link: bool
) -> None:
    answer = summary("park", (value("a"), 2))
    answer["rows"][0]["list_url"] = address
    (row,) = data(build_chart_spec(answer))
    assert row["href"] == (address if link else "")


def test_what_has_no_address_is_drawn_without_a_link() -> None:
    answer = summary("park", (value("a"), 2), (value("b"), 1))
    answer["rows"][0]["list_url"] = "javascript:alert(1)"
    assert links(drawn(answer)) == [answer["rows"][1]["list_url"]]


# --- Colours ---------------------------------------------------------------------------------

# What is seen of red, green and blue without one kind of cones (Machado and others, 2009)
BLINDNESS = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "red": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "green": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "blue": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def seen(colour: str, matrix: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    """A colour in CIE L*a*b*, as somebody sees it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    rgb = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    r, g, b = (min(1, max(0, sum(m * c for m, c in zip(row, rgb, strict=True)))) for row in matrix)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089
    fx, fy, fz = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@together("theme", [LIGHT, DARK])
@together("blindness", BLINDNESS)
def test_the_colours_of_series_can_be_told_apart(theme: Theme, blindness: str) -> None:
    colours = [*theme.series, theme.unknown]
    shades = {colour: seen(colour, BLINDNESS[blindness]) for colour in colours}
    for first, second in combinations(colours, 2):
        apart = sum((a - b) ** 2 for a, b in zip(shades[first], shades[second], strict=True))
        assert apart**0.5 > 10, (first, second)


@together("theme", [LIGHT, DARK])
def test_what_is_drawn_contrasts_with_the_page(theme: Theme) -> None:
    """By 3 at least: of lightness L the luminance is ((L + 16) / 116) ** 3 (CIE)."""
    drawn = [*theme.series, theme.accent, theme.unknown, theme.other, *theme.scale, *theme.greys]
    *marks, page = [
        ((seen(colour, BLINDNESS["none"])[0] + 16) / 116) ** 3 + 0.05
        for colour in (*drawn, theme.background)
    ]
    assert min(max(mark, page) / min(mark, page) for mark in marks) > 3


# --- The process that draws ------------------------------------------------------------------


@pytest.fixture
def artist() -> drawing.Artist:
    """The process that draws."""
    return drawing._artist


def test_pictures_asked_for_by_many_threads_at_once_are_each_right() -> None:
    specs = [build_chart_spec(answer) for answer in EXAMPLES.values()]
    expected = [to_svg(spec) for spec in specs]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(to_svg, specs)) == expected


def test_a_png_is_never_so_large_that_it_fills_the_memory() -> None:
    spec = build_chart_spec(summary("park", *((value(f"p{n}"), n) for n in range(60))))
    with pytest.raises(Mistake) as refused:
        to_png(spec, 4)
    assert refused.value.place["parameter"] == "scale"


@pytest.mark.slow
def test_when_the_drawing_process_has_died_another_one_draws(artist: drawing.Artist) -> None:
    before = to_svg(build_chart_spec(PARKS))
    process = artist._running()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert to_svg(build_chart_spec(PARKS)) == before


@pytest.mark.slow
def test_a_picture_that_takes_too_long_is_given_up_and_another_process_draws_the_next(
    monkeypatch: pytest.MonkeyPatch, artist: drawing.Artist
) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "hunter2")
    spec = build_chart_spec(PARKS)
    artist.stop()
    with monkeypatch.context() as hurried:
        hurried.setattr(drawing, "SECONDS", 0.01)  # less than the process needs to start
        with pytest.raises(CannotDraw):
            to_svg(spec)
    assert to_svg(spec).startswith(b"<svg ")
    # It does not know the secrets of the server
    with open(f"/proc/{artist._running().pid}/environ", "rb") as environment:
        assert b"hunter2" not in environment.read()
