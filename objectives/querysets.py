"""Questions about many objectives, key results and cycles."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from objectives.kinds import STANDARDS
from objectives.states import LIVE, ObjectiveState
from teams.querysets import member_team_ids, private_access, team_access

if TYPE_CHECKING:
    from teams.models import Organisation, User


# What a KPI judged is asked for the span of the objective, which is known only behind it.
_JUDGED = ("key_results__judged_values",)


class CycleQuerySet(models.QuerySet):
    """Questions about many cycles."""

    def of(self, organisation: Organisation) -> CycleQuerySet:
        """The cycles of one organisation, in order."""
        return self.filter(organisation=organisation).order_by("starts_on")

    def unused(self) -> CycleQuerySet:
        """Those that no row of any table refers to: objectives, reviews, what was moved by hand."""
        rows = self
        for one in self.model._meta.get_fields(include_hidden=True):
            if one.one_to_many or one.one_to_one:
                at = {one.field.name: OuterRef("pk")}
                rows = rows.exclude(Exists(one.related_model._base_manager.filter(**at)))
        return rows

    def custom_overlapping(
        self, organisation: Organisation, first: date, last: date
    ) -> CycleQuerySet:
        """The cycles with own dates that share a day with `first` to `last`."""
        mine = self.of(organisation).filter(kind="custom")
        return mine.filter(starts_on__lte=last, ends_on__gte=first)


class ObjectiveQuerySet(models.QuerySet):
    """Questions about many objectives."""

    def visible_to(self, user: User) -> ObjectiveQuerySet:
        """Objectives of visible teams; a private one only for members of its team."""
        return self.filter(private_access(user))

    def of_team(self, team_id: int) -> ObjectiveQuerySet:
        """The objectives of one team, in the order it gave them."""
        return self.filter(team_id=team_id).order_by("position", "pk")

    def active(self) -> ObjectiveQuerySet:
        """Objectives being worked on: neither a draft nor ended."""
        return self.filter(state=ObjectiveState.ACTIVE)

    def running_on(self, day: date) -> ObjectiveQuerySet:
        """Active objectives whose cycle has begun, those past their end and not graded included."""
        return self.active().filter(cycle__starts_on__lte=day)

    def live(self) -> ObjectiveQuerySet:
        """Drafts and active ones."""
        return self.filter(state__in=LIVE)

    def parents_in(self, organisation: Organisation) -> dict[int, int]:
        """Which objective each aligned one of an organisation stands under (alignment.py)."""
        above = Coalesce("parent_objective_id", "parent_key_result__objective_id")
        rows = self.filter(team__organisation=organisation).annotate(above=above)
        return dict(rows.filter(above__isnull=False).values_list("pk", "above"))

    def with_parts(self) -> ObjectiveQuerySet:
        """With everything `standing.objective_standing` reads: a few more queries at any size."""
        rows = self.model.key_results.rel.related_model.objects.with_said()
        return self.select_related(
            "owner", "cycle", "team__organisation", "signal__kpi"
        ).prefetch_related(Prefetch("key_results", queryset=rows), *_JUDGED)

    def with_latest(self) -> ObjectiveQuerySet:
        """With what `standing.objective_standing` reads, the history cut to the last check-in.

        For pages of many objectives that show no history. Cycles and teams are joined: SQLite takes
        no prefetch of more than 1,000 of them, each of which would be an OR of one condition.
        """
        rows = self.model.key_results.rel.related_model.objects.with_last_said()
        return self.select_related("owner", "cycle", "team__organisation").prefetch_related(
            Prefetch("key_results", queryset=rows), *_JUDGED
        )


class KeyResultQuerySet(models.QuerySet):
    """Questions about many key results."""

    def visible_to(self, user: User) -> KeyResultQuerySet:
        """Key results of objectives the user may see."""
        member = Q(objective__team__in=member_team_ids(user))
        return self.filter(
            team_access(user, "objective__team") & (Q(objective__is_private=False) | member)
        )

    def with_parts(self) -> KeyResultQuerySet:
        """With the KPI's state, which holds its latest value, and every check-in.

        Select the objective with its cycle and its team's organisation beside it.
        """
        return self.with_said().prefetch_related("judged_values")

    def with_latest(self) -> KeyResultQuerySet:
        """With the check-in that stands; every one only of standards, which count their periods."""
        return self.with_last_said().prefetch_related("judged_values")

    def with_typed(self) -> KeyResultQuerySet:
        """With what a check-in is typed and saved by, for one row.

        `measuring.load_parts` adds the check-ins and what its kind has besides; a KPI and people
        are asked for where a row has them.
        """
        return self.select_related("objective__team__organisation", "objective__cycle")

    def with_said(self) -> KeyResultQuerySet:
        """The parts of `with_parts` that do not need the objective."""
        check_ins = self.model.check_ins.rel.related_model.objects.select_related("author")
        return self._with_values().prefetch_related(
            Prefetch("check_ins", queryset=check_ins), "checkpoints", "milestones"
        )

    def with_last_said(self) -> KeyResultQuerySet:
        """The parts of `with_latest` that do not need the objective.

        The lists stand apart from the relations, which `measuring` knows: making a relation's
        queryset for every row costs more than all the rest.
        """
        check_ins = self.model.check_ins.rel.related_model.objects
        counted = check_ins.filter(key_result__kind__in=STANDARDS, key_result__kpi_follows=False)
        return (
            self._with_values()
            .select_related("latest")
            .prefetch_related(
                Prefetch("check_ins", queryset=counted, to_attr="brief_check_ins"),
                Prefetch("checkpoints", to_attr="brief_checkpoints"),
                Prefetch("milestones", to_attr="brief_milestones"),
            )
        )

    def _with_values(self) -> KeyResultQuerySet:
        """With its owner and what its KPI says."""
        return self.select_related("owner", "kpi__state", "kpi__cadence")

    def with_work(self) -> KeyResultQuerySet:
        """With how many initiatives it has and has done, and how many blockers are in its way."""

        def count(name: str, **over):
            rows = getattr(self.model, name).rel.related_model.objects.order_by()
            rows = rows.filter(key_result=OuterRef("pk"), deleted_at=None, **over)
            found = rows.values("key_result").annotate(found=Count("pk")).values("found")
            return Coalesce(Subquery(found), 0)

        return self.annotate(
            work_all=count("initiatives"),
            work_done=count("initiatives", done_at__isnull=False),
            in_the_way=count("blockers", resolved_at=None),
        )


class CheckInQuerySet(models.QuerySet):
    """Questions about many check-ins."""

    def standing(self) -> CheckInQuerySet:
        """Those nothing replaced or took back, without the retractions themselves."""
        replaced = self.model.objects.filter(corrects=models.OuterRef("pk"))
        return self.filter(~models.Exists(replaced), is_retraction=False)

    def visible_to(self, user: User) -> CheckInQuerySet:
        """Check-ins on key results the user may see."""
        member = Q(key_result__objective__team__in=member_team_ids(user))
        return self.filter(
            team_access(user, "key_result__objective__team")
            & (Q(key_result__objective__is_private=False) | member)
        )


class DependencyQuerySet(models.QuerySet):
    """Questions about many dependencies."""

    def visible_to(self, user: User) -> DependencyQuerySet:
        """Dependencies of objectives the user may see, on teams the user may see."""
        member = Q(objective__team__in=member_team_ids(user))
        return self.filter(
            team_access(user, "objective__team")
            & team_access(user, "team")
            & (Q(objective__is_private=False) | member)
        )
