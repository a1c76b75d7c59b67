"""What people type about the key results of a draft."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cached_property

from django import forms

from metrics.evaluation.recent import KEPT
from metrics.form_fields import NumberField
from objectives import draft_checks
from objectives.actions import KeyResultDraft
from objectives.draft_checks import FOLLOWING, MEASURED, NUMBERS, Typed
from objectives.draft_offers import Offers
from objectives.forms_draft_fields import PickField, Quiet, WordsField
from objectives.forms_draft_parts import MilestoneForm, StepForm, weight_problem
from objectives.forms_drafts import LEFT
from objectives.kinds import CHANGES, Ambition, KeyResultKind
from objectives.models import Cycle

MOST_ROWS = 12
MOST_STEPS = 6
MOST_MILESTONES = 12
KINDS = [
    (KeyResultKind.INCREASE, "rises"),
    (KeyResultKind.DECREASE, "falls"),
    (KeyResultKind.AT_LEAST, "is at least"),
    (KeyResultKind.AT_MOST, "is at most"),
    (KeyResultKind.RANGE, "is in a range"),
    (KeyResultKind.YES_NO, "yes or no"),
    (KeyResultKind.MILESTONES, "milestones"),
    (KeyResultKind.HOLD, "on target"),
    (KeyResultKind.FIND_BASELINE, "baseline first"),
    (KeyResultKind.OPEN, "not decided"),
]


class KeyResultForm(Quiet):
    """One key result; rows without words are left out. Fields its kind does not need are ignored.

    Without `offers` it only holds what was typed. `cycle` is the objective's, None while unknown.
    """

    pk = forms.IntegerField(widget=forms.HiddenInput, required=False)
    title = WordsField(
        label="Key result",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
    )
    kind = forms.ChoiceField(label="Measured how", choices=KINDS, required=False)
    baseline = NumberField(label="from", required=False)
    target = NumberField(label="to", required=False)
    low = NumberField(label="from", required=False)
    high = NumberField(label="to", required=False)
    unit = WordsField(label="in", max_length=20, required=False)
    hold_periods = forms.IntegerField(label="for", min_value=1, max_value=KEPT, required=False)
    kpi = PickField(
        label="Measured by",
        required=False,
        error_messages={
            "invalid_choice": "This is not a KPI of the team. Choose another, or measure by hand."
        },
    )
    weight = NumberField(label="Weight", required=False)
    owner = PickField(
        label="Owner",
        required=False,
        error_messages={"invalid_choice": LEFT.format("This person")},
    )
    ambition = forms.ChoiceField(
        label="Ambition", choices=[("", "As the objective"), *Ambition.choices], required=False
    )
    is_removed = forms.BooleanField(label="Remove this key result", required=False)

    def __init__(
        self,
        *args,
        offers: Offers | None = None,
        cycle: Cycle | None = None,
        is_private: bool = True,
        **kwargs,
    ) -> None:
        # Every row is judged: one that came back as it was opened is no empty row.
        super().__init__(*args, **kwargs | {"empty_permitted": False})
        self.offers, self.cycle, self.is_private = offers, cycle, is_private
        if offers is None:
            return
        names = [
            *((key, str(who)) for key, who in offers.people.items()),
            *((key, f"{who}, left") for key, who in offers.gone.items()),
        ]
        self.fields["owner"].offer(offers.people | offers.gone, names, empty="As the objective")
        self.fields["kpi"].offer(offers.kpis, empty="By hand, in check-ins")
        if not offers.kpis:
            self.fields["kind"].choices = [
                choice for choice in KINDS if choice[0] != KeyResultKind.HOLD
            ]

    def _parts(self, kind, name: str, most: int) -> list:
        given = self.initial.get(name, [])
        return [
            kind(
                self.data if self.is_bound else None,
                initial=given[place] if place < len(given) else {},
                prefix=f"{self.prefix}-{name}-{place}",
                cycle=self.cycle,
                quiet=self.quiet,
            )
            for place in range(most)
        ]

    @cached_property
    def steps(self) -> list[StepForm]:
        """The steps of its path, empty ones included."""
        return self._parts(StepForm, "step", MOST_STEPS)

    @cached_property
    def milestones(self) -> list[MilestoneForm]:
        """Its milestones, empty ones included."""
        return self._parts(MilestoneForm, "milestone", MOST_MILESTONES)

    # -- as it stands, typed or opened -----------------------------------------------------------

    def number(self, name: str) -> Decimal | None:
        """A number as it stands; None where it is none."""
        try:
            return self.fields[name].to_python(self[name].value())
        except forms.ValidationError:
            return None

    @property
    def start(self) -> Decimal | None:
        """Where it starts from; None where its kind has no start."""
        names = NUMBERS[KeyResultKind(self.shown_kind)]
        return self.number("baseline") if "baseline" in names else None

    @property
    def aim(self) -> Decimal | None:
        """What it goes for: its target, or the upper bound of its range."""
        names = NUMBERS[KeyResultKind(self.shown_kind)]
        return next((self.number(name) for name in ("target", "high") if name in names), None)

    @property
    def kpi_key(self) -> int | None:
        """The id of the KPI that is chosen, whether or not it may be."""
        text = str(self["kpi"].value() or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None

    @property
    def shown_kind(self) -> str:
        """The kind whose fields are shown: the one chosen, one not decided where none is."""
        kind = str(self["kind"].value() or KeyResultKind.OPEN)
        if kind in NUMBERS:
            return kind
        return KeyResultKind.OPEN

    @property
    def settled_kind(self) -> str:
        """The kind it would be saved as."""
        kpi = self.offers.kpis.get(str(self.kpi_key)) if self.offers else None
        direction = kpi.direction if kpi else ""
        numbers = self.number("baseline"), self.number("target")
        return draft_checks.settled_kind(self.shown_kind, *numbers, direction)

    @property
    def is_linked(self) -> bool:
        """Whether a KPI measures it."""
        return self.kpi_key is not None and self.shown_kind in MEASURED

    @property
    def is_hold(self) -> bool:
        """Whether it holds a KPI on target for some periods."""
        return self.shown_kind == KeyResultKind.HOLD

    @property
    def is_blank(self) -> bool:
        """True when neither words nor numbers stand in it."""
        names = ("title", "baseline", "target")
        return all(self[name].value() in (None, "") for name in names)

    # -- as it was sent --------------------------------------------------------------------------

    def clean_owner(self):
        owner = self.cleaned_data["owner"]
        if owner is not None and str(owner.pk) in self.offers.gone:
            raise forms.ValidationError(LEFT.format(owner))
        return owner

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("is_removed"):
            self._errors.clear()
            return cleaned
        kind = cleaned.get("kind") or KeyResultKind.OPEN
        self._forget_unneeded(kind)
        if problem := weight_problem(cleaned.get("weight"), may_be_zero=True):
            self.add_error("weight", problem)
        self._check_numbers(kind, cleaned)
        if cleaned.get("title"):
            self._check_kpi(cleaned)
            self._check_parts(kind)
        elif "title" not in self.errors and self._says_something(cleaned):
            self.add_error("title", "Say what is measured. Or remove this key result.")
        return cleaned

    def _forget_unneeded(self, kind: str) -> None:
        """What the kind does not need is kept in the form, but never in the way."""
        needed = {*NUMBERS[KeyResultKind(kind)], *(["kpi"] if kind in MEASURED else [])}
        every = {name for names in NUMBERS.values() for name in names} | {"kpi"}
        for name in every - needed:
            self._errors.pop(name, None)
            self.cleaned_data[name] = "" if name == "unit" else None

    def _check_numbers(self, kind: str, cleaned: dict) -> None:
        names = ("baseline", "target", "low", "high", "hold_periods")
        numbers = {name: cleaned.get(name) for name in names}
        if not cleaned.get("title") and not self._says_something(cleaned):
            return
        typed = Typed(kind, **numbers, has_kpi=cleaned.get("kpi") is not None)
        for name, problem in draft_checks.problems(typed).items():
            if name not in self.errors:
                self.add_error(name, problem)

    @staticmethod
    def _says_something(cleaned: dict) -> bool:
        names = ("baseline", "target", "low", "high")
        return any(cleaned.get(name) is not None for name in names)

    def _check_kpi(self, cleaned: dict) -> None:
        kpi = cleaned.get("kpi")
        if kpi is not None and kpi.is_private and not self.is_private:
            text = f"“{kpi}” is private. Make the objective private too, or measure by hand."
            self.add_error("kpi", text)

    def _check_parts(self, kind: str) -> None:
        if kind == KeyResultKind.MILESTONES:
            fine = not [one for one in self.milestones if not one.is_valid()]
            if fine and not any(one.draft() for one in self.milestones):
                self.milestones[0].add_error("title", "Name at least one milestone.")
                fine = False
            if not fine:
                self.add_error(None, "Look at the milestones.")
        elif kind in CHANGES and not self._are_steps_fine():
            self.add_error(None, "Look at the steps.")

    def _are_steps_fine(self) -> bool:
        fine = not [step for step in self.steps if not step.is_valid()]
        seen: set[date] = set()
        for step in self.steps if fine else []:
            on = step.cleaned_data["on"]
            if on in seen:
                step.add_error("on", "There is already a step for this day.")
                fine = False
            if on:
                seen.add(on)
        return fine

    def draft(self) -> KeyResultDraft | None:
        """What was typed, for the action; None for a row that is empty or removed."""
        data = self.cleaned_data
        if data["is_removed"] or not data["title"]:
            return None
        kpi = data["kpi"]
        direction = kpi.direction if kpi else ""
        kind = draft_checks.settled_kind(
            data["kind"] or KeyResultKind.OPEN, data["baseline"], data["target"], direction
        )
        steps = [step.draft() for step in self.steps] if kind in CHANGES else []
        stones = (
            [one.draft() for one in self.milestones] if kind == KeyResultKind.MILESTONES else []
        )
        return KeyResultDraft(
            pk=data["pk"],
            title=data["title"],
            kind=kind,
            baseline=data["baseline"],
            target=data["target"],
            low=data["low"],
            high=data["high"],
            unit=kpi.unit if kpi and kind != KeyResultKind.HOLD else data["unit"],
            kpi=kpi,
            kpi_follows=kpi is not None and kind in FOLLOWING,
            hold_periods=data["hold_periods"],
            weight=Decimal(1) if data["weight"] is None else data["weight"],
            ambition=data["ambition"],
            owner=data["owner"],
            steps=tuple(sorted([one for one in steps if one], key=lambda step: step.on)),
            milestones=tuple([one for one in stones if one]),
        )


class KeyResultRows(forms.BaseFormSet):
    """The key results of one draft."""

    default_error_messages = {
        "missing_management_form": (
            "The form came back incomplete. Open the page again and repeat your entry."
        ),
        "too_many_forms": (
            "An objective has at most %(num)d key results. Remove some; 3 to 5 are best."
        ),
    }

    def drafts(self) -> list[KeyResultDraft]:
        """What was typed in the rows that are not empty."""
        return [draft for form in self.forms if (draft := form.draft()) is not None]


KeyResultFormSet = forms.formset_factory(
    KeyResultForm,
    formset=KeyResultRows,
    extra=0,
    max_num=MOST_ROWS,
    absolute_max=MOST_ROWS + 8,
    validate_max=True,
)
