"""How KPIs stood at a past moment: judged again from what was recorded by then.

Values, their corrections and withdrawals count as they were recorded at the moment. Targets, the
cadence and excluded periods count as they are known today, from the days they hold from: the app
does not keep what was believed of them before.

The last periods are enough: those that today's state row still tells of stand in it as they were
judged; those before them, and those from the first on for which something was recorded since, are
judged from their values. What cannot be told so is replayed from its first period.
"""

# ruff: noqa: S608 (what is joined into a query here are constants of metrics.evaluation.sql)

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from metrics.accumulating import run_up
from metrics.episodes import Settings
from metrics.evaluation.loading import (
    Plan,
    Subject,
    Values,
    load_exclusions,
    load_subjects,
    load_targets,
)
from metrics.evaluation.measurements import load_windows, values_of
from metrics.evaluation.recent import KEPT, VALUED, entry, judged
from metrics.evaluation.sql import adapted, among, as_day, day_text, fetch, id_list
from metrics.judging import NO_TARGETS, Targets
from metrics.periods import Period
from metrics.replay import Verdict, replay
from reviews.dashboards.kpis import Stood
from reviews.dashboards.recorded import changed_since, recorded_by

_DAY = timedelta(days=1)


class Limits(NamedTuple):
    """The first days of the last periods that may be judged at a moment, as text ("": none).

    `closed` is the last that was over, `settled` the last whose value had settled, `waited` the
    last that a value was waited for in vain. `until` is the day after the last one that was over:
    what was recorded for days from then on changes nothing. `settings` are those of all periods
    told of.
    """

    closed: str
    settled: str
    waited: str
    until: str
    settings: Settings


class Part(NamedTuple):
    """The judged periods of a KPI that its state row tells of, and those to be judged around them.

    `since` is the first day of the first of them all, `reaches_back` that it is the KPI's first.
    """

    entries: list[str]
    before: Sequence[Period]
    after: Sequence[Period]
    reaches_back: bool
    since: date


def stood_at(ids: Collection[int], moment: datetime) -> dict[int, Stood]:
    """Where each KPI stood, by id: a fixed number of queries; one without a cadence is left out."""
    subjects = {pk: one for pk, one in load_subjects(ids, moment).items() if one.plan is not None}
    found = by_last_periods(subjects, moment)
    return found | replayed({pk: one for pk, one in subjects.items() if pk not in found}, moment)


# -- from the last periods ----------------------------------------------------------------------


def by_last_periods(subjects: dict[int, Subject], moment: datetime) -> dict[int, Stood]:
    """Where those KPIs stood of which the last periods tell enough: most of them, by id."""
    plans = {id(one.plan): one.plan for one in subjects.values()}
    limits = {pk: _limits(plan) for pk, plan in plans.items()}  # type: ignore[arg-type]
    parts = _parts(subjects, limits, moment)
    windows = [
        (pk, part.since.isoformat(), limits[id(subjects[pk].plan)].until)  # type: ignore[union-attr]
        for pk, part in parts.items()
    ]
    changed = changed_since(windows, moment)
    for pk, day in changed.items():
        if day is None:
            del parts[pk]
        else:
            parts[pk] = _cut(parts[pk], day, subjects[pk].plan)  # type: ignore[arg-type]
    known = _values(parts, changed, subjects, moment)
    texts = _complete(parts, known, subjects, limits)
    with_target = _with_target(texts)
    found = {}
    for pk, entries in texts.items():
        own = limits[id(subjects[pk].plan)].settings
        part, is_judged = parts[pk], subjects[pk].is_complete and pk in with_target
        stood = _stood(entries, own, is_judged=is_judged, reaches_back=part.reaches_back)
        if stood is not None:
            found[pk] = stood
    return found


def _limits(plan: Plan) -> Limits | None:
    """The last periods of a plan that may be judged on its day; None where settings change."""
    changes = [day for day, _ in plan.settings.later]
    own = plan.settings.on(plan.today)
    told_since = plan.line.closed(plan.line.first, plan.today)[-2 * KEPT :]
    first = told_since[0].start if told_since else plan.today
    until = told_since[-1].end if told_since else first
    if plan.has_changes or any(first < day <= plan.today for day in changes):
        return None

    def last(days: int) -> str:
        over = plan.line.closed(plan.line.first, plan.today - days * _DAY)
        return day_text(over[-1].start) if over else ""

    return Limits(last(0), last(own.settle_days), last(own.grace_days), until.isoformat(), own)


def _parts(
    subjects: Mapping[int, Subject], limits: Mapping[int, Limits | None], moment: datetime
) -> dict[int, Part]:
    """What today's state rows tell of the periods judged by the moment.

    Left out is one that was last evaluated before, or that something has changed for since.
    """
    rows = fetch(
        "SELECT s.kpi_id, s.recent FROM metrics_kpistate s"
        f" WHERE {among('s.kpi_id')} AND s.dirty_from IS NULL AND s.moment >= %s",
        (id_list(subjects), adapted(moment)),
    )
    found = {}
    for pk, recent in rows:
        plan: Plan = subjects[pk].plan  # type: ignore[assignment]
        own = limits[id(plan)]
        if own is not None:
            found[pk] = _part(recent.split(" ") if recent else [], plan, own)
    return found


def _part(entries: list[str], plan: Plan, own: Limits) -> Part:
    """The entries that were judged already; a period waits until those before it are."""
    is_whole = len(entries) < KEPT
    at = len(entries)
    sure = min(own.closed, own.settled, own.waited)
    while at and entries[at - 1][:10] > sure:
        at -= 1
    while at < len(entries) and entries[at][:10] <= _limit(own, entries[at][10]):
        at += 1
    entries = entries[:at] if at < len(entries) else entries
    return _around(entries, plan, is_whole=is_whole)


def _around(entries: list[str], plan: Plan, *, is_whole: bool, again: bool = False) -> Part:
    """The entries with the periods before them that are missing; `again` those after them too."""
    line = plan.line
    closed = line.closed(line.first, plan.today)
    before: Sequence[Period] = ()
    after: Sequence[Period] = ()
    if entries and not is_whole and len(entries) < KEPT:
        before = line.closed(line.first, as_day(entries[0][:10]))[len(entries) - KEPT :]
    if not entries:
        after = closed[-2 * KEPT :]
    elif again:
        after = line.closed(as_day(entries[-1][:10]) + _DAY, plan.today)
    told = before or after
    first = told[0].start if told else plan.today
    if entries:
        first = min(first, as_day(entries[0][:10]))
    return Part(entries, before, after, first <= line.first, first)


def _cut(part: Part, day: date, plan: Plan) -> Part:
    """The part without the periods from the one that holds a day on, which are judged again."""
    at = sum(text[:10] <= day_text(day) for text in part.entries) - 1
    kept = part.entries[: max(at, 0)]
    return _around(kept, plan, is_whole=part.reaches_back and not part.before, again=True)


def _limit(own: Limits, letter: str) -> str:
    if letter == "e":
        return own.closed
    return own.waited if letter == "-" else own.settled


def _values(
    parts: Mapping[int, Part],
    changed: Collection[int],
    subjects: dict[int, Subject],
    moment: datetime,
) -> dict[int, Values]:
    """The values of the periods that must be judged, as they were known at the moment, by KPI."""
    windows = {
        pk: (
            pk,
            (part.before or part.after)[0].start,
            (part.after or part.before)[-1].end,
        )
        for pk, part in parts.items()
        if part.before or part.after
    }
    found, unclear = load_windows(
        (window for pk, window in windows.items() if pk not in changed), subjects
    )
    again = {pk: window for pk, window in windows.items() if pk in changed or pk in unclear}
    if again:
        of_again = {pk: subjects[pk] for pk in again}
        within = [(pk, since.isoformat(), until.isoformat()) for pk, since, until in again.values()]
        found = dict(found) | values_of(recorded_by(of_again, moment, within), again, subjects)
    return found


def _complete(
    parts: Mapping[int, Part],
    known: Mapping[int, Values],
    subjects: dict[int, Subject],
    limits: Mapping[int, Limits | None],
) -> dict[int, list[str]]:
    """The last judged periods of each as entries of text, the missing ones judged."""
    texts = {pk: part.entries for pk, part in parts.items() if not (part.before or part.after)}
    short = {pk: subjects[pk] for pk in parts if pk not in texts}
    if not short:
        return texts
    targets, excluded = load_targets(short), load_exclusions(short)
    for pk in short:
        part, own = parts[pk], limits[id(subjects[pk].plan)]
        data = (targets.get(pk, NO_TARGETS), known.get(pk, {}), excluded.get(pk, ()))
        found = [entry(*judged(period.start, *data)) for period in part.before]
        found += part.entries
        for period in part.after:
            text = entry(*judged(period.start, *data))
            if text[:10] > _limit(own, text[10]):  # type: ignore[arg-type]
                break
            found.append(text)
        texts[pk] = found[-KEPT:]
    return texts


def _with_target(texts: Mapping[int, list[str]]) -> set[int]:
    """The KPIs with a target among those whose last periods have no value: they may be stale."""
    silent = [pk for pk, entries in texts.items() if entries and entries[-1][10] in "-e"]
    if not silent:
        return set()
    sql = f"SELECT DISTINCT kpi_id FROM metrics_target WHERE {among('kpi_id')}"
    return {pk for (pk,) in fetch(sql, (id_list(silent),))}


def _stood(
    entries: Sequence[str], own: Settings, *, is_judged: bool, reaches_back: bool
) -> Stood | None:
    """Where a KPI stood by its last periods; None where those before them must be known."""
    if not entries:
        return Stood("", is_stale=False, status_since=None)
    last = entries[-1][10]
    at = len(entries)
    while at and entries[at - 1][10] == last:
        at -= 1
    if not at and not reaches_back and last not in "+i":
        return None
    silent = 0
    if last not in VALUED:
        for text in reversed(entries):
            if text[10] in VALUED:
                break
            silent += text[10] == "-"
        else:
            if silent < own.stale_after and not reaches_back:
                return None
    is_stale = is_judged and 0 < own.stale_after <= silent
    return Stood(" ".join(entries), is_stale, as_day(entries[at][:10]))


# -- from the first period ----------------------------------------------------------------------


def replayed(subjects: dict[int, Subject], moment: datetime) -> dict[int, Stood]:
    """Where each KPI stood, by id, walked through all of its periods."""
    if not subjects:
        return {}
    targets, excluded = load_targets(subjects), load_exclusions(subjects)
    values = values_of(recorded_by(subjects, moment), subjects, subjects)
    found = {}
    for pk, subject in subjects.items():
        plan: Plan = subject.plan  # type: ignore[assignment]
        own_targets, own = targets.get(pk, NO_TARGETS), values.get(pk, {})
        out = excluded.get(pk, ())
        if own_targets.windows:
            own_targets, own = run_up(own_targets, plan.line, own, out, plan.today)
        result = replay(
            plan.settings, plan.line, own_targets, own, out, plan.today, want_verdicts=True
        )
        standing = result.standing
        found[pk] = Stood(
            " ".join(_text(one, own_targets) for one in result.verdicts[-KEPT:]),
            standing.is_stale and own_targets is not NO_TARGETS,
            _since(result.verdicts),
        )
    return found


def _text(one: Verdict, targets: Targets) -> str:
    """A period as the state row tells of it: one left out shows the target then in force too."""
    rule = one.rule or targets.in_force(one.period.start)
    return entry(one.period.start, one.status, one.value, rule)


def _since(verdicts: list[Verdict]) -> date | None:
    """The first period of the latest run of the latest status."""
    first = None
    for one in reversed(verdicts):
        if one.status != verdicts[-1].status:
            break
        first = one.period.start
    return first
