"""What a quarter comes to, worked out plainly from raw rows: the other side of a comparison.

Nothing here comes from the code it is held against. Rows are read whole and looked at one by one;
shares are fractions, days are counted. It knows what `random_quarter` makes, not more.
"""

from datetime import timedelta
from fractions import Fraction
from functools import lru_cache
from statistics import median
from zoneinfo import ZoneInfo

from metrics.models import (
    Kpi,
    Measurement,
    MeasurementRevision,
    Signal,
    SignalEvent,
    Target,
)
from objectives.models import CheckIn, KeyResult, Objective, ObjectiveEvent
from teams.models import Membership, Team, User

DAY, WEEK = timedelta(days=1), timedelta(days=7)
ZONE = ZoneInfo("Europe/Oslo")
GRACE = {"weekly": 3, "monthly": 5}
ANSWERS = {"accepted": "accept", "dismissed": "dismiss", "data_fix": "data"}
WORST_FIRST = (
    "at_risk",
    "overdue",
    "stale",
    "behind",
    "no_data",
    "on_track",
    "achieved",
    "not_started",
)


class Naive:
    """The raw rows of one organisation as one person may know of them at one moment."""

    def __init__(self, user: User, moment, cycle, *, is_past: bool):
        self.moment, self.cycle, self.is_past = moment, cycle, is_past
        self.today = moment.astimezone(ZONE).date()
        mine = {row.team_id for row in Membership.objects.filter(user=user)}
        seen = {t.pk for t in Team.objects.all() if not t.is_private or t.pk in mine}
        self.teams = [t for t in Team.objects.all() if t.pk in seen]
        known = [k for k in Kpi.objects.all() if not is_past or k.created_at <= moment]
        self.kpis = [
            k for k in known if k.team_id in seen and (not k.is_private or k.team_id in mine)
        ]
        self.hidden_kpis = len(known) - len(self.kpis)
        goals = [g for g in Objective.objects.filter(cycle=cycle) if self.counts(g)]
        self.goals = [
            g for g in goals if g.team_id in seen and (not g.is_private or g.team_id in mine)
        ]
        self.hidden_goals = len(goals) - len(self.goals)
        visible = {k.pk for k in Kpi.objects.all() if k.team_id in seen}
        visible -= {k.pk for k in Kpi.objects.filter(is_private=True) if k.team_id not in mine}
        self.signals = [
            s
            for s in Signal.objects.all()
            if s.kpi_id in visible
            and s.opened_at <= moment
            and (s.retracted_at is None or s.retracted_at > moment)
        ]

    # KPIs

    def periods(self, kpi):
        day = kpi.starts_on
        while day <= self.today:
            if kpi.cadence.kind == "weekly":
                end = day + WEEK
            else:
                end = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            yield day, end
            day = end

    def value(self, kpi, day):
        """What was known of a period at the moment."""
        for row in Measurement.objects.filter(kpi=kpi, day=day):
            if row.recorded_at <= self.moment:
                return row.value
        for row in MeasurementRevision.objects.filter(kpi=kpi, day=day):
            if row.recorded_at <= self.moment < row.replaced_at:
                return row.value
        return None

    def target(self, kpi, day):
        rows = [t for t in Target.objects.filter(kpi=kpi) if t.effective_on <= day]
        return max(rows, key=lambda t: t.effective_on, default=None)

    @lru_cache  # noqa: B019 (a test's object does not live long)
    def judged(self, kpi):
        """(value, word) of each period that can be judged, oldest first."""
        found = []
        for start, end in self.periods(kpi):
            if end > self.today:
                break
            value, target = self.value(kpi, start), self.target(kpi, start)
            if value is None:
                if self.today < end + timedelta(days=kpi.grace_days):
                    break
                found.append((None, "missing"))
            elif target is None:
                found.append((value, "no_target"))
            else:
                found.append((value, self.word(kpi, value, target)))
        return found

    def word(self, kpi, value, target):
        short = (
            target.value - value if kpi.direction == "higher_is_better" else value - target.value
        )
        if short <= 0:
            return "on_target"
        return "near_target" if short <= (target.tolerance or 0) else "off_target"

    def state(self, kpi):
        """(state, how many periods)."""
        found = self.judged(kpi)
        with_value = [word for _, word in found if word != "missing"]
        silent = 0
        while silent < len(found) and found[-1 - silent][1] == "missing":
            silent += 1
        has_target = Target.objects.filter(kpi=kpi).exists()
        is_stale = silent >= 2 and has_target
        if not with_value and not is_stale:
            return "no_data", 0
        if not (kpi.definition and kpi.source_id and has_target):
            return "informative", 0
        if is_stale:
            return "stale", silent
        if with_value[-1] == "no_target":
            return "informative", 0
        run = 0
        while run < len(with_value) and with_value[-1 - run] == with_value[-1]:
            run += 1
        return with_value[-1], run

    # objectives

    def state_of(self, goal):
        """The lifecycle state at the moment, by the history that every made objective has."""
        if not self.is_past:
            return goal.state
        moves = ObjectiveEvent.objects.filter(objective=goal).order_by("at")
        state = "draft"
        for move in moves:
            if move.at <= self.moment:
                state = move.to_state
        return state

    def counts(self, goal):
        return self.state_of(goal) in ("active", "closed") and (
            not self.is_past or goal.created_at <= self.moment
        )

    def said(self, row):
        """The check-in that stands: neither replaced nor taken back by the moment."""
        rows = [c for c in CheckIn.objects.filter(key_result=row) if c.made_at <= self.moment]
        replaced = {c.corrects_id for c in rows}
        rows = [c for c in rows if c.pk not in replaced and not c.is_retraction]
        return max(rows, key=lambda c: (c.due_on, c.made_at, c.pk), default=None)

    def gone(self, goal):
        starts, ends = goal.starts_on, self.cycle.ends_on
        share = Fraction((self.today - starts).days, (ends - starts).days)
        return min(max(share, Fraction(0)), Fraction(1))

    def row(self, goal, row):
        """(ratio, expected, health, confidence) of one key result."""
        score = Fraction(7, 10) if (row.ambition or goal.ambition) == "aspirational" else 1
        expected = score * self.gone(goal)
        last = self.said(row)
        value = last.value if last else None
        if row.kpi_follows:
            value = self.latest(row.kpi)
        if self.state_of(goal) == "closed":
            value = row.final_value
        if row.kind == "yes_no":
            raw = Fraction(0) if not value else Fraction(1)
        else:
            baseline, target = Fraction(row.baseline), Fraction(row.target)
            at = baseline if value is None else Fraction(value)
            raw = (at - baseline) / (target - baseline)
        ratio = min(max(raw, Fraction(0)), Fraction(1))
        confidence = last.confidence if last else None
        silent = self.is_silent(row.kpi) if row.kpi_follows else self.is_late(goal, last)
        health = self.health(goal, silent, value, raw, expected - ratio)
        return ratio, expected, health, confidence

    def latest(self, kpi):
        return next((value for value, _ in reversed(self.judged(kpi)) if value is not None), None)

    def is_silent(self, kpi):
        has_target = Target.objects.filter(kpi=kpi).exists()
        last = [word for _, word in self.judged(kpi)][-2:]
        return last == ["missing"] * 2 and bool(kpi.definition and kpi.source_id and has_target)

    def is_late(self, goal, last):
        owed = last.due_on + WEEK if last else goal.starts_on
        while owed.isoweekday() != 5:
            owed += DAY
        return owed <= self.cycle.ends_on and self.today > owed + timedelta(days=GRACE["weekly"])

    def health(self, goal, silent, value, raw, behind):
        if self.state_of(goal) == "closed":
            return "closed"
        if self.today < goal.starts_on:
            return "not_started"
        if silent:
            return "stale"
        if value is None:
            return "no_data"
        if raw >= 1:
            return "achieved"
        if behind <= Fraction(1, 10):
            return "on_track"
        return "behind" if behind <= Fraction(1, 4) else "at_risk"

    @lru_cache  # noqa: B019
    def rows(self, goal):
        found = []
        for row in KeyResult.objects.filter(objective=goal):
            if row.withdrawn_at is None or row.withdrawn_at > self.moment:
                found.append((row, *self.row(goal, row)))
        return found

    def goal(self, goal):
        """(progress, expected, health)."""
        rows = self.rows(goal)
        weights = sum(Fraction(row.weight) for row, *_ in rows)
        score = Fraction(7, 10) if goal.ambition == "aspirational" else 1
        progress, expected = None, score * self.gone(goal)
        if weights:
            progress = sum(Fraction(r.weight) * ratio for r, ratio, *_ in rows) / weights
            expected = sum(Fraction(r.weight) * e for r, _, e, *_ in rows) / weights
        if self.state_of(goal) == "closed":
            return progress, expected, "closed"
        healths = [health for *_, health, _ in rows]
        worst = next((word for word in WORST_FIRST if word in healths), "no_data")
        return progress, expected, worst

    # signals

    def decision(self, signal):
        """(what stands, whether it waits) by the row today, by what people did before."""
        if not self.is_past:
            decision, until = signal.decision, signal.snoozed_until
        else:
            decision, until = "", None
            for event in SignalEvent.objects.filter(signal=signal).order_by("at"):
                if event.at <= self.moment:
                    decision = ANSWERS.get(event.type, "")
                    until = signal.snoozed_until if event.type == "snoozed" else None
        snoozed = until is not None and until > self.moment
        is_open = signal.resolved_at is None or signal.resolved_at > self.moment
        return decision, is_open and not decision and not snoozed

    def answered_after(self, signal):
        """Days from opening to the first answer; None without one."""
        events = SignalEvent.objects.filter(signal=signal, type__in=ANSWERS).order_by("at")
        times = [event.at for event in events if event.at <= self.moment]
        if not times:
            return None
        gone = times[0] - signal.opened_at
        return Fraction(gone // timedelta(microseconds=1), 86_400_000_000)

    def of_quarter(self, starts, ends):
        """(opened, answered, median days) of the signals opened in [starts, ends)."""
        rows = [s for s in self.signals if starts <= s.opened_at.astimezone(ZONE).date() < ends]
        days = [d for s in rows if (d := self.answered_after(s)) is not None]
        return len(rows), len(days), median(days) if days else None

    # check-ins

    def week(self, team, monday):
        """(due, came, in time, over) of one week of a team, all of it due on Fridays."""
        friday = monday + timedelta(days=4)
        last = friday + timedelta(days=GRACE["weekly"])
        due = came = early = 0
        for goal in self.goals:
            until = self.cycle.ends_on
            if self.state_of(goal) == "closed":
                until = min(until, goal.closed_at.astimezone(ZONE).date())
            if goal.team_id != team.pk or not goal.starts_on <= friday <= until:
                continue
            for row, *_ in self.rows(goal):
                if row.kpi_follows:
                    continue
                due += 1
                made = [
                    c.made_at.astimezone(ZONE).date()
                    for c in CheckIn.objects.filter(key_result=row, due_on=friday)
                    if c.made_at <= self.moment and not c.is_retraction
                ]
                came += bool(made)
                early += bool(made) and min(made) <= last
        return due, came, early, not due or self.today > last

    def weeks(self, team):
        this = self.today - timedelta(days=self.today.weekday())
        return [self.week(team, this - WEEK * back) for back in range(7, -1, -1)]
