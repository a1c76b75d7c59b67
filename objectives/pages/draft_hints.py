"""The coach beside the fields of a draft: what it says of them as they stand, saved or typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict

from metrics.evaluation import parse_recent
from metrics.judging import Rule
from metrics.models import Kpi
from objectives.actions.kept import Kept
from objectives.coach import advice
from objectives.coach.catalogue import RULES, Hint
from objectives.coach.facts import KeyResultText, KpiFacts, ObjectiveText, PastCycle
from objectives.coach.policy import reasons_wanted, switched_off
from objectives.forms_draft_rows import KeyResultForm, KeyResultFormSet
from objectives.forms_drafts import ObjectiveForm
from objectives.pages.coach_steps import Step, step_of

PREFIX = "kr"
TITLE = "title"
# While a draft is being written, that its key results are still few is no news (W14).
FEW = 2
REASON_LENGTH = 500


@dataclass(frozen=True, slots=True)
class DraftAround:
    """What the coach knows of a draft beside what is typed in its form.

    `policy` is how firmly its rules speak; `history` the team's earlier cycles, the latest first.
    `reasons` are those given before, by (code, text): what was explained is not asked again.
    """

    policy: Mapping[str, str] = field(default_factory=dict)
    history: tuple[PastCycle, ...] = ()
    parent_title: str = ""
    depth: int = 1
    reasons: Mapping[tuple[str, str], str] = field(default_factory=dict)


NOTHING_AROUND = DraftAround()


@dataclass(frozen=True, slots=True)
class FieldHint:
    """A hint beside a field, the one step it offers there, and the reason if it asks for one.

    `reason` is what was typed now, or given before for the same words.
    """

    place: str
    hint: Hint
    step: Step | None = None
    asks_reason: bool = False
    reason: str = ""

    @property
    def tone(self) -> str:
        """The tone of the `.hint` component."""
        return self.hint.tone

    @property
    def code(self) -> str:
        """The rule's code."""
        return self.hint.code

    @property
    def text(self) -> str:
        """What it says."""
        return self.hint.text

    @property
    def rule(self):
        """The entry of the catalogue behind the code; None of a fine one, which explains itself."""
        return None if self.tone == "on" else RULES[self.code]

    @property
    def reason_name(self) -> str:
        """The name of the field the reason is typed in."""
        return f"keep-{self.place}-{self.code}"

    @property
    def is_unexplained(self) -> bool:
        """Tell whether saving waits for a reason."""
        return self.asks_reason and not self.reason


@dataclass(frozen=True, slots=True)
class DraftHints:
    """What stands beside each field: `fields` maps "title", "kr-0", "kr-1" … to their hints.

    `texts` maps the same fields to what they say, `initiatives` are kept beside the key results.
    `is_asked` says that it was sent to be saved, so that a missing reason is named.
    """

    fields: dict[str, tuple[FieldHint, ...]]
    texts: dict[str, str] = field(default_factory=dict)
    initiatives: tuple[str, ...] = ()
    is_asked: bool = False

    @property
    def fine(self) -> int:
        """How many hints say that something is as it should be."""
        return self._count("on")

    @property
    def to_look_at(self) -> int:
        """How many hints ask to look again; idle notes do not."""
        return self._count("near")

    def _count(self, tone: str) -> int:
        return sum(hint.tone == tone for hints in self.fields.values() for hint in hints)

    @property
    def unexplained(self) -> int:
        """How many findings wait for a reason before the draft is saved."""
        return sum(hint.is_unexplained for hints in self.fields.values() for hint in hints)

    @property
    def kept(self) -> tuple[Kept, ...]:
        """The findings that stay, each with the reason somebody gave."""
        return tuple(
            Kept(hint.code, self.texts[place], hint.reason)
            for place, hints in self.fields.items()
            for hint in hints
            if hint.asks_reason and hint.reason
        )


def kpi_facts(kpi: Kpi | None, rule: Rule | None) -> KpiFacts | None:
    """A KPI as the coach knows it; `rule` is its target today, None without one."""
    if kpi is None:
        return None
    source = rule.source if rule else None
    state = getattr(kpi, "state", None)
    recent = parse_recent(state.recent) if state else []
    return KpiFacts(
        kpi.name,
        kpi.direction,
        target=source.target if source else None,
        low=source.low if source else None,
        high=source.high if source else None,
        unit=kpi.unit,
        latest=next((one.value for one in reversed(recent) if one.value is not None), None),
        key=kpi.pk,
    )


def is_removed(form: KeyResultForm) -> bool:
    """Tell whether a row is to be left out: nothing is said of it."""
    return form["is_removed"].value() in (True, "on", "True")


def row_text(form: KeyResultForm, facts: Mapping[int, KpiFacts]) -> KeyResultText:
    """A row of the form as the coach reads it; `facts` are those of the KPIs that are chosen."""
    return KeyResultText(
        "" if is_removed(form) else str(form["title"].value() or ""),
        form.settled_kind,
        form.start,
        form.aim,
        str(form["unit"].value() or ""),
        facts.get(form.kpi_key) if form.is_linked and form.kpi_key else None,
    )


def objective_text(
    form: ObjectiveForm,
    rows: list[KeyResultText],
    answered: KpiFacts | None,
    around: DraftAround,
) -> ObjectiveText:
    """The draft as the coach reads it; `answered` is the KPI whose signal it answers."""
    return ObjectiveText(
        str(form["title"].value() or ""),
        str(form["why"].value() or ""),
        tuple(rows),
        parent_title=around.parent_title,
        depth=around.depth,
        answers=answered,
    )


def draft_hints(
    form: ObjectiveForm,
    formset: KeyResultFormSet,
    facts: Mapping[int, KpiFacts],
    answered: KpiFacts | None,
    *,
    is_sent: bool,
    around: DraftAround = NOTHING_AROUND,
) -> DraftHints:
    """The hints of a draft that answers the signal of a KPI, or none (`answered` None).

    `facts` are those of the KPIs that are chosen in its rows, by id. `is_sent` says that it was
    saved or submitted, so that it is judged as a whole.
    """
    rows = [row_text(one, facts) for one in formset.forms]
    objective = objective_text(form, rows, answered, around)
    is_few = sum(bool(row.title.strip()) for row in rows) < FEW
    off = switched_off(around.policy) | ({"W14"} if is_few and not is_sent else frozenset())
    found = advice.of_objective(objective, around.history, off=off)
    beside = _Beside(form, around)
    fine = advice.hints_of_objective(objective, found.objective)
    fields = {TITLE: beside.hints(TITLE, objective.title, found.objective, fine, off)}
    for one, row, findings in zip(formset.forms, rows, found.key_results, strict=True):
        fine = advice.hints_of_key_result(row, findings)
        fields[one.prefix] = beside.hints(one.prefix, row.title, findings, fine, off)
    pairs = zip(formset.forms, rows, strict=True)
    return DraftHints(
        fields,
        {TITLE: objective.title} | {one.prefix: row.title for one, row in pairs},
        initiatives_in(form),
        is_asked=is_sent and form.is_bound and not form.quiet,
    )


class _Beside:
    """Puts together what stands beside a field."""

    def __init__(self, form: ObjectiveForm, around: DraftAround) -> None:
        self.typed = form.data
        self.around = around

    def hints(self, place, text, findings, shown, off) -> tuple[FieldHint, ...]:
        """Those that ask for a reason first, whatever else there is to say."""
        plain = advice.shown(findings, most=len(findings))
        asked = set(reasons_wanted(plain, self.around.policy))
        first = [hint for hint in plain if hint.code in asked]
        rest = [hint for hint in shown if hint.code not in asked and hint.code not in off]
        return tuple(
            [self._one(place, text, hint, asks=True) for hint in first]
            + [self._one(place, text, hint) for hint in rest[: advice.MAX_HINTS]]
        )

    def _one(self, place: str, text: str, hint: Hint, *, asks: bool = False) -> FieldHint:
        step = step_of(hint, place)
        if not asks:
            return FieldHint(place, hint, step)
        before = self.around.reasons.get((hint.code, text.strip()), "")
        typed = self.typed.get(f"keep-{place}-{hint.code}", before)
        return FieldHint(place, hint, step, asks_reason=True, reason=typed.strip()[:REASON_LENGTH])


def initiatives_in(form: ObjectiveForm) -> tuple[str, ...]:
    """The initiatives beside the key results: typed, or those of the saved draft."""
    if form.is_bound and isinstance(form.data, QueryDict):
        given = form.data.getlist("initiative")
    else:
        given = form.initial.get("initiatives", ())
    return tuple([text.strip()[:300] for text in given if text.strip()])
