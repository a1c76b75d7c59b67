"""The share of the target that the latest value reached, and where the number comes from."""

from __future__ import annotations

from typing import NamedTuple

from metrics.achievement import achievement
from metrics.kinds import Direction
from metrics.kpi_page.targets import words
from metrics.models import Kpi
from metrics.replay import Verdict
from metrics.wording import percent, quantity


class Achieved(NamedTuple):
    """`98 %` `of target`, and the sentence and the sum that explain it."""

    share: str
    of: str
    facts: str
    sum: str


def achieved(kpi: Kpi, latest: Verdict | None) -> Achieved | None:
    """Of the newest period that has a value; None where a share of the target means nothing."""
    if latest is None or latest.rule is None or latest.value is None:
        return None
    target = latest.rule.source.target
    share = achievement(latest.value, target, kpi.direction)
    if share is None:
        return None
    shown, value, aim = (
        percent(share),
        quantity(latest.value, kpi.unit),
        quantity(target, kpi.unit),
    )
    ratio = f"{value} ÷ {aim}"
    return Achieved(
        shown,
        "of what is due" if latest.rule.source.over else "of target",
        f"{value} where {words(latest.rule, kpi.direction, kpi.unit)} is wanted.",
        f"2 − {ratio} = {shown}" if kpi.direction == Direction.LOWER else f"{ratio} = {shown}",
    )
