"""How alike two texts are: Dice's measure over sets of content words, in whole numbers.

With A and B the content words of the texts, likeness is 2·|A∩B| / (|A| + |B|): 1 for the same
words in any order, 0 for none in common. It is compared as integers, so no rounding decides.

Content words leave out numbers, times, articles and prepositions; plural endings are cut; all verbs
that move a measure up count as one word, all that move it down as another, because "grow revenue"
is "increase revenue" once more. For W11 the verbs of movement and of getting are left out as well.

Thresholds (product.md 4, our own, to be tuned with data): 85 of 100 for the same objective
(W16, W23), 60 of 100 for a key result that restates its objective (W11). Dice rather than the
share of the shorter text, because a key result of two words would else restate any objective that
names its measure; one changed word in five (80) is a new objective, one in seven (86) is not.
"""

from __future__ import annotations

from functools import lru_cache

from objectives.coach import words
from objectives.coach.reading import Reading

SAME = 85
RESTATED = 60


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """A word without the endings of the plural and the possessive: reviews, review's → review."""
    word = word.removesuffix("'s").removesuffix("'")
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def content(said: Reading, *, with_moves: bool = True) -> frozenset[str]:
    """The content words of a text; without movement verbs only what it is about."""
    found = set()
    for word in said.words:
        if word in words.EMPTY or (not with_moves and word in words.GETTING):
            continue
        way = words.MOVES.get(word, words.COMPARED.get(word))
        if way is None:
            found.add(stem(word))
        elif with_moves:
            found.add(("~", "+", "-")[way])
    return frozenset(found)


def is_alike(one: frozenset[str], other: frozenset[str], hundredths: int) -> bool:
    """Tell whether the likeness of two sets of words reaches a threshold; empty ones never do."""
    if not one or not other:
        return False
    return 200 * len(one & other) >= hundredths * (len(one) + len(other))


def is_same(one: Reading, other: Reading) -> bool:
    """Tell whether two titles are the same objective in other words."""
    if one.text and one.text == other.text:
        return True
    return is_alike(content(one), content(other), SAME)
