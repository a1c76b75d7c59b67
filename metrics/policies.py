"""When values are due and when a KPI asks for an answer: whose terms are in force on a day.

product.md 2.9 and 2.11. Pure: no database, no clock. An organisation's cadence has preset terms; an
administrator replaces them from a day on, for everybody or for one team. The nearest wins: what the
KPI itself says, else its team's terms, else the organisation's, else the preset. Terms are a whole
set: a team that has its own follows none of the organisation's until they are ended.

`Cadence.policies` keeps all entries of a cadence as text, so that whoever has loaded the cadence
knows them; `read` parses it, `write` makes it::

    terms = in_force(read(cadence.policies), preset, team_id, day)
    settings = settings_over_time(history(read(text), preset, team_id), own_history(first, own))

What a KPI says itself is dated too: `first` from the beginning on, and later in `Kpi.policies`, the
text that `read_own` parses and `write_own` makes. It is not a whole set: what the KPI leaves unsaid
is as the terms of that day say, so a KPI that says nothing any more follows its team again.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple, TypeVar

from metrics.episodes import HOLD, Settings
from metrics.judging import Rule, Target, Targets
from metrics.values import EXACT

EVER = date.min
TEAM, ORGANISATION, PRESET = "team", "organisation", "preset"
_NUMBERS = ("tolerance_pct", "fast_pct")
_T = TypeVar("_T")


class Terms(NamedTuple):
    """One set of terms of a cadence.

    A value is due `due_days` after its period's last day, by `due_hour` local time, and counts as
    missing `grace_days` after that; for `settle_days` after the period (at most both together) it
    may still change before it is judged. `patience` off-target periods raise a signal: in a row,
    or among the last `window_n` (None: in a row); `recovery` on-target ones resolve it.
    `tolerance_pct` is the near band of targets that state none, `fast_pct` with `fast_patience`
    their fast lane, both in per cent of the target. An answer is asked for within `answer_days`
    (None: 7 for weekly and faster, else 21). On public holidays of `country` ("" none) and on
    `days_off` nobody is reminded. `time_zone` is whose clock the due hour goes by ("" that of the
    organisation); days begin and end by the organisation's.
    """

    grace_days: int = 0
    settle_days: int = 0
    patience: int = 3
    recovery: int = 2
    due_days: int = 0
    due_hour: int = 17
    window_n: int | None = None
    near_policy: str = HOLD
    missing_policy: str = HOLD
    tolerance_pct: Decimal | None = None
    fast_pct: Decimal | None = None
    fast_patience: int | None = None
    answer_days: int | None = None
    country: str = ""
    days_off: tuple[date, ...] = ()
    time_zone: str = ""

    @property
    def wait_days(self) -> int:
        """Days after a period's last one until a value that has not come counts as missing."""
        return self.due_days + self.grace_days


class Entry(NamedTuple):
    """Terms from a day on: of one team, or of everybody (`team_id` None). `terms` None: the team
    follows the organisation again."""

    effective: date
    team_id: int | None
    terms: Terms | None


class Own(NamedTuple):
    """What a KPI says for itself; None or "" is as its cadence says.

    `grace_days` are all days until a value counts as missing, the due day's among them. `window_k`
    of the last `window_n` periods off target replace the patience; both or none are given.
    """

    patience: int | None = None
    recovery: int | None = None
    grace_days: int | None = None
    settle_days: int | None = None
    near_policy: str = ""
    missing_policy: str = ""
    max_gap: int = 1
    stale_after: int = 2
    reopen_window: int | None = None
    window_k: int | None = None
    window_n: int | None = None


# -- text ---------------------------------------------------------------------------------------


def write(entries: Iterable[Entry]) -> str:
    """The entries as `Cadence.policies` keeps them; "" for none."""
    rows = [
        [one.effective.isoformat(), one.team_id, one.terms and _plain(one.terms)] for one in entries
    ]
    return json.dumps(rows, separators=(",", ":")) if rows else ""


def _plain(terms: Terms) -> dict:
    """The terms that are not as a new set has them, in the words of JSON."""
    default = Terms()
    return {
        name: [day.isoformat() for day in value]
        if name == "days_off"
        else str(value)
        if isinstance(value, Decimal)
        else value
        for name, value in terms._asdict().items()
        if value != getattr(default, name)
    }


@lru_cache(maxsize=1024)
def read(text: str) -> tuple[Entry, ...]:
    """The entries of a cadence, by day."""
    if not text:
        return ()
    return tuple(
        Entry(date.fromisoformat(day), team_id, None if plain is None else _terms(plain))
        for day, team_id, plain in json.loads(text)
    )


def write_own(entries: Iterable[tuple[date, Own]]) -> str:
    """What a KPI says from later days on, as `Kpi.policies` keeps it; "" for nothing."""
    default = Own()._asdict()
    rows = [
        [
            day.isoformat(),
            {name: said for name, said in own._asdict().items() if said != default[name]},
        ]
        for day, own in entries
    ]
    return json.dumps(rows, separators=(",", ":")) if rows else ""


@lru_cache(maxsize=1024)
def read_own(text: str) -> tuple[tuple[date, Own], ...]:
    """What a KPI says from later days on, in the order it was written."""
    if not text:
        return ()
    return tuple((date.fromisoformat(day), Own(**plain)) for day, plain in json.loads(text))


def _terms(plain: dict) -> Terms:
    for name in _NUMBERS:
        if name in plain:
            plain[name] = Decimal(plain[name])
    days = tuple(date.fromisoformat(day) for day in plain.pop("days_off", ()))
    return Terms(**plain, days_off=days)


# -- whose terms are in force -------------------------------------------------------------------


@lru_cache(maxsize=4096)
def history(
    entries: tuple[Entry, ...], preset: Terms, team_id: int | None
) -> tuple[tuple[date, Terms], ...]:
    """The terms of a team over time: each with the day it begins, the first with `EVER`.

    `team_id` None: the organisation's own. Entries of one day and scope: the last counts.
    """
    found = [(EVER, preset)]
    days = sorted({one.effective for one in entries if one.team_id in (None, team_id)})
    for day in days:
        known = [one for one in entries if one.effective <= day]
        of_team = _latest(known, team_id) if team_id is not None else None
        of_all = _latest(known, None)
        terms = of_team or of_all or preset
        if day == EVER:
            found = [(EVER, terms)]
        elif terms != found[-1][1]:
            found.append((day, terms))
    return tuple(found)


def _latest(entries: Sequence[Entry], team_id: int | None) -> Terms | None:
    own = [one for one in entries if one.team_id == team_id]
    # `max` would take the first of one day.
    return sorted(own, key=lambda one: one.effective)[-1].terms if own else None


def in_force(entries: tuple[Entry, ...], preset: Terms, team_id: int | None, day: date) -> Terms:
    """The terms of a team (None: of the organisation) for a period that starts on `day`."""
    return _at(history(entries, preset, team_id), day)


def _at(known: Sequence[tuple[date, _T]], day: date) -> _T:
    """What holds on a day, of stretches by the day each begins, the first with `EVER`."""
    return known[bisect_right(known, day, key=lambda one: one[0]) - 1][1]


def set_by(entries: tuple[Entry, ...], team_id: int | None, day: date) -> str:
    """Whose the terms in force on a day are: `TEAM`, `ORGANISATION` or `PRESET`."""
    known = [one for one in entries if one.effective <= day]
    if team_id is not None and _latest(known, team_id):
        return TEAM
    return ORGANISATION if _latest(known, None) else PRESET


def next_day(entries: tuple[Entry, ...], team_id: int | None, day: date) -> date | None:
    """From when on a team (None: the organisation) has said something later than on a day."""
    days = [one.effective for one in entries if one.team_id == team_id and one.effective > day]
    return min(days, default=None)


def as_if_ever(entries: tuple[Entry, ...], team_id: int | None, terms: Terms) -> tuple[Entry, ...]:
    """The entries with these terms for a team (None: the organisation) from the beginning on.

    What is nearer stays: teams that have terms of their own keep them under another organisation's.
    """
    return (
        Entry(EVER, team_id, terms),
        *(one for one in entries if one.team_id != team_id),
    )


# -- what a KPI is judged by --------------------------------------------------------------------


@lru_cache(maxsize=4096)
def own_history(first: Own, text: str) -> tuple[tuple[date, Own], ...]:
    """What a KPI says for itself over time: each with the day it begins, the first with `EVER`.

    Of several from one day on the last written counts.
    """
    if not text:
        return ((EVER, first),)
    by_day = {EVER: first} | dict(read_own(text))
    found: list[tuple[date, Own]] = []
    for day in sorted(by_day):
        if not found or by_day[day] != found[-1][1]:
            found.append((day, by_day[day]))
    return tuple(found)


def own_on(first: Own, text: str, day: date) -> Own:
    """What a KPI says for itself in a period that starts on a day."""
    return _at(own_history(first, text), day) if text else first


def due_under(terms: Terms, own: Own) -> Terms:
    """The terms by which people are asked for a KPI's values.

    One with a grace of its own is due on the last day on which it is not late; the first day after
    the period never is.
    """
    if own.grace_days is None:
        return terms
    return terms._replace(due_days=max(own.grace_days, 1), grace_days=0)


def settings_under(terms: Terms, own: Own) -> Settings:
    """The settings of a KPI under these terms. What the KPI says itself goes before."""
    grace = terms.wait_days if own.grace_days is None else own.grace_days
    settle = terms.settle_days if own.settle_days is None else own.settle_days
    return Settings(
        patience=terms.patience if own.patience is None else own.patience,
        recovery=terms.recovery if own.recovery is None else own.recovery,
        grace_days=grace,
        settle_days=min(settle, grace),
        near_policy=own.near_policy or terms.near_policy,
        missing_policy=own.missing_policy or terms.missing_policy,
        max_gap=own.max_gap,
        stale_after=own.stale_after,
        reopen_window=own.reopen_window,
        k_of_n=_window(terms, own),
        tolerance_pct=terms.tolerance_pct,
        fast_pct=terms.fast_pct,
        fast_patience=terms.fast_patience,
        answer_days=terms.answer_days,
    )


def _window(terms: Terms, own: Own) -> tuple[int, int] | None:
    """K of the last N; None: N in a row, which a KPI says that has a patience of its own."""
    if own.window_k is not None and own.window_n is not None:
        return own.window_k, own.window_n
    if own.patience is not None or terms.window_n is None:
        return None
    return terms.patience, terms.window_n


def settings_over_time(
    terms: Sequence[tuple[date, Terms]], own: Sequence[tuple[date, Own]]
) -> Settings:
    """The settings from the beginning, and in `later` those that replace them from a day on.

    Both come by the day each begins, the first with `EVER`.
    """
    stretches: list[tuple[date, Settings]] = []
    for day in sorted({day for day, _ in (*terms, *own)}):
        settings = settings_under(_at(terms, day), _at(own, day))
        if not stretches or stretches[-1][1] != settings:
            stretches.append((day, settings))
    (_, first), *later = stretches
    return replace(first, later=tuple(later)) if later else first


def shapes_targets(settings: Settings) -> bool:
    """Do the compiled targets need more of the settings than one N and one M?"""
    return bool(settings.later or settings.tolerance_pct or settings.fast_pct)


def compile_under(direction: str, entries: Sequence[Target], settings: Settings) -> Targets:
    """A target history ready for judging, under settings that change over time.

    Where they change, the target in force then goes on under the new ones (`Target.carried`). What
    a target says itself goes before. Of entries of one date the last counts.
    """
    given = {one.effective: one for one in sorted(entries, key=_order) if not one.carried}
    if not given:
        return Targets((), ())
    first = min(given)
    days = sorted({*given, *(day for day, _ in settings.later if day > first)})
    rules: list[Rule | None] = []
    entry = given[first]
    for day in days:
        entry = given.get(day, entry)
        own = settings.on(day)
        source = shaped(entry, own, direction)._replace(effective=day, carried=day not in given)
        rule = None if entry.withdrawn else Rule(direction, source, own.patience, own.recovery)
        rules.append(rule)
    return Targets(days, rules)


def _order(one: Target) -> int:
    return one.recorded


def shaped(entry: Target, settings: Settings, direction: str) -> Target:
    """The target with the near band and the fast lane of the settings where it states none."""
    if entry.withdrawn:
        return entry
    if settings.tolerance_pct and entry.tolerance is None and entry.tolerance_pct is None:
        entry = entry._replace(tolerance_pct=settings.tolerance_pct)
    if settings.fast_pct and entry.fast_gap is None:
        scale = Rule(direction, entry, 1, 1).scale
        gap = EXACT.multiply(scale, settings.fast_pct).scaleb(-2, EXACT)
        if gap:
            entry = entry._replace(fast_gap=gap, fast_patience=settings.fast_patience)
    return entry
