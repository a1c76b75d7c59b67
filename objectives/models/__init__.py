"""Objectives with their key results and check-ins. The rules of every number: product.md 2."""

from objectives.models.check_ins import CheckIn, Thanks
from objectives.models.coaching import RuleSetting
from objectives.models.cycles import Cycle, CycleEvent
from objectives.models.goals import Objective, ObjectiveEvent
from objectives.models.key_results import Checkpoint, KeyResult, Milestone, Revision
from objectives.models.lessons import LessonShown
from objectives.models.pilots import Pilot, PilotTeam
from objectives.models.week import WeekItem, WeekVisit
from objectives.models.work import Blocker, Dependency, Initiative

__all__ = [
    "Blocker",
    "CheckIn",
    "Checkpoint",
    "Cycle",
    "CycleEvent",
    "Dependency",
    "Initiative",
    "KeyResult",
    "LessonShown",
    "Milestone",
    "Objective",
    "ObjectiveEvent",
    "Pilot",
    "PilotTeam",
    "Revision",
    "RuleSetting",
    "Thanks",
    "WeekItem",
    "WeekVisit",
]
