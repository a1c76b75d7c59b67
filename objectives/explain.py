"""Where a number on a page comes from: its formula, its inputs, its result. Pure.

Every figure of goals can be explained; `templates/objectives/_explain.html` prints one as a dotted
label that opens a popover::

    explain.key_result_progress(standing, today)
    explain.expected(standing, objective, today)
    explain.status(standing, objective, today)
    explain.timeliness(due_on, next_due_on, came_on, rhythm, today)
    explain.objective_progress(objective_standing)
    explain.confidence(objective_standing)
    explain.team_progress(objective_standings)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from metrics import timeliness as in_time
from metrics.figures import rail_words
from metrics.wording import NO_VALUE, day_near, number, percent, plural, quantity, target_words
from objectives import pace, rollup
from objectives.kinds import CHANGES, STANDARDS, Ambition, Health, KeyResultKind, Reported
from objectives.measuring import follows, parts_of
from objectives.models import Objective
from objectives.rhythm import GRACE_DAYS, Rhythm
from objectives.standing import KeyResultStanding, ObjectiveStanding, team_standing
from objectives.states import ROLLED_UP

Inputs = tuple[tuple[str, str], ...]


class Explanation(NamedTuple):
    """One number explained: `inputs` are (label, printed value), `result` is the number printed."""

    title: str
    formula: str
    inputs: Inputs
    result: str


# -- the progress of a key result --------------------------------------------------------------

_NO_PROGRESS = {
    KeyResultKind.OPEN: "Without a measure it has no progress and counts for nothing yet.",
    KeyResultKind.FIND_BASELINE: (
        "Its baseline is still to be found; until a target is set from it, it counts for nothing."
    ),
}


def key_result_progress(standing: KeyResultStanding, today: date) -> Explanation:
    """The progress of one key result, by its kind; beside it that by its original target."""
    kind = standing.key_result.kind
    if standing.progress is None and kind in _NO_PROGRESS:
        return Explanation("Progress", _NO_PROGRESS[kind], (), NO_VALUE)
    formula, inputs = _PARTS[kind](standing)
    if standing.original is not None:
        by_original = percent(standing.original.ratio)
        inputs = (*inputs, ("By the original target", by_original))
    if not standing.counts:
        formula = f"{formula} It was withdrawn and counts for nothing."
    return Explanation("Progress", formula, inputs, _progress_words(standing))


def _progress_words(standing: KeyResultStanding) -> str:
    if standing.progress is None:
        return NO_VALUE
    words = rail_words(standing.progress.raw)
    return f"{percent(standing.ratio)}, {words}" if words else percent(standing.ratio)


def _change(standing: KeyResultStanding) -> tuple[str, Inputs]:
    row = standing.key_result
    if row.baseline is None:
        formula = "The baseline is not known yet, so there is no way to measure."
        return formula, (("Target", quantity(row.target, row.unit)),)
    now = NO_VALUE if standing.value is None else quantity(standing.value, row.unit)
    return "(now − baseline) ÷ (target − baseline), between 0 and 100 %.", (
        ("Baseline", quantity(row.baseline, row.unit)),
        ("Target", quantity(row.target, row.unit)),
        ("Now, from the KPI" if follows(row) else "Now", now),
    )


_DIRECTIONS = {
    KeyResultKind.AT_LEAST: "higher_is_better",
    KeyResultKind.AT_MOST: "lower_is_better",
    KeyResultKind.RANGE: "in_range",
}


def _standard(standing: KeyResultStanding) -> tuple[str, Inputs]:
    row = standing.key_result
    asked = target_words(_DIRECTIONS[row.kind], row.target, row.low, row.high, row.unit)
    inputs: Inputs = (("Asked of each period", asked),)
    if standing.kept is not None:
        met, judged, missing = standing.kept
        inputs += (("Periods that met it", f"{met} of {judged}"),)
        if missing:
            inputs += (("Without a value", f"{missing}, failures once it is graded"),)
    return "Closed periods that met it ÷ closed periods with a value; the edge counts.", inputs


def _hold(standing: KeyResultStanding) -> tuple[str, Inputs]:
    run = NO_VALUE if standing.run is None else str(standing.run)
    return "Periods on target in a row ÷ periods needed.", (
        ("On target in a row", run),
        ("Needed", str(standing.key_result.hold_periods)),
    )


def _yes_no(standing: KeyResultStanding) -> tuple[str, Inputs]:
    said = "not said yet" if standing.value is None else "yes" if standing.value else "no"
    return "100 % once it is so, 0 % until then.", (("Is it so?", said),)


def _milestones(standing: KeyResultStanding) -> tuple[str, Inputs]:
    steps = parts_of(standing.key_result, "milestones")
    inputs = tuple(
        (step.title, f"weight {number(step.weight)}, {'done' if step.done_at else 'not done'}")
        for step in steps
    )
    return "Weights of the milestones done ÷ weights of all.", inputs


def _nothing(standing: KeyResultStanding) -> tuple[str, Inputs]:
    return "As it was kept when the objective closed.", ()


_PARTS: dict[str, Callable[[KeyResultStanding], tuple[str, Inputs]]] = {
    **dict.fromkeys(CHANGES, _change),
    **dict.fromkeys(STANDARDS, _standard),
    KeyResultKind.HOLD: _hold,
    KeyResultKind.YES_NO: _yes_no,
    KeyResultKind.MILESTONES: _milestones,
    **dict.fromkeys(_NO_PROGRESS, _nothing),
}

# -- pace and status ---------------------------------------------------------------------------


def expected(standing: KeyResultStanding, objective: Objective, today: date) -> Explanation:
    """What is expected of a key result today."""
    row = standing.key_result
    if standing.expected is None:
        words = "It has no pace of its own: it does not move evenly over the cycle."
        return Explanation("Expected today", words, (), NO_VALUE)
    ambition = row.ambition or objective.ambition
    score = pace.EXPECTED_SCORE[Ambition(ambition)]
    factor = ("Score", f"{number(score)}, {Ambition(ambition).label.partition(',')[0].lower()}")
    result = percent(standing.expected)
    if row.kind in STANDARDS:
        words = "It is to be met in every period alike, so the expectation does not grow with time."
        return Explanation("Expected today", words, (factor,), result)
    path = parts_of(row, "checkpoints") if row.baseline is not None else ()
    if path:
        steps = tuple(
            (f"By {day_near(step.on, today)}", quantity(step.value, row.unit)) for step in path
        )
        words = "Where the path over its steps is today, as a share of the whole way, × the score."
        return Explanation("Expected today", words, (*steps, factor), result)
    return Explanation(
        "Expected today",
        "Days gone by ÷ days from the first to the last, × the score.",
        (time_gone(objective, today), factor),
        result,
    )


def time_gone(objective: Objective, today: date) -> tuple[str, str]:
    """`("Days gone by", "46 of 91 days since 1 Jul")`."""
    start = objective.begins_on
    span = (objective.cycle.ends_on - start).days
    gone = min(max((today - start).days, 0), span)
    return "Days gone by", f"{gone} of {plural(span, 'day')} since {day_near(start, today)}"


_STATUS_WORDS = {
    Health.CLOSED: "The objective is closed; its figures are frozen.",
    Health.WITHDRAWN: "It was withdrawn and counts for nothing.",
    Health.NOT_STARTED: "Its first day has not come yet.",
    Health.OVERDUE: "Its last day is past and it is not graded yet.",
    Health.NO_DATA: "Nothing has been measured yet.",
    Health.ACHIEVED: "The whole way is done.",
}
_BANDS = "Expected − progress: on track up to 0.10, behind up to 0.25, at risk beyond."
_LEFT = "Whether the periods left are enough: on track with one to spare, behind with none to lose."


def status(standing: KeyResultStanding, objective: Objective, today: date) -> Explanation:
    """Why a key result has the status it has, beside what a person reported."""
    words, inputs = _status_parts(standing, objective, today)
    if standing.reported:
        inputs += (("Reported", str(Reported(standing.reported).label)),)
    if standing.diverges:
        words = f"{words} The report and the figures differ."
    return Explanation("Status", words, inputs, str(standing.health.label))


def _status_parts(
    standing: KeyResultStanding, objective: Objective, today: date
) -> tuple[str, Inputs]:
    if standing.health in _STATUS_WORDS:
        return _STATUS_WORDS[standing.health], ()
    if standing.health == Health.STALE:
        return _stale_parts(standing, objective, today)
    if standing.expected is None or standing.ratio is None:
        return (_LEFT, _hold(standing)[1]) if standing.run is not None else ("", ())
    behind = pace.gap(standing.expected, standing.ratio)
    return _BANDS, (
        ("Expected", percent(standing.expected)),
        ("Progress", percent(standing.ratio)),
        ("Behind by" if behind > 0 else "Ahead by", number(abs(behind), 2)),
    )


def _stale_parts(
    standing: KeyResultStanding, objective: Objective, today: date
) -> tuple[str, Inputs]:
    row = standing.key_result
    if follows(row):
        return "The KPI it follows has not reported, whatever its last value says.", ()
    grace = GRACE_DAYS[Rhythm(objective.rhythm)]
    due = NO_VALUE if row.next_due_on is None else day_near(row.next_due_on, today)
    words = "A check-in is owed and its days of grace are over, whatever the last one says."
    if standing.last is None:
        words = "The first check-in is owed and its days of grace are over."
    return words, (("Check-in due", due), ("Grace", plural(grace, "day")))


def timeliness(
    due_on: date, next_due_on: date, came_on: date | None, rhythm: str, today: date
) -> Explanation:
    """Whether an update came in time: on time to its due day and grace, late until the next."""
    grace = GRACE_DAYS[Rhythm(rhythm)]
    verdict = in_time.timeliness(
        due_on, next_due_on, came_on=came_on, today=today, grace_days=grace
    )
    return Explanation(
        "Timeliness",
        "On time until its day and the grace are over, late until the next is due, then missed.",
        (
            ("Due", f"{day_near(due_on, today)}, {plural(grace, 'day')} of grace"),
            ("Next due", day_near(next_due_on, today)),
            ("Came", NO_VALUE if came_on is None else day_near(came_on, today)),
        ),
        str(verdict.label),
    )


# -- what adds up ------------------------------------------------------------------------------


def objective_progress(standing: ObjectiveStanding) -> Explanation:
    """The weighted mean of an objective's key results."""
    inputs = tuple(
        (row.key_result.title, f"{percent(row.ratio)} × weight {number(row.key_result.weight)}")
        for row in standing.key_results
        if row.counts
    )
    words = "Weighted mean of its key results."
    if any(row.counts and row.ratio is None for row in standing.key_results):
        words += " One without progress counts for nothing yet."
    return Explanation("Progress", words, inputs, percent(standing.progress))


def confidence(standing: ObjectiveStanding) -> Explanation:
    """The weighted mean of what people last said, and the lowest."""
    inputs = tuple(
        (
            row.key_result.title,
            f"{row.confidence} × weight {number(row.key_result.weight)}"
            if row.confidence is not None
            else "not said yet",
        )
        for row in standing.key_results
        if row.counts
    )
    if standing.lowest_confidence is not None:
        inputs += (("Lowest", f"{standing.lowest_confidence} of 10"),)
    mean = standing.confidence
    result = NO_VALUE if mean is None else f"{number(mean, 1)} of 10"
    words = "Weighted mean of the confidence, 0 to 10, last given for each key result."
    return Explanation("Confidence", words, inputs, result)


def team_progress(standings: Iterable[ObjectiveStanding]) -> Explanation:
    """The plain mean of the objectives that are rolled up."""
    rows = [one for one in standings if one.objective.state in ROLLED_UP]
    parts = [(one.objective.title, one.progress) for one in rows]
    return mean_of_objectives(parts, team_standing(rows).progress)


def mean_of_objectives(
    parts: Sequence[tuple[str, Decimal | None]], mean: Decimal | None, *, most: int | None = None
) -> Explanation:
    """The same from titles and progress 0..1; of a long list the `most` first inputs are told."""
    inputs = tuple((title, percent(progress)) for title, progress in parts[:most])
    if len(parts) > len(inputs):
        inputs += ((f"and {len(parts) - len(inputs)} more", "in the list below"),)
    words = "Plain mean of its objectives; drafts, parked and withdrawn ones are not in it."
    if any(progress is None for _, progress in parts):
        words += " One without progress counts for nothing yet."
    return Explanation("Progress", words, inputs, percent(mean))


def objective_status(standing: ObjectiveStanding) -> Explanation:
    """The worst status among an objective's key results."""
    inputs = tuple(
        (row.key_result.title, str(row.health.label)) for row in standing.key_results if row.counts
    )
    order = ", ".join(str(one.label).lower() for one in rollup.SEVERITY)
    words = f"The worst of its key results, in this order: {order}."
    return Explanation("Status", words, inputs, str(standing.health.label))


def objective_expected(standing: ObjectiveStanding, today: date) -> Explanation:
    """What is expected of an objective: of the key results that have progress, weighted alike."""
    inputs: Inputs = (time_gone(standing.objective, today),)
    inputs += tuple(
        (row.key_result.title, percent(row.expected))
        for row in standing.key_results
        if row.counts and row.ratio is not None and row.expected is not None
    )
    words = "Weighted mean of what is expected of its key results by now."
    return Explanation("Expected today", words, inputs, percent(standing.expected))


def objective_grade(parts: Iterable[tuple[str, Decimal, Decimal]], grade: Decimal) -> Explanation:
    """The grade from (title, weight, unrounded share) of each key result that was graded."""
    inputs = tuple(
        (title, f"{number(share, 2)} × weight {number(weight)}") for title, weight, share in parts
    )
    words = "Weighted mean of the key results before rounding, then rounded once, halves up."
    return Explanation("Grade", words, inputs, str(grade))
