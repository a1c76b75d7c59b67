"""The coach beside the fields of a draft: what it says of them as they stand, saved or typed."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import QueryDict

from metrics.evaluation import parse_recent
from metrics.judging import Rule
from metrics.models import Kpi
from objectives.coach import advice
from objectives.coach.catalogue import Hint
from objectives.coach.facts import KeyResultText, KpiFacts, ObjectiveText
from objectives.forms import KeyResultForm, KeyResultFormSet, ObjectiveForm
from objectives.kinds import KeyResultKind, change_kind
from teams.models import Team

PREFIX = "kr"
TITLE = "title"
# While a draft is being written, that its key results are still few is no news (W14).
FEW = 2


@dataclass(frozen=True, slots=True)
class DraftHints:
    """What stands beside each field: `fields` maps "title", "kr-0", "kr-1" … to their hints."""

    fields: dict[str, tuple[Hint, ...]]

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


def number_in(form: KeyResultForm, name: str):
    """A number as it stands in a form, typed or suggested; None where it is none."""
    try:
        return form.fields[name].to_python(form[name].value())
    except ValidationError:
        return None


def kind_in(form: KeyResultForm) -> KeyResultKind:
    """What a row would be saved as: its numbers decide."""
    if form.is_hold:
        return KeyResultKind.HOLD
    return change_kind(number_in(form, "baseline"), number_in(form, "target"))


def _row_text(form: KeyResultForm, facts: KpiFacts | None) -> KeyResultText:
    return KeyResultText(
        str(form["title"].value() or ""),
        kind_in(form),
        number_in(form, "baseline"),
        number_in(form, "target"),
        str(form["unit"].value() or ""),
        facts if form.is_linked else None,
    )


def draft_hints(
    form: ObjectiveForm, formset: KeyResultFormSet, facts: KpiFacts | None, *, is_sent: bool
) -> DraftHints:
    """The hints of a draft that answers the signal of a KPI, or none (`facts` None).

    `is_sent` says that it was saved or submitted, so that it is judged as a whole.
    """
    rows = [_row_text(one, facts) for one in formset.forms]
    objective = ObjectiveText(
        str(form["title"].value() or ""),
        str(form["why"].value() or ""),
        tuple(rows),
        answers=facts,
    )
    is_few = sum(bool(row.title.strip()) for row in rows) < FEW
    found = advice.of_objective(objective, off={"W14"} if is_few and not is_sent else ())
    fields = {TITLE: advice.hints_of_objective(objective, found.objective)}
    for one, row, findings in zip(formset.forms, rows, found.key_results, strict=True):
        fields[one.prefix] = advice.hints_of_key_result(row, findings)
    return DraftHints(fields)


def typed_hints(
    data: QueryDict, team: Team, facts: KpiFacts | None, *, is_sent: bool
) -> DraftHints:
    """The hints of what stands in the form just now; nothing is validated or saved."""
    form = ObjectiveForm(data, team=team, cycles=[])
    return draft_hints(form, KeyResultFormSet(data, prefix=PREFIX), facts, is_sent=is_sent)
