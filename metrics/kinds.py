"""The closed vocabularies of the metrics app, shared by models and by the pure modules."""

from django.db.models import TextChoices


class CadenceKind(TextChoices):
    """How often a KPI has a period (signals.md 4)."""

    DAILY = "daily", "daily"
    WEEKLY = "weekly", "weekly"
    MONTHLY = "monthly", "monthly"
    QUARTERLY = "quarterly", "quarterly"
    YEARLY = "yearly", "yearly"


class Direction(TextChoices):
    """Which way is better."""

    LOWER = "lower_is_better", "lower is better"
    HIGHER = "higher_is_better", "higher is better"
    RANGE = "in_range", "inside a range"


class Accumulation(TextChoices):
    """What a target is for: each period by itself, or the total of a fiscal window."""

    PERIOD = "", "each period by itself"
    QUARTER = "quarterly", "the total of the fiscal quarter"
    YEAR = "yearly", "the total of the fiscal year"


class Aggregation(TextChoices):
    """How the readings inside a period become its value (signals.md 5)."""

    LAST = "last", "last"
    SUM = "sum", "sum"
    MEAN = "mean", "mean"
    MIN = "min", "smallest"
    MAX = "max", "largest"
    COUNT = "count", "count"
    RATIO = "ratio", "ratio of sums"


class PeriodStatus(TextChoices):
    """The status of one period at one moment, in the order of signals.md 6."""

    OPEN = "open", "Open"
    EXCLUDED = "excluded", "Excluded"
    AWAITING = "awaiting", "Awaiting"
    MISSING = "missing", "Missing"
    NO_TARGET = "no_target", "Informative"
    ON_TARGET = "on_target", "On target"
    NEAR_TARGET = "near_target", "Near target"
    OFF_TARGET = "off_target", "Off target"


class MissingPolicy(TextChoices):
    """What a period without a value does to a streak (signals.md 7)."""

    HOLD = "hold", "hold"
    RESET = "reset", "reset"
    COUNT = "count", "count as off target"


class NearPolicy(TextChoices):
    """What a near-target period does to a streak (signals.md 7)."""

    HOLD = "hold", "hold"
    RESET = "reset", "reset"
    COUNT = "count", "count as off target"


class Severity(TextChoices):
    """The grade of a signal (signals.md 10)."""

    MINOR = "minor", "minor"
    MAJOR = "major", "major"
    CRITICAL = "critical", "critical"


class Theme(TextChoices):
    """What sort of health a KPI tells of (product.md B12); empty where nobody has said."""

    GROWTH = "growth", "growth"
    RETENTION = "retention", "retention"
    ENGAGEMENT = "engagement", "engagement"
    QUALITY = "quality", "quality"
    FINANCE = "finance", "finance"


class SignalKind(TextChoices):
    """What an episode is about (signals.md 3)."""

    OFF_TARGET = "off_target", "Off target"
    DATA_STALE = "data_stale", "Data stale"
    SPECIAL_CAUSE = "special_cause", "Special cause"


class EndReason(TextChoices):
    """Why an episode ended (signals.md 7; `reported` ends a stale one, 8)."""

    RECOVERED = "recovered", "recovered"
    STANDARD_RELAXED = "standard_relaxed", "target relaxed"
    STANDARD_WITHDRAWN = "standard_withdrawn", "target withdrawn"
    REPORTED = "reported", "values came again"


class Assurance(TextChoices):
    """Can the process meet its target by itself? (signals.md 11)."""

    UNKNOWN = "unknown", "unknown"
    CAPABLE = "capable", "capable"
    HIT_OR_MISS = "hit_or_miss", "hit or miss"
    INCAPABLE = "incapable", "incapable"
