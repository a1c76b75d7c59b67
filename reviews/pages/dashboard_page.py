"""What `reviews/dashboard.html` prints, from a picture that was read. No query, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from django.core.paginator import Page, Paginator
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from metrics.periods import period_label
from metrics.standpoint import OFF
from metrics.wording import NO_VALUE, day_near, day_year, number, plural
from reviews.dashboards import conflicts, early, gaps, headline, heat, links
from reviews.dashboards.coverage import coverage
from reviews.dashboards.facts import SignalFact
from reviews.dashboards.picture import Picture, last_quarters
from reviews.forms_dashboard import DESTINATION, ENGINE, HEALTHS, KPI_STATES, MEETING, QuarterForm
from reviews.pages import dashboard_advice as advice
from reviews.pages import dashboard_engine as engine
from reviews.pages import dashboard_goals as goals
from reviews.pages import dashboard_map as mapped
from reviews.pages.dashboard_words import facts, hidden_words, lead

TEAMS_PAGE, GOALS_PAGE, WALL_PAGE, OFF_SHOWN, DECIDE_SHOWN = 60, 50, 40, 20, 8
_KPI_STATES = frozenset(state for state, _ in KPI_STATES)
_HEALTHS = frozenset(health for health, _ in HEALTHS)


class Board:
    """A picture with what is worked out from it once: by id, linked, in the order of the page."""

    def __init__(self, picture: Picture, status: str = "") -> None:
        self.picture, self.scope, self.status = picture, picture.scope, status
        self.kpi_of = {one.pk: one for one in picture.kpis}
        self.team_names = {one.pk: one.name for one in self.scope.visible}

    @cached_property
    def links(self) -> dict[int, list[links.Link]]:
        """The objectives tied to each KPI."""
        return links.links_of_kpis(self.picture.standings, self.picture.signal_kpis)

    @cached_property
    def open_by_kpi(self) -> dict[int, SignalFact]:
        """The open signal of each KPI."""
        return {one.kpi_id: one for one in self.picture.open_signals}

    @cached_property
    def kpis(self) -> list:
        """The KPIs of the wall, off target first; those of the status that was chosen."""
        found = engine.worst_first(self.picture.kpis)
        if self.status in _KPI_STATES:
            found = [one for one in found if one.state == self.status]
        return found

    @cached_property
    def standings(self) -> list:
        """The objectives, furthest behind first; those of the status that was chosen."""
        found = goals.furthest_behind(self.picture.standings)
        if self.status in _HEALTHS or self.status == "stale":
            found = [one for one in found if one.health == self.status]
        return found

    @cached_property
    def gaps(self) -> list[gaps.Gap]:
        """What nobody looks after."""
        answered = {pk for pk, one in self.open_by_kpi.items() if one.decision}
        return gaps.gaps(
            self.scope.teams,
            self.picture.kpis,
            self.picture.standings,
            self.links,
            answered,
            self.scope.on,
        )

    @cached_property
    def top(self) -> headline.Headline:
        """The headline figures."""
        weeks = [week for of_team in self.picture.weeks.values() for week in of_team]
        picture = self.picture
        return headline.headline(
            picture.kpis, picture.standings, picture.signals, weeks, self.scope.on
        )


def dashboard_context(picture: Picture, form: QuarterForm, pages: Mapping[str, str]) -> dict:
    """The whole page; `pages` are the numbers of its parts' pages, as the address has them."""
    board = Board(picture, form.chosen("status") or "")
    scope, lens = picture.scope, form.chosen("lens")
    query = form.query()
    context = {
        "scope": scope,
        "form": form,
        "query": query,
        "is_meeting": form.chosen("view") == MEETING,
        "lead": lead(board.top),
        "facts": facts(picture, board.top, _addresses(form)),
        "as_of": day_year(scope.on),
        "show_engine": lens != DESTINATION,
        "show_destination": lens != ENGINE,
        "decisions": advice.decisions(picture.undecided[:DECIDE_SHOWN], board.kpi_of, scope),
        "more_decisions": max(len(picture.undecided) - DECIDE_SHOWN, 0),
        "hidden_kpis": hidden_words(picture.hidden_kpis),
        "hidden_objectives": hidden_words(picture.hidden_objectives),
    }
    context |= _map(board, pages.get("teams", ""))
    if context["show_engine"]:
        context |= _engine(board, pages.get("kpis", ""))
    if context["show_destination"]:
        context |= _destination(board, pages.get("objectives", ""))
    return context | _advice(board)


def _addresses(form: QuarterForm) -> dict[str, str]:
    """What each headline figure links to: the list of exactly what it counts."""
    on = form.query(lens=ENGINE, status="on_target")
    off = form.query(lens=ENGINE, status=OFF)
    return {"on-target": f"?{on}#engine", "off-target": f"?{off}#engine"}


def _page(rows: Sequence, size: int, wanted: str) -> Page:
    return Paginator(rows, size).get_page(wanted)


def _joined(rows: Sequence[SafeString]) -> SafeString:
    return format_html_join("\n", "{}", ((row,) for row in rows))


def _map(board: Board, wanted: str) -> dict:
    """Only the rows of the page of teams that is shown are printed."""
    picture = board.picture
    page = _page(board.scope.teams, TEAMS_PAGE, wanted)
    rows = heat.heat_rows(
        page.object_list, picture.kpis, picture.standings, picture.signals, picture.weeks
    )
    return {
        "heads": mapped.heads(),
        "team_page": page,
        "heat": _joined(mapped.heat_markup(rows)),
    }


def _engine(board: Board, wanted: str) -> dict:
    off = [one for one in engine.worst_first(board.picture.kpis) if one.state == OFF]
    page = _page(board.kpis, WALL_PAGE, wanted)
    rows = engine.off_rows(
        off[:OFF_SHOWN], board.team_names, board.open_by_kpi, board.links, board.scope
    )
    return {
        "off": _joined(rows),
        "off_count": len(off),
        "off_more": max(len(off) - OFF_SHOWN, 0),
        "accepted_note": _accepted(board),
        "kpi_page": page,
        "kpi_count": plural(len(board.kpis), "KPI"),
        "wall": _joined(engine.wall(page.object_list, board.links)),
    }


def _accepted(board: Board) -> str:
    """What is lived with for now, below the table of what is off target."""
    found = [
        f"{one.kpi} is accepted until {day_near(one.accepted_until, board.scope.on)}"
        for one in board.picture.open_signals
        if one.accepted_until is not None
    ]
    return f"Also: {'; '.join(found[:6])}." if found else ""


def _destination(board: Board, wanted: str) -> dict:
    page = _page(board.standings, GOALS_PAGE, wanted)
    rows = goals.goal_rows(
        page.object_list, board.team_names, board.kpi_of, board.picture.signal_kpis
    )
    return {
        "goal_page": page,
        "goal_count": plural(len(board.standings), "objective"),
        "goals": _joined(rows),
    }


def _advice(board: Board) -> dict:
    """Gaps, contradictions and warnings, with the speed of decisions."""
    picture, scope = board.picture, board.scope
    month = scope.organisation.fiscal_start_month
    covers = coverage(picture.kpis)
    speed = headline.speed(picture.signals, last_quarters(scope.on, month), scope.organisation.zone)
    warned = early.warnings(picture.kpis, scope.cycle.ends_on, month) if scope.cycle else []
    return {
        "gap_groups": advice.gap_groups(board.gaps, board.team_names),
        "gap_count": plural(len(board.gaps), "gap"),
        "conflicts": advice.conflict_lines(conflicts.conflicts(picture.standings, board.kpi_of)),
        "trust": advice.TRUST,
        "tradeoffs": advice.tradeoff_lines(conflicts.tradeoffs(picture.kpis)),
        "warned": advice.warned_lines(warned, month),
        "covers": [(one.label, advice.said_words(one)) for one in covers],
        "coverage_words": advice.coverage_words(covers),
        "speed": [
            {
                "label": period_label(one.quarter, month),
                "opened": one.opened,
                "answered": one.answered,
                "days": NO_VALUE if one.median_days is None else number(one.median_days, 1),
            }
            for one in speed
        ],
    }
