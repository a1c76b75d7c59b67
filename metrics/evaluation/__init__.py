"""From due rows to signals: loads set-wise, walks with the pure engine, stores in one transaction.

    while evaluate_due(now, worker=name).kpis: ...     # the job
    replay_kpi(kpi, now).verdicts                      # every period of a KPI, for its page
    values_within(windows)                             # judged values in stretches of days
    preview(kpi, now, targets=[...])                   # what an edit would raise, resolve, withdraw
    preview_values(values, subjects, now)              # the same for an import into many KPIs
    parse_recent(state.recent)                         # the last periods without replaying

`loading` reads, `stepping` walks, `transitions` reconciles, `storing` and `states` write,
`staleness` groups by source, `notices` tells people, `running` batches.
"""

from metrics.evaluation.looking import (
    Preview,
    PreviewedEvent,
    Replayed,
    preview,
    preview_values,
    replay_kpi,
)
from metrics.evaluation.recent import RecentPeriod, parse_recent
from metrics.evaluation.running import BATCH, EvaluationCounts, evaluate_due, evaluate_kpis
from metrics.evaluation.windows import Window, values_within

__all__ = [
    "BATCH",
    "EvaluationCounts",
    "Preview",
    "PreviewedEvent",
    "RecentPeriod",
    "Replayed",
    "Window",
    "evaluate_due",
    "evaluate_kpis",
    "parse_recent",
    "preview",
    "preview_values",
    "replay_kpi",
    "values_within",
]
