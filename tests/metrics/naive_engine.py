"""The signal engine once more, slow and plain, to compare the real one with.

Written from signals.md alone. Nothing is carried forward: every question about a period is
answered by looking back over the list of periods each time.
"""

import itertools
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from statistics import median

DAY = timedelta(days=1)


@dataclass
class Kpi:
    start: date
    direction: str = "lower_is_better"
    cadence: str = "weekly"
    changes: list = field(default_factory=list)  # (date, cadence)
    targets: list = field(default_factory=list)  # dicts, later entries replace earlier
    values: dict = field(default_factory=dict)
    excluded: set = field(default_factory=set)
    settings: dict = field(default_factory=dict)


def is_start(day, cadence):
    return {
        "daily": True,
        "weekly": day.weekday() == 0,
        "monthly": day.day == 1,
        "quarterly": day.day == 1 and day.month % 3 == 1,
    }[cadence]


def periods(kpi, today):
    found, line = [], [(kpi.start, kpi.cadence), *sorted(dict(kpi.changes).items())]
    for place, (since, cadence) in enumerate(line):
        if place and cadence == line[place - 1][1]:
            continue
        days = [max(since, kpi.start) + DAY * i for i in range((today - kpi.start).days + 400)]
        starts = [day for day in days if is_start(day, cadence)]
        pairs = list(itertools.pairwise(starts))
        found = [one for one in found if one[1] <= starts[0]]
        found += [(a, b, bool(place) and a == starts[0]) for a, b in pairs]
    return [one for one in found if one[1] <= today]


def target_of(kpi, day):
    in_force = [one for one in kpi.targets if one["effective"] <= day]
    latest = max(enumerate(in_force), key=lambda one: (one[1]["effective"], one[0]), default=None)
    return None if latest is None or latest[1].get("withdrawn") else latest[1]


def distance(kpi, target, value):
    if kpi.direction == "lower_is_better":
        return max(Fraction(0), value - target["target"])
    if kpi.direction == "higher_is_better":
        return max(Fraction(0), target["target"] - value)
    return max(Fraction(0), value - target["high"], target["low"] - value)


def judge(kpi, target, value):
    scale = scale_of(kpi, target)
    tolerance = target.get("tolerance", scale * target.get("tolerance_pct", 0) / 100)
    off = distance(kpi, target, value)
    return "on_target" if off == 0 else "near_target" if off <= tolerance else "off_target"


def scale_of(kpi, target):
    return target["high"] - target["low"] if "low" in target else abs(target["target"])


def window_of(day, over):
    month = 1 if over == "yearly" else day.month - (day.month - 1) % 3
    until = month + (12 if over == "yearly" else 3)
    return date(day.year, month, 1), date(day.year + until // 13, until % 12 or 12, 1)


def share(kpi, target, start, end):
    """The target and value a period is judged by: as they are, or the running total."""
    value = kpi.values.get(start)
    value = None if value is None else Fraction(value)
    if target is None or not target.get("over"):
        return target, value
    first, after = window_of(start, target["over"])
    so_far = [p for p in periods(kpi, end) if first <= p[0] <= start and p[0] not in kpi.excluded]
    total = sum(Fraction(kpi.values.get(p[0]) or 0) for p in so_far)
    cadence = next(c for c in ("daily", "weekly", "monthly") if fits(start, end, c))
    begins = [first + DAY * n for n in range(400) if is_start(first + DAY * n, cadence)]
    whole = (next(d for d in begins if d >= after) - begins[0]).days
    days = min(sum((p[1] - p[0]).days for p in so_far), whole)
    scaled = {**target, "target": Fraction(target["target"]) * days / whole}
    return scaled, None if value is None else total


def fits(start, end, cadence):
    return {"daily": 1, "weekly": 7}.get(cadence, (end - start).days) == (end - start).days


@dataclass
class Row:
    position: int
    start: date
    end: date
    restart: bool
    status: str
    value: Fraction | None
    target: dict | None


def rows_of(kpi, today):
    rows, wait = [], kpi.settings
    for position, (start, end, restart) in enumerate(periods(kpi, today)):
        target, value = share(kpi, target_of(kpi, start), start, end)
        days = wait.get("grace_days", 0) if value is None else wait.get("settle_days", 0)
        if start in kpi.excluded:
            status = "excluded"
        elif today < end + DAY * days:
            break
        elif value is None:
            status = "missing"
        else:
            status = "no_target" if target is None else judge(kpi, target, value)
        rows.append(Row(position, start, end, restart, status, value, target))
    return rows


class Naive:
    def __init__(self, kpi, today):
        self.kpi, self.rows = kpi, rows_of(kpi, today)
        get = kpi.settings.get
        self.near, self.hole = get("near_policy", "hold"), get("missing_policy", "hold")
        self.max_gap, self.stale_after = get("max_gap", 1), get("stale_after", 2)
        self.k_of_n = get("k_of_n")
        self.episodes, self.states = self.off_target(), []

    def back(self, i):
        """The rows from i to the beginning of its cadence, newest first, without excluded ones."""
        for j in range(i, -1, -1):
            if self.rows[j].status != "excluded":
                yield j
            if self.rows[j].restart:
                return

    def gap(self, i):
        run = 0
        for j in self.back(i):
            if self.rows[j].status != "missing":
                break
            run += 1
        return run

    def counts(self, i):
        row = self.rows[i]
        return (
            row.status == "off_target"
            or (row.status == "near_target" and self.near == "count")
            or (row.status == "missing" and self.hole == "count" and row.target is not None)
        )

    def wipes(self, i):
        """A hole, or a stretch of them, that drops the streak."""
        too_long = self.hole == "reset" or self.gap(i) > self.max_gap
        return self.rows[i].status == "missing" and not self.counts(i) and too_long

    def streak(self, i):
        counted = []
        for j in self.back(i):
            status = self.rows[j].status
            dropped = status == "near_target" and self.near == "reset"
            if status in ("on_target", "no_target") or self.wipes(j) or dropped:
                break
            counted += [j] if self.counts(j) else []
        return counted[::-1]

    def is_fast(self, row):
        gap = (row.target or {}).get("fast_gap")
        return (
            gap is not None
            and row.value is not None
            and (self.kpi.direction != "in_range" or distance(self.kpi, row.target, row.value) > 0)
            and distance(self.kpi, row.target, row.value) >= gap
        )

    def fast(self, i):
        run = 0
        for j in self.back(i):
            if self.counts(j) and self.is_fast(self.rows[j]):
                run += 1
            elif self.rows[j].status != "missing" or self.wipes(j) or self.counts(j):
                break
        return run

    def window(self, i):
        found = []
        for j in self.back(i):
            if self.rows[j].status == "no_target" or self.gap(j) > self.max_gap:
                break
            if self.rows[j].status != "missing":
                found.append(j)
        return [j for j in found[: self.k_of_n[1]] if self.rows[j].status == "off_target"][::-1]

    def recovery(self, i, raised):
        good = []
        for j in self.back(i):
            status = self.rows[j].status
            if j <= raised or status in ("off_target", "near_target", "no_target"):
                break
            if self.wipes(j) or self.counts(j):
                break
            good += [j] if status == "on_target" else []
        return good

    def n(self, i):
        own = self.rows[i].target.get("patience") or self.kpi.settings.get("patience", 3)
        return self.k_of_n[1] if self.k_of_n else own

    def lane(self, i):
        lane = self.rows[i].target.get("fast_patience") if self.counts(i) else None
        return bool(lane) and self.fast(i) >= lane

    def raises(self, i):
        """The periods a raise at i takes into its span; None: no raise."""
        off = self.rows[i].status == "off_target"
        if self.k_of_n:
            full = off and len(self.window(i)) >= self.k_of_n[0]
            return (self.window(i) or self.streak(i)) if full or self.lane(i) else None
        return (
            self.streak(i)
            if (self.counts(i) and len(self.streak(i)) >= self.n(i)) or self.lane(i)
            else None
        )

    def grade(self, counted, i, relapse, lanes):
        misses = [
            distance(self.kpi, row.target, row.value) / scale_of(self.kpi, row.target)
            for row in (self.rows[j] for j in counted)
            if row.value is not None and scale_of(self.kpi, row.target)
        ]
        m, d = median(misses) if misses else 0, Fraction(len(counted), self.n(i))
        if m >= Fraction(1, 2) or d >= 3 or lanes:
            return 3
        return 2 if m >= Fraction(1, 5) or d >= 2 or relapse else 1

    def off_target(self):
        """Episodes as lists of spans [first, raised, ended, reason, grade]."""
        episodes, span, resolved = [], None, None
        for i, row in enumerate(self.rows):
            if row.status == "excluded":
                continue
            if span is None:
                counted = self.raises(i)
                if counted is None:
                    continue
                since_end = [j for j in counted if resolved is None or j > resolved]
                counted = since_end or self.streak(i)
                window = self.kpi.settings.get("reopen_window")
                window = 2 * self.n(i) if window is None else window
                again = resolved is not None and row.position - resolved <= window
                relapse = again and episodes[-1][-1][3] != "standard_withdrawn"
                span = [self.rows[counted[0]].start, row.start, None, None, 0]
                raised, since = i, counted
                if relapse:
                    episodes[-1].append(span)
                else:
                    episodes.append([span])
            reason = self.end_reason(i, raised)
            if reason:
                span[2:4], resolved, span = [row.start, reason], row.position, None
            elif self.counts(i):
                counted = since + [j for j in range(raised + 1, i + 1) if self.counts(j)]
                span[4] = max(span[4], self.grade(counted, i, relapse, self.lane(i)))
        return episodes

    def end_reason(self, i, raised):
        row, good = self.rows[i], self.recovery(i, raised)
        if row.status == "no_target":
            return "standard_withdrawn"
        own = row.target and row.target.get("recovery")
        m = own or self.kpi.settings.get("recovery", 2)
        if row.status != "on_target" or len(good) < m:
            return None
        old = target_of(self.kpi, self.rows[raised].start)
        seen = [share(self.kpi, old, self.rows[j].start, self.rows[j].end) for j in good[:m]]
        moved = any(judge(self.kpi, *one) == "off_target" for one in seen)
        return "standard_relaxed" if moved else "recovered"

    def stale(self):
        """Stale episodes as [first missing, completing, ended]."""
        rows = [row for row in self.rows if row.status != "excluded"]
        found, run = [], []
        for row in [*rows, None]:
            if row is not None and row.status == "missing":
                run.append(row.start)
                continue
            if len(run) >= self.stale_after:
                found.append([run[0], run[self.stale_after - 1], row and row.start])
            run = []
        return found
