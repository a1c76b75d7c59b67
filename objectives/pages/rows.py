"""One key result's row as it is printed: at rest, being edited, just saved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics import figures
from metrics.evaluation import parse_recent
from metrics.figures import icon, quantity_mark, status_mark
from metrics.kinds import PeriodStatus
from metrics.periods import period_of, period_short_label
from metrics.wording import NBSP, ago, leading, percent, plural, points, quantity
from objectives import explain, grading
from objectives.kinds import WITHOUT_VALUE, Ambition, Health, KeyResultKind, Reported
from objectives.models import CheckIn, KeyResult, Objective
from objectives.standing import KeyResultStanding, follows, said_on

# What colours and names a status; the words are those of design README 4.
_MARKS = {
    Health.WITHDRAWN: ("informative", "Withdrawn"),
    # How it went is said by a grade (`grade_state`); without one there is nothing to praise.
    Health.CLOSED: ("not_started", "Closed"),
}
_BAND_STATES = {"high": "on_track", "mid": "behind", "low": "at_risk"}


# Where a row stands: on its objective's page, or in a list of rows of several objectives.
OBJECTIVE, WEEK, TEAM = PLACES = ("objective", "week", "team")


class Work(NamedTuple):
    """What is done for a key result: how many initiatives, of them done, and open blockers."""

    initiatives: int = 0
    done: int = 0
    blockers: int = 0

    @classmethod
    def of(cls, key_result: KeyResult) -> Work:
        """The counts of a key result that came `with_work()`; none without them."""
        counts = (getattr(key_result, name, 0) for name in ("work_all", "work_done", "in_the_way"))
        return cls(*counts)

    def words(self) -> list[str]:
        """`1 blocker`, `2 of 5 initiatives done`."""
        found = [plural(self.blockers, "blocker")] if self.blockers else []
        if self.initiatives:
            found.append(f"{self.done} of {plural(self.initiatives, 'initiative')} done")
        return found


class RowView(NamedTuple):
    """What `_kr_row.html` prints; figures are explained where there is room, on its own page."""

    key_result: KeyResult
    root: str
    title: str
    sub: str
    now: SafeString
    now_sub: str
    rail: SafeString
    rail_sub: str
    confidence: SafeString
    line: SafeString
    status: SafeString
    said: SafeString | str
    check_in_url: str
    progress_why: explain.Explanation | None = None
    status_why: explain.Explanation | None = None


def health_mark(health: Health, word: str = "") -> SafeString:
    """A status with its shape and word."""
    state, name = _MARKS.get(health, (str(health), ""))
    return status_mark(state, word=word or name)


def in_place(place: str) -> str:
    """The query that says where a row stands; empty for its own objective's page."""
    return "" if place == OBJECTIVE else f"?list={place}"


def row_view(
    standing: KeyResultStanding,
    objective: Objective,
    today: date,
    *,
    may_write: bool,
    place: str = OBJECTIVE,
    work: Work | None = None,
    before: KeyResultStanding | None = None,
) -> RowView:
    """The row at rest; `check_in_url` is empty for people who may only read.

    `before` is where it stood before it was saved just now: the row says what that moved, in place
    of whose it is.
    """
    key_result = standing.key_result
    if before is None:
        sub = row_sub(standing, objective, today, place, work or Work.of(key_result))
        now_sub, moved = value_sub(standing, objective, today), rail_sub(standing)
    else:
        sub, (now_sub, moved) = "", saved_sub(standing, before)
    explained = place == OBJECTIVE and before is None
    open_row = may_write and objective.state == "active" and key_result.withdrawn_at is None
    return RowView(
        key_result=key_result,
        root=key_result.row_id,
        title=key_result.title,
        sub=sub,
        now=value_mark(standing),
        now_sub=now_sub,
        rail=figures.rail(standing.ratio, standing.expected),
        rail_sub=moved,
        confidence=figures.confidence(standing.confidence),
        line=figures.confidence_line([c.confidence for c in standing.check_ins[-7:]]),
        status=status_of(standing),
        said=said_mark(standing),
        check_in_url=f"/key-results/{key_result.pk}/check-in/{in_place(place)}" if open_row else "",
        progress_why=explain.key_result_progress(standing, today) if explained else None,
        status_why=explain.status(standing, objective, today) if place == OBJECTIVE else None,
    )


def said_mark(standing: KeyResultStanding) -> SafeString | str:
    """What the person says, beside the computed status; marked where the two diverge."""
    if not standing.reported:
        return ""
    words = f"reported {Reported(standing.reported).label.lower()}"
    if not standing.diverges:
        return words
    return format_html(
        '<span class="status" data-tone="near">{}<span>{}<span class="vh">, computed {}</span>'
        "</span></span>",
        icon("arrows-exchange"),
        words.capitalize(),
        standing.health.label.lower(),
    )


def status_of(standing: KeyResultStanding) -> SafeString:
    """The status; a key result that is open says what is missing, a graded one its grade."""
    key_result = standing.key_result
    if key_result.grade is not None:
        word = grading.BAND_WORDS[grading.band(key_result.grade)].capitalize()
        return status_mark(grade_state(key_result.grade), word=f"{key_result.grade} {word}")
    if key_result.kind == KeyResultKind.OPEN and standing.health == Health.NO_DATA:
        return status_mark("not_started", word="Driver to be named")
    return health_mark(standing.health)


def grade_state(grade: Decimal) -> str:
    """The state whose tone and shape a grade has by its band (design README 4)."""
    return _BAND_STATES[grading.band(grade)]


def value_mark(standing: KeyResultStanding) -> SafeString:
    """The value now; a hold shows its run of periods, steps how many are done."""
    key_result = standing.key_result
    if key_result.kind == KeyResultKind.YES_NO:
        return format_html('<span class="num">{}</span>', value_words(standing.value, key_result))
    if key_result.kind == KeyResultKind.MILESTONES:
        steps = list(key_result.milestones.all())
        done = sum(step.done_at is not None for step in steps)
        return format_html('<span class="num">{}<small>/{}</small></span>', done, len(steps))
    if key_result.kind == KeyResultKind.HOLD:
        run = "–" if standing.run is None else standing.run
        markup = '<span class="num">{}<small>/{}</small></span>'
        return format_html(markup, run, key_result.hold_periods)
    return quantity_mark(standing.value, key_result.unit)


def value_words(value: Decimal | None, key_result: KeyResult) -> str:
    """A value of a key result in words: `45 NPS`, `yes`, `not yet`; an en dash for None."""
    if key_result.kind == KeyResultKind.YES_NO and value is not None:
        return "Yes" if value else "Not yet"
    return quantity(value, key_result.unit)


def value_sub(standing: KeyResultStanding, objective: Objective, today: date) -> str:
    """How old the value is: the period of the KPI, or when it was last said."""
    if standing.key_result.kind == KeyResultKind.HOLD:
        return "in a row"
    if standing.key_result.kind == KeyResultKind.MILESTONES:
        return "steps done"
    if follows(standing.key_result):
        return _period_of_value(standing.key_result, objective)
    said = said_on(standing.last, objective)
    return ago(said, today) if said else ""


def _period_of_value(key_result: KeyResult, objective: Objective) -> str:
    """The period the KPI's latest value is of: `October 2026`."""
    recent = parse_recent(key_result.kpi.state.recent)
    counted = (p for p in reversed(recent) if p.value is not None)
    last = next((p for p in counted if p.status != PeriodStatus.EXCLUDED), None)
    if last is None or key_result.kpi.cadence is None:
        return "no value yet"
    month = objective.team.organisation.fiscal_start_month
    return period_short_label(period_of(last.on, key_result.kpi.cadence.kind, month), month)


def row_sub(
    standing: KeyResultStanding, objective: Objective, today: date, place: str, work: Work
) -> str:
    """Whose it is, what it follows, a late start, and the work on it."""
    key_result = standing.key_result
    if place == OBJECTIVE:
        parts = [key_result.owner.short_name] if key_result.owner else []
    else:
        parts = [objective.title, Ambition(key_result.ambition or objective.ambition).name.lower()]
    if follows(key_result):
        parts.append("follows the KPI")
    if standing.last is not None and place == OBJECTIVE:
        parts.append(f"checked in {ago(said_on(standing.last, objective), today)}")
    elif standing.is_late_start and objective.state == "active":
        parts.append("no check-in yet, late start")
    parts += work.words()
    if key_result.withdrawn_reason:
        parts.append(f"left out: {key_result.withdrawn_reason}")
    if key_result.grade_reason:
        parts.append(f"“{key_result.grade_reason}”")
    return " · ".join(parts)


def rail_sub(standing: KeyResultStanding) -> str:
    """`48 % · 37 % expected`, with what the clamped rail cannot show."""
    if standing.ratio is None:
        return "no progress yet" if standing.key_result.kind != KeyResultKind.OPEN else "open"
    text = percent(standing.ratio)
    if words := figures.rail_words(standing.progress.raw):
        text = f"{text}, {words}"
    if standing.expected is not None and standing.key_result.grade is None:
        text = f"{text} · {percent(standing.expected)} expected"
    return text


def saved_sub(standing: KeyResultStanding, before: KeyResultStanding) -> tuple[str, str]:
    """(what the value was, how far progress moved), for the row just saved."""
    was = "first value" if before.value is None else f"was {_leading(before.value, before)}"
    if standing.key_result.kind in WITHOUT_VALUE:
        was = ""
    if standing.ratio is None or before.ratio is None:
        return was, rail_sub(standing)
    moved = (standing.ratio - before.ratio) * 100
    if not moved:
        return was, f"{percent(standing.ratio)}, unchanged"
    way = "up" if moved > 0 else "down"
    size = points(moved.quantize(Decimal(1)), "%")
    return was, f"{percent(standing.ratio)}, {way} {size}"


class LiveResult(NamedTuple):
    """The result line of a row being edited."""

    words: str
    status: SafeString


def live_result(standing: KeyResultStanding, before: KeyResultStanding) -> LiveResult:
    """`41 → 43 is 48 % of the way, 37 % expected.`; without a way only what the value becomes."""
    text = _moved(standing, before)
    if standing.ratio is None:
        words = f"{text}. Nothing is saved yet." if text else "Nothing is saved yet."
        return LiveResult(words, health_mark(standing.health))
    text = f"{text} is {percent(standing.ratio)} of the way" if text else percent(standing.ratio)
    if standing.expected is not None:
        text = f"{text}, {percent(standing.expected)} expected"
    return LiveResult(f"{text}.", health_mark(standing.health))


def _moved(standing: KeyResultStanding, before: KeyResultStanding) -> str:
    """`41 → 43 NPS`, or one value where there was none before or it is the same."""
    if standing.value is None:
        return ""
    now = value_words(standing.value, standing.key_result)
    if before.value is None or before.value == standing.value:
        return now
    return f"{_leading(before.value, before)} → {now}"


def _leading(value: Decimal, standing: KeyResultStanding) -> str:
    """A value before another: its unit follows the second."""
    key_result = standing.key_result
    if key_result.kind == KeyResultKind.YES_NO:
        return value_words(value, key_result)
    return leading(value, key_result.unit)


def check_in_words(check_in: CheckIn, key_result: KeyResult) -> str:
    """`45 NPS, confidence 6/10, reported behind`."""
    parts = [value_words(check_in.value, key_result)] if check_in.value is not None else []
    parts.append(f"confidence{NBSP}{check_in.confidence}/10")
    if check_in.reported:
        parts.append(f"reported {Reported(check_in.reported).label.lower()}")
    return ", ".join(parts)
