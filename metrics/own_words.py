"""What a KPI says for itself, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from metrics.policies import Own

LABELS = {
    "patience": "off target",
    "window_n": "of the last",
    "recovery": "on target to resolve",
    "grace_days": "grace",
    "settle_days": "settling",
    "near_policy": "near target",
    "missing_policy": "missing",
    "max_gap": "missing a streak survives",
    "stale_after": "missing until stale",
    "reopen_window": "opens again within",
}
_UNSAID = "as its team"


def own_moves(old: Mapping, new: Mapping) -> str:
    """What differs, by the names of `Own`: `off target 3 → 2, grace as its team → 10`.

    K of "K of the last N" stands for the patience. What is in only one of them was not told of.
    """
    old, new = _shown(old), _shown(new)
    parts = [
        f"{label} {_word(old[name])} → {_word(new[name])}"
        for name, label in LABELS.items()
        if name in old and name in new and old[name] != new[name]
    ]
    return ", ".join(parts) or "as before"


def own_said(own: Own) -> str:
    """What a KPI says, without what it leaves to others: `off target 2, of the last 5`."""
    said, default = _shown(own._asdict()), Own()._asdict()
    parts = [
        f"{label} {_word(said[name])}"
        for name, label in LABELS.items()
        if said[name] != default[name]
    ]
    return ", ".join(parts) or "nothing of its own"


def _shown(own: Mapping) -> dict:
    """The settings as people see them."""
    if own.get("window_k") is not None:
        return {**own, "patience": own["window_k"]}
    return dict(own)


def _word(value: int | str | None) -> str:
    return _UNSAID if value in (None, "") else str(value)
