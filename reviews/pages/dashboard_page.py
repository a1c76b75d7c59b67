"""What `reviews/dashboard.html` prints, from a picture that was read. No query, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.core.paginator import Page, Paginator
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from metrics.periods import period_label
from metrics.standpoint import OFF, ON
from metrics.wording import NO_VALUE, day_near, day_year, number, plural
from reviews.dashboards.picture import Picture
from reviews.dashboards.weeks import SHOWN
from reviews.forms_dashboard import (
    DESTINATION,
    ENGINE,
    FILTERS,
    MEETING,
    QuarterForm,
)
from reviews.pages import dashboard_advice as advice
from reviews.pages import dashboard_engine as engine
from reviews.pages import dashboard_goals as goals
from reviews.pages import dashboard_map as mapped
from reviews.pages.dashboard_board import Board
from reviews.pages.dashboard_decide import Decisions
from reviews.pages.dashboard_words import facts, hidden_words, lead

TEAMS_PAGE, GOALS_PAGE, WALL_PAGE, OFF_SHOWN, DECIDE_PAGE, LINES_SHOWN = 60, 50, 40, 20, 8, 12


def dashboard_context(picture: Picture, form: QuarterForm, pages: Mapping[str, str]) -> dict:
    """The whole page; `pages` are the numbers of its parts' pages, as the address has them."""
    board = Board(picture, form.chosen("status") or "")
    scope, lens = picture.scope, form.chosen("lens")
    query = form.query()
    context = {
        "scope": scope,
        "form": form,
        "fields": [form[name] for name in FILTERS],
        "query": query,
        "is_meeting": form.chosen("view") == MEETING,
        "meeting_query": form.query(view=MEETING),
        "trend_url": f"/quarter/trend/?{query}" if query else "/quarter/trend/",
        "compare_url": f"/quarter/compare/?{query}" if query else "/quarter/compare/",
        "lead": lead(board.top),
        "facts": facts(picture, board.top, _addresses(form)),
        "as_of": day_year(scope.on),
        "today_url": f"/quarter/?{form.query(on=form.today.isoformat())}",
        "show_engine": lens != DESTINATION,
        "show_destination": lens != ENGINE,
        "hidden_kpis": hidden_words(picture.hidden_kpis),
        "hidden_objectives": hidden_words(picture.hidden_objectives),
    }
    context |= _decide(board, pages.get("decide", "")) | _map(board, pages.get("teams", ""))
    if context["show_engine"]:
        context |= _engine(board, pages.get("kpis", ""))
        context["off_url"] = _addresses(form)["off-target"]
    if context["show_destination"]:
        context |= _destination(board, pages.get("objectives", ""))
    return context | _advice(board)


def _addresses(form: QuarterForm) -> dict[str, str]:
    """What each headline figure links to: the list of exactly what it counts."""
    on = form.query(lens=ENGINE, status=ON)
    off = form.query(lens=ENGINE, status=OFF)
    goals = form.query(lens=DESTINATION, status="")
    return {
        "on-target": f"?{on}#engine",
        "off-target": f"?{off}#engine",
        "progress": f"?{goals}#dest",
    }


def _page(rows: Sequence, size: int, wanted: str) -> Page:
    return Paginator(rows, size).get_page(wanted)


def _joined(rows: Sequence[SafeString]) -> SafeString:
    return format_html_join("\n", "{}", ((row,) for row in rows))


def _decide(board: Board, wanted: str) -> dict:
    page = _page(Decisions(board), DECIDE_PAGE, wanted)
    return {"decisions": page.object_list, "decide_page": page}


def _map(board: Board, wanted: str) -> dict:
    """Only the rows of the page of teams that is shown are printed."""
    page = _page(board.teams, TEAMS_PAGE, wanted)
    return {
        "heads": mapped.heads(),
        "team_page": page,
        "heat": _joined(mapped.heat_markup(board.heat(page.object_list))),
        "weeks_shown": SHOWN,
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
        "has_kpis": bool(board.picture.kpis),
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
    page = _page(board.goals, GOALS_PAGE, wanted)
    rows = goals.goal_rows(page.object_list, board.team_names, board.kpi_of, board.picture)
    return {
        "goal_page": page,
        "goal_count": plural(len(board.goals), "objective"),
        "has_goals": bool(board.picture.goals),
        "goals": _joined(rows),
    }


def _advice(board: Board) -> dict:
    """Gaps, contradictions and warnings, with the speed of decisions."""
    month = board.scope.organisation.fiscal_start_month
    return {
        "gap_groups": advice.gap_groups(board.gaps, board.team_names),
        "gap_count": plural(len(board.gaps), "gap"),
        "notices": _notices(board, month),
        "covers": [(one.label, advice.said_words(one)) for one in board.covers],
        "coverage_words": advice.coverage_words(board.covers),
        "speed": [
            {
                "label": period_label(one.quarter, month),
                "opened": one.opened,
                "answered": one.answered,
                "days": NO_VALUE if one.median_days is None else number(one.median_days, 1),
            }
            for one in board.speed
        ],
    }


def _notices(board: Board, month: int) -> list[advice.Notice]:
    """The kinds of advice there is something to say about, the first lines of each."""
    clash, won, warned = board.conflicts, board.tradeoffs, board.warned
    found = {
        "conflicts": (advice.conflict_lines(clash[:LINES_SHOWN]), len(clash)),
        "counter": (advice.tradeoff_lines(won[:LINES_SHOWN]), len(won)),
        "early": (advice.warned_lines(warned[:LINES_SHOWN], month), len(warned)),
    }
    return [advice.notice(slug, *lines) for slug, lines in found.items() if lines[1]]
