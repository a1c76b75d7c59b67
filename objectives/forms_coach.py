"""What people type about the coach: how firmly its rules speak, and ideas to sort."""

from __future__ import annotations

from dataclasses import asdict
from typing import NamedTuple

from django import forms
from django.http import QueryDict

from objectives.coach.catalogue import RULES
from objectives.coach.policy import Strictness, choices_of
from objectives.coach.wizard import Cost, Horizon, State, guess


class Question(NamedTuple):
    """One question of the wizard; `answers` are (value, label, small)."""

    text: str
    answers: tuple[tuple[str, str, str], ...]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The answers as choices."""
        return [(value, label) for value, label, _ in self.answers]


# The three questions of seed article S3.
QUESTIONS = {
    "state": Question(
        "Is there a state you want that does not exist today?",
        (
            (State.SAME.value, "No, keep it as it is", "It must not slip"),
            (State.NEW.value, "Yes, something new", "Or much better"),
        ),
    ),
    "cost": Question(
        "What would it cost if it stayed stable?",
        (
            (Cost.NOTHING.value, "Nothing, stable is the goal", "Accounting, infrastructure"),
            (Cost.FALL_BEHIND.value, "We would fall behind", "Growth, a rival ahead"),
        ),
    ),
    "horizon": Question(
        "How long would the change take?",
        (
            (Horizon.ENDLESS.value, "No end, it runs on", "Watch every month"),
            (Horizon.QUARTER.value, "About a quarter", "With a date"),
            (Horizon.YEARS.value, "Years", "Too large for a quarter"),
            (Horizon.DAYS.value, "A few days", "Just do it"),
        ),
    ),
}


class RulesForm(forms.Form):
    """One choice for each rule; `was_W1` holds what it was when the form was opened."""

    def __init__(self, *args, policy: dict[str, str], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for code, rule in RULES.items():
            stands = policy.get(code, Strictness.ADVISE.value)
            self.fields[code] = forms.ChoiceField(
                label=f"{code}, {rule.name}", choices=choices_of(code), initial=stands
            )
            self.fields[f"was_{code}"] = forms.CharField(
                widget=forms.HiddenInput, required=False, initial=stands
            )

    def wanted(self) -> dict[str, str]:
        """What was chosen, by code."""
        return {code: self.cleaned_data[code] for code in RULES}

    def was(self) -> dict[str, str]:
        """What stood when the form was opened, by code."""
        return {code: self.cleaned_data[f"was_{code}"] for code in RULES}


class StartForm(forms.Form):
    """An idea and three answers, from the address; what the words suggest stands in for the rest.

    `guessed` is what the page preselected: an answer equal to it is no choice of the person, and is
    guessed anew when the idea changes.
    """

    idea = forms.CharField(
        label="What do you want to watch or change?",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "id": "idea"}),
        error_messages={
            "max_length": "At most 1,000 characters; this has %(show_value)d. Shorten it."
        },
    )
    guessed = forms.CharField(required=False, widget=forms.HiddenInput)
    team = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        chosen = dict(zip(QUESTIONS, data.get("guessed", "").split(":"), strict=False))
        suggested = asdict(guess(self.typed_idea))
        self.given = {}
        self.preselected = {}
        for name, choices in QUESTIONS.items():
            typed = data.get(name, "")
            is_own = typed in dict(choices.pairs) and typed != chosen.get(name)
            self.preselected[name] = "" if is_own else suggested[name]
            self.given[name] = typed if is_own else suggested[name]

    @property
    def typed_idea(self) -> str:
        """What was typed, as far as it is read."""
        return self.data.get("idea", "").strip()

    @property
    def team_key(self) -> str:
        """The team the next steps are for, as the address says."""
        return self.data.get("team", "")

    @property
    def guessed_text(self) -> str:
        """What is preselected, to be sent back."""
        return ":".join(self.preselected.values())

    @property
    def questions(self) -> list[dict]:
        """The three questions with their answers, as the page prints them."""
        return [
            {
                "name": name,
                "text": question.text,
                "number": number,
                "answers": [
                    {
                        "value": value,
                        "label": label,
                        "small": small,
                        "is_chosen": value == self.given[name],
                    }
                    for value, label, small in question.answers
                ],
            }
            for number, (name, question) in enumerate(QUESTIONS.items(), start=1)
        ]

    def answers(self) -> tuple[str, str, str] | None:
        """State, cost and horizon; None while one of them is open."""
        state, cost, horizon = self.given.values()
        return (state, cost, horizon) if state and cost and horizon else None
