"""The chart of a key result: valid for plotly, in the colours of the page, in words too."""

from datetime import date
from decimal import Decimal

import plotly.graph_objects as go
import pytest

from objectives.charts import Pace, Said, figure_words, key_result_figure

SAID = [
    Said(date(2026, 8, 7), Decimal("0.25"), 7, "41 NPS, confidence 7/10"),
    Said(date(2026, 8, 14), Decimal("0.5"), 4, "<b>45</b>"),
]
PACE = [Pace(date(2026, 7, 1), Decimal(0)), Pace(date(2026, 9, 30), Decimal("0.7"))]
CYCLE = {
    "starts_on": date(2026, 7, 1),
    "ends_on": date(2026, 9, 30),
    "today": date(2026, 8, 18),
}


def drawn(said=SAID, pace=PACE, **over) -> dict:
    return key_result_figure(said, pace, **CYCLE | over)


def painted(value):
    """The figure with a colour for each name of a token, as the browser reads it."""
    if isinstance(value, str):
        return "#123456" if value.startswith("--") else value
    if isinstance(value, list):
        return [painted(one) for one in value]
    return {k: painted(v) for k, v in value.items()} if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("said", "pace"), [(SAID, PACE), ([], PACE), (SAID, []), ([], []), (SAID[:1], PACE)]
)
def test_plotly_accepts_it(said, pace):
    go.Figure(painted(drawn(said, pace)))


def test_progress_pace_and_confidence_are_drawn_with_tokens_of_the_page():
    traces = {trace["name"]: trace for trace in drawn()["data"]}
    assert traces["Progress"]["y"] == [25.0, 50.0]
    assert traces["Expected"]["y"] == [0.0, 70.0]
    assert (traces["Confidence"]["y"], traces["Confidence"]["yaxis"]) == ([7, 4], "y2")
    assert all(trace["line"]["color"].startswith("--") for trace in traces.values())


def test_words_of_people_are_not_read_as_markup():
    assert drawn()["data"][-1]["text"][1] == "&lt;b&gt;45&lt;/b&gt;"


def test_a_check_in_without_progress_is_only_confidence():
    said = [Said(date(2026, 8, 7), None, 6, "confidence 6/10")]
    assert [trace["name"] for trace in drawn(said, [])["data"]] == ["Confidence"]


def test_today_is_marked_inside_the_cycle_only():
    assert len(drawn()["layout"]["shapes"]) == 1
    assert drawn(today=date(2026, 10, 5))["layout"]["shapes"] == []


def test_the_sentence_says_what_the_chart_shows():
    assert figure_words("NPS rises", SAID, Decimal("0.37")) == (
        "NPS rises from 7\xa0Aug 2026 to 14\xa0Aug 2026: progress from 25\xa0% to 50\xa0%, "
        "37\xa0% expected today; confidence from 7 to 4 of 10. "
        "Every check-in is in the table below."
    )
    assert figure_words("NPS rises", [], None) == "NPS rises: no check-in yet."
