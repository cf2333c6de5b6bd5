"""How to say what fields would say that cannot be set: what is derived, and what others call so."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects.lifecycle.words import FROM_MILESTONES, FROM_PROGRESS

_BY_MILESTONES = _(
    "It follows from the milestones: give all in the list “milestones”, or POST one to "
    "/projects/{code}/milestones."
)
_IN_TOTALS = _(
    "It follows from the milestones, “standing”, “is_umbrella”, “duplicate_of” and “part_of”, and "
    "from whether what it is a part of counts."
)
_BY_NOTES = _("It is what the newest note says: POST a new one to /projects/{code}/progress.")
_ROWS = _("These are rows of their own: POST each to its list below the project.")

PROJECT_REMEDIES: Mapping[str, Promise] = {
    **dict.fromkeys(FROM_MILESTONES, _BY_MILESTONES),
    **dict.fromkeys((*FROM_PROGRESS, "progress"), _BY_NOTES),
    "status": _(
        "How far a project is, its “stage”, follows from the milestones; whether it goes on is its "
        "“standing”."
    ),
    "hitech": _("It follows from “sector”."),
    "origin_scope": _("It follows from “origin” and from where the project stands."),
    "capital_type": _("It follows from the investors; say another in “capital_type_stated”."),
    "paid_in_cny": _("It is the sum of the flows: POST each to /projects/{code}/fundings."),
    **dict.fromkeys(("counts_in_totals", "counted_in_totals", "totals_exclusion"), _IN_TOTALS),
    **dict.fromkeys(
        ("news_on", "last_news_on"),
        _("It follows from milestones, flows and “reported_on”."),
    ),
    "next_planned_on": _("It follows from the scheduled milestones: see “milestones”."),
    "is_stale": _("It follows from what was last heard, and what is planned."),
    **dict.fromkeys(("participations", "fundings"), _ROWS),
    "warnings": _("They follow from the milestones."),
}
FUNDING_REMEDIES: Mapping[str, Promise] = {
    "amount_cny": _("It follows from “reported_cny”, with “is_cumulative” from the months before."),
    "amount_value": _(
        "It follows from “reported_value”, with “is_cumulative” from the months before."
    ),
}
MILESTONE_REMEDIES: Mapping[str, Promise] = {
    **dict.fromkeys(
        ("stage", "date", "on"),
        _("A step is of a “type”; “planned_on” and “actual_on” are its dates."),
    ),
}
EVENT_REMEDIES: Mapping[str, Promise] = {
    "figures": _("These are rows of their own: POST each to /events/{code}/figures."),
    "participations": _(
        "These are rows of projects: POST each to /projects/{code}/participations."
    ),
}
# What others call the fields of projects
OTHER_NAMES: Mapping[str, str] = {
    "amount": "investment_cny",
    "total": "investment_cny",
    "investment": "investment_cny",
    "total_investment": "investment_cny",
    "industry": "sector",
    "region": "origin",
    "area": "land_mu",
    "state": "standing",
}
