"""Lives the demo's two years through: values arrive, jobs evaluate, people decide.

Every step goes through the same actions as the pages and jobs, at the moment it happened, so the
histories, decision logs and messages of the demo are what the app itself wrote.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

from django.db import transaction

from metrics.actions import create_kpi
from metrics.due import mark_due
from metrics.evaluation import evaluate_kpis
from metrics.kinds import CadenceKind
from metrics.models import Kpi, Measurement, Signal, Source
from metrics.periods import Period, period_of
from metrics.presets import create_preset_cadences
from objectives.actions import (
    KeyResultDraft,
    ObjectiveDraft,
    create_objective,
    cycle_holding,
    ensure_cycles,
    publish_objective,
    record_check_in,
)
from objectives.kinds import Rhythm
from objectives.models import Cycle, KeyResult, Objective
from objectives.rhythm import due_before
from reviews.demo_goals import plan_goals
from reviews.demo_loop import cac_is_being_addressed, churn_is_fixed, other_objectives
from reviews.demo_story import PASSWORD, PEOPLE, STORIES, TEAMS, Story
from teams.models import InboxItem, Membership, Organisation, Team, User
from teams.outbox import deliver_due

HISTORY = timedelta(days=430)  # how far back the days are lived one by one
READ_AFTER = timedelta(days=14)  # older messages have been read
WORKER = "demo"
DEMO_TOKENS = uuid5(NAMESPACE_URL, "okrkpi-demo")


class Demo:
    """The demo organisation while it is being lived through."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.organisation = Organisation.objects.create(
            name="Halden",
            time_zone="Europe/Oslo",
            created_at=now - timedelta(days=800),
        )
        self.today = self.organisation.today(now)
        self.people: dict[str, User] = {}
        self.teams: dict[str, Team] = {}
        self.kpis: dict[str, Kpi] = {}
        self.arrivals: list[tuple[datetime, Measurement]] = []
        self.acts: list[tuple[datetime, Callable[[datetime], None]]] = []

    # -- the cast --------------------------------------------------------------------------------

    def gather(self) -> None:
        """People, teams, cadences, KPIs with targets."""
        for key, name, email, is_admin in PEOPLE:
            self.people[key] = User.objects.create_user(
                email,
                PASSWORD,
                name=name,
                organisation=self.organisation,
                is_org_admin=is_admin,
                is_staff=is_admin,
                is_superuser=is_admin,
            )
        for key, name, parent, private, purpose, members in TEAMS:
            self.teams[key] = Team.objects.create(
                organisation=self.organisation,
                name=name,
                parent=self.teams.get(parent),
                purpose=purpose,
                is_private=private,
                created_at=self.organisation.created_at,
            )
            for person, role in members:
                Membership.objects.create(team=self.teams[key], user=self.people[person], role=role)
        cadences = {row.kind: row for row in create_preset_cadences(self.organisation)}
        for story in STORIES:
            self.kpis[story.key] = self._kpi(story, cadences)

    def _kpi(self, story: Story, cadences: dict) -> Kpi:
        kind, source = story.source
        periods = self._periods(story)
        kpi = Kpi(
            team=self.teams[story.team],
            owner=self.people[story.owner],
            name=story.name,
            definition=story.definition,
            why=story.why,
            unit=story.unit,
            direction=story.direction,
            nature=story.nature,
            cadence=cadences[story.cadence],
            source=Source.objects.get_or_create(
                team=self.teams[story.team], name=source, defaults={"kind": kind}
            )[0],
            starts_on=periods[0].start,
            **story.fields,
        )
        target = None
        if story.target:
            target = {
                name: Decimal(text)
                for name, text in (
                    ("value", story.target),
                    ("tolerance", story.tolerance),
                    ("tolerance_pct", story.tolerance_pct),
                )
                if text
            }
        begun = self.moment(periods[0].start)
        create_kpi(kpi, target=target, actor=self.people[story.owner], now=begun)
        for period, value in zip(periods, story.values, strict=True):
            if value is not None:
                known = min(self.moment(period.end, hour=7), self.now)
                self.arrivals.append((known, self._measurement(kpi, period, value, known)))
        return kpi

    def _periods(self, story: Story) -> list[Period]:
        """The story's periods, of which the last is the newest closed one."""
        month = self.organisation.fiscal_start_month
        period = period_of(self.today, story.cadence, month)
        periods = []
        while len(periods) < len(story.values):
            period = period_of(period.start - timedelta(days=1), story.cadence, month)
            periods.append(period)
        return periods[::-1]

    def _measurement(self, kpi: Kpi, period: Period, value: Decimal, known: datetime):
        return Measurement(
            kpi=kpi,
            day=period.start,
            identity=period.cadence,
            value=value,
            source=kpi.source,
            author=kpi.owner,
            recorded_at=known,
        )

    # -- the clock -------------------------------------------------------------------------------

    def moment(self, day: date, hour: int = 9) -> datetime:
        """A moment of a local day, never after now."""
        local = datetime.combine(day, time(hour), tzinfo=self.organisation.zone)
        return min(local.astimezone(UTC), self.now)

    def month(self, ago: int, day: int = 1) -> date:
        """A day of the month so many months ago; 0 is the running one."""
        first = period_of(self.today, CadenceKind.MONTHLY, 1).start
        for _ in range(ago):
            first = period_of(first - timedelta(days=1), CadenceKind.MONTHLY, 1).start
        return first + timedelta(days=day - 1)

    def at(self, day: date, act: Callable[[datetime], None]) -> None:
        """Plan what a person does on a day, in the afternoon; days to come are left out."""
        if day <= self.today:
            self.acts.append((self.moment(day, hour=14), act))

    def live(self) -> None:
        """Let the values arrive and the people act, in order, evaluating as the jobs would."""
        begin = self.now - HISTORY
        moments: dict[datetime, tuple[list, list]] = {}
        for known, row in self.arrivals:
            moments.setdefault(max(known, begin), ([], []))[0].append(row)
        for when, act in self.acts:
            moments.setdefault(when, ([], []))[1].append(act)
        for when in sorted(moments):
            rows, acts = moments[when]
            if rows:
                Measurement.objects.bulk_create(rows)
                self.evaluate({row.kpi_id for row in rows}, when, min(row.day for row in rows))
            for act in acts:
                act(when)
                self.evaluate([kpi.pk for kpi in self.kpis.values()], when, None)
        self.evaluate([kpi.pk for kpi in self.kpis.values()], self.now, None)
        ensure_cycles(self.organisation, self.now)
        while deliver_due(self.now, WORKER):
            pass
        read = InboxItem.objects.filter(created_at__lt=self.now - READ_AFTER)
        read.update(read_at=self.now - READ_AFTER)

    def evaluate(self, kpi_ids, when: datetime, dirty_from: date | None) -> None:
        mark_due(kpi_ids, when, dirty_from=dirty_from)
        evaluate_kpis(list(kpi_ids), when)

    def signal(self, key: str) -> Signal:
        """The open off-target signal of a KPI."""
        return Signal.objects.open().get(kpi=self.kpis[key], kind="off_target")

    # -- what people did -------------------------------------------------------------------------

    def weekly(self, *entries: tuple[str, int]) -> list[tuple[date, str, int, str]]:
        """A check-in on each of the last due days: the coming one is owed."""
        last = due_before(self.today, Rhythm.WEEKLY, self.organisation.check_in_weekday)
        return [
            (last - timedelta(weeks=ago), value, confidence, "")
            for ago, (value, confidence) in enumerate(reversed(entries))
        ][::-1]

    def periods_of(self, key: str) -> list[Period]:
        return self._periods(next(story for story in STORIES if story.key == key))

    def objective(
        self,
        day: date,
        team: str,
        owner: str,
        title: str,
        ambition: str,
        rows: list[KeyResultDraft],
        *,
        cycle: Cycle | None = None,
        parent: str = "",
        is_published: bool = True,
        **more,
    ) -> None:
        """Plan an objective for the running stretch; `parent` is the title it is aligned to."""

        def act(now: datetime) -> None:
            person = self.people[owner]
            draft = ObjectiveDraft(
                title=title,
                ambition=ambition,
                owner=person,
                cycle=cycle or cycle_holding(self.organisation, self.today),
                key_results=rows,
                parent=self.named(parent),
                **more,
            )
            made = create_objective(self.teams[team], draft, actor=person, now=now)
            if is_published:
                publish_objective(made, actor=person, now=now, version=made.version)

        self.at(day, act)

    def named(self, title: str) -> Objective | None:
        """The objective of a title; None for none."""
        return Objective.objects.get(title=title) if title else None

    def way(
        self, title: str, start: str, end: str, unit: str, kpi: str | None, owner: str = ""
    ) -> KeyResultDraft:
        """A key result from a baseline to a target; without an owner it is the objective's."""
        return KeyResultDraft(
            title=title,
            owner=self.people.get(owner),
            baseline=Decimal(start),
            target=Decimal(end),
            unit=unit,
            kpi=self.kpis.get(kpi),
            kpi_follows=kpi is not None,
        )

    def check_ins(self, title: str, position: int, author: User, entries: list) -> None:
        for day, value, confidence, note in entries:

            def act(now, value=value, confidence=confidence, note=note) -> None:
                row = KeyResult.objects.get(objective__title=title, position=position)
                record_check_in(
                    row,
                    value=Decimal(value),
                    confidence=confidence,
                    note=note,
                    author=author,
                    now=now,
                    token=uuid5(DEMO_TOKENS, f"{title}/{position}/{now:%Y-%m-%d}"),
                    version=row.version,
                )

            self.at(day, act)


@transaction.atomic
def create_demo(now: datetime) -> Organisation:
    """Create the demo organisation with two years of history that ends at `now`."""
    demo = Demo(now)
    demo.gather()
    churn_is_fixed(demo)
    cac_is_being_addressed(demo)
    other_objectives(demo)
    plan_goals(demo)
    demo.live()
    demo.organisation.demo_loaded_at = demo.organisation.first_steps_closed_at = now
    demo.organisation.save(update_fields=["demo_loaded_at", "first_steps_closed_at"])
    return demo.organisation
