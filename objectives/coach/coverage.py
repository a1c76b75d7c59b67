"""Which sides of its work a team's KPIs watch, told from their names (S0: one of each kind).

English word lists of our own; a scorecard on which nothing is recognised is not judged.
"""

from __future__ import annotations

from collections.abc import Iterable

from objectives.coach.reading import read
from objectives.coach.similarity import stem

_KINDS = {
    "growth": (
        *("acquisition", "booking", "conversion", "download", "growth", "installation", "lead"),
        *("pipeline", "reach", "signup", "sign-up", "subscriber", "traffic", "trial", "visit"),
        *("visitor", "won"),
    ),
    "retention": (
        *("attrition", "cancellation", "churn", "churned", "leaver", "loyalty", "renewal"),
        *("repeat", "retained", "retention", "returning", "turnover"),
    ),
    "engagement": (
        *("active", "adoption", "attendance", "dau", "engagement", "mau", "opened"),
        *("participation", "session", "usage", "wau"),
    ),
    "quality": (
        *("accuracy", "complaint", "csat", "defect", "downtime", "error", "failure", "incident"),
        *("latency", "nps", "promoter", "quality", "rating", "recovery", "reliability"),
        *("resolution", "response", "rework", "satisfaction", "sla", "uptime", "wait", "waiting"),
    ),
    "finance": (
        *("arpu", "arr", "budget", "cac", "cash", "cost", "ebitda", "expense", "income", "ltv"),
        *("margin", "mrr", "price", "profit", "revenue", "sale", "spend", "spending"),
    ),
}
KINDS = tuple(_KINDS)
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words}


def covered(names: Iterable[str]) -> tuple[str, ...]:
    """The kinds of KPI that names tell of, in the order of S0; empty when none is recognised."""
    stems = {stem(word) for name in names for word in read(name).words}
    found = {_KIND_OF[word] for word in stems if word in _KIND_OF}
    return tuple([kind for kind in KINDS if kind in found])


def missing(kinds: Iterable[str]) -> tuple[str, ...]:
    """The kinds nobody watches, none while nothing is recognised at all."""
    found = set(kinds)
    return tuple([kind for kind in KINDS if kind not in found]) if found else ()
