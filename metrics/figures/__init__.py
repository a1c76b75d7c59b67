"""Server-drawn figures: pure functions from numbers to SVG in the design's markup.

Everything a person typed goes through `format_html`; the fragments that are not escaped hold
nothing but numbers made here (`fragments.numbers_only`). No clock, no database.
"""

from metrics.figures.marks import delta, icon, loop_mark, pips, quantity_mark, status_mark
from metrics.figures.progress import clock, confidence, confidence_line, rail, rail_words
from metrics.figures.ruler import ruler
from metrics.figures.spark import SparkPoint, sparkline

__all__ = [
    "SparkPoint",
    "clock",
    "confidence",
    "confidence_line",
    "delta",
    "icon",
    "loop_mark",
    "pips",
    "quantity_mark",
    "rail",
    "rail_words",
    "ruler",
    "sparkline",
    "status_mark",
]
