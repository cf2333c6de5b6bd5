"""Targets as a picture: what is reached of each in percent, beside where the months stand."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from config.amounts import format_cny
from config.mistakes import Mistake
from projects.charts.layers import AMOUNT_AXIS, ChartSpec, build_rows_axis, halve_lines, write_texts
from projects.charts.links import LINK, is_safe
from projects.charts.marks import PLOT_WIDTH
from projects.charts.spec import CHART_LANGUAGES, draw_nothing, frame_spec
from projects.charts.text import clean, wrap
from projects.charts.theme import DARK, LIGHT, Theme
from projects.charts.units import ChartMeasure, choose_unit
from projects.lifecycle.words import OriginScope
from projects.models import TargetMeasure

MOST_DRAWN_TARGETS = 60
ShownTarget = Mapping[str, Any]


def build_targets_spec(
    targets: Sequence[ShownTarget],
    names: Mapping[str, str],
    *,
    day: str,
    language: str = "en",
    dark: bool = False,
) -> ChartSpec:
    """Build the Vega-Lite spec of targets as the API shows them: bars that open their lists.

    `names` are those of parks and regions by code, `day` is said below the title. Mistake where
    there are more than can be told apart.
    """
    if len(targets) > MOST_DRAWN_TARGETS:
        message = _("%(rows)d targets are more than a picture can show (%(most)d): name a park.")
        told = {"rows": len(targets), "most": MOST_DRAWN_TARGETS}
        raise Mistake("too_many_rows", message % told).at(parameter="park")
    theme = DARK if dark else LIGHT
    with translation.override(CHART_LANGUAGES[language]):
        title = _("How far targets are reached")
        below = _("in percent of each target · the line: months that have ended · as of %(day)s")
        drawn = _draw_targets(targets, names, theme, language) if targets else draw_nothing(theme)
        return frame_spec(title, [below % {"day": day}], language, theme, drawn)


def _draw_targets(
    targets: Sequence[ShownTarget], names: Mapping[str, str], theme: Theme, language: str
) -> ChartSpec:
    """Draw a bar for what is reached, a tick where the months stand, a line at the target."""
    rows = [_describe_target(target, names, language) for target in targets]
    labels = {place: row["label"] for place, row in enumerate(rows)}
    most = max(100.0, *(row["amount"] for row in rows))
    scale = {"nice": False, "domain": [0, most * 1.02]}
    tick = {"type": "tick", "orient": "vertical", "thickness": 3, "aria": False}
    return {
        "data": {"values": rows},
        "width": PLOT_WIDTH,
        "height": {"step": 42},
        "encoding": {
            "y": build_rows_axis("label", labels),
            "x": AMOUNT_AXIS | {"axis": None, "scale": scale},
        },
        "layer": [
            {"mark": {"type": "bar", "height": {"band": 0.7}, "color": theme.absent, "aria": False},
             "encoding": {"x": {"field": "target", "type": "quantitative"}}},
            {"mark": {"type": "bar", "height": {"band": 0.7}, "color": theme.accent},
             "encoding": LINK},
            {"mark": tick | {"band": 0.9, "color": theme.text},
             "encoding": {"x": {"field": "months", "type": "quantitative"}}},
            write_texts(
                "text", align="left", dx=7, x={"field": "end", "type": "quantitative"}
            ),
        ],
    }  # fmt: skip


def _describe_target(
    target: ShownTarget, names: Mapping[str, str], language: str
) -> dict[str, Any]:
    """Describe a target: whose, of what, how much of it is reached."""
    reached, measure = target["reached"], TargetMeasure(target["measure"])
    subject = names.get(target["park"] or target["region"], "")
    parts = [subject, str(target["year"]), str(measure.label), *_narrow(target, language)]
    said = clean(" · ".join(part for part in parts if part))
    kind = {"CNY": "money", "USD": "usd"}.get(measure.currency, "count")
    amounts = (reached["value"], target["value"])
    unit = choose_unit(ChartMeasure(measure, measure.label, kind), amounts, language)
    text = (
        f"{unit.write(amounts[0])} / {unit.write_with_unit(amounts[1])}  ({reached['percent']:g}%)"
    )
    told = {"months": reached["months_percent"], "gap": reached["gap_points"]}
    along = _("%(months)g%% of the year are gone: %(gap)+g points") % told
    return {
        "label": halve_lines(wrap(said, 44, 2)),
        "amount": max(0, reached["percent"]),
        "target": 100,
        "end": max(100, reached["percent"]),
        "months": reached["months_percent"],
        "text": text,
        "href": reached["list_url"] if is_safe(reached["list_url"]) else "",
        "description": f"{said}: {text}. {along}",
    }


def _narrow(target: ShownTarget, language: str) -> list[str]:
    """Say what a target is narrowed to: a size, and how far away the origin lies."""
    size = target["size_floor_cny"]
    scopes = [
        str(OriginScope(word).label) for word in (target["origin_scope"] or "").split(",") if word
    ]
    floor = format_cny(size, "at_least", language="zh" if language == "zh" else "en")
    return [*([floor] if size else []), *(["/".join(scopes)] if scopes else [])]
