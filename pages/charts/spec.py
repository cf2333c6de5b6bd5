"""A summary as a Vega-Lite spec: which kinds of chart fit it, and what the title says."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext

from config.mistakes import Mistake
from pages.charts import layers, marks
from pages.charts.table import (
    OTHER_CODE,
    ChartTable,
    SummaryAnswer,
    is_compared,
    is_time,
    read_chart_table,
)
from pages.charts.text import clean, wrap
from pages.charts.theme import (
    DARK,
    LABEL_SIZE,
    LIGHT,
    MOST_SERIES,
    PADDING,
    SMALL_TITLE_SIZE,
    SUBTITLE_HEIGHT,
    TITLE_SIZE,
    USUAL_WIDTH,
    WIDE,
    Theme,
    build_config,
)
from parks.models.vocabularies import FOREIGN
from projects.condition_words import say_conditions
from projects.models.words import InvestmentBasis
from projects.summaries.measures import NOT_ADDED_UP
from sheets.amounts import LEDGER_CURRENCY, say_currency

CHART_LANGUAGES = {"zh": "zh-hans", "en": "en"}
_PROJECTS = gettext_lazy("projects")
MOST_DRAWN_ROWS = 500
_CUT = ("bars", "columns")  # whose bars may be shortened
_CURRENCY_OF = dict.fromkeys(["amount_cny", "investment_cny"], LEDGER_CURRENCY)
_CURRENCY_OF["amount_usd"] = "USD"  # sums that leave out all others
_MOST_COLUMNS = 300  # half-width letters of a sentence below the title


@dataclass(frozen=True)
class ChartKind:
    """A kind of chart: which summaries it fits, and how it is drawn."""

    title: Any
    fits: Callable[[SummaryAnswer], bool]
    draw: Callable[[ChartTable, Theme], layers.ChartSpec]


def _fits_columns(summary: SummaryAnswer) -> bool:
    groups = summary["group_by"]
    times = sum(map(is_time, groups))
    if len(groups) == 1:
        return times == 1
    if len(groups) != 2 or times != 1 or is_compared(summary):
        return False  # a part of a column has no room for its change
    (series,) = [name for name in groups if not is_time(name)]
    values = {row[series]["value"] for row in summary["rows"]} - {None, OTHER_CODE}
    return len(values) <= MOST_SERIES


def _fits_funnel(summary: SummaryAnswer) -> bool:
    values = [row[name]["value"] for name in summary["group_by"] for row in summary["rows"]]
    return list(summary["group_by"]) == ["stage"] and OTHER_CODE not in values


def _fits_tiles(summary: SummaryAnswer) -> bool:
    groups = summary["group_by"]
    if len(groups) != 1 or not groups[0].endswith("_province"):
        return False
    known = {None, OTHER_CODE, FOREIGN, *settings.PROFILE.tiles}
    return all(row[groups[0]]["value"] in known for row in summary["rows"])


# In the order of preference, where several fit.
CHART_KINDS = {
    "columns": ChartKind(gettext_lazy("columns by time"), _fits_columns, marks.draw_columns),
    "funnel": ChartKind(gettext_lazy("a funnel of stages"), _fits_funnel, marks.draw_funnel),
    "tiles": ChartKind(gettext_lazy("province tiles"), _fits_tiles, marks.draw_tiles),
    "heat": ChartKind(
        gettext_lazy("a heat table"), lambda summary: len(summary["group_by"]) == 2, marks.draw_heat
    ),
    "bars": ChartKind(
        gettext_lazy("bars"), lambda summary: len(summary["group_by"]) == 1, marks.draw_bars
    ),
}


def fitting_kinds(summary: SummaryAnswer) -> tuple[str, ...]:
    """Find the kinds of chart that fit a summary's shape, best first; none for three dimensions."""
    return tuple(name for name, kind in CHART_KINDS.items() if kind.fits(summary))


def default_kind(summary: SummaryAnswer) -> str:
    """Choose the kind that is drawn when none is asked for; Mistake where none fits."""
    fitting = fitting_kinds(summary)
    if not fitting:
        message = _("A picture shows one or two dimensions; “group_by” names %(count)d.")
        told = {"count": len(summary["group_by"])}
        raise Mistake("no_chart_fits", message % told).at(parameter="group_by")
    return fitting[0]


def build_chart_spec(
    summary: SummaryAnswer,
    *,
    kind: str | None = None,
    language: str = "en",
    dark: bool = False,
    counted: str | Promise = _PROJECTS,
    width: int = USUAL_WIDTH,
) -> layers.ChartSpec:
    """Build the Vega-Lite spec of a summary, with its first measure drawn.

    `kind` is a key of CHART_KINDS, `language` zh or en, `counted` what `count` counts, `width`
    the pixels into which the picture has to fit. Raises Mistake for a kind that does not fit the
    summary's dimensions, and for more rows than can be told apart.
    """
    if (rows := len(summary["rows"])) > MOST_DRAWN_ROWS:
        message = _(
            "%(rows)d rows are more than a picture can show (%(most)d): ask for fewer by top=."
        )
        told = {"rows": rows, "most": MOST_DRAWN_ROWS}
        raise Mistake("too_many_rows", message % told).at(parameter="top")
    kind = _choose_kind(summary, kind)
    theme = DARK if dark else LIGHT
    with translation.override(CHART_LANGUAGES[language]):
        table = read_chart_table(summary, kind, language, width)
        title = _write_title(table, kind, counted)
        drawn = CHART_KINDS[kind].draw(table, theme) if table.cells else draw_nothing(theme)
        subtitle = _write_subtitle(summary, table, kind)
        return frame_spec(title, subtitle, language, theme, drawn, width)


def frame_spec(
    title: str,
    subtitle: Iterable[str],
    language: str,
    theme: Theme,
    drawn: layers.ChartSpec,
    width: int = USUAL_WIDTH,
) -> layers.ChartSpec:
    """Build the whole spec of what is drawn: with its title, its language, and its colours.

    It fits into a width, or is as wide as its columns; its height is known, too.
    """
    size = TITLE_SIZE if width >= WIDE else SMALL_TITLE_SIZE
    lines = wrap(title, layers.count_columns(width, size + 1), 3).split("\n")
    columns = layers.count_columns(width, LABEL_SIZE)
    most = 1 + _MOST_COLUMNS // columns
    below = [line for said in subtitle for line in wrap(said, columns, most).split("\n")]
    across, down = layers.measure_drawing(drawn, width)
    head = 4 * PADDING + (size + 4) * len(lines) + SUBTITLE_HEIGHT * len(below)
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "description": title,
        "title": {"text": lines, "subtitle": below},
        "usermeta": {"language": "zh-Hans" if language == "zh" else "en"},
        "config": build_config(theme, width),
        "autosize": {"type": "fit", "contains": "padding"},
        **drawn,
        "width": max(width, across),
        "height": head + down,
    }


def _choose_kind(summary: SummaryAnswer, kind: str | None) -> str:
    """Return the requested kind, or the best one; Mistake if it does not fit."""
    best, fitting = default_kind(summary), fitting_kinds(summary)
    if kind is None or kind in fitting:
        return kind or best
    message = _("“%(kind)s” does not fit these dimensions; what fits is: %(kinds)s.")
    told = {"kind": kind, "kinds": ", ".join(fitting)}
    raise Mistake("does_not_fit", message % told, best, fitting).at(parameter="chart")


def _write_title(table: ChartTable, kind: str, counted: str | Promise) -> str:
    measure = str(table.measure.title)
    if table.measure.kind == "count":
        measure %= {"things": counted}
    if table.is_cumulative:
        measure = _("%(measure)s (cumulative)") % {"measure": measure}
    said = {"measure": measure}
    if kind == "funnel":
        return _("%(measure)s by the stage reached or passed") % said
    said["first"] = table.dimensions[0].title
    if len(table.dimensions) == 1:
        return _("%(measure)s by %(first)s") % said
    said["second"] = table.dimensions[1].title
    return _("%(measure)s by %(first)s and %(second)s") % said


def _write_subtitle(summary: SummaryAnswer, table: ChartTable, kind: str) -> Iterator[str]:
    """Write the unit, date, total, missing amounts and filters."""
    if summary["as_of"]:
        dated = _("as recorded on %(day)s") % {"day": _write_moment(summary["as_of"])}
    else:
        dated = _("as of %(day)s") % {"day": summary["generated_on"]}
    unit = [_("unit: %(unit)s") % {"unit": table.unit.name}] if table.unit.name else []
    yield " · ".join([_("Park Ledger"), dated, *unit, *_write_total(summary["total"], table)])
    yield from _say_what_is_mixed(summary, table)
    notes = []
    if table.is_compared:
        notes.append(_("with the change on the year before"))
    if kind in _CUT and (shorter := layers.find_shortened(table)):
        names = ", ".join(value.label for value in shorter)
        notes.append(_("shortened, not to scale: %(names)s") % {"names": names})
    if notes:
        yield " · ".join(notes)
    given = [clean(said) for said in say_conditions(summary["filters"])]
    if given:
        separator = pgettext("between conditions", "; ")
        yield _("selected by %(filters)s") % {"filters": separator.join(given)}


def _write_moment(text: str) -> str:
    """Write a day, or a time in the ledger's time zone; the last minute of a day is the day."""
    moment = datetime.fromisoformat(text)
    if timezone.is_naive(moment):
        return text
    local = timezone.localtime(moment)
    return f"{local:%Y-%m-%d}" if f"{local:%H:%M}" == "23:59" else f"{local:%Y-%m-%d %H:%M}"


def _write_total(total: Mapping[str, Any], table: ChartTable) -> Iterator[str]:
    name = table.measure.name
    if name not in NOT_ADDED_UP and total.get(name) is not None:
        yield _("total %(amount)s") % {"amount": table.unit.write_with_unit(total[name])}
    if missing := total.get("amounts", {}).get(name, {}).get("missing"):
        text = _("no amount for %(missing)s of %(count)s projects")
        if name.endswith("_cny"):  # others are never converted
            text = _("no amount in yuan for %(missing)s of %(count)s projects")
        yield text % {"missing": f"{missing:,}", "count": f"{total['count']:,}"}


def _say_what_is_mixed(summary: SummaryAnswer, table: ChartTable) -> Iterator[str]:
    """Describe the bases in a total, and which projects it leaves out."""
    if table.measure.name == "investment_cny":
        bases = summary["total"].get("investment_by_basis", {})
        parts = [
            f"{InvestmentBasis(basis).label} {table.unit.write_with_unit(amount)}"
            for basis, amount in bases.items()
            if amount
        ]
        if len(parts) > 1:
            yield _("adds up amounts that differ: %(parts)s") % {"parts": " + ".join(parts)}
        elif parts:
            yield _("of one kind: %(parts)s") % {"parts": parts[0]}
    if table.measure.name in _CURRENCY_OF:
        yield from _say_what_is_left_out(summary["total"], _CURRENCY_OF[table.measure.name])
    said = summary["filters"]
    if "count_by_agreement" not in summary["total"] or table.measure.kind == "percent":
        return  # not of projects, or no total
    if [*said.get("counts_in_totals", {}).get("understood", ())] == ["true"]:
        yield _("left out: umbrellas, duplicates, merged, parts, and what has no contract")
    elif not {"counts_in_totals", "totals_exclusion", "totals_exclusion_not"} & {*said}:
        yield _("umbrellas, duplicates, parts and what has no contract are counted, too")


def _say_what_is_left_out(total: Mapping[str, Any], currency: str) -> Iterator[str]:
    """Describe the reports in other currencies, which the sum leaves out."""
    reports = {each["currency"]: each["count"] for each in total.get("other_currencies", ())}
    reports[LEDGER_CURRENCY] = total["count"] - sum(reports.values())
    left_out = [
        ngettext("%(currency)s: %(number)s report", "%(currency)s: %(number)s reports", count)
        % {"currency": say_currency(other), "number": f"{count:,}"}
        for other, count in reports.items()
        if count and other != currency
    ]
    if left_out:
        names = pgettext("between conditions", "; ").join(left_out)
        yield _("reports in other currencies, which are not in it: %(names)s") % {"names": names}


def draw_nothing(theme: Theme) -> layers.ChartSpec:
    return {
        "data": {"values": [{"text": _("Nothing matches.")}]},
        "width": USUAL_WIDTH,
        "height": 80,
        "encoding": {},
        "layer": [layers.write_texts("text", color={"value": theme.muted})],
    }
