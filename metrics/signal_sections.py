"""The signals page's sections: which signal stands where, in the order in which they need people.

A signal stands in one section only, found in the database so that paging and counting cost the same
at 10 and at 1,000 signals.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from metrics.kinds import SignalKind
from metrics.models import Signal

DECIDE, STILL_OFF, ADDRESSED, RESTING, RECOVERING, SILENT, RESOLVED = range(1, 8)
RESOLVED_DAYS = 90
PAGE = 50


class Section(NamedTuple):
    """What a section is called, and what belongs there."""

    number: int
    title: str
    note: str


SECTIONS = (
    Section(DECIDE, "Needs a decision", "Overdue first"),
    Section(STILL_OFF, "Answered, still off target", "Its OKR is closed, and nobody decided since"),
    Section(ADDRESSED, "Being addressed", "Answered; the KPI shows its true status beside it"),
    Section(RESTING, "Accepted, snoozed or dismissed", "Quiet until a date or until it changes"),
    Section(RECOVERING, "Recovering", "On target again, not yet for long enough"),
    Section(SILENT, "Data missing", "Values that were expected and did not come"),
    Section(RESOLVED, "Resolved", f"In the last {RESOLVED_DAYS} days"),
)

# Only a running OKR addresses a signal: what this one did is over, and the data did not end it.
ANSWER_ENDED = Q(decision=Signal.Decision.OKR, treatment__ended_at__isnull=False)

# The sections are found once for both questions: how many stand in each, and which are on the page.
_COUNTS_AND_PAGE = """
    WITH sectioned (id, section, decide_by, opened_at) AS ({sectioned})
    SELECT section, count(*), CAST(NULL AS bigint) FROM sectioned GROUP BY section
    UNION ALL
    SELECT * FROM (
        SELECT section, 0, id FROM sectioned
        ORDER BY section, decide_by ASC NULLS LAST, opened_at DESC, id DESC
        LIMIT %s OFFSET %s
    ) AS page
"""

# Everything one row prints.
_ROW = (
    *("pk", "kind", "is_open", "cadence_kind", "first_off_on", "ended_on", "end_reason"),
    *("opened_at", "decide_by", "acknowledged_at", "decision", "snoozed_until", "accepted_until"),
    *("kpi_id", "kpi__name", "kpi__unit", "kpi__direction", "kpi__team__name"),
    *("kpi__owner__name", "kpi__owner__email"),
    *("kpi__state__recent", "kpi__state__phase", "kpi__state__streak", "kpi__state__recovery"),
    *("source__name", "source__team__name", "decided_by__name", "decided_by__email"),
    *("treatment__title", "treatment__url", "treatment__is_private", "treatment__team_id"),
    *("treatment__ends_on", "treatment__ended_at", "treatment__grade"),
)


def in_sections(signals: QuerySet, now: datetime) -> QuerySet:
    """Signals that belong on the page, with their `section`."""
    since = now - timedelta(days=RESOLVED_DAYS)
    speaks = Q(snoozed_until=None) | Q(snoozed_until__lte=now)
    off = Q(kind=SignalKind.OFF_TARGET)
    section = Case(
        When(off & Q(is_open=True, decision="") & speaks, then=Value(DECIDE)),
        When(Q(is_open=True, kind=SignalKind.DATA_STALE), then=Value(SILENT)),
        When(off & Q(is_open=False, resolved_at__gte=since), then=Value(RESOLVED)),
        When(off & Q(is_open=True, kpi__state__phase="recovering"), then=Value(RECOVERING)),
        When(off & Q(is_open=True) & ANSWER_ENDED, then=Value(STILL_OFF)),
        When(off & Q(is_open=True, decision__in=["okr", "data", "target"]), then=Value(ADDRESSED)),
        When(off & Q(is_open=True), then=Value(RESTING)),
        default=None,
        output_field=IntegerField(),
    )
    return signals.standing().annotate(section=section).exclude(section=None)


def read_page(signals: QuerySet, now: datetime, offset: int) -> tuple[dict[int, int], list]:
    """How many of these signals stand in each section, and the rows of the page at `offset`.

    A row has what `_ROW` names, beside its section; the most urgent stands first. Two queries, and
    the second reads no more than the page: sorting whole rows with their six joined tables cost
    PostgreSQL more than everything else on the page.
    """
    wanted = in_sections(signals, now).values_list("pk", "section", "decide_by", "opened_at")
    sectioned, parameters = wanted.query.sql_with_params()
    with connection.cursor() as cursor:
        sql = _COUNTS_AND_PAGE.format(sectioned=sectioned)
        cursor.execute(sql, [*parameters, PAGE, offset])
        found = cursor.fetchall()
    counts = dict.fromkeys((one.number for one in SECTIONS), 0)
    counts |= {section: count for section, count, pk in found if pk is None}
    section_of = {pk: section for section, _, pk in found if pk is not None}
    rows = Signal.objects.filter(pk__in=section_of).values_list(*_ROW, named=True)
    return counts, sorted(((section_of[row.pk], row) for row in rows), key=_urgency)


def _urgency(placed: tuple) -> tuple:
    """The order of the page, as the query has it."""
    section, row = placed
    return section, row.decide_by or date.max, -row.opened_at.timestamp(), -row.pk


def needs_decision(signal: Signal, now: datetime) -> bool:
    """Whether this signal waits for an answer: the row-level twin of the first section."""
    speaks = signal.snoozed_until is None or signal.snoozed_until <= now
    return (
        signal.is_open
        and signal.retracted_at is None
        and signal.kind == SignalKind.OFF_TARGET
        and not signal.decision
        and speaks
    )
