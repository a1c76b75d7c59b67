"""A random organisation in the third quarter of 2026, as raw rows, and its figures on demand."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from uuid import uuid4

from metrics.evaluation import evaluate_kpis
from metrics.models import Kpi, MeasurementRevision, Signal, SignalEvent
from objectives.actions.check_ins import note_latest
from objectives.models import CheckIn, KeyResult, Objective, ObjectiveEvent
from tests.factories import (
    NOW,
    join,
    make_cadence,
    make_cycle,
    make_key_result,
    make_kpi,
    make_objective,
    make_organisation,
    make_source,
    make_target,
    make_team,
    make_user,
    make_value,
)

DAY = timedelta(days=1)
SPRING = datetime(2026, 3, 1, tzinfo=UTC)


def an_hour(rng: Random, first: datetime, last: datetime = NOW) -> datetime:
    """A moment between two."""
    return first + (last - first) * rng.random() if first < last else last


class RandomQuarter:
    """Teams in a tree, some private; KPIs with gaps and corrections; signals; goals in each state.

    `viewer` is a member of some of the teams.
    """

    def __init__(self, seed: int) -> None:
        self.rng = rng = Random(seed)
        self.organisation = make_organisation()
        self.cycle = make_cycle(organisation=self.organisation)
        self.people = [
            make_user(f"Person {at}", organisation=self.organisation, is_active=at != 3)
            for at in range(4)
        ]
        self.teams = []
        for at in range(rng.randint(2, 7)):
            parent = rng.choice([None, *self.teams])
            self.teams.append(
                make_team(
                    organisation=self.organisation,
                    name=f"Team {at}",
                    parent=parent,
                    is_private=rng.random() < 0.2,
                )
            )
        self.viewer = make_user("Vera", organisation=self.organisation)
        for team in self.teams:
            if rng.random() < 0.4:
                join(team, self.viewer)
        self.cadences = {
            kind: make_cadence(kind, organisation=self.organisation)
            for kind in ("weekly", "monthly")
        }
        self.source = make_source(team=self.teams[0])
        self.kpis = [self.kpi(at) for at in range(rng.randint(0, 14))]
        evaluate_kpis([kpi.pk for kpi in self.kpis], NOW)
        Signal.objects.all().delete()
        for kpi in self.kpis:
            self.signals(kpi)
        self.goals = [self.goal(at) for at in range(rng.randint(0, 9))]

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def kpi(self, at: int) -> Kpi:
        rng, chance = self.rng, self.chance
        kind = rng.choice(["weekly", "monthly"])
        kpi = make_kpi(
            team=rng.choice(self.teams),
            name=f"Number {at}",
            cadence=self.cadences[kind],
            direction=rng.choice(["higher_is_better", "lower_is_better"]),
            definition="" if chance(0.1) else "What is counted.",
            source=None if chance(0.1) else self.source,
            owner=rng.choice([None, *self.people]),
            theme=rng.choice(["", "growth", "quality"]),
            starts_on=date(2026, 6, 1) if kind == "weekly" else date(2026, 1, 1),
            is_private=chance(0.2),
            grace_days=rng.choice([0, 4]),
            created_at=rng.choice([SPRING, NOW - 20 * DAY]),
        )
        if chance(0.8):
            tolerance = rng.choice([None, Decimal(2)])
            make_target(kpi, value=Decimal(50), tolerance=tolerance)
        if chance(0.2):
            make_target(kpi, value=Decimal(52), effective_on=date(2026, 7, 6))
        self.values(kpi)
        return kpi

    def values(self, kpi: Kpi) -> None:
        rng, day = self.rng, kpi.starts_on
        while day < NOW.date():
            is_weekly = kpi.cadence.kind == "weekly"
            end = day + 7 * DAY if is_weekly else (day + 31 * DAY).replace(day=1)
            ended = datetime(end.year, end.month, end.day, 6, tzinfo=UTC)
            if ended < NOW and self.chance(0.8):
                first = an_hour(rng, ended, min(ended + 20 * DAY, NOW))
                value = Decimal(rng.randint(440, 560)) / 10
                if self.chance(0.2):
                    later = an_hour(rng, first)
                    MeasurementRevision.objects.create(
                        kpi=kpi,
                        day=day,
                        identity=kpi.cadence.kind,
                        revision=1,
                        value=Decimal(rng.randint(440, 560)) / 10,
                        recorded_at=first,
                        replaced_at=later,
                    )
                    first = later
                make_value(kpi, day, value, recorded_at=first, source=kpi.source or self.source)
            day = end

    def signals(self, kpi: Kpi) -> None:
        rng = self.rng
        for is_open in rng.choice([[], [True], [False], [False, True]]):
            opened = an_hour(rng, SPRING - 120 * DAY, NOW - DAY)
            signal = Signal(
                kpi=kpi,
                kind="off_target",
                cadence_kind=kpi.cadence.kind,
                first_off_on=opened.date(),
                raised_on=opened.date(),
                opened_at=opened,
                is_open=is_open,
                decide_by=rng.choice([None, opened.date() + 21 * DAY]),
                resolved_at=None if is_open else an_hour(rng, opened),
                retracted_at=an_hour(rng, opened) if self.chance(0.1) else None,
            )
            kinds = [rng.choice(["snoozed", "accepted", "dismissed", "data_fix"])]
            times = sorted(an_hour(rng, opened) for _ in kinds) if self.chance(0.6) else []
            for kind, at in zip(kinds, times, strict=False):
                answers = {"accepted": "accept", "dismissed": "dismiss", "data_fix": "data"}
                signal.decision = answers.get(kind, "")
                signal.decided_at = at if signal.decision else None
                signal.snoozed_until = None if signal.decision else at + rng.randint(1, 40) * DAY
            signal.save()
            for ordinal, (kind, at) in enumerate(zip(kinds, times, strict=False)):
                until = signal.snoozed_until
                SignalEvent.objects.create(
                    signal=signal,
                    type=kind,
                    period_on=opened.date(),
                    ordinal=ordinal,
                    at=at,
                    data={"until": until.isoformat()} if until else {},
                )

    def goal(self, at: int) -> Objective:
        rng, chance = self.rng, self.chance
        state = rng.choice(["active", "active", "active", "closed", "draft", "withdrawn"])
        published = an_hour(rng, datetime(2026, 6, 25, tzinfo=UTC), NOW - 20 * DAY)
        ended = an_hour(rng, published + DAY) if state in ("closed", "withdrawn") else None
        begins = max(published.date(), date(2026, 7, 1)) if chance(0.7) else date(2026, 7, 1)
        goal = make_objective(
            team=rng.choice(self.teams),
            cycle=self.cycle,
            title=f"Goal {at}",
            ambition=rng.choice(["committed", "aspirational"]),
            state=state,
            withdrawn_from="active" if state == "withdrawn" else "",
            created_at=published - DAY,
            published_at=None if state == "draft" else published,
            closed_at=ended,
            starts_on=begins,
            is_private=chance(0.2),
            grade=Decimal("0.5") if state == "closed" else None,
        )
        moves = [] if state == "draft" else [("draft", "active", published)]
        moves += [("active", state, ended)] if ended else []
        for before, after, when in moves:
            ObjectiveEvent.objects.create(
                objective=goal, type=after, at=when, from_state=before, to_state=after
            )
        for _ in range(rng.randint(0, 4)):
            self.key_result(goal)
        return goal

    def key_result(self, goal: Objective) -> KeyResult:
        rng = self.rng
        kind = rng.choice(["increase", "increase", "decrease", "yes_no"])
        ends = {"increase": (20, 60), "decrease": (60, 20), "yes_no": (None, None)}[kind]
        over = {"baseline": ends[0], "target": ends[1]}
        if self.chance(0.15):
            over |= {"withdrawn_at": an_hour(rng, SPRING), "withdrawn_reason": "Dropped"}
        row = make_key_result(
            goal,
            kind=kind,
            weight=rng.choice([0, 1, 1, 2]),
            ambition=rng.choice(["", "", "committed", "aspirational"]),
            kpi=rng.choice([None, None, *self.kpis]),
            **over,
        )
        if row.kpi_id is not None and kind != "yes_no" and self.chance(0.5):
            row.kpi_follows = True
            row.save(update_fields=["kpi_follows"])
        value = self.check_ins(row, goal)
        note_latest(row)
        if goal.state == "closed":
            share = Decimal(int(value > 0)) if kind == "yes_no" else Decimal("0.5")
            grade = rng.choice([Decimal("0.2"), Decimal("0.5"), Decimal("0.9")])
            KeyResult.objects.filter(pk=row.pk).update(
                final_value=value, final_progress=share, grade=grade, suggested_grade=grade
            )
        return row

    def check_ins(self, row: KeyResult, goal: Objective) -> Decimal:
        """Some of the Fridays answered, some of that late, replaced or taken back; of some none."""
        if self.chance(0.15):
            return Decimal(0)
        rng, friday, value = self.rng, date(2026, 7, 3), Decimal(0)
        while friday <= NOW.date() + 3 * DAY:
            noon = datetime(friday.year, friday.month, friday.day, 12, tzinfo=UTC)
            at = noon + rng.randint(-4, 6) * DAY
            if goal.published_at and at < NOW and friday >= goal.starts_on and self.chance(0.6):
                value = Decimal(rng.randint(0, 1) if row.kind == "yes_no" else rng.randint(15, 65))
                made = self.said(row, friday, value, at)
                if self.chance(0.2):
                    self.said(
                        row,
                        friday,
                        value,
                        an_hour(rng, at),
                        corrects=made,
                        is_retraction=self.chance(0.5),
                    )
            friday += 7 * DAY
        return value

    def said(self, row, friday, value, at, **over) -> CheckIn:
        return CheckIn.objects.create(
            key_result=row,
            due_on=friday,
            value=value,
            confidence=self.rng.randint(0, 10),
            author=self.rng.choice(self.people),
            made_at=at,
            token=uuid4(),
            **over,
        )
