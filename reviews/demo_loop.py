"""What the demo's people did about signals: an OKR that ended, one that runs, a dismissal.

As in `demo.py`, each step is the app's own action at the moment it happened.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from metrics.decisions import acknowledge, dismiss
from metrics.kinds import CadenceKind
from metrics.next_target import Bounds
from metrics.periods import next_period, period_of
from metrics.treatments import choose_next_target
from objectives.actions import (
    Grade,
    KeyResultDraft,
    ObjectiveDraft,
    close_objective,
    cycle_holding,
    draft_objective_from_signal,
    publish_objective,
)
from objectives.models import Cycle, Objective
from objectives.standing import objective_standing
from reviews.demo_goals import YEAR
from teams.models import User

if TYPE_CHECKING:
    from reviews.demo import Demo


def churn_is_fixed(demo: Demo) -> None:
    """Churn above 12 % for three months, the OKR, and the standard after it."""
    alice, bob = demo.people["alice"], demo.people["bob"]

    def draft(now: datetime) -> None:
        answer_with_okr(
            demo,
            "churn",
            "Build the customer success muscle we do not yet have",
            "aspirational",
            [
                KeyResultDraft(
                    title="Monthly churn rate falls from 12.1 to 8 %",
                    baseline=Decimal("12.1"),
                    target=Decimal(8),
                    unit="%",
                    kpi=demo.kpis["churn"],
                    kpi_follows=True,
                ),
                KeyResultDraft(
                    title="At-risk accounts that get a call within 48 h rise from 35 to 80 %",
                    baseline=Decimal(35),
                    target=Decimal(80),
                    unit="%",
                ),
            ],
            cycle=cycle_holding(demo.organisation, demo.organisation.today(now)),
            actor=alice,
            now=now,
        )

    demo.at(demo.month(5, 8), draft)
    demo.check_ins(
        "Build the customer success muscle we do not yet have",
        2,
        bob,
        [
            (demo.month(4, 6), "44", 5, "Flagging works; calls are slow to follow."),
            (demo.month(4, 20), "52", 5, "Two people now make the calls."),
            (demo.month(3, 8), "61", 6, "A call list every morning."),
            (demo.month(3, 22), "68", 7, ""),
            (demo.month(2, 3), "72", 7, "Holding, with fewer reminders."),
        ],
    )
    demo.at(demo.month(2, 6), lambda now: _close_churn(demo, now))


def _close_churn(demo: Demo, now: datetime) -> None:
    alice = demo.people["alice"]
    objective = Objective.objects.get(signal__kpi=demo.kpis["churn"])
    rows = objective_standing(
        Objective.objects.with_parts().get(pk=objective.pk), demo.organisation.today(now)
    ).key_results
    closed = close_objective(
        objective,
        grades={
            row.key_result.pk: Grade(grade)
            for row, grade in zip(rows, (Decimal("0.9"), Decimal("0.8")), strict=True)
        },
        note="Health scoring stays; the call list becomes routine.",
        actor=alice,
        now=now,
        version=objective.version,
    )
    choose_next_target(
        closed.signal.treatment,
        choice="own",
        own=Bounds(target=Decimal("8.5")),
        reason="Legacy plans carry half a point we choose to accept this year.",
        effective_on=next_period(
            period_of(demo.organisation.today(now), CadenceKind.MONTHLY, 1)
        ).start,
        actor=alice,
        now=now,
    )


def cac_is_being_addressed(demo: Demo) -> None:
    """Acquisition cost above $180: an OKR runs, and the KPI still shows its true status."""
    title = "Reach the right firms without buying every click"

    def draft(now: datetime) -> None:
        answer_with_okr(
            demo,
            "cac",
            title,
            "committed",
            [
                KeyResultDraft(
                    title="Customer acquisition cost falls from $211 to $180",
                    baseline=Decimal(211),
                    target=Decimal(180),
                    unit="$",
                    kpi=demo.kpis["cac"],
                    kpi_follows=True,
                ),
                KeyResultDraft(
                    title="New customers by recommendation rise from 12 to 30 a month",
                    baseline=Decimal(12),
                    target=Decimal(30),
                ),
            ],
            cycle=cycle_holding(demo.organisation, demo.today),
            parent=YEAR,
            actor=demo.people["dana"],
            now=now,
        )

    demo.at(demo.month(2, 5), draft)
    demo.check_ins(
        title,
        2,
        demo.people["emre"],
        [
            (demo.month(2, 12), "13", 6, ""),
            (demo.month(2, 26), "15", 6, "First partner page is live."),
            (demo.month(1, 10), "18", 6, "Two partners write about us."),
            (demo.month(1, 24), "21", 7, ""),
            (demo.today - timedelta(days=5), "23", 7, "Third partner starts next week."),
        ],
    )


def other_objectives(demo: Demo) -> None:
    """Objectives that answer no signal, and the answers that were not an OKR."""
    start = demo.today - timedelta(days=36)
    demo.objective(
        start,
        "people",
        "emre",
        "Make onboarding a competitive advantage",
        "aspirational",
        [
            demo.way(
                "New hire 90-day retention rises from 84 to 92 %", "84", "92", "%", "retention"
            ),
            demo.way(
                "Time to first own release drops from 60 to 45 days", "60", "45", "days", None
            ),
            demo.way(
                "Manager satisfaction with onboarding rises from 3.6 to 4.2",
                "3.6",
                "4.2",
                "",
                None,
            ),
        ],
    )
    onboarding = "Make onboarding a competitive advantage"
    emre = demo.people["emre"]
    release = demo.weekly(("60", 5), ("60", 5), ("58", 5), ("56", 6), ("55", 6))
    demo.check_ins(onboarding, 2, emre, release)
    manager = demo.weekly(("3.6", 5), ("3.6", 5), ("3.7", 6), ("3.8", 6), ("3.9", 7))
    demo.check_ins(onboarding, 3, emre, manager)
    demo.objective(
        start,
        "cs",
        "alice",
        "Our customers love our onboarding",
        "aspirational",
        [
            demo.way("Onboarding NPS rises from 32 to 55", "32", "55", "", None, "bob"),
            demo.way(
                "90-day retention of new customers rises from 84 to 92 %",
                "84",
                "92",
                "%",
                None,
            ),
            demo.way(
                "Time to first value drops from 21 to 10 days", "21", "10", "days", None, "bob"
            ),
        ],
        parent=YEAR,
    )
    love = "Our customers love our onboarding"
    alice, bob = demo.people["alice"], demo.people["bob"]
    nps = demo.weekly(("32", 5), ("33", 6), ("34", 6), ("37", 7), ("41", 7))
    demo.check_ins(love, 1, bob, nps)
    # Alice has left the last week open: it is the first thing that My week shows her.
    stayed = demo.weekly(("84", 5), ("84.2", 6), ("85.5", 6), ("86.4", 6), ("86.4", 6))
    demo.check_ins(love, 2, alice, stayed[:-1])
    first = demo.weekly(("21", 6), ("21", 6), ("20", 6), ("20", 5), ("18", 5))
    demo.check_ins(love, 3, bob, first)

    def freeze(now: datetime) -> None:
        signal = demo.signal("deploys")
        acknowledge(signal, actor=demo.people["chidi"], now=now)
        dismiss(
            demo.signal("deploys"),
            reason="Release freeze while the data centre moves; over in two weeks.",
            actor=demo.people["chidi"],
            now=now,
            version=demo.signal("deploys").version,
        )

    raised = demo.periods_of("deploys")[77].end
    demo.at(raised + timedelta(days=2), freeze)


def answer_with_okr(
    demo: Demo,
    key: str,
    title: str,
    ambition: str,
    rows: list,
    *,
    cycle: Cycle,
    parent: str = "",
    actor: User,
    now: datetime,
) -> None:
    signal = demo.signal(key)
    objective = draft_objective_from_signal(
        signal,
        ObjectiveDraft(
            title=title,
            ambition=ambition,
            owner=actor,
            cycle=cycle,
            key_results=rows,
            parent=demo.named(parent),
        ),
        actor=actor,
        now=now,
        version=signal.version,
    )
    publish_objective(
        objective, actor=actor, now=now + timedelta(minutes=20), version=objective.version
    )
