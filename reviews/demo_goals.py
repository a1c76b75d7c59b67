"""The demo's company objective of the year, what is aligned to it, and what teams owe each other.

Every kind of key result stands somewhere in it. As in `demo.py`, each step is the app's own action
at the moment it happened.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import UUID, uuid5

from objectives.actions import (
    KeyResultDraft,
    MilestoneDraft,
    StepDraft,
    ensure_cycles,
    record_check_in,
)
from objectives.actions.dependencies import answer_dependency, ask_for
from objectives.actions.lifecycle import park_objective
from objectives.actions.work import add_blocker, add_initiative
from objectives.kinds import CycleKind, KeyResultKind, Level, Origin, Rhythm
from objectives.models import Cycle, KeyResult, Objective
from objectives.rhythm import due_before

if TYPE_CHECKING:
    from reviews.demo import Demo

YEAR = "Become the tool small firms recommend to each other"
STAY_UP = "Ship small changes that stay up"
ONBOARDING = "Our customers love our onboarding"
SPAIN = "Win our first customers in Spain"


def company_year(demo: Demo) -> None:
    """The company's objective of the running year, checked in on every month."""
    ensure_cycles(demo.organisation, demo.now)
    demo.objective(
        demo.month(5, 9),
        "halden",
        "ada",
        YEAR,
        "aspirational",
        _year_rows(year_of(demo)),
        why="Recommended firms stay twice as long and cost half as much to win.",
        cycle=year_of(demo),
        level=Level.COMPANY,
        origin=Origin.TOP_DOWN,
        rhythm=Rhythm.MONTHLY,
    )
    due = due_before(demo.today, Rhythm.MONTHLY, demo.organisation.check_in_weekday)
    demo.at(due, lambda now: _year_check_ins(demo, now))


def year_of(demo: Demo) -> Cycle:
    """The year that holds today."""
    years = Cycle.objects.of(demo.organisation).filter(kind=CycleKind.YEAR)
    return years.get(starts_on__lte=demo.today, ends_on__gte=demo.today)


def _year_rows(year: Cycle) -> list[KeyResultDraft]:
    quarter = (year.ends_on - year.starts_on) / 4
    days = [year.starts_on + quarter * n for n in (1, 2, 3)]
    return [
        KeyResultDraft(
            title="Customers won by recommendation rise from 12 to 60 a month",
            kind=KeyResultKind.INCREASE,
            baseline=Decimal(12),
            target=Decimal(60),
            unit="a month",
            steps=tuple(
                [StepDraft(day, Decimal(v)) for day, v in zip(days, (15, 22, 40), strict=True)]
            ),
        ),
        KeyResultDraft(
            title="Partner programme is open in three countries",
            kind=KeyResultKind.MILESTONES,
            milestones=(
                MilestoneDraft("Norway", due_on=days[0]),
                MilestoneDraft("Sweden", due_on=days[1]),
                MilestoneDraft("Denmark", weight=Decimal(2), due_on=days[2]),
            ),
        ),
        KeyResultDraft(title="Security certificate is granted", kind=KeyResultKind.YES_NO),
        KeyResultDraft(
            title="Support contacts for each account stay at most 2",
            kind=KeyResultKind.AT_MOST,
            target=Decimal(2),
        ),
    ]


def _year_check_ins(demo: Demo, now: datetime) -> None:
    ada = demo.people["ada"]
    said = (("23", 6, ""), (None, 7, "Norway is open."), ("0", 5, ""), ("1.8", 8, ""))
    for place, (value, confidence, note) in enumerate(said, start=1):
        row = KeyResult.objects.get(objective__title=YEAR, position=place)
        first = row.milestones.order_by("position").values_list("pk", flat=True)[:1]
        record_check_in(
            row,
            value=None if value is None else Decimal(value),
            confidence=confidence,
            note=note,
            author=ada,
            now=now,
            token=token(f"{YEAR}/{place}"),
            version=row.version,
            milestones=list(first) if row.kind == KeyResultKind.MILESTONES else None,
        )


def token(name: str) -> UUID:
    """The form a step of the demo came with."""
    return uuid5(UUID(int=0), name)


def stay_up(demo: Demo) -> None:
    """Engineering's objective: a KPI to hold, milestones, work under it and what is in the way."""
    start = demo.today - timedelta(days=33)
    rows = [
        KeyResultDraft(
            title="Time to restore service stays at most 2 h",
            kind=KeyResultKind.AT_MOST,
            target=Decimal(2),
            unit="h",
            kpi=demo.kpis["restore"],
            kpi_follows=True,
        ),
        KeyResultDraft(
            title="Changes that are rolled back drop from 9 to 3 %",
            kind=KeyResultKind.DECREASE,
            baseline=Decimal(9),
            target=Decimal(3),
            unit="%",
        ),
        KeyResultDraft(
            title="Every service leaves by the new pipeline",
            kind=KeyResultKind.MILESTONES,
            milestones=tuple([MilestoneDraft(name) for name in ("Billing", "Accounts", "Reports")]),
        ),
    ]
    demo.objective(start, "engineering", "chidi", STAY_UP, "committed", rows, parent=YEAR)
    chidi = demo.people["chidi"]
    demo.check_ins(STAY_UP, 2, chidi, demo.weekly(("8.4", 6), ("8", 6), ("7.1", 6), ("6.2", 7)))
    demo.at(start + timedelta(days=2), lambda now: _work(demo, now))


def _work(demo: Demo, now: datetime) -> None:
    chidi = demo.people["chidi"]
    row = KeyResult.objects.get(objective__title=STAY_UP, position=3)
    add_initiative(
        row,
        title="Move the reports to the new pipeline",
        owner=chidi,
        due_on=demo.today + timedelta(days=9),
        token=token("initiative"),
        actor=chidi,
        now=now,
    )
    add_blocker(
        row,
        what="The move of the data centre holds the test machines",
        remover=demo.people["ada"],
        by_on=demo.today + timedelta(days=5),
        token=token("blocker"),
        actor=chidi,
        now=now,
    )


def owed(demo: Demo) -> None:
    """Customer Success needs something of Engineering, which confirms it."""

    def ask(now: datetime) -> None:
        objective = Objective.objects.get(title=ONBOARDING)
        made = ask_for(
            objective,
            demo.teams["engineering"],
            what="Sign-up without a second password",
            needed_on=min(objective.cycle.ends_on, demo.today + timedelta(days=20)),
            token=token("dependency"),
            actor=demo.people["alice"],
            now=now,
        )
        answer_dependency(
            made,
            confirmed=True,
            reason="With the release after the move.",
            actor=demo.people["chidi"],
            now=now,
            version=made.version,
        )

    demo.at(demo.today - timedelta(days=30), ask)


def parked(demo: Demo) -> None:
    """Marketing has an idea that waits."""
    day = demo.today - timedelta(days=29)
    row = KeyResultDraft(
        title="Paying firms in Spain rise from 0 to 15",
        kind=KeyResultKind.INCREASE,
        baseline=Decimal(0),
        target=Decimal(15),
    )
    demo.objective(day, "marketing", "dana", SPAIN, "aspirational", [row], is_published=False)

    def park(now: datetime) -> None:
        objective = Objective.objects.get(title=SPAIN)
        park_objective(
            objective,
            reason="Not before the partner programme pays for itself.",
            actor=demo.people["dana"],
            now=now,
            version=objective.version,
        )

    demo.at(day + timedelta(days=1), park)


def plan_goals(demo: Demo) -> None:
    """Everything of this module, in the order it is told."""
    company_year(demo)
    stay_up(demo)
    owed(demo)
    parked(demo)
