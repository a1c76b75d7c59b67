"""The closed vocabularies of the objectives app, shared by models and by the pure modules."""

from django.db.models import TextChoices


class Ambition(TextChoices):
    """How much of the way counts as success (product.md 2.3)."""

    COMMITTED = "committed", "Committed, 1.0 expected"
    ASPIRATIONAL = "aspirational", "Aspirational, 0.7 is success"


class KeyResultKind(TextChoices):
    """How a key result is measured.

    `change` goes from a baseline to a target; `hold` is on target for some periods of its KPI in a
    row; `open` waits for a person to name what drives the result, and has no progress.
    """

    CHANGE = "change", "from a baseline to a target"
    HOLD = "hold", "on target, periods in a row"
    OPEN = "open", "driver still to be named"


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
