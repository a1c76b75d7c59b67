"""The headline of the dashboard in words: figures with where they come from and what they link to.

Pure.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.figures import clock
from metrics.wording import NO_VALUE, number, percent, plural
from objectives import explain
from objectives.explain import Explanation
from reviews.dashboards.headline import Headline
from reviews.dashboards.picture import Picture
from reviews.dashboards.weeks import SHOWN, share

MOST_INPUTS = 30


class Fact(NamedTuple):
    """One headline figure: the term is explained, the value links to what it counts."""

    ident: str
    term: str
    value: str
    small: str
    below: str | SafeString
    url: str
    explanation: Explanation


def hidden_words(count: int) -> str:
    """`1 hidden`; empty for none."""
    return f"{count:,} hidden" if count else ""


def _below(*parts: str) -> str:
    return ", ".join(part for part in parts if part)


def facts(picture: Picture, top: Headline, links: dict[str, str]) -> list[Fact]:
    """The six figures; `links` are the addresses of what each counts, by its ident."""
    found = [
        _on_target(picture, top),
        _off_target(top),
        _to_decide(picture, top),
        _progress(picture, top),
        _speed(top),
        _updates(top),
    ]
    return [one._replace(url=links.get(one.ident, one.url)) for one in found]


def _on_target(picture: Picture, top: Headline) -> Fact:
    inputs = (
        ("On target", f"{top.on:,}"),
        ("Near target", f"{top.near:,}"),
        ("Off target", f"{top.off:,}"),
        ("Stale", f"{top.stale:,}"),
        ("Without a target or data", f"{top.kpis - top.judged:,}"),
    )
    words = "KPIs whose last judged period met its target, of all KPIs you may see."
    hidden = hidden_words(picture.hidden_kpis)
    return Fact(
        "on-target",
        "KPIs on target",
        f"{top.on:,}",
        f"of {top.kpis:,}",
        _below(f"{top.near:,} near, {top.stale:,} stale", hidden),
        "#engine",
        Explanation("KPIs on target", words, inputs, f"{top.on:,} of {top.kpis:,}"),
    )


def _off_target(top: Headline) -> Fact:
    longest = f"longest: {top.longest.age}" if top.longest else "none"
    inputs = ((top.longest.name, top.longest.age),) if top.longest else ()
    words = "KPIs whose last judged period missed its target and its near band."
    return Fact(
        "off-target",
        "Off target",
        f"{top.off:,}",
        "",
        longest,
        "#off",
        Explanation("Off target", words, inputs, f"{top.off:,}"),
    )


def _to_decide(picture: Picture, top: Headline) -> Fact:
    below: str | SafeString = "none waits"
    if top.first_due is not None:
        below = due_clock(top.first_due, picture.scope)
    elif top.undecided:
        below = "without a date"
    words = "Open signals that nobody has answered and nobody has snoozed."
    return Fact(
        "to-decide",
        "Signals to decide",
        f"{top.undecided:,}",
        "",
        below,
        "#decide",
        Explanation(
            "Signals to decide", words, (("Past their date", f"{top.overdue:,}"),), ""
        )._replace(result=f"{top.undecided:,}"),
    )


def due_clock(signal, scope) -> SafeString:
    """The response clock of a signal that has a date."""
    opened = scope.organisation.today(signal.opened_at)
    whole = (signal.decide_by - opened).days
    return clock((signal.decide_by - scope.on).days, max(whole, 1))


def _progress(picture: Picture, top: Headline) -> Fact:
    goals = top.goals
    hidden = hidden_words(picture.hidden_objectives)
    below = "no objective yet" if not goals.count else "no data yet"
    if goals.progress is not None:
        below = f"{percent(goals.expected)} expected"
    value, small = percent_parts(goals.progress)
    why = explain.mean_of_objectives(
        [(one.title, one.progress) for one in picture.goals], goals.progress, most=MOST_INPUTS
    )
    why = why._replace(inputs=(*why.inputs, ("Expected, the same mean", percent(goals.expected))))
    return Fact(
        "progress", "Objectives, progress", value, small, _below(below, hidden), "#dest", why
    )


def percent_parts(ratio: Decimal | None) -> tuple[str, str]:
    """The number and its sign apart; a dash for None."""
    return (NO_VALUE, "") if ratio is None else (percent(ratio)[:-2], "%")


def _speed(top: Headline) -> Fact:
    days = top.median_days
    inputs = (("Answered", f"{top.answered:,}"),)
    words = (
        "Median days from a signal's opening to its first decision, over the last four quarters."
    )
    return Fact(
        "speed",
        "First answer to a signal",
        NO_VALUE if days is None else number(days, 1),
        "" if days is None else "days",
        f"median, {top.answered:,} answered",
        "#speed",
        Explanation("First answer", words, inputs, NO_VALUE if days is None else number(days, 1)),
    )


def _updates(top: Headline) -> Fact:
    ratio = share(top.in_time, top.due)
    value, small = percent_parts(ratio)
    words = (
        f"Check-ins that came by their day and its grace, of those due in the last {SHOWN} weeks. "
        "What follows a KPI owes none; what may still come is not in it."
    )
    inputs = (("In time", f"{top.in_time:,}"), ("Due", f"{top.due:,}"))
    return Fact(
        "updates",
        "Updates on time",
        value,
        small,
        f"{plural(top.due, 'update')} due" if top.due else "none was due",
        "#map",
        Explanation("Updates on time", words, inputs, percent(ratio)),
    )


def lead(top: Headline) -> SafeString:
    """The page in two or three sentences."""
    if not top.kpis and not top.goals.count:
        return SafeString("Nothing to show yet: no KPI and no objective stands here.")
    first = format_html("<b>{} of {} off target.</b>", f"{top.off:,}", plural(top.kpis, "KPI"))
    waits = "No signal waits for a decision."
    if top.undecided:
        verb = "waits" if top.undecided == 1 else "wait"
        late = f", {top.overdue:,} past the date" if top.overdue else ""
        waits = f"{plural(top.undecided, 'signal')} {verb} for a decision{late}."
    goals = ""
    if top.goals.progress is not None:
        goals = format_html(
            " Objectives stand at <b>{}</b> where {} is expected; {} at risk.",
            percent(top.goals.progress),
            percent(top.goals.expected),
            f"{top.at_risk:,}" if top.at_risk else "none",
        )
    elif not top.goals.count:
        goals = " No objective in this cycle yet."
    return format_html("{} {}{}", first, waits, goals)
