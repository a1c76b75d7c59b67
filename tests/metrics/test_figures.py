"""The server-drawn figures: the design's markup, words for all, nothing typed unescaped."""

import re
from datetime import date
from decimal import Decimal as D
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.contrib.staticfiles import finders

from metrics import figures
from metrics.figures import SparkPoint
from metrics.figures.marks import LOOKS
from metrics.kinds import Direction, PeriodStatus

LOWER, HIGHER, RANGE = Direction.LOWER, Direction.HIGHER, Direction.RANGE
CHURN = ("8.2", "7.9", "8.3", "8.4", "7.8", "12.4", "12.6", "12.1", "11.3", "9.9", "8.41", "8.3")


def parse(markup):
    """Parse a figure strictly, so that a broken tag or an open quote fails."""
    return ElementTree.fromstring(markup)


def churn_points():
    return [
        SparkPoint(D(v), "off_target" if D(v) > 9 else "on_target", D("8.5" if at == 11 else "8.0"))
        for at, v in enumerate(CHURN)
    ]


def churn(**over):
    facts = {"direction": LOWER, "state": "on", "unit": "%", "band": D("0.5")}
    return figures.sparkline("Monthly churn rate", churn_points(), **(facts | over))


def spark(*points, **over):
    return parse(figures.sparkline("KPI", points, **({"direction": LOWER, "state": "on"} | over)))


def parts(svg, kind):
    return [child for child in svg if child.get("class").split()[0] == kind]


def test_the_churn_sparkline_is_the_designs():
    """Coordinates of `team.html`; only the flat stretches of the target are shorter."""
    svg = parse(churn())
    line = parts(svg, "l")[0].get("d")
    assert line.replace("h0", "") == (
        "M5 28.8L16.1 30.5L27.2 28.3L38.3 27.7L49.4 31L60.5 6.1L71.5 5L82.6 7.7L93.7 12L104.8 19.6"
        "L115.9 27.7L127 28.3"
    )
    assert parts(svg, "t")[0].get("d") == "M0 29.9H121.5V27.2H132"
    assert parts(svg, "zone")[0].get("d") == "M0 29.9H121.5V27.2H132V0H0Z"
    assert len(parts(svg, "p-off")) == 5
    assert parts(svg, "p-on")[0].attrib == {"class": "p-on", "cx": "127", "cy": "28.3", "r": "3.25"}
    assert svg.attrib == {
        "class": "spark",
        "data-s": "on",
        "viewBox": "0 0 132 36",
        "width": "132",
        "height": "36",
        "role": "img",
        "aria-label": "Monthly churn rate: last 12 periods from 8.2\u00a0% to 8.3\u00a0%, "
        "target at most 8.5\u00a0%, off target in 5",
    }


def test_noise_within_four_bands_stays_flat():
    points = [SparkPoint(D(v), "on_target", D("2.5")) for v in ("2.3", "2.4", "2.5")]
    flat = spark(*points, band=D("0.2"))
    assert parts(flat, "l")[0].get("d").replace("h0", "") == "M5 21.3L66 18L127 14.8"
    assert parts(spark(*points), "l")[0].get("d").replace("h0", "") == "M5 31L66 18L127 5"


def test_a_missing_period_breaks_the_line_and_leaves_a_hollow_dot():
    on = "on_target"
    svg = spark(SparkPoint(D(1), on), SparkPoint(None, "missing"), SparkPoint(D(3), on))
    assert parts(svg, "l")[0].get("d") == "M5 31h0M127 5h0"
    assert [(d.get("cx"), d.get("cy")) for d in parts(svg, "miss")] == [("66", "32")]


def test_the_last_value_is_a_large_diamond_when_off_and_a_dot_otherwise():
    for status, kind in [
        ("off_target", "p-off last"),
        ("near_target", "p-near"),
        ("on_target", "p-on"),
        ("no_target", "p-info"),
    ]:
        svg = spark(SparkPoint(D(1), "on_target"), SparkPoint(D(2), status))
        assert svg[-1].get("class") == kind


def test_the_off_side_follows_the_direction():
    point = SparkPoint(D(5), "on_target", D(5))
    assert "V36" in parts(spark(point, direction=HIGHER), "zone")[0].get("d")
    assert "V0" in parts(spark(point, direction=LOWER), "zone")[0].get("d")
    inside = spark(SparkPoint(D(5), "on_target", low=D(4), high=D(6)), direction=RANGE)
    assert inside[0].get("d").count("M") == inside[1].get("d").count("M") == 2
    assert "between 4 and 6" in inside.get("aria-label")


def test_without_a_target_there_is_no_zone_and_with_a_gap_two():
    bare = [SparkPoint(D(1), "no_target"), SparkPoint(D(2), "no_target")]
    assert not parts(spark(*bare), "zone")
    assert spark(*bare).get("aria-label") == "KPI: last 2 periods from 1 to 2"
    ruled = SparkPoint(D(2), "on_target", D(3))
    assert parts(spark(ruled, bare[0], ruled), "zone")[0].get("d").count("M") == 2


def test_a_sparkline_without_values_says_so():
    assert spark().get("aria-label") == "KPI: no data yet"
    assert spark(SparkPoint(None, "missing")).get("aria-label") == "KPI: no data yet"


def test_a_constant_series_and_one_value_are_drawn():
    assert parts(spark(SparkPoint(D(5), "on_target")), "p-on")[0].get("cx") == "66"
    twice = [SparkPoint(D(5), "on_target")] * 2
    assert parts(spark(*twice), "p-on")[0].get("cy") == "18"


def test_names_and_units_are_escaped_everywhere():
    evil = "\"><script>alert('x')</script>"
    drawn = [
        figures.sparkline(evil, churn_points(), direction=LOWER, state=evil, unit=evil),
        figures.quantity_mark(D(1), evil),
        figures.delta(D(1), 1, evil),
        figures.status_mark("on_target", evil, word=evil),
        figures.icon(evil),
    ]
    for markup in drawn:
        assert "<script" not in markup
        parse(markup)


@pytest.mark.parametrize(
    ("progress", "expected", "rects"),
    [
        ("0.391", "0.369", [("fill", "39.1%"), ("tick", "2")]),
        ("0.3", "0.369", [("gap", "6.9%"), ("fill", "30%"), ("tick", "2")]),
        ("0.3", "0.3", [("fill", "30%"), ("tick", "2")]),
        ("-0.5", "0.53", [("gap", "53%"), ("fill", "0%"), ("tick", "2")]),
        ("1.7", "0.53", [("fill", "100%"), ("tick", "2")]),
        ("0.5", None, [("fill", "50%")]),
        (None, "0.53", [("tick", "2")]),
        (None, None, []),
    ],
)
def test_the_rail_shows_progress_pace_and_the_gap(progress, expected, rects):
    svg = parse(figures.rail(progress and D(progress), expected and D(expected)))
    assert [(r.get("class"), r.get("width")) for r in svg] == [("track", "100%"), *rects]


def test_the_rail_in_words():
    assert parse(figures.rail(D("0.391"), D("0.369"))).get("aria-label") == (
        "39 % done, 37 % expected today"
    )
    assert parse(figures.rail(None)).get("aria-label") == "no data yet"
    words = [figures.rail_words(raw and D(raw)) for raw in ("-0.01", "0", "1", "1.01", None)]
    assert words == ["moving away", "", "", "exceeded", ""]


def test_pips_fill_up_to_their_number_and_count_past_it():
    svg = parse(figures.pips(1, 2, recovering=True))
    assert svg.get("data-tone") == "on"
    assert [(c.get("cx"), c.get("r"), c.get("class")) for c in svg[0]] == [
        ("5", "4", "on"),
        ("16", "3.25", "un"),
    ]
    assert svg[0].get("width") == "21"
    many = parse(figures.pips(7, 3))
    assert (len(many[0]), many[1].text, many.get("data-tone")) == (3, "7/3", None)


@pytest.mark.parametrize(
    ("value", "level"),
    [(0, "low"), (3, "low"), (4, "medium"), (6, "medium"), (7, "high"), (10, "high")],
)
def test_confidence_bars(value, level):
    svg = parse(figures.confidence(value))
    bars = [bar.get("class") for bar in svg[0]]
    assert (svg.get("data-level"), bars.count("on"), len(bars)) == (level, value, 10)
    assert svg[2].text == f"{level} confidence"


def test_confidence_nobody_gave_and_its_history():
    assert "–" in figures.confidence(None)
    assert figures.confidence_line([5]) == ""
    svg = parse(figures.confidence_line([5, 5, 6, 6, 6, 7, 7]))
    assert svg[0].get("d") == "M2 11L10.7 11L19.3 9.2L28 9.2L36.7 9.2L45.3 7.4L54 7.4"
    assert svg.get("aria-label") == "Confidence over 7 weeks: 5, 5, 6, 6, 6, 7, 7"


@pytest.mark.parametrize(
    ("left", "total", "tone", "dash", "words"),
    [
        (9, 21, "ink", "57 100", "9 days left"),
        (3, 7, "ink", "57 100", "3 days left"),
        (2, 7, "near", "71 100", "2 days left"),
        (0, 7, "near", "100 100", "due today"),
        (-1, 7, "off", "100 100", "1 day past"),
        (1, 7, "near", "85 100", "1 day left"),
    ],
)
def test_the_clock(left, total, tone, dash, words):
    svg = parse(figures.clock(left, total))
    assert svg.get("data-tone") == tone
    assert svg[0][1].get("stroke-dasharray") == dash
    assert "".join(svg[1].itertext()) == words


@pytest.mark.parametrize(
    ("step", "classes"),
    [(1, ["now", "next", "next"]), (2, ["done", "now", "next"]), (3, ["done", "done", "now"])],
)
def test_the_loop_mark(step, classes):
    svg = parse(figures.loop_mark(step))[0]
    assert [node.get("class").split()[1] for node in svg[1:4]] == classes
    assert svg.get("aria-label").startswith(f"Step {step} of 3: ")


@pytest.mark.parametrize(
    ("difference", "favour", "unit", "icon", "words"),
    [
        ("-0.1", 1, "%", "arrow-down-right", "−0.1\u00a0pts better"),
        ("0.4", -1, "h", "arrow-up-right", "+0.4 worse"),
        ("0.0", 0, "", "minus", "0 unchanged"),
        ("3", 0, "", "arrow-up-right", "+3 "),
    ],
)
def test_a_change_has_an_arrow_a_number_and_a_word(difference, favour, unit, icon, words):
    markup = figures.delta(D(difference), favour, unit)
    svg = parse(markup)
    assert svg.get("data-fav") == str(favour)
    assert f"#{icon}" in markup
    assert "".join(svg.itertext()) == words


def test_a_change_that_is_not_known_and_a_quantity():
    assert "–" in figures.delta(None, 0)
    mark = '<span class="num">8.3<small>\u00a0%</small></span>'
    assert figures.quantity_mark(D("8.300"), "%") == mark
    assert figures.quantity_mark(None, "%") == '<span class="num">–</span>'


def test_every_status_has_a_tone_a_shape_that_exists_and_a_word():
    icons = re.findall(r'id="([^"]+)"', Path(finders.find("img/icons.svg")).read_text())
    assert {look.icon for look in LOOKS.values()} <= set(icons)
    assert set(PeriodStatus.values) <= set(LOOKS)
    assert "".join(parse(figures.status_mark("off_target", "3 months")).itertext()) == (
        "Off target 3 months"
    )


def test_the_ruler_of_the_design():
    ruler = figures.ruler("Q3 2026", date(2026, 7, 1), date(2026, 9, 30), date(2026, 8, 18))
    assert (ruler.months, ruler.days) == (("Jul", "Aug", "Sep"), "31 31 30")
    assert (ruler.day, ruler.of, ruler.today_label) == (49, 92, "Tue 18\u00a0Aug")
    assert parse(ruler.today)[0].get("x") == "52.2%"
    past, following = parse(ruler.ticks)
    assert past.get("d").startswith("M0 10V0M1 10V7M2 10V7M3 10V7M4 10V7M5 10V4")
    assert past.get("d").endswith("M48 10V7")
    assert following.get("d").startswith("M49 10V7")
    assert following.get("d").endswith("M91 10V7M92 10V0")


@pytest.mark.parametrize(
    ("today", "day"),
    [
        (date(2026, 7, 1), 1),
        (date(2026, 9, 30), 92),
        (date(2026, 6, 30), 1),
        (date(2026, 10, 1), 92),
    ],
)
def test_today_stays_on_the_ruler(today, day):
    assert figures.ruler("Q3", date(2026, 7, 1), date(2026, 9, 30), today).day == day
