"""A summary as a Vega-Lite spec: which kinds of chart fit it, and what the title says."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.charts import marks
from projects.charts.layers import shortening
from projects.charts.table import OTHER, Summary, Table, clean, is_compared, is_time, read, wrapped
from projects.charts.theme import DARK, LIGHT, Theme, config
from projects.charts.tile_grid import TILES

Spec = dict[str, Any]

LANGUAGES = {"zh": "zh-hans", "en": "en"}
PROJECTS = gettext_lazy("projects")
MOST_ROWS = 500
CUT = ("bars", "columns")  # whose bars may be shortened
TITLE_COLUMNS = 84  # half-width letters in a line of the title's size
SUBTITLE_COLUMNS = 110


class ChartError(ValueError):
    """A picture that cannot be made of what is asked, and the parameter to change.

    `code` is for machines. `fitting` are the kinds of chart that fit, best first.
    """

    def __init__(
        self, parameter: str, code: str, message: str, fitting: tuple[str, ...] = ()
    ) -> None:
        self.parameter = parameter
        self.code = code
        self.message = message
        self.fitting = fitting
        super().__init__(message)


@dataclass(frozen=True)
class Kind:
    """A kind of chart: which summaries it fits, and how it is drawn."""

    title: Any
    fits: Callable[[Summary], bool]
    draw: Callable[[Table, Theme], Spec]


def _fits_bars(summary: Summary) -> bool:
    return len(summary["group_by"]) == 1


def _fits_columns(summary: Summary) -> bool:
    groups = summary["group_by"]
    times = sum(map(is_time, groups))
    if len(groups) == 1:
        return times == 1
    if len(groups) != 2 or times != 1 or is_compared(summary):
        return False  # a part of a column has no room for its change
    (series,) = [name for name in groups if not is_time(name)]
    values = {row[series]["value"] for row in summary["rows"]} - {None, OTHER}
    return len(values) <= len(LIGHT.series)  # more colours cannot be told apart


def _fits_heat(summary: Summary) -> bool:
    return len(summary["group_by"]) == 2


def _fits_funnel(summary: Summary) -> bool:
    values = [row[name]["value"] for name in summary["group_by"] for row in summary["rows"]]
    return list(summary["group_by"]) == ["stage"] and OTHER not in values


def _fits_tiles(summary: Summary) -> bool:
    groups = summary["group_by"]
    if len(groups) != 1 or not groups[0].endswith("_province"):
        return False
    known = {None, OTHER, *TILES}
    return all(row[groups[0]]["value"] in known for row in summary["rows"])


# In the order of preference, where several fit.
KINDS = {
    "columns": Kind(gettext_lazy("columns by time"), _fits_columns, marks.columns),
    "funnel": Kind(gettext_lazy("a funnel of stages"), _fits_funnel, marks.funnel),
    "tiles": Kind(gettext_lazy("province tiles"), _fits_tiles, marks.tiles),
    "heat": Kind(gettext_lazy("a heat table"), _fits_heat, marks.heat),
    "bars": Kind(gettext_lazy("bars"), _fits_bars, marks.bars),
}


def fitting_kinds(summary: Summary) -> tuple[str, ...]:
    """The kinds of chart that fit a summary's shape, best first; none for three dimensions."""
    return tuple(name for name, kind in KINDS.items() if kind.fits(summary))


def default_kind(summary: Summary) -> str:
    """The kind that is drawn when none is asked for; ChartError where no kind fits."""
    fitting = fitting_kinds(summary)
    if not fitting:
        raise ChartError(
            "group_by",
            "no_chart_fits",
            _("A picture shows one or two dimensions; “group_by” names %(count)d.")
            % {"count": len(summary["group_by"])},
        )
    return fitting[0]


def chart_spec(
    summary: Summary,
    *,
    kind: str | None = None,
    language: str = "en",
    dark: bool = False,
    counted: str | Promise = PROJECTS,
) -> Spec:
    """A summary as a Vega-Lite spec, with its first measure drawn.

    `kind` is a key of KINDS, `language` zh or en, `counted` what `count` counts. Raises
    ChartError for a kind that does not fit the summary's dimensions, and for more rows than can
    be told apart.
    """
    if len(summary["rows"]) > MOST_ROWS:
        raise ChartError(
            "top",
            "too_many_rows",
            _("%(rows)d rows are more than a picture can show (%(most)d): ask for top=%(top)d.")
            % {"rows": len(summary["rows"]), "most": MOST_ROWS, "top": _fewer(summary)},
        )
    kind = _chosen(summary, kind)
    theme = DARK if dark else LIGHT
    with translation.override(LANGUAGES[language]):
        table = read(summary, language)
        title = _title(table, kind, counted)
        drawn = KINDS[kind].draw(table, theme) if table.cells else _nothing(theme)
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
            "description": title,
            "title": {
                "text": wrapped(title, TITLE_COLUMNS, 3).split("\n"),
                "subtitle": list(_subtitle(summary, table, kind)),
            },
            "usermeta": {"language": "zh-Hans" if language == "zh" else "en"},
            "config": config(theme),
            **drawn,
        }


def _fewer(summary: Summary) -> int:
    """How many values of the dimension that `top` cuts make a picture that can be drawn."""
    groups = summary["group_by"]
    cut = next((name for name in groups if not is_time(name)), groups[0])
    values = {row[cut]["value"] for row in summary["rows"]}
    return max(1, min(20, len(values) * MOST_ROWS // len(summary["rows"]) - 2))


def _chosen(summary: Summary, kind: str | None) -> str:
    """The kind that is asked for, if it fits; the best one if none is."""
    best = default_kind(summary)
    fitting = fitting_kinds(summary)
    if kind is None or kind in fitting:
        return kind or best
    message = _("“%(kind)s” does not fit these dimensions; what fits is: %(kinds)s.") % {
        "kind": kind,
        "kinds": ", ".join(fitting),
    }
    raise ChartError("chart", "does_not_fit", message, fitting)


def _title(table: Table, kind: str, counted: str | Promise) -> str:
    """What is shown: the measure and its dimensions."""
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


def _subtitle(summary: Summary, table: Table, kind: str) -> Iterator[str]:
    """Unit and date, the total with what is missing from it, and what selected the projects."""
    if summary["as_of"]:
        dated = _("as recorded on %(day)s") % {"day": _moment(summary["as_of"])}
    else:
        dated = _("as of %(day)s") % {"day": summary["generated_on"]}
    unit = [_("unit: %(unit)s") % {"unit": table.unit.name}] if table.unit.name else []
    yield " · ".join([*unit, dated, *_total(summary["total"], table)])
    notes = []
    if table.is_compared:
        notes.append(_("with the change on the year before"))
    if kind in CUT and (shorter := shortening(table)):
        names = ", ".join(value.label for value in shorter)
        notes.append(_("shortened, not to scale: %(names)s") % {"names": names})
    if notes:
        yield " · ".join(notes)
    given = [f"{name}={clean(said['given'])}" for name, said in summary["filters"].items()]
    if given:
        selected = _("selected by %(filters)s") % {"filters": ", ".join(given)}
        yield from wrapped(selected, SUBTITLE_COLUMNS, 3).split("\n")


def _moment(text: str) -> str:
    """A day, or a time of the ledger's time zone; the last minute of a day is the day."""
    moment = datetime.fromisoformat(text)
    if timezone.is_naive(moment):
        return text
    local = timezone.localtime(moment)
    return f"{local:%Y-%m-%d}" if f"{local:%H:%M}" == "23:59" else f"{local:%Y-%m-%d %H:%M}"


def _total(total: Mapping[str, Any], table: Table) -> Iterator[str]:
    name = table.measure.name
    if table.measure.kind != "percent" and total.get(name) is not None:
        yield _("total %(amount)s") % {"amount": table.unit.named(total[name])}
    if missing := total.get("amounts", {}).get(name, {}).get("missing"):
        yield _("no amount for %(missing)s of %(count)s projects") % {
            "missing": f"{missing:,}",
            "count": f"{total['count']:,}",
        }


def _nothing(theme: Theme) -> Spec:
    """What is drawn where no row is."""
    return {
        "data": {"values": [{"text": _("Nothing matches.")}]},
        "width": marks.PLOT_WIDTH,
        "height": 80,
        "mark": {"type": "text", "color": theme.muted, "fontSize": 15},
        "encoding": {"text": {"field": "text"}},
    }
