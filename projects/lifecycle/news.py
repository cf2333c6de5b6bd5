"""The last news of a project as all are told it: never of a day that is still to come.

What is kept is the end of the period of which something is known: what was reported of this month
is kept with its last day, whenever in the month it was said. Until then it is news of today.
"""

from datetime import date
from typing import Any

from django.db.models import Case, DateField, F, Q, Value, When

from config import history


def find_news_day(news_on: date) -> date:
    """Find the day of the last news, from the end of its period."""
    return min(news_on, history.today())


def show_news(actor: Any) -> Case:
    """Build the SQL of the day of the last news."""
    today = history.today()
    is_to_come = When(news_on__gt=today, then=Value(today))
    return Case(is_to_come, default=F("news_on"), output_field=DateField())


def has_news_from(day: date) -> Q:
    """Select the projects of which the last news is of this day or later."""
    return Q(news_on__gte=day) if day <= history.today() else Q(pk__in=[])


def has_news_to(day: date) -> Q:
    """Select the projects of which the last news is of this day or earlier."""
    return Q(news_on__lte=day) if day < history.today() else Q(news_on__isnull=False)
