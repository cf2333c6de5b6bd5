"""The models of what is signed or intended."""

from projects.models.events import EventFigure, Participation, SigningEvent
from projects.models.fundings import Funding
from projects.models.money import ProjectFigure, record_investment
from projects.models.projects import Project
from projects.models.rows import Investor, Milestone, check_shares

__all__ = [
    "EventFigure",
    "Funding",
    "Investor",
    "Milestone",
    "Participation",
    "Project",
    "ProjectFigure",
    "SigningEvent",
    "check_shares",
    "record_investment",
]
