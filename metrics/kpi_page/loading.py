"""Reads what the KPI page shows, in a fixed number of queries, and turns it into what it prints."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.figures import delta, status_mark
from metrics.judging import Rule
from metrics.kpi_page import definition, drawing
from metrics.kpi_page.achieved import achieved
from metrics.kpi_page.evidence import EvidenceRow, collect_facts, edit_url, evidence_rows
from metrics.kpi_page.history import History, judged_history, stored_rule
from metrics.kpi_page.log import LogLine, decision_log
from metrics.kpi_page.loop import LoopStep, loop_steps
from metrics.kpi_page.targets import BY_THE_END, sign, small_unit, total_words
from metrics.models import (
    Kpi,
    KpiEvent,
    Measurement,
    MeasurementRevision,
    Signal,
    SignalEvent,
    Treatment,
)
from metrics.periods import Period, period_label
from metrics.replay import RECOVERING, Verdict
from metrics.sources import source_kind
from metrics.standpoint import MISSING, missing_essentials, standpoint
from metrics.trend import change
from metrics.wording import day_near, names, periods, quantity
from teams.guards import WRITERS, role_in
from teams.models import Membership, Team, User

SHOWN_ROWS = 8
FILLED_AT_ONCE = 12
LOG_LINES = 40


@dataclass(frozen=True, slots=True)
class Place:
    """The calendar of the KPI's organisation at one moment."""

    zone: ZoneInfo
    fiscal_month: int
    today: date

    @classmethod
    def of(cls, kpi: Kpi, now: datetime) -> Place:
        organisation = kpi.team.organisation
        return cls(organisation.zone, organisation.fiscal_start_month, organisation.today(now))

    def name(self, period: Period) -> str:
        """The period's name for people."""
        return period_label(period, self.fiscal_month)


def load_kpi_page(kpi: Kpi, user: User, now: datetime) -> dict:
    """Everything `kpi_detail.html` prints. `kpi` comes with team, organisation, cadence, source,
    owner and state."""
    place = Place.of(kpi, now)
    role = role_in(user, kpi.team)
    history = judged_history(kpi, now)
    running = history.running
    day = running.start if running else place.today
    rule = history.rule_on(day) or stored_rule(kpi, day)
    verdicts = history.verdicts
    signals = _signals(kpi)
    treatments = [one.treatment for one in signals if _treatment(one)]
    latest = next((one for one in signals if one.kind == "off_target"), None)
    missing = missing_essentials(kpi, has_target=rule is not None)
    found = drawing.noise(kpi, verdicts)
    may_write = role in WRITERS
    return {
        "kpi": kpi,
        "team": kpi.team,
        "may_lead": role == Membership.Role.LEAD,
        "may_write": may_write,
        "standing": _standing(kpi, history, signals, missing, user, place),
        "figures": _figures(kpi, verdicts, rule, place),
        "chart": _chart(kpi, verdicts, signals, treatments, found, running, place),
        "chart_id": f"fig-{kpi.pk}",
        "chart_words": drawing.figure_words(kpi, verdicts, place.fiscal_month),
        "has_okr_span": bool(treatments),
        "essentials": definition.essentials(
            kpi, rule, running, fiscal_month=place.fiscal_month, today=place.today
        ),
        "policy_words": definition.policy_words(kpi, rule, day),
        "metric_note": definition.metric_note(missing),
        "kind_words": kind_words(kpi),
        "empty_words": _empty_words(kpi, running, place),
        "loop": _loop(kpi, history, latest, user, place),
        "log": _log(kpi, signals, place),
        "noise": drawing.noise_sentence(kpi, verdicts, found, place.fiscal_month),
        "missed": missed_words(kpi, verdicts, place) if may_write else None,
        "evidence": load_evidence(kpi, verdicts[-SHOWN_ROWS:], place, may_write=may_write),
        "all_periods_text": _all_periods(verdicts),
    }


def load_evidence(
    kpi: Kpi, verdicts: list[Verdict], place: Place, *, may_write: bool
) -> list[EvidenceRow]:
    """The rows of some neighbouring periods, with where their values came from."""
    if not verdicts:
        return []
    days = {
        "kpi": kpi,
        "day__gte": verdicts[0].period.start,
        "day__lt": verdicts[-1].period.end,
    }
    stored = Measurement.objects.filter(**days).select_related("author", "source", "batch")
    replaced = MeasurementRevision.objects.filter(**days).select_related("replaced_by")
    facts = collect_facts(verdicts, stored, replaced.order_by("-revision"))
    return evidence_rows(
        kpi,
        verdicts,
        facts,
        fiscal_month=place.fiscal_month,
        zone=place.zone,
        today=place.today,
        may_write=may_write,
    )


def _signals(kpi: Kpi) -> list[Signal]:
    """The KPI's signals that stand, newest first, with the OKR that answers each."""
    rows = Signal.objects.filter(kpi=kpi).standing().select_related("treatment")
    return list(rows.order_by("-raised_on", "-pk"))


def _treatment(signal: Signal | None) -> Treatment | None:
    return getattr(signal, "treatment", None) if signal is not None else None


def may_see_treatment(treatment: Treatment, user: User) -> bool:
    """May the person read the title of the OKR? A private one only in its team."""
    if treatment.is_private:
        return user.memberships.filter(team_id=treatment.team_id).exists()
    return Team.objects.visible_to(user).filter(pk=treatment.team_id).exists()


def _standing(kpi, history: History, signals, missing, user, place) -> dict:
    """The true status first, then what is being done about it (product.md 2.7)."""
    statuses = [verdict.status for verdict in history.verdicts]
    kind = kpi.cadence.kind if kpi.cadence else None
    standing = history.standing
    at = standpoint(statuses, kind, is_stale=standing.is_stale, is_judged=not missing)
    marks = [status_mark(at.state, at.age)]
    live = next((one for one in signals if one.is_open and one.kind == "off_target"), None)
    treatment = _treatment(live)
    if standing.state == RECOVERING and history.verdicts and history.verdicts[-1].rule:
        needed = history.verdicts[-1].rule.recovery
        marks.append(status_mark("recovering", f"{standing.recovery} of {periods(needed, kind)}"))
    found = {"marks": marks, "note": "", "treatment_title": "", "treatment_url": ""}
    if treatment is not None and treatment.ended_at is None:
        marks.append(status_mark("being_addressed"))
        if may_see_treatment(treatment, user):
            found |= {"treatment_title": treatment.title, "treatment_url": treatment.url}
    if live is not None and live.accepted_until is not None and live.decision == "accept":
        marks.append(status_mark("accepted", f"until {day_near(live.accepted_until, place.today)}"))
    if live is not None and not live.decision and live.decide_by is not None:
        found["note"] = f"Decision by {day_near(live.decide_by, place.today)}"
    return found


def _figures(kpi: Kpi, verdicts: list[Verdict], rule: Rule | None, place: Place) -> dict:
    """Latest value with its change, and the target in force with the one before it."""
    latest = next((v for v in reversed(verdicts) if v.value is not None), None)
    target = small_unit(sign(rule, kpi.direction, kpi.unit), kpi.unit) if rule else None
    found = {"period": "Latest", "value": SafeString("–"), "change": "", "target": target}
    found["was"] = _was(kpi, verdicts, rule, place)
    if latest is None:
        return found
    total = total_words(latest.rule)
    found["period"] = (
        f"{place.name(latest.period)}, {total}" if total else place.name(latest.period)
    )
    found["value"] = small_unit(quantity(latest.value, kpi.unit), kpi.unit)
    found["achieved"] = achieved(kpi, latest)
    found["change"] = change_mark(kpi, [v.own for v in verdicts[-2:]], latest.rule)
    return found


def change_mark(kpi: Kpi, values: list[Decimal | None], rule: Rule | None) -> SafeString:
    """The change of the last two periods with the word better or worse."""
    low, high = (rule.low, rule.high) if rule is not None else (None, None)
    moved = change(values, kpi.direction, unit=kpi.unit, low=low, high=high)
    if moved is None:
        return SafeString("")
    return delta(moved.difference, moved.favour, kpi.unit)


def _was(kpi: Kpi, verdicts: list[Verdict], rule: Rule | None, place: Place) -> str:
    """`was ≤ 8.0 until June 2026`; empty where the target never changed."""
    if rule is None:
        return ""
    before = next(
        (v for v in reversed(verdicts) if v.rule is not None and v.rule.base is not rule.base), None
    )
    if before is None:
        return BY_THE_END.get(rule.source.over, "")
    return f"was {sign(before.rule.base, kpi.direction)} until {place.name(before.period)}"


def _chart(kpi, verdicts, signals, treatments, found, running, place) -> dict | None:
    if not verdicts:
        return None
    off = [one for one in signals if one.kind == "off_target"]
    until = running.end if running else verdicts[-1].period.end
    return drawing.figure(kpi, verdicts, off, treatments, found, until=until, zone=place.zone)


def kind_words(kpi: Kpi) -> SafeString:
    """`Lagging, lower is better, private.`"""
    parts = [kpi.get_nature_display().capitalize(), kpi.get_direction_display()]
    if kpi.is_private:
        parts.append("private")
    return format_html("{}.", ", ".join(parts))


def _empty_words(kpi: Kpi, running: Period | None, place: Place) -> str:
    if running is None:
        return "It needs a cadence before it has periods. Edit the KPI to choose one."
    ends = day_near(running.end, place.today)
    return f"The first period is {place.name(running)}; its value can be entered from {ends}."


def _loop(kpi, history: History, signal, user, place) -> list[LoopStep]:
    treatment = _treatment(signal)
    return loop_steps(
        kpi,
        signal,
        treatment,
        history.verdicts,
        phase=history.standing.state,
        recovery=history.standing.recovery,
        is_visible=treatment is None or may_see_treatment(treatment, user),
        fiscal_month=place.fiscal_month,
        zone=place.zone,
        today=place.today,
    )


def _log(kpi: Kpi, signals: list[Signal], place: Place) -> list[LogLine]:
    """The newest lines of both histories; the private OKR's title is in none of them."""
    by_data = SignalEvent.objects.filter(Q(signal__kpi=kpi)).select_related("signal", "actor")
    by_people = KpiEvent.objects.filter(kpi=kpi).select_related("actor")
    lines = decision_log(
        kpi,
        by_data.order_by("-at", "-pk")[:LOG_LINES],
        by_people.order_by("-at", "-pk")[:LOG_LINES],
        fiscal_month=place.fiscal_month,
        zone=place.zone,
        today=place.today,
    )
    return lines[:LOG_LINES]


def missed_periods(verdicts: list[Verdict]) -> list[Period]:
    """The newest periods without a value, oldest first, that a person can fill at once."""
    empty = [v.period for v in verdicts if v.value is None and v.status in (MISSING, "awaiting")]
    return empty[-FILLED_AT_ONCE:]


def missed_words(kpi: Kpi, verdicts: list[Verdict], place: Place) -> dict | None:
    """`May, June and July are missing` and where to fill them; None if nothing is missing."""
    missed = missed_periods(verdicts)
    if not missed:
        return None
    labels = short_names(missed, place)
    waits = all(v.status != MISSING for v in verdicts if v.period in missed)
    if waits:
        words = f"{names(labels)} {'is' if len(missed) == 1 else 'are'} due"
    else:
        words = f"{names(labels)} {'is' if len(missed) == 1 else 'are'} missing"
    if not source_kind(kpi.source.kind if kpi.source else None).IS_TYPED:
        return {"words": f"{words}: upload the next file", "url": "", "verb": ""}
    return {"words": words, **fill_link(kpi, missed)}


def fill_link(kpi: Kpi, missed: list[Period]) -> dict:
    """Where missed periods are filled: one in its own row, several in one form."""
    if len(missed) == 1:
        return {"url": edit_url(kpi, missed[0].start), "verb": "Enter the value"}
    return {"url": f"/kpis/{kpi.pk}/values/fill/", "verb": f"Fill {len(missed)}"}


def short_names(found: list[Period], place: Place) -> list[str]:
    """The names of periods in a row, the year only where it changes: `May`, `June`, `July`."""
    labels = []
    this_year = place.today.year
    for period in found:
        name = place.name(period)
        if period.cadence == "monthly" and period.start.year == this_year:
            name = name.rpartition(" ")[0]
        labels.append(name)
    return labels


def _all_periods(verdicts: list[Verdict]) -> str:
    if len(verdicts) <= SHOWN_ROWS:
        return ""
    return f"All {periods(len(verdicts), verdicts[-1].period.cadence)}"
