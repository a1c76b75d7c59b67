"""Progress, confidence and time left: rail, confidence bars and line, clock ring."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

from metrics.figures.fragments import numbers_only, pixel
from metrics.wording import time_left

_RAIL = '<svg class="rail" data-tone="okr" role="img" aria-label="{}">{}</svg>'
_NEAR_DAYS = 2


def rail(progress: Decimal | None, expected: Decimal | None = None) -> SafeString:
    """Draw progress (share of the way, clamped to 0..1), the expected pace as a tick, the gap.

    None as progress is an empty track, None as expected leaves tick and gap out.
    """
    parts = ['<rect class="track" width="100%" y="3" height="6" rx="3"/>']
    done = None if progress is None else 100 * min(max(float(progress), 0.0), 1.0)
    pace = None if expected is None else 100 * min(max(float(expected), 0.0), 1.0)
    if done is not None:
        if pace is not None and pixel(pace) != pixel(done) and pace > done:
            parts.append(
                f'<rect class="gap" x="{pixel(done)}%" y="3" width="{pixel(pace - done)}%" '
                'height="6"/>'
            )
        parts.append(f'<rect class="fill" width="{pixel(done)}%" y="3" height="6" rx="3"/>')
    label = "no data yet" if done is None else f"{_whole(done)} % done"
    if pace is not None:
        parts.append(f'<rect class="tick" x="{pixel(pace)}%" width="2" height="12" rx="1"/>')
        label += f", {_whole(pace)} % expected today"
    return format_html(_RAIL, label, numbers_only("".join(parts)))


def _whole(share: float) -> int:
    """Round a per cent for people, halves up."""
    return int(share + 0.5)


def rail_words(raw: Decimal | None) -> str:
    """Return what the clamped rail cannot show: `moving away` below 0, `exceeded` above 1."""
    if raw is None or 0 <= raw <= 1:
        return ""
    return "moving away" if raw < 0 else "exceeded"


def confidence_level(value: int) -> str:
    """Return low (0-3), medium (4-6) or high (7-10); product.md 2.4."""
    return "low" if value <= 3 else "medium" if value <= 6 else "high"


def confidence(value: int | None) -> SafeString:
    """Draw confidence 0..10 as ten bars and `7/10`; an en dash when nobody has said."""
    if value is None:
        return format_html('<span class="muted">{}</span>', "–")
    bars = "".join(
        f'<rect x="{7 * i}" y="0" width="5" height="10" rx="1" class="on"/>'
        if i < value
        else f'<rect x="{7 * i}" y="4" width="5" height="6" rx="1" class="un"/>'
        for i in range(10)
    )
    level = confidence_level(value)
    return format_html(
        '<span class="conf" data-level="{}"><svg width="68" height="10" aria-hidden="true">{}'
        '</svg><span class="num">{}<small>/10</small></span><span class="vh">{} confidence'
        "</span></span>",
        level,
        numbers_only(bars),
        value,
        level,
    )


def confidence_line(values: Sequence[int]) -> SafeString:
    """Draw the confidence of the last weeks, oldest first; nothing for fewer than two."""
    if len(values) < 2:
        return numbers_only("")
    step = 52 / (len(values) - 1)
    at = [(pixel(2 + i * step), pixel(20 - 1.8 * value)) for i, value in enumerate(values)]
    path = "L".join(f"{x} {y}" for x, y in at)
    return format_html(
        '<svg class="confline" viewBox="0 0 56 22" width="56" height="22" role="img" '
        'aria-label="Confidence over {} weeks: {}"><path d="M{}"/>'
        '<circle cx="{}" cy="{}" r="2.2"/></svg>',
        len(values),
        ", ".join(map(str, values)),
        path,
        *at[-1],
    )


def clock(days_left: int, total_days: int) -> SafeString:
    """Draw the time used until a due date and say what is left; near from 2 days, off when past.

    `days_left` is negative past the date; `total_days` is the whole time there was, at least 1.
    """
    used = min(max(100 * (total_days - days_left) // total_days, 0), 100)
    tone = "off" if days_left < 0 else "near" if days_left <= _NEAR_DAYS else "ink"
    return format_html(
        '<span class="clock" data-tone="{}"><svg viewBox="0 0 20 20" width="18" height="18" '
        'aria-hidden="true"><circle cx="10" cy="10" r="8" class="bg"/><circle cx="10" cy="10" '
        'r="8" class="fg" pathLength="100" stroke-dasharray="{} 100" '
        'transform="rotate(-90 10 10)"/></svg><span>{}</span></span>',
        tone,
        used,
        _time_left(days_left),
    )


def _time_left(days: int) -> str:
    """`9 days left`, `due today`, `1 day past`, with the number marked."""
    if days == 0:
        return time_left(0)
    word = "day" if abs(days) == 1 else "days"
    return format_html(
        '<b class="num">{}</b> {} {}', abs(days), word, "past" if days < 0 else "left"
    )
