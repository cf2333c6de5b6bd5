"""The question of a summary, read from its parameters, and every mistake in them."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from api.readers import describe_unknown_word, read_whole_parameter
from config.mistakes import Mistake
from projects.dimensions.dimensions import DIMENSIONS, FUNDING_DIMENSIONS, period_of
from projects.dimensions.groupings import USUAL_EDGES, Dimension
from projects.summaries.measures import FUNDING_MEASURES, MEASURES, Measure
from sheets.amounts import AmountError, DefaultUnit, Qualifier, parse_cny

QUESTION_PARAMETERS = (
    *("group_by", "measures", "bands", "band_unit", "order", "top", "compare", "cumulative"),
)
MOST_GROUPINGS = 3
MOST_BANDS = 20
MOST_TOP = 100
BAND_UNITS: dict[str, DefaultUnit] = {"yuan": "yuan", "wan": "wan", "yi": "yi"}
USUAL_BAND_UNIT = "yi"
OF_WHOLE_YEARS = {"planned_cny", "completion_percent"}
COMPARISONS = ("previous_year",)


@dataclass(frozen=True)
class SummaryQuestion:
    """The question of a summary.

    `bands` are the bounds of size bands in yuan, the smallest first. `order` is a measure or a
    dimension, with a minus for the largest first; `top` keeps so many values of the first
    dimension. `compare` and `cumulative` need exactly one dimension of time.
    """

    group_by: tuple[str, ...] = ()
    measures: tuple[str, ...] = ("count", "investment_cny")
    bands: tuple[int, ...] = USUAL_EDGES
    order: str = ""
    top: int | None = None
    compare: str = ""
    cumulative: bool = False


@dataclass(frozen=True)
class SummaryVocabulary:
    """The dimensions and measures of one kind of rows, and the usual measures."""

    dimensions: Mapping[str, Dimension]
    measures: Mapping[str, Measure]
    usual: tuple[str, ...]
    has_agreements: bool = True  # whether each count is split by what was signed

    def find_periods(self, group_by: Collection[str]) -> list[str]:
        return [name for name in group_by if period_of(self.dimensions[name])]


PROJECT_VOCABULARY = SummaryVocabulary(DIMENSIONS, MEASURES, ("count", "investment_cny"))
FUNDING_VOCABULARY = SummaryVocabulary(
    {**FUNDING_DIMENSIONS, **DIMENSIONS}, FUNDING_MEASURES, ("count", "amount_cny"), False
)


class QuestionParser:
    """Reads the question of a query string; `errors` are the mistakes in it.

    With errors, the question is what could be read.
    """

    def __init__(self, query: Mapping[str, str], vocabulary: SummaryVocabulary) -> None:
        self.query = query
        self.vocabulary = vocabulary
        self.errors: list[Mistake] = []
        self.question = self.read()

    def read(self) -> SummaryQuestion:
        group_by = self.read_names("group_by", self.vocabulary.dimensions)
        if len(group_by) > MOST_GROUPINGS:
            message = _("A summary can be grouped by at most three dimensions.")
            self.report("group_by", "too_many_values", message, [*self.vocabulary.dimensions])
        measures = self.read_names("measures", self.vocabulary.measures) or self.vocabulary.usual
        if "count_at_least" in measures and "size_band" not in group_by:
            message = _("“count_at_least” is counted for size bands: group by “size_band”.")
            self.report("measures", "needs_size_band", message)
        parts = [name for name in ("funding_quarter", "funding_month") if name in group_by]
        if parts and not OF_WHOLE_YEARS.isdisjoint(measures):
            message = _("Plans are of whole years: group by “funding_year”, not by “%(name)s”.")
            self.report("group_by", "needs_years", message % {"name": parts[0]}, ["funding_year"])
        return SummaryQuestion(
            group_by=group_by,
            measures=measures,
            bands=self.read_bands(group_by),
            order=self.read_order(group_by, measures),
            top=self.read_top(group_by),
            compare=self.read_compare(group_by),
            cumulative=self.read_cumulative(group_by),
        )

    def report(
        self, parameter: str, code: str, detail: str, allowed: Collection[str] | None = None
    ) -> None:
        candidates = None if allowed is None else [*allowed]
        self.errors.append(Mistake(code, detail, None, candidates).at(parameter=parameter))

    def report_unknown(self, parameter: str, word: str, allowed: Collection[str]) -> None:
        self.errors.append(describe_unknown_word(parameter, word, allowed, allowed))

    def read_names(self, parameter: str, allowed: Mapping[str, Any]) -> tuple[str, ...]:
        """Read the names between the commas of a parameter, each once."""
        text = self.query.get(parameter)
        names = [name.strip() for name in text.split(",")] if text else []
        for name in names:
            if name not in allowed:
                self.report_unknown(parameter, name, allowed)
        if len(set(names)) < len(names):
            message = _("A name is given twice in “%(parameter)s”.") % {"parameter": parameter}
            self.report(parameter, "repeated_value", message)
        return tuple(name for name in dict.fromkeys(names) if name in allowed)

    def read_bands(self, group_by: Collection[str]) -> tuple[int, ...]:
        """Read the bounds, in yuan, in ascending order."""
        for name in ("bands", "band_unit"):
            if name in self.query and "size_band" not in group_by:
                message = _("“%(name)s” is for size bands: group by “size_band”.") % {"name": name}
                self.report(name, "needs_size_band", message)
        unit = self.query.get("band_unit", USUAL_BAND_UNIT)
        if unit not in BAND_UNITS:
            self.report_unknown("band_unit", unit, BAND_UNITS)
            return USUAL_EDGES
        if "bands" not in self.query:
            return USUAL_EDGES
        bounds = list(self.read_bounds(self.query["bands"].split(","), BAND_UNITS[unit]))
        if len(bounds) > MOST_BANDS:
            message = _("There can be at most %(count)d bounds.") % {"count": MOST_BANDS}
            self.report("bands", "too_many_values", message)
        if bounds != sorted(set(bounds)):
            message = _("The bounds of bands must ascend, each larger than the one before.")
            self.report("bands", "invalid", message)
        return tuple(bounds)

    def read_bounds(self, texts: Collection[str], unit: DefaultUnit) -> Iterator[int]:
        for text in texts:
            try:
                yuan, qualifier = parse_cny(text.strip(), default_unit=unit)
                if qualifier != Qualifier.EXACT:
                    raise AmountError("qualified", text)
            except AmountError as error:
                self.report("bands", "invalid", str(error.message))
                continue
            if yuan:
                yield yuan
            else:
                message = _("The first band begins at 0: all bounds must be above it.")
                self.report("bands", "out_of_range", message)

    def read_order(self, group_by: Collection[str], measures: Collection[str]) -> str:
        text = self.query.get("order", "")
        allowed = [*group_by, *measures]
        if text and text.removeprefix("-") not in allowed:
            self.report_unknown("order", text.removeprefix("-"), allowed)
        return text

    def read_top(self, group_by: Collection[str]) -> int | None:
        if "top" not in self.query:
            return None
        if len(self.vocabulary.find_periods(group_by)) == len(group_by):
            message = _("“top” needs a dimension that is not of time.")
            self.report("top", "needs_group", message)
        top, wrong = read_whole_parameter(self.query, "top", None, 1, MOST_TOP)
        self.errors += wrong
        return top

    def read_compare(self, group_by: Collection[str]) -> str:
        word = self.query.get("compare", "")
        if word and word not in COMPARISONS:
            self.report_unknown("compare", word, COMPARISONS)
        elif word:
            self.need_one_period("compare", group_by)
        return word

    def read_cumulative(self, group_by: Collection[str]) -> bool:
        word = self.query.get("cumulative", "false")
        if word not in ("true", "false"):
            self.report_unknown("cumulative", word, ["true", "false"])
        elif word == "true":
            self.need_one_period("cumulative", group_by)
        return word == "true"

    def need_one_period(self, parameter: str, group_by: Collection[str]) -> None:
        if len(self.vocabulary.find_periods(group_by)) != 1:
            allowed = self.vocabulary.find_periods(self.vocabulary.dimensions)
            message = _("“%(parameter)s” needs one dimension of time, and one only.")
            self.report(parameter, "needs_period", message % {"parameter": parameter}, allowed)
