"""What the natural limits say on the page of a KPI never contradicts itself (signals.md 11)."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from metrics.kpi_page.drawing import noise, noise_sentence
from metrics.kpi_page.targets import latest_rule
from tests.metrics.walking import DAY, target, walk, week

STEADY = "39 41 39 41 39 41 39 41 39 41 39 41"


def kpi(**over):
    fields = {
        "name": "NPS",
        "direction": "higher_is_better",
        "unit": "$",
        "limits_from": None,
        "natural_floor": None,
        "natural_ceiling": None,
    }
    return SimpleNamespace(**fields | over)


def said(series, *targets, **over):
    verdicts = walk(series, *targets).verdicts
    return noise_sentence(kpi(), verdicts, noise(kpi(), verdicts), 1)


def test_beside_a_real_shift_the_streak_is_not_called_chance():
    text = said(f"{STEADY} 20 20")
    assert text == (
        "Natural limits $35 to $45: 2 weeks (2026-W35 to 2026-W36) show a real shift, not noise."
    )
    assert said(f"{STEADY} 20").endswith("1 week (2026-W35) shows a real shift, not noise.")


def test_a_streak_inside_the_limits_may_be_chance():
    text = said(f"{STEADY} 39 39")
    assert "no value since the baseline is more than noise" in text
    assert "the streak may be chance" in text


def test_a_kpi_on_target_has_no_streak_to_speak_of():
    text = said(f"{STEADY} 39 41")
    assert "streak" not in text
    assert "both sides of it by chance" in text


def test_an_outlier_inside_the_baseline_is_not_denied():
    text = said("39 41 39 41 39 60 39 41 39 41 39 41 40")
    assert "Every value" not in text
    assert "no value since the baseline" in text


@pytest.mark.parametrize("last", [[], ["x"]])
def test_the_newest_target_is_known_though_the_newest_period_is_excluded(last):
    verdicts = walk(" ".join(["39", "41", *last]), target()).verdicts
    assert latest_rule(verdicts).source.target == 40


def test_a_withdrawn_target_is_none():
    verdicts = walk("39 41", target(), target(since=2, withdrawn=True)).verdicts
    assert latest_rule(verdicts) is None
    assert latest_rule([]) is None


def test_a_new_cadence_begins_a_new_chart():
    change = (week(13), "daily")
    walked = walk(STEADY, changes=[change], today=week(13) + DAY * 3)
    days = {week(13) + timedelta(days=n) for n in range(3)}
    verdicts = [v._replace(value=5) if v.period.start in days else v for v in walked.verdicts]
    found = noise(kpi(), verdicts)
    assert (found.start, found.limits, found.causes) == (12, None, [])
    assert noise(kpi(), walked.verdicts[:12]).limits.is_locked
