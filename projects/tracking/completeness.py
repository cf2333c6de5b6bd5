"""What is not known of a project and should be: five things, each of which can be asked for."""

from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Least
from django.utils.translation import gettext_lazy as _

# What can be missing, and the column that is empty then
MISSING = {
    "amount": "investment_cny",
    "origin": "origin",
    "sector": "sector",
    "source": "source",
    "date": "stage_on",
}


class Completeness(models.TextChoices):
    """How many of amount, origin, sector, source and date are not known."""

    COMPLETE = "complete", _("complete")
    LACKS_ONE = "lacks_one", _("lacks one")
    LACKS_TWO = "lacks_two", _("lacks two")
    LACKS_MORE = "lacks_more", _("lacks three or more")


WORDS = list(Completeness)


def is_missing(name: str, project: str = "") -> Q:
    """Select the rows of whose project, at the end of this path, one of MISSING is not known."""
    return Q(**{f"{project}{MISSING[name]}__isnull": True})


def count_missing(project: str = "") -> Least:
    """Build the SQL of the place in WORDS of a project, for the path from the rows to it."""
    lacking = [
        Case(When(is_missing(name, project), then=Value(1)), default=Value(0)) for name in MISSING
    ]
    return Least(sum(lacking[1:], start=lacking[0]), Value(len(WORDS) - 1))
