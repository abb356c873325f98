"""Rank causes by the words of a text, with weights trained on labelled texts (docs/facts/failure-texts.md §8).

`make classifier` trains the weights in `text_classifier.json` with logistic regression: for each cause, and for whether
a text is about a session that fails.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import cast

from ssmtui.causes.vocabulary import ideas_in, is_east_asian, with_plain_words

WEIGHTS = Path(__file__).with_suffix(".json")
UNITS = 10
"""What a weight of 1 is in the file, which holds whole numbers."""

# Values differ in each text: what they are is a feature, not which one.
_VALUES = (
    (re.compile(r"\bm?i-[0-9a-fx*]{4,17}"), " nodeid "),
    (re.compile(r"\d{12}"), " accountid "),
    (re.compile(r"\b[a-z]{2}-[a-z]{4,10}-\d\b"), " regionname "),
    (re.compile(r"(?<=[a-z])(?=[A-Z])"), " "),
    (re.compile(r"\d{1,1000}"), "0"),
)


_FORMS: Mapping[str, re.Pattern[str]] = {
    "question": re.compile(r"\?(?:\s|$)"),
    "time": re.compile(r"\d\d:\d\d:\d\d"),
    "prompt": re.compile(r"(?m)^\$ "),
    "code": re.compile(r"`"),
    "table": re.compile(r"\|"),
    "first-person": re.compile(r"\b(?:I|[Ww]e|[Mm]y|[Oo]ur)\b"),
}
"""How a text is written, whatever it is about."""
_CHARACTERS, _LONGEST, _MOST_LINES = 100, 6, 5
"""Texts are grouped by each 100 characters up to 600, and by their lines up to five."""


@dataclass(frozen=True, slots=True)
class Classification:
    """What the words of a text say, as logarithms of odds: 0 is as likely as not.

    `about_a_failure` is for whether the text is about a session that fails. If it is, `of_cause` has by slug how likely
    each cause is right. A text can leave several open: each is by itself.
    """

    about_a_failure: float
    of_cause: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Weights:
    """The trained weights. The classes are the causes and, last, whether the text is about a failure.

    `biases` has a number for each class. `features` has, for each feature, the classes with a weight and the weights in
    turn: `"3 -12 17 4"` is -12 for class 3 and 4 for class 17. All numbers are in units of 1 / `UNITS`.
    """

    causes: Sequence[str]
    biases: Sequence[int]
    features: Mapping[str, str]


def features_of(text: str) -> frozenset[str]:
    """Return the words of a text, the pairs of neighbours, the ideas that it names in any language, and its form."""
    words = list(_words(text))
    pairs = (f"{one} {other}" for one, other in pairwise(words))
    ideas, _ = ideas_in(text)
    return frozenset(words).union(pairs, (f"idea:{idea}" for idea in ideas), _form(text))


def classify(text: str) -> Classification:
    """Return what the words of a text say."""
    return classify_with(_weights(), text)


def classify_with(weights: Weights, text: str) -> Classification:
    """Return what the words of a text say, by these weights."""
    # Features without a weight count, too: the sum is divided by the number of all that the training knew.
    known = [weights.features[feature] for feature in features_of(text) if feature in weights.features]
    scale = 1 / math.sqrt(max(len(known), 1))
    sums = [0] * len(weights.biases)
    for found in known:
        numbers = [*map(int, found.split())]
        for place, weight in zip(numbers[::2], numbers[1::2], strict=True):
            sums[place] += weight
    *causes, about_a_failure = ((bias + sum_ * scale) / UNITS for bias, sum_ in zip(weights.biases, sums, strict=True))
    return Classification(about_a_failure, dict(zip(weights.causes, causes, strict=True)))


def _form(text: str) -> Iterator[str]:
    yield f"length:{min(len(text) // _CHARACTERS, _LONGEST)}"
    yield f"lines:{min(text.strip().count(chr(10)) + 1, _MOST_LINES)}"
    yield from (f"form:{name}" for name, pattern in _FORMS.items() if pattern.search(text))


def _words(text: str) -> Iterator[str]:
    """Yield the words; of Japanese, Chinese and Korean, which have no spaces, each two neighbouring letters."""
    for pattern, kind in _VALUES:
        text = pattern.sub(kind, text)
    for word in with_plain_words(text).split():
        if is_east_asian(word[0]):
            yield from (word[place : place + 2] for place in range(max(1, len(word) - 1)))
        else:
            yield word


@cache
def _weights() -> Weights:
    return weights_in(WEIGHTS.read_text(encoding="utf-8"))


def weights_in(content: str) -> Weights:
    """Return the weights of a file."""
    read = cast("Mapping[str, object]", json.loads(content))
    return Weights(
        cast("Sequence[str]", read["causes"]),
        cast("Sequence[int]", read["biases"]),
        cast("Mapping[str, str]", read["features"]),
    )
