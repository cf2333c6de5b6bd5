"""Targets as pictures, and `/targets.svg` and `/targets.png`."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils import translation
from django.utils.translation import gettext as _

from api.lists.as_of import AS_OF
from api.lists.filters import FILTERS
from api.lists.pagination import ORDERING
from api.readers import Readers
from config.database import history
from config.database.prepared import snapshot
from config.mistakes import Mistake
from pages.charts import layers
from pages.charts.spec import CHART_LANGUAGES, draw_nothing, frame_spec
from pages.charts.table import ChartMeasure, choose_unit
from pages.charts.text import LINK, clean, is_safe, wrap
from pages.charts.theme import DARK, LABEL_SIZE, LIGHT, Theme
from pages.charts.views import LOOK, LOOK_PARAMETERS, PicturesMixin, Style
from parks.models import Park, Region
from projects.models import TargetMeasure
from projects.models.words import OriginScope
from projects.tracking.targets import TargetViewSet
from sheets.amounts import LEDGER_CURRENCY, format_cny

MOST_DRAWN_TARGETS = 60
ShownTarget = Mapping[str, Any]


def build_targets_spec(
    targets: Sequence[ShownTarget], names: Mapping[str, str], *, day: str, style: Style
) -> layers.ChartSpec:
    """Build the Vega-Lite spec of targets as the API shows them: bars that open their lists.

    `names` are those of parks and regions by code, `day` is said below the title. Mistake where
    there are more than can be told apart.
    """
    if len(targets) > MOST_DRAWN_TARGETS:
        message = _("%(rows)d targets are more than a picture can show (%(most)d): name a park.")
        told = {"rows": len(targets), "most": MOST_DRAWN_TARGETS}
        raise Mistake("too_many_rows", message % told).at(parameter="park")
    theme = DARK if style.dark else LIGHT
    with translation.override(CHART_LANGUAGES[style.language]):
        title = _("How far targets are reached")
        below = _("in percent of each target · the line: months that have ended · as of %(day)s")
        drawn = _draw_targets(targets, names, theme, style) if targets else draw_nothing(theme)
        subtitle = [f"{_('Park Ledger')} · {below % {'day': day}}"]
        return frame_spec(title, subtitle, style.language, theme, drawn, style.width)


def _draw_targets(
    targets: Sequence[ShownTarget], names: Mapping[str, str], theme: Theme, style: Style
) -> layers.ChartSpec:
    """Draw a bar for what is reached, a tick where the months stand, a line at the target."""
    columns = layers.count_columns(style.width, LABEL_SIZE * 3)
    rows = [_describe_target(target, names, style.language, columns) for target in targets]
    labels = {place: row["label"] for place, row in enumerate(rows)}
    most = max(100.0, *(row["amount"] for row in rows))
    scale = {"nice": False, "domain": [0, most * 1.02]}
    tick = {"type": "tick", "orient": "vertical", "thickness": 3, "aria": False}
    return {
        "data": {"values": rows},
        "width": style.width,
        "height": {"step": 42},
        "encoding": {
            "y": layers.build_rows_axis("label", labels),
            "x": layers.AMOUNT_AXIS | {"axis": None, "scale": scale},
        },
        "layer": [
            {"mark": {"type": "bar", "height": {"band": 0.7}, "color": theme.absent, "aria": False},
             "encoding": {"x": {"field": "target", "type": "quantitative"}}},
            {"mark": {"type": "bar", "height": {"band": 0.7}, "color": theme.accent},
             "encoding": LINK},
            {"mark": tick | {"band": 0.9, "color": theme.text},
             "encoding": {"x": {"field": "months", "type": "quantitative"}}},
            layers.write_texts(
                "text", align="left", dx=7, x={"field": "end", "type": "quantitative"}
            ),
        ],
    }  # fmt: skip


def _describe_target(
    target: ShownTarget, names: Mapping[str, str], language: str, columns: int
) -> dict[str, Any]:
    """Describe a target: whose, of what, how much of it is reached."""
    reached, measure = target["reached"], TargetMeasure(target["measure"])
    subject = names.get(target["park"] or target["region"], "")
    parts = [subject, str(target["year"]), str(measure.label), *_narrow(target, language)]
    said = clean(" · ".join(part for part in parts if part))
    kind = {"USD": "usd", LEDGER_CURRENCY: "money"}.get(measure.currency, "count")
    amounts = (reached["value"], target["value"])
    unit = choose_unit(ChartMeasure(measure, measure.label, kind), amounts, language)
    text = (
        f"{unit.write(amounts[0])} / {unit.write_with_unit(amounts[1])}  ({reached['percent']:g}%)"
    )
    told = {"months": reached["months_percent"], "gap": reached["gap_points"]}
    along = _("%(months)g%% of the year are gone: %(gap)+g points") % told
    return {
        "label": layers.halve_lines(wrap(said, columns, 2)),
        "amount": max(0, reached["percent"]),
        "target": 100,
        "end": max(100, reached["percent"]),
        "months": reached["months_percent"],
        "text": text,
        "href": reached["list_url"] if is_safe(reached["list_url"]) else "",
        "description": f"{said}: {text}. {along}",
    }


def _narrow(target: ShownTarget, language: str) -> list[str]:
    """List the conditions of a target: a size, and the scope of the origin."""
    size, words = target["size_floor_cny"], (target["origin_scope"] or "").split(",")
    floor = format_cny(size, "at_least", language="zh" if language == "zh" else "en")
    scopes = "/".join(str(OriginScope(word).label) for word in words if word)
    return [*([floor] if size else []), scopes]


class TargetPicturesViewSet(PicturesMixin, TargetViewSet):
    """Targets with what is reached, and where the months of the year stand."""

    readers: ClassVar[Readers] = dict.fromkeys(("svg", "png"), (AS_OF, FILTERS, ORDERING, LOOK))
    look = LOOK
    described_parameters = LOOK_PARAMETERS
    picture_name = "targets"

    def build_spec(self, style: Style) -> dict[str, Any]:
        """Build the Vega-Lite spec of the targets that the filters select."""
        with snapshot():
            targets = list(self.compute_rows())
            names = self.find_subjects(targets, style.language)
        return build_targets_spec(targets, names, day=str(history.today()), style=style)

    def find_subjects(self, targets: Sequence[Mapping[str, Any]], language: str) -> dict[str, str]:
        with translation.override(CHART_LANGUAGES[language]):
            found: list[Any] = []
            for rows, owner in ((Park.objects, "park"), (Region.objects, "region")):
                found += rows.filter(code__in={each[owner] for each in targets if each[owner]})
            return {row.code: row.name for row in found}
