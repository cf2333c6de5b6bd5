"""The models of what is signed or intended."""

from projects.models.distinct import DistinctPair, find_distinct, keep_distinct
from projects.models.events import EventFigure, Participation, SigningEvent, role_at
from projects.models.fundings import Funding
from projects.models.money import ProjectFigure, record_investment
from projects.models.naming import NameKey, build_name_keys, loosen
from projects.models.projects import NO_REASON, Project
from projects.models.rows import SECOND_LEAD, Investor, Milestone, check_leads, check_shares

__all__ = [
    "NO_REASON",
    "SECOND_LEAD",
    "DistinctPair",
    "EventFigure",
    "Funding",
    "Investor",
    "Milestone",
    "NameKey",
    "Participation",
    "Project",
    "ProjectFigure",
    "SigningEvent",
    "build_name_keys",
    "check_leads",
    "check_shares",
    "find_distinct",
    "keep_distinct",
    "loosen",
    "record_investment",
    "role_at",
]
