"""The closed vocabularies of the objectives app, shared by models and by the pure modules."""

from decimal import Decimal

from django.db.models import TextChoices

from metrics.kinds import Direction


class Ambition(TextChoices):
    """How much of the way counts as success (product.md 2.3)."""

    COMMITTED = "committed", "Committed, 1.0 expected"
    ASPIRATIONAL = "aspirational", "Aspirational, 0.7 is success"


class Level(TextChoices):
    """Whose objective it is; individual ones exist only where an administrator allows them."""

    COMPANY = "company", "Company"
    TEAM = "team", "Team"
    INDIVIDUAL = "individual", "Individual"


class Fate(TextChoices):
    """What becomes of the objectives aligned to what is withdrawn."""

    ABOVE = "above", "Align them to what stands above it"
    ALONE = "alone", "Let them stand for themselves"


class Origin(TextChoices):
    """Where the objective came from (product.md A12)."""

    TOP_DOWN = "top_down", "top-down"
    BOTTOM_UP = "bottom_up", "bottom-up"


class CycleKind(TextChoices):
    """How long a cycle is; `custom` has any first and last day."""

    YEAR = "year", "year"
    QUARTER = "quarter", "quarter"
    FOUR_MONTH = "four_month", "four months"
    CUSTOM = "custom", "own dates"


class Rhythm(TextChoices):
    """How often its key results are checked in on (product.md 2.11)."""

    WEEKLY = "weekly", "every week"
    MONTHLY = "monthly", "every month"


class KeyResultKind(TextChoices):
    """How a key result is measured.

    `increase` and `decrease` go from a baseline to a target; `at_least`, `at_most` and `range` are
    met or not in each closed period; `hold` is on target for some periods of its KPI in a row;
    `find_baseline` has no progress until the baseline is known; `open` waits for a person to name
    what drives the result, and has no progress.
    """

    INCREASE = "increase", "increase, from a baseline to a target"
    DECREASE = "decrease", "decrease, from a baseline to a target"
    AT_LEAST = "at_least", "at least, in every period"
    AT_MOST = "at_most", "at most, in every period"
    RANGE = "range", "within a range, in every period"
    YES_NO = "yes_no", "yes or no"
    MILESTONES = "milestones", "milestones"
    FIND_BASELINE = "find_baseline", "find the baseline first"
    HOLD = "hold", "on target, periods in a row"
    OPEN = "open", "driver still to be named"


# Kinds that go from a baseline to a target.
CHANGES = frozenset({KeyResultKind.INCREASE, KeyResultKind.DECREASE})
# Kinds that are met or not in each closed period.
STANDARDS = frozenset({KeyResultKind.AT_LEAST, KeyResultKind.AT_MOST, KeyResultKind.RANGE})
# Kinds nobody types a value of: milestones are ticked, a hold is its KPI's, an open one has none.
WITHOUT_VALUE = frozenset({KeyResultKind.MILESTONES, KeyResultKind.HOLD, KeyResultKind.OPEN})


def change_kind(baseline: Decimal | None, target: Decimal | None, direction: str = "") -> str:
    """What two numbers make of a key result: which way it goes, or open without a target.

    Without a baseline the `direction` of its KPI decides, else it rises.
    """
    if target is None:
        return KeyResultKind.OPEN
    falls = direction == Direction.LOWER if baseline is None else target < baseline
    return KeyResultKind.DECREASE if falls else KeyResultKind.INCREASE


class Reported(TextChoices):
    """What a person says of a key result, beside what is computed."""

    NOTHING = "", "not said"
    ON_TRACK = "on_track", "On track"
    BEHIND = "behind", "Behind"
    AT_RISK = "at_risk", "At risk"


class Health(TextChoices):
    """The status of a key result or an objective, computed and never stored (product.md 2.3)."""

    CLOSED = "closed", "Closed"
    WITHDRAWN = "withdrawn", "Withdrawn"
    NOT_STARTED = "not_started", "Not started"
    OVERDUE = "overdue", "Overdue"
    STALE = "stale", "Stale"
    NO_DATA = "no_data", "No data yet"
    ACHIEVED = "achieved", "Achieved"
    ON_TRACK = "on_track", "On track"
    BEHIND = "behind", "Behind"
    AT_RISK = "at_risk", "At risk"
