"""The words by which offices head their columns, kept in headings.csv beside this module.

Those that a file of ours could have stand with its columns (`headers` of a `Column`), not there.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.reading.csv_files import read_csv
from config.reading.headers import Heading, normalize_header
from config.reading.rows import Limits

_FILE = Path(__file__).with_name("headings.csv")
# Why columns that are well known are no columns of the ledger
REASONS: Mapping[str, str | Promise] = {
    "registered_capital": _("this is the capital of a company, not an amount of the project."),
    "part_of_total": _("this is a part of the total investment, never the whole."),
    "capital_attracted": _("this is the capital brought in, not the total investment."),
    "year_plan": _("this is a plan of one year, not the total investment."),
    "month_missing": _(
        "money that came in or was spent belongs to a month; import it as fundings."
    ),
    "year_of_flows": _(
        "the sum of a year or month is no total up to a month: give that (截至2023年11月累计), or "
        "import it as fundings, month by month."
    ),
    "output": _("output, sales and taxes are no investment."),
    "ratio": _("a ratio or a percentage is no amount."),
    "finance": _("loans, guarantees and funds are no investment in a project."),
    "place": _("it is not said whether this is a region or an address."),
    "of_organisation": _("this is said of the organisation, not of the project."),
    "founded_company": _("a company that was founded for the project is not its investor."),
    "builder": _("who plans, builds or supervises is not an investor."),
    "ambiguous_class": _("such columns mean different things in different offices."),
    "two_dates": _("there are two dates in one cell; divide it into two columns."),
    "duration": _("no date follows from a duration."),
    "counted_on": _("this is when it was counted, not when it happened."),
    "other_scheme": _("only codes of GB/T 4754 are read."),
    "other_system": _("this belongs to the system that the file comes from."),
}


@cache
def read_headings() -> Mapping[str, Heading]:
    """Read every header of headings.csv: what it stands for, by plain header."""
    _names, *rows = read_csv(_FILE.read_bytes(), Limits(), "utf-8").rows
    return {
        normalize_header(heading): Heading(column, basis=basis, refused=REASONS.get(refused, ""))
        for heading, column, basis, refused in (row.cells for row in rows)
    }
