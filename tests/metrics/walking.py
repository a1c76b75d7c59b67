"""Series of weeks as words, and what a replay of them says."""

from datetime import date, timedelta
from decimal import Decimal

from metrics.judging import Target, compile_targets
from metrics.periods import timeline
from metrics.replay import OFF_KIND, Settings, replay

START = date(2026, 6, 1)
DAY = timedelta(days=1)


def week(number):
    return START + DAY * 7 * (number - 1)


def target(since=1, value=40, **over):
    numbers = {
        name: Decimal(one) if name in ("tolerance", "fast_gap") else one
        for name, one in over.items()
    }
    if over.get("withdrawn"):
        return Target(week(since), withdrawn=True)
    return Target(week(since), target=Decimal(value), **numbers)


def walk(series, *targets, today=None, excluded=(), checkpoint="", changes=(), **chosen):
    """Replay a weekly, higher-is-better series (`·` no value, `x` excluded) from the first week;
    N and M are 2 unless chosen."""
    chosen = {"patience": 2, "recovery": 2, **chosen}
    values, left_out = {}, set(excluded)
    symbols = series.split()
    for number, text in enumerate(symbols, start=1):
        if text == "x":
            left_out.add(week(number))
        elif text != "·":
            values[week(number)] = Decimal(text)
    compiled = compile_targets(
        "higher_is_better",
        targets or (target(),),
        patience=chosen["patience"],
        recovery=chosen["recovery"],
    )
    return replay(
        Settings(**chosen),
        timeline(START, "weekly", tuple(changes)),
        compiled,
        values,
        left_out,
        today or week(len(symbols) + 1),
        checkpoint,
        want_verdicts=True,
    )


def number(day):
    return None if day is None else (day - START).days // 7 + 1


def spans(result, kind=OFF_KIND):
    """Spans of each episode as (first, raised, ended, reason), in week numbers."""
    return [
        [(number(s.first), number(s.raised), number(s.ended), s.reason) for s in one.spans]
        for one in result.episodes
        if one.kind == kind
    ]


def streaks(result):
    return [one.streak for one in result.verdicts]


def statuses(result):
    return [one.status for one in result.verdicts]
