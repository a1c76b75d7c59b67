"""What a person types about when one KPI asks for an answer: what it says for itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django import forms

from metrics.forms_policies import ChangeForm, MonthsForm, whole_number
from metrics.kinds import MissingPolicy, NearPolicy
from metrics.models import Kpi
from metrics.policies import Own, settings_under


class OwnForm(forms.Form):
    """What a KPI says for itself; what is left empty is as its terms say, which `following` are."""

    patience = whole_number("Off-target periods until a signal", 1, required=False)
    window_n = whole_number("Of the last", 1, required=False)
    recovery = whole_number("On-target periods until it resolves", 1, required=False)
    reopen_window = whole_number("Opens again within", 0, required=False)
    grace_days = whole_number("Days until a value counts as missing", 0, required=False)
    settle_days = whole_number("Days to settle", 0, required=False)
    near_policy = forms.ChoiceField(label="A near-target period", required=False)
    missing_policy = forms.ChoiceField(label="A missing period", required=False)
    max_gap = whole_number("Missing periods a streak survives", 0)
    stale_after = whole_number("Missing periods until it is stale", 1)

    def __init__(self, *args, kpi: Kpi, on: date, **kwargs) -> None:
        super().__init__(*args, initial=_initial(kpi.own_on(on)), **kwargs)
        following = settings_under(kpi.cadence.terms_on(on, kpi.team_id), Own())
        for name in ("patience", "recovery", "grace_days", "settle_days"):
            field = self.fields[name]
            field.widget.attrs["placeholder"] = str(getattr(following, name))
            field.help_text = f"Empty: {getattr(following, name)}, as its team."
        helps = {
            "window_n": "Empty: in a row, or as its team if both are empty.",
            "reopen_window": "Periods. Empty: twice as many as raise it.",
        }
        for name, text in helps.items():
            self.fields[name].help_text = text
        for name, kinds in (("near_policy", NearPolicy), ("missing_policy", MissingPolicy)):
            follows = kinds(getattr(following, name)).label
            self.fields[name].choices = [("", f"as its team: {follows}"), *kinds.choices]

    def clean(self) -> dict:
        cleaned = super().clean()
        grace, settle = cleaned.get("grace_days"), cleaned.get("settle_days")
        if settle is not None and "grace_days" in cleaned and (grace is None or settle > grace):
            self.add_error(
                "settle_days", "At most as many as until a value counts as missing: say both."
            )
        patience, window = cleaned.get("patience"), cleaned.get("window_n")
        if window is not None and "patience" in cleaned and (patience is None or window < patience):
            self.add_error(
                "window_n",
                "Say how many of them must be off target."
                if patience is None
                else f"At least {patience}, as many as must be off target.",
            )
        return cleaned

    def own(self) -> Own:
        """What was typed."""
        said = dict(self.cleaned_data)
        window_k = None if said["window_n"] is None else said["patience"]
        return Own(**said, window_k=window_k)


def _initial(own: Own) -> dict:
    """K of "K of the last N" is typed where the patience is."""
    return own._asdict() | {"patience": own.patience if own.window_k is None else own.window_k}


class KpiPolicyForms:
    """The forms of the page together: what the KPI says, over what it is replayed, the change."""

    def __init__(self, data: Mapping | None, kpi: Kpi, *, seen: str, today: date) -> None:
        self.own = OwnForm(data, kpi=kpi, on=today)
        self.months = MonthsForm(data)
        self.change = ChangeForm(data, initial={"effective_on": today, "seen": seen}, today=today)

    @property
    def are_valid(self) -> bool:
        """Is everything there that is needed to save?"""
        # Both are asked, so that every mistake is shown at once.
        return all([self.own.is_valid(), self.change.is_valid()])

    @property
    def can_replay(self) -> bool:
        """Is complete what a replay needs? The day and the reason may still be missing."""
        return all([self.own.is_valid(), self.months.is_valid()])

    def problems(self) -> list[tuple[str, str, str]]:
        """What is wrong in what the KPI says: (id of the field's error, its label, sentence)."""
        return [
            (f"{self.own[name].auto_id}_replay_error", self.own[name].label, " ".join(errors))
            for name, errors in self.own.errors.items()
        ]
