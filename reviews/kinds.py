"""The closed vocabularies of the reviews app."""

from django.db.models import TextChoices


class ReviewKind(TextChoices):
    """What a review looks at."""

    QUARTERLY = "quarterly", "review of the cycle"
    MID_CYCLE = "mid_cycle", "mid-cycle look"
    MONTHLY = "monthly", "monthly look"


class Decision(TextChoices):
    """What becomes of an objective after its cycle."""

    KEEP = "keep", "Keep"
    MODIFY = "modify", "Modify"
    DROP = "drop", "Drop"
