"""Every write of the metrics app that a person makes, each one transaction with its history row."""

from metrics.actions.exclusions import exclude_period, lift_exclusion, rebase_limits
from metrics.actions.kpis import KpiChanged, assign_cadence, create_kpi, edit_kpi
from metrics.actions.targets import revise_target, withdraw_target
from metrics.actions.values import (
    ValueChanged,
    correct_value,
    fill_missed,
    record_value,
    withdraw_value,
)

__all__ = [
    "KpiChanged",
    "ValueChanged",
    "assign_cadence",
    "correct_value",
    "create_kpi",
    "edit_kpi",
    "exclude_period",
    "fill_missed",
    "lift_exclusion",
    "rebase_limits",
    "record_value",
    "revise_target",
    "withdraw_target",
    "withdraw_value",
]
