"""What happened to an objective and its key results, in the words of its history."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from django.db.models import Q

from metrics.wording import NBSP, number
from objectives.kinds import KeyResultKind, Reported
from objectives.models import KeyResult, ObjectiveEvent
from objectives.pages.rows import value_words

# (tone of the dot, title) of each kind of event.
TITLES = {
    "drafted": ("ink", "Drafted"),
    "edited": ("ink", "Draft edited"),
    "published": ("okr", "Published"),
    "withdrawn": ("idle", "Withdrawn"),
    "restored": ("okr", "Brought back"),
    "child_aligned": ("ink", "Aligned to it"),
    "checked_in": ("ink", "Check-in"),
    "check_in_corrected": ("ink", "Check-in corrected"),
    "check_in_taken_back": ("idle", "Check-in taken back"),
    "key_result_revised": ("okr", "Key result revised"),
    "key_result_withdrawn": ("idle", "Key result withdrawn"),
    "key_result_restored": ("okr", "Key result brought back"),
    "milestone_done": ("ink", "Step done"),
    "milestone_reopened": ("idle", "Step reopened"),
    "initiative_added": ("ink", "Initiative added"),
    "initiative_edited": ("ink", "Initiative changed"),
    "initiative_done": ("ink", "Initiative done"),
    "initiative_reopened": ("idle", "Initiative reopened"),
    "initiative_deleted": ("idle", "Initiative deleted"),
    "initiative_restored": ("ink", "Initiative brought back"),
    "blocker_added": ("near", "Blocker"),
    "blocker_edited": ("ink", "Blocker changed"),
    "blocker_resolved": ("on", "Blocker resolved"),
    "blocker_reopened": ("near", "Blocker back"),
    "blocker_deleted": ("idle", "Blocker deleted"),
    "blocker_restored": ("near", "Blocker brought back"),
    "closed": ("okr", "Closed"),
    "cycle_moved": ("ink", "Dates of its cycle moved"),
    "kept_against_advice": ("near", "Kept against advice"),
    "made_a_kpi": ("okr", "Made a KPI"),
}
_NAMES = {"low": "at least", "high": "at most", "baseline": "start"}
_CHECK_INS = frozenset({"checked_in", "check_in_corrected", "check_in_taken_back"})


def title_of(row: ObjectiveEvent) -> tuple[str, str]:
    """(tone, title) of an event; an unknown kind by its own name."""
    return TITLES.get(row.type, ("ink", row.type.replace("_", " ").capitalize()))


def text_of(row: ObjectiveEvent) -> str:
    """Old and new where there are both: `NPS rises: 41 → 45, confidence 7 → 6`."""
    said = ""
    if row.type in _CHECK_INS:
        said = _check_in(row)
    elif row.type == "key_result_revised":
        said = ", ".join(differences_of(row.before, row.after))
    elif row.type == "closed" and row.after.get("grade"):
        return f"with grade {row.after['grade']}"
    elif row.type.startswith(("initiative", "blocker", "milestone")):
        return row.after.get("title") or row.after.get("what") or ""
    elif row.type == "kept_against_advice":
        return f"{row.after.get('code', '')}, {row.after.get('text', '')}"
    elif row.type == "made_a_kpi":
        return str(row.after.get("key_result", ""))
    title = row.key_result.title if row.key_result else ""
    return f"{title}: {said}" if title and said else title or said


class Meanwhile(NamedTuple):
    """What somebody else did to a key result while a form was open: who, what, and their note."""

    is_check_in: bool
    who: str
    what: str
    note: str


def meanwhile(key_result: KeyResult) -> Meanwhile:
    """The last change of a key result. Work on it has versions of its own and is no change here."""
    events = key_result.objective.events.filter(key_result=key_result).exclude(
        Q(type__startswith="initiative") | Q(type__startswith="blocker")
    )
    row = events.select_related("actor").order_by("-at", "-pk").first()
    if row is None:
        return Meanwhile(is_check_in=False, who="somebody", what="another change", note="")
    row.key_result = key_result
    who = str(row.actor or "okrkpi")
    if row.type in ("checked_in", "check_in_corrected"):
        value = row.after.get("value")
        words = [value_words(Decimal(value), key_result)] if value is not None else []
        words.append(f"confidence{NBSP}{row.after.get('confidence')}/10")
        return Meanwhile(is_check_in=True, who=who, what=", ".join(words), note=row.reason)
    is_said = row.type in _CHECK_INS
    text = _check_in(row) if is_said else ", ".join(differences_of(row.before, row.after))
    what = f"{title_of(row)[1].lower()} {text}".rstrip()
    return Meanwhile(is_check_in=False, who=who, what=what, note=row.reason)


def _check_in(row: ObjectiveEvent) -> str:
    unit = row.key_result.unit if row.key_result else ""
    known = row.after.get("value") or row.before.get("value")
    parts = [f"{_moved(row, 'value')} {unit}".strip() if known else ""]
    parts.append(f"confidence {_moved(row, 'confidence')}")
    if said := row.after.get("reported"):
        parts.append(f"reported {Reported(said).label.lower()}")
    return ", ".join(part for part in parts if part)


def differences_of(before: dict, after: dict) -> list[str]:
    """`target 52 → 60`, one for each thing that differs."""
    return [
        f"{_NAMES.get(name, name)} {_said(before[name])} → {_said(new)}"
        for name, new in after.items()
        if name in before and before[name] != new
    ]


def _moved(row: ObjectiveEvent, name: str) -> str:
    old, new = row.before.get(name), row.after.get(name)
    is_choice = row.key_result is not None and row.key_result.kind == KeyResultKind.YES_NO
    said = _choice if is_choice and name == "value" else _said
    return said(new) if old is None or old == new else f"{said(old)} → {said(new)}"


def _choice(value: object) -> str:
    choice = KeyResult(kind=KeyResultKind.YES_NO)
    return value_words(None if value is None else Decimal(str(value)), choice).lower()


def _said(value: object) -> str:
    """A kept number for people; words as they are."""
    if value is None:
        return "–"
    try:
        return number(Decimal(str(value)))
    except InvalidOperation:
        return str(value) or "–"
