"""What the grades and titles of several cycles say together (product.md E5, E7, W16 to W18). Pure.

Nothing here knows a person: grades belong to key results, key results to teams.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from objectives.coach import similarity, team_rules
from objectives.coach.catalogue import Hint
from objectives.coach.facts import PastCycle, PastObjective, TeamFacts
from objectives.coach.reading import read
from objectives.kinds import STANDARDS, Ambition, KeyResultKind

# Kinds that keep a level instead of changing one (product.md M5).
MAINTAIN = STANDARDS | {KeyResultKind.HOLD}
BOTTOM_UP_AIM = Decimal("0.5")
# Where the mean of aspirational key results is meant to lie (product.md 2.5).
MEAN_AIM = (Decimal("0.6"), Decimal("0.7"))
_TENTH = Decimal("0.1")


@dataclass(slots=True)
class Grades:
    """How many key results ended with each grade, 0.0 to 1.0, of one ambition."""

    counts: Counter[Decimal] = field(default_factory=Counter)

    def add(self, grade: Decimal, count: int = 1) -> None:
        """Count key results that ended with a grade."""
        self.counts[grade.quantize(_TENTH)] += count

    @property
    def graded(self) -> int:
        """How many have a grade."""
        return self.counts.total()

    @property
    def mean(self) -> Decimal | None:
        """The plain mean, unrounded; None without a grade."""
        total = sum((grade * count for grade, count in self.counts.items()), Decimal(0))
        return total / self.graded if self.graded else None


@dataclass(slots=True)
class CycleFigures:
    """One cycle of a scope, as far as the reader may see it; `hidden` objectives are in nothing."""

    objectives: int = 0
    teams: int = 0
    bottom_up: int = 0
    hidden: int = 0
    repeats: int = 0
    key_results: int = 0
    maintain: int = 0
    grades: dict[str, Grades] = field(
        default_factory=lambda: {ambition.value: Grades() for ambition in Ambition}
    )

    def add_key_results(self, kind: str, ambition: str, grade: Decimal | None, count: int) -> None:
        """Count key results that are alike; None as grade is not graded yet."""
        self.key_results += count
        if kind in MAINTAIN:
            self.maintain += count
        if grade is not None:
            self.grades[ambition].add(grade, count)


def share(part: int, whole: int) -> Decimal | None:
    """A share 0..1; None of nothing."""
    return Decimal(part) / whole if whole else None


def aspirational_mean(grades: Mapping[str, Grades]) -> Decimal | None:
    """What calibration goes by: the mean of the aspirational key results, unrounded; None of none.

    Committed ones are meant to end at 1.0 and say nothing of how high a team aims.
    """
    return grades[Ambition.ASPIRATIONAL].mean


def past_cycle(grades: Mapping[str, Grades]) -> PastCycle:
    """A team's cycle as the coach's rules read it, from its grades alone."""
    full = sum(one.counts[Decimal("1.0")] for one in grades.values())
    graded = sum(one.graded for one in grades.values())
    return PastCycle((), aspirational_mean(grades), graded, full)


def calibration_hint(history: Sequence[PastCycle], off: Collection[str]) -> Hint | None:
    """W17 or W18 on a team's graded cycles, the latest first; `off` are rules switched off."""
    facts = TeamFacts(history=tuple(history))
    for code, rule in (("W17", team_rules.always_reached), ("W18", team_rules.out_of_reach)):
        hint = None if code in off else rule(facts)
        if hint is not None:
            return hint
    return None


@lru_cache(maxsize=4096)
def _words(title: str) -> tuple[str, frozenset[str]]:
    said = read(title)
    return said.text, similarity.content(said)


def repeats(
    now: Iterable[PastObjective],
    before: Sequence[PastObjective],
    retargeted: Collection[int] = (),
) -> int:
    """How many objectives do again what the team's cycle before did (W16).

    The same in other words, or the same KPI and kind; a KPI in `retargeted` got a new target since,
    so going for it again is no repetition.
    """
    known = {one for past in before for one in past.measures if one[0] not in retargeted}
    titles = [_words(past.title) for past in before]
    return sum(bool(one.measures & known) or _is_said(one.title, titles) for one in now)


def _is_said(title: str, titles: Iterable[tuple[str, frozenset[str]]]) -> bool:
    text, content = _words(title)
    return any(
        (text and text == other) or similarity.is_alike(content, known, similarity.SAME)
        for other, known in titles
    )
