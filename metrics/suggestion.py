"""What a raise suggests: the evidence sentence, a draft objective and its cycle (signals.md 12).

Nothing here creates anything: a person edits the draft and accepts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metrics.kinds import Direction, PeriodStatus
from metrics.wording import leading, period_noun, periods, quantity, target_words

AT_LEAST = "at_least"
AT_MOST = "at_most"

_JUDGED = {PeriodStatus.ON_TARGET, PeriodStatus.NEAR_TARGET, PeriodStatus.OFF_TARGET}


@dataclass(frozen=True, slots=True)
class Aim:
    """The first key result: from the latest judged value to a bound, in the KPI's unit.

    `operator` says which side of `target` counts as reached; the bound itself does.
    """

    text: str
    start: Decimal
    target: Decimal
    operator: str


@dataclass(frozen=True, slots=True)
class Hold:
    """The second key result: on target for `periods` periods in a row."""

    text: str
    periods: int


@dataclass(frozen=True, slots=True)
class Draft:
    """A suggested objective. `driver` asks for the third key result, which the owner names."""

    objective: str
    aim: Aim
    hold: Hold
    driver: str


def evidence_sentence(
    name: str, statuses: Sequence[str], cadence: str, *, is_over: bool = False
) -> str:
    """Return `<KPI> was off target in 3 of the last 4 months`.

    `statuses` are those of the last periods; only the judged ones that have a value count. Of a
    single period it says `was off target in the last year`, and of none how many have no value.
    `is_over`: they are not the last ones any more, so it says `in 3 of 4 months`.
    """
    judged = [status for status in statuses if status in _JUDGED]
    if not judged:
        missing = list(statuses).count(PeriodStatus.MISSING)
        return f"{name} has had no value for {periods(missing, cadence)}" if missing else ""
    off = judged.count(PeriodStatus.OFF_TARGET)
    if len(judged) == 1:
        was = "was off target" if off else "was not off target"
        return f"{name} {was} in {'one' if is_over else 'the last'} {period_noun(cadence)}"
    among = "" if is_over else "the last "
    return f"{name} was off target in {off} of {among}{periods(len(judged), cadence)}"


def draft(
    name: str,
    *,
    direction: str,
    latest: Decimal,
    recovery: int,
    cadence: str,
    unit: str = "",
    target: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
) -> Draft:
    """Return the draft for a KPI whose latest judged value is `latest`.

    `recovery` is M, the on-target periods that resolve a signal. Raises ValueError without
    a target.
    """
    bound, operator = breached_bound(latest, direction, target=target, low=low, high=high)
    span = periods(recovery, cadence).replace(" ", " consecutive ", 1)
    length = span if recovery > 1 else f"one {period_noun(cadence)}"
    return Draft(
        objective=f"Bring {name} back to target",
        aim=Aim(_aim_text(name, latest, bound, operator, unit), latest, bound, operator),
        hold=Hold(f"{name} is on target for {length}", recovery),
        driver=f"What has to change so that {name} moves?",
    )


def breached_bound(
    value: Decimal,
    direction: str,
    *,
    target: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
) -> tuple[Decimal, str]:
    """Return the bound to reach and its operator: the target, or the bound of the range.

    Of a range that is the breached bound, inside it the nearer one (the lower if both are equally
    near). Raises ValueError without a target.
    """
    if direction == Direction.RANGE:
        if low is None or high is None:
            raise ValueError("a range needs both of its bounds")
        is_low = value < low or (value <= high and value - low <= high - value)
        return (low, AT_LEAST) if is_low else (high, AT_MOST)
    if target is None:
        raise ValueError("a KPI without a target has nothing to return to")
    return target, AT_LEAST if direction == Direction.HIGHER else AT_MOST


def _aim_text(name: str, start: Decimal, bound: Decimal, operator: str, unit: str) -> str:
    """Return `<KPI> rises from 38 to 45`; a value that is there already `holds at least 45`."""
    if reaches(start, bound, operator):
        words = "at least" if operator == AT_LEAST else "at most"
        return f"{name} holds {words} {quantity(bound, unit)}"
    verb = "rises" if operator == AT_LEAST else "drops"
    return f"{name} {verb} from {leading(start, unit)} to {quantity(bound, unit)}"


def reaches(value: Decimal, bound: Decimal, operator: str) -> bool:
    """Tell whether a value counts as reached; the bound itself does."""
    return value >= bound if operator == AT_LEAST else value <= bound


def choose_cycle(
    period_ends: Sequence[date], recovery: int, cycles: Sequence[tuple[date, date]]
) -> tuple[date, date] | None:
    """Return the cycle whose last day is the deadline, so that success can be seen in time.

    `period_ends` are the last days of the full KPI periods after the running one, in order;
    `cycles` the (first day, last day) of the OKR cycles, both inside. It is the first cycle that
    ends on or after the last day of the M-th period; None if no known cycle reaches so far.
    """
    if len(period_ends) < recovery:
        return None
    seen_on = period_ends[recovery - 1]
    fitting = [cycle for cycle in cycles if cycle[1] >= seen_on]
    return min(fitting, key=lambda cycle: (cycle[1], cycle[0]), default=None)


def aim_note(
    aim: Decimal,
    direction: str,
    *,
    unit: str = "",
    target: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
) -> str:
    """Return a question if a key result aims short of its KPI's target (W25), else nothing."""
    inside = {
        Direction.HIGHER: target is None or aim >= target,
        Direction.LOWER: target is None or aim <= target,
        Direction.RANGE: low is None or high is None or low <= aim <= high,
    }[Direction(direction)]
    if inside:
        return ""
    words = target_words(direction, target, low, high, unit)
    return f"Aims for {quantity(aim, unit)} while the KPI’s target is {words}. Is that enough?"
