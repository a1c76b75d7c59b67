"""The figure of the KPI page: valid for plotly, and saying what the engine says."""

import json
from datetime import date
from decimal import Decimal as D

import plotly.graph_objects as go
import pytest

from metrics.charts import ChartPoint, Span, chart_sentence, kpi_figure
from metrics.kinds import CadenceKind, Direction, PeriodStatus
from metrics.periods import next_period, period_of
from metrics.special_cause import natural_limits, special_causes

LOWER, HIGHER, RANGE = Direction.LOWER, Direction.HIGHER, Direction.RANGE
CHURN = (
    *("7.4", "7.6", "7.2", "7.9", "7.7", "8", "7.8", "8.2", "7.9", "8.3", "8.4", "7.8"),
    *("12.4", "12.6", "12.1", "11.3", "9.9", "8.41", "8.3"),
)


def churn_points():
    """Return the design's KPI page: at most 8.0 % until June 2026, then 8.5 %, band 0.5."""
    points, period = [], period_of(date(2025, 1, 1), "monthly")
    for text in CHURN:
        value = D(text)
        target = D("8.5") if period.start >= date(2026, 7, 1) else D("8.0")
        over = value - target
        status = "on_target" if over <= 0 else "near_target" if over <= D("0.5") else "off_target"
        points.append(
            ChartPoint(period.start, period.end, value, status, target, tolerance=D("0.5"))
        )
        period = next_period(period)
    return points


def churn_figure(**over):
    points = churn_points()
    series = [p.value for p in points]
    limits = natural_limits(series)
    facts = {
        "direction": LOWER,
        "cadence": "monthly",
        "unit": "%",
        "until": date(2026, 9, 1),
        "off_spans": [Span(date(2026, 1, 1), date(2026, 6, 1), "Off target, 5 months")],
        "okr_spans": [Span(date(2026, 4, 13), date(2026, 6, 30), "OKR, graded 0.9")],
        "markers": [(date(2026, 1, 1), "Price change, 1 Jan")],
        "limits": limits,
        "causes": special_causes(series, limits, LOWER),
    }
    return kpi_figure("Monthly churn rate", points, **(facts | over))


def make_point(value="1", status="on_target", *, start=date(2026, 1, 1), cadence="monthly", **rule):
    period = period_of(start, cadence)
    return ChartPoint(period.start, period.end, value and D(value), status, **rule)


def validate(figure):
    """Return a figure as plotly's own after its schema has passed it; tokens become colours."""

    def coloured(node):
        if isinstance(node, str):
            return "#123456" if node.startswith("--") else node
        if isinstance(node, dict):
            return {key: coloured(child) for key, child in node.items()}
        return [coloured(child) for child in node] if isinstance(node, list) else node

    return go.Figure(coloured(json.loads(json.dumps(figure))))


def trace(figure, name):
    return next(t for t in figure["data"] if t.get("name") == name)


def test_the_churn_figure_is_valid_plotly_and_plain_json():
    assert len(validate(churn_figure()).data) == 5


def test_an_unknown_property_would_not_validate():
    figure = churn_figure()
    figure["layout"]["xaxis"]["tickcolour"] = "--edge"
    with pytest.raises(ValueError, match="tickcolour"):
        validate(figure)


@pytest.mark.parametrize("cadence", CadenceKind.values)
@pytest.mark.parametrize("direction", Direction.values)
def test_every_cadence_direction_and_status_is_valid(cadence, direction):
    rule = {"low": D(1), "high": D(3)} if direction == RANGE else {"target": D(2)}
    period, points = period_of(date(2025, 1, 1), cadence), []
    for at, status in enumerate(PeriodStatus.values):
        value = None if status in ("missing", "awaiting") else D(at)
        points.append(ChartPoint(period.start, period.end, value, status, **rule, tolerance=D(1)))
        period = next_period(period)
    figure = kpi_figure("KPI", points, direction=direction, cadence=cadence)
    assert validate(figure)
    assert trace(figure, "Missing")["x"]


def test_values_stand_in_the_middle_of_their_periods_with_the_shape_of_their_status():
    line = trace(churn_figure(), "Monthly churn rate")
    assert line["x"][:2] == ["2025-01-16", "2025-02-14"]
    assert line["y"][-1] == 8.3
    assert line["marker"]["symbol"].count("diamond") == 5
    assert line["marker"]["color"][12] == "--off-fill"
    assert line["text"][-2:] == [
        "8.41\u00a0%, near target (≤\u00a08\u00a0%), special cause",
        "8.3\u00a0%, on target (≤\u00a08.5\u00a0%)",
    ]


def test_the_target_is_a_step_and_its_band_lies_on_the_off_side():
    figure = churn_figure()
    target = trace(figure, "Target")
    assert target["line"]["shape"] == "hv"
    assert target["x"] == ["2025-01-01", "2026-07-01", "2026-07-01", "2026-09-01"]
    assert target["y"] == [8, 8, 8.5, 8.5]
    bands = [s for s in figure["layout"]["shapes"] if s.get("fillcolor") == "--near-tint"]
    assert [(b["y0"], b["y1"]) for b in bands] == [(8, 8.5), (8.5, 9)]
    high = kpi_figure(
        "NPS",
        [make_point("38", "off_target", target=D(45), tolerance=D(2))],
        direction=HIGHER,
        cadence="monthly",
    )
    band = next(s for s in high["layout"]["shapes"] if s.get("fillcolor") == "--near-tint")
    assert (band["y0"], band["y1"]) == (43, 45)


def test_a_stretch_without_a_target_is_a_gap_in_its_line():
    points = [
        make_point(target=D(2)),
        make_point(start=date(2026, 2, 1), status="no_target"),
        make_point(start=date(2026, 3, 1), target=D(3)),
    ]
    figure = kpi_figure("KPI", points, direction=LOWER, cadence="monthly")
    assert trace(figure, "Target")["y"] == [2, 2, None, 3, 3]
    bare = kpi_figure("KPI", points[1:2], direction=LOWER, cadence="monthly")
    assert [t["name"] for t in bare["data"]] == ["KPI"]
    assert bare["layout"]["annotations"] == bare["layout"]["shapes"] == []


def test_a_range_has_two_lines_and_two_bands():
    point = make_point("5", low=D(4), high=D(6), tolerance=D(1))
    figure = kpi_figure("KPI", [point], direction=RANGE, cadence="monthly")
    assert [t["y"] for t in figure["data"] if t["name"] == "Target"] == [[4, 4], [6, 6]]
    assert [(s["y0"], s["y1"]) for s in figure["layout"]["shapes"]] == [(3, 4), (6, 7)]


def test_signals_okrs_and_markers_are_drawn_over_their_dates():
    shapes = churn_figure()["layout"]["shapes"]
    off = next(s for s in shapes if s.get("fillcolor") == "--off-tint")
    okr = next(s for s in shapes if s.get("fillcolor") == "--okr-fill")
    line = next(s for s in shapes if s["type"] == "line")
    assert (off["x0"], off["x1"]) == ("2026-01-01", "2026-06-01")
    assert (okr["x0"], okr["x1"], okr["layer"]) == ("2026-04-13", "2026-06-30", "above")
    assert okr["y0"] > off["y1"] > 12.6
    assert line["x0"] == line["x1"] == "2026-01-01"


def test_special_causes_are_ringed_at_their_values():
    rings = trace(churn_figure(), "Special cause")
    assert rings["y"][:4] == [12.4, 12.6, 12.1, 11.3]
    assert rings["marker"]["symbol"] == "circle-open"


def test_limits_on_trial_say_so():
    trial = natural_limits([D(v) for v in CHURN[:6]])
    texts = [a["text"] for a in churn_figure(limits=trial, causes=[])["layout"]["annotations"]]
    assert any(text.endswith("on trial") for text in texts)


def test_everything_fits_under_the_bars_and_the_axis_begins_just_below_the_data():
    low, high = churn_figure()["layout"]["yaxis"]["range"]
    assert 0 <= low < 7.2
    assert high * 0.9 > 12.6
    flat = kpi_figure("KPI", [make_point("0")], direction=LOWER, cadence="monthly")
    assert flat["layout"]["yaxis"]["range"][0] < flat["layout"]["yaxis"]["range"][1]
    empty = kpi_figure("KPI", [make_point(None, "missing")], direction=LOWER, cadence="monthly")
    assert validate(empty)


def test_words_a_person_typed_are_never_markup_or_a_template():
    evil = "<b>x</b><a href='javascript:1'>%{y}&lt;"
    figure = kpi_figure(
        evil,
        [make_point(target=D(1), tolerance=D("0.5"))],
        direction=LOWER,
        cadence="monthly",
        unit=evil,
        okr_spans=[Span(date(2026, 1, 1), date(2026, 1, 9), evil)],
        off_spans=[Span(date(2026, 1, 1), date(2026, 1, 9), evil)],
        markers=[(date(2026, 1, 2), evil)],
    )
    text = json.dumps(figure).replace("<extra></extra>", "")
    assert "<" not in text
    templates = {t.get("hovertemplate") for t in figure["data"]} - {None}
    assert templates == {"%{text}<extra></extra>"}


def test_only_the_value_line_answers_to_hovering():
    skipping = [t["name"] for t in churn_figure()["data"] if t.get("hoverinfo") != "skip"]
    assert skipping == ["Monthly churn rate"]


def test_the_chart_in_a_sentence():
    sentence = chart_sentence("Monthly churn rate", churn_points(), cadence="monthly", unit="%")
    assert sentence.replace("\u00a0", " ") == (
        "Monthly churn rate from 1 Jan 2025 to 1 Jul 2026: from 7.4 % to 8.3 %, lowest 7.2 %, "
        "highest 12.6 %, off target in 5 of 19 months. Values are in the evidence table below."
    )
    nothing = [make_point(None, "missing")]
    assert chart_sentence("Churn", nothing, cadence="monthly") == "Churn: no data yet."
