"""Finds changes of what numbers depend on that leave no event in the audit record.

Every statement a test sends is looked at. One that changed a watched table from inside the app must
be followed by an INSERT into the record in the same piece of the app's work: the same request, or
the same call of an action. What tests and the demo write for themselves is not looked at.
"""

import re
import sys
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
RECORD = "teams_auditevent"
WATCHED = {
    "teams": ("Organisation", "User", "Team", "Membership", "Invitation", "ChatHook",
              "CalendarFeed"),
    "metrics": ("Kpi", "Cadence", "CadenceChange", "Policy", "KpiPolicy", "Source", "Target",
                "Measurement", "MeasurementRevision", "Exclusion", "Signal", "Treatment"),
    "objectives": ("Cycle", "Objective", "KeyResult", "CheckIn", "Checkpoint", "Milestone",
                   "Revision", "Dependency", "Initiative", "Blocker", "RuleSetting", "Pilot",
                   "PilotTeam"),
    "reviews": ("Review", "GivenGrade", "ObjectiveDecision", "Learning", "ReviewAction", "Outcome",
                "ScorecardLink", "Conversation"),
}  # fmt: skip
# Tables no number depends on, with what they are instead.
FREE_TABLES = {
    "teams": {
        "AuditEvent": "the record itself",
        "AuditSeal": "the record itself",
        "JobRun": "what jobs did",
        "JobFailure": "what jobs did",
        "Heartbeat": "what jobs did",
        "OutboxMessage": "messages",
        "InboxItem": "messages",
        "InboxAbout": "messages",
        "MessageSettings": "messages",
        "User_groups": "of Django's admin site, not in use",
        "User_user_permissions": "of Django's admin site, not in use",
    },
    "metrics": {
        "ImportBatch": "an upload under way; what it writes is watched",
        "KpiEvent": "a history",
        "SignalEvent": "a history",
        "KpiState": "derived by the evaluation",
    },
    "objectives": {
        "CycleEvent": "a history",
        "ObjectiveEvent": "a history",
        "Thanks": "a message",
        "WeekItem": "one's own plans",
        "WeekVisit": "one's own plans",
        "LessonShown": "one's own lessons",
    },
    "reviews": {
        "ConversationNote": "of two people alone; that they talk is recorded, not what they say",
        "SavedView": "one's own filters: they open nothing, and nothing is counted by them",
    },
}
# Columns no number depends on: who looked in last, how a page is drawn, what a lock counts.
FREE = {
    "last_login", "password", "theme", "version", "transitions", "position", "next_due_on",
    "latest_id", "next_on", "demo_loaded_at", "first_steps_closed_at", "has_lessons",
    "settings_confirmed_at",
}  # fmt: skip
# The app's own work; what only derives from values, or sets up a story, is not a change by anybody.
# Signing in writes passwords and the day of it, with all the columns that it leaves as they are.
APPS = tuple(f"{ROOT}/{name}/" for name in ("teams", "metrics", "objectives", "reviews", "okrkpi"))
DERIVED = (
    f"{ROOT}/metrics/evaluation/",
    f"{ROOT}/reviews/demo",
    f"{ROOT}/tests/factories.py",
)
SAVEPOINT = re.compile(r"^(SAVEPOINT|ROLLBACK TO SAVEPOINT) (\S+)")
STATEMENT = re.compile(r'^(INSERT INTO|UPDATE|DELETE FROM|COPY) "?(\w+)"?', re.IGNORECASE)
COLUMN = re.compile(r'"(\w+)" = ')


def watched_tables() -> dict[str, str]:
    """Table to model, of every watched model."""
    return {
        apps.get_model(app, name)._meta.db_table: name
        for app, names in WATCHED.items()
        for name in names
    }


class Watch:
    """An execute wrapper; `missing()` says what changed without a record."""

    def __init__(self) -> None:
        self.tables = watched_tables()
        self.open: dict[int, tuple[object, str]] = {}
        self.told: dict[int, object] = {}
        self.savepoints: dict[str, tuple[dict, dict]] = {}

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if point := SAVEPOINT.match(sql):
            self._mark(*point.groups())
        found = STATEMENT.match(sql)
        if found is None:
            return result
        table = found[2]
        if table == RECORD:
            work = _work()
            if work is not None:
                self.told[id(work)] = work
                self.open.pop(id(work), None)
        elif table in self.tables and context["cursor"].rowcount != 0 and _counts(found[1], sql):
            work = _work()
            if work is not None and id(work) not in self.told:
                self.open[id(work)] = (
                    work,
                    f"{sql[:160]} in {work.f_code.co_filename}:{work.f_code.co_name}",
                )
        return result

    def _mark(self, verb: str, name: str) -> None:
        """What is taken back has neither happened nor been told."""
        if verb == "SAVEPOINT":
            self.savepoints[name] = dict(self.open), dict(self.told)
        elif name in self.savepoints:
            self.open, self.told = map(dict, self.savepoints[name])

    def missing(self) -> list[str]:
        return [said for _, said in self.open.values()]


def _counts(verb: str, sql: str) -> bool:
    """Whether the statement changes more than free columns."""
    if verb.upper() != "UPDATE":
        return True
    head = sql.split(" WHERE ")[0]
    return not set(COLUMN.findall(head)) <= FREE


def _work():
    """The outermost frame of the app's work; None where it is not the app's."""
    frame, outermost = sys._getframe(2), None
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(DERIVED) or "/allauth/" in name or "/migrations/" in name:
            return None
        if name.startswith(APPS):
            outermost = frame
        frame = frame.f_back
    return outermost
