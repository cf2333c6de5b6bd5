"""The models of what is signed or intended."""

from projects.models.editions import Edition
from projects.models.events import EventFigure, Participation, SigningEvent, role_at
from projects.models.fundings import Funding
from projects.models.lights import Light, LightExcuse, LightRule, RuleKind
from projects.models.money import ProjectFigure
from projects.models.naming import NameKey, are_alike, build_name_keys, list_wholes, loosen
from projects.models.papers import PaperTemplate
from projects.models.progress import Assignment, Obstacle, ProgressNote, Return, YearPlan
from projects.models.projects import NO_REASON, DistinctPair, Project, ProjectSpelling
from projects.models.rows import (
    PROMISED_STEP,
    SAID_BY_A_MILESTONE,
    SECOND_LEAD,
    Investor,
    Milestone,
    PlanMove,
    ProjectTag,
    check_leads,
    check_shares,
)
from projects.models.targets import Target, TargetMeasure
