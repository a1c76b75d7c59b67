"""The chart of the KPI page as a plain plotly figure, for static/js/charts.js.

A dict and not a plotly object: building it costs microseconds and imports nothing
(performance.md 1); a test validates it against plotly's schema. Colours are names of CSS tokens
(`"--ink"`), resolved in the browser, so one figure serves light, dark and print. Plotly reads
HTML in labels, so every word a person typed goes through `plain`.

Quantities become floats here, at the edge: they are pixels from now on.
"""

from metrics.charts.kpi import chart_sentence, kpi_figure
from metrics.charts.parts import ChartPoint, Span

__all__ = ["ChartPoint", "Span", "chart_sentence", "kpi_figure"]
