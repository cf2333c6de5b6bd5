"""Who took part in events: as far as the actor may see it, and who first signed there."""

from datetime import date
from typing import Any

from django.db.models import DateField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from parks.access import select_readable
from projects.models import Project


def mark_first_signings(participations: QuerySet, events: QuerySet) -> QuerySet:
    """Annotate participations with `is_first_signing`: the project signed at no earlier `events`.

    Of a month and a day in it the day comes first, and events without a date come after all
    others; of events of the same day the participation that was entered first counts.
    """
    day = Coalesce("event__held_on_end", Value(date.max), output_field=DateField())
    signings = participations.model.objects.filter(
        role="signed", project=OuterRef("project"), event__in=events
    ).annotate(day=day)
    earlier = Q(day__lt=OuterRef("day")) | Q(day=OuterRef("day"), pk__lt=OuterRef("pk"))
    return participations.annotate(day=day).annotate(
        is_first_signing=Q(role="signed") & ~Exists(signings.filter(earlier))
    )


def keep_visible_projects(participations: QuerySet, actor: Any) -> QuerySet:
    """Select the participations of projects that the actor may see.

    Row by row: to find all projects first that may be seen would take longer than the event has.
    """
    visible = select_readable(Project, actor).filter(pk=OuterRef("project"))
    return participations.filter(Exists(visible))
