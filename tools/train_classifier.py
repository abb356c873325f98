"""Train the classifier of pasted texts (`make classifier`), or measure it on collections that it does not know.

With names of collections, it trains without each of them and without the other texts of its sources, and prints how
many of its texts get a right answer. The rules know these texts: docs/facts/failure-texts.md has their first results.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from ssmtui.causes.catalogue import Cause, catalogue
from ssmtui.causes.ranking import match_paste
from ssmtui.causes.text_classifier import UNITS, WEIGHTS, Weights, classify_with, features_of
from tools.failure_texts.composing import UNEXPECTED, composed
from tools.failure_texts.table import GENERAL, NONE, read_tables
from tools.pasted import EVERY_FILE, Answer, Kind, Pasted, compared, pasted


@dataclass(frozen=True, slots=True)
class Example:
    """A text with the causes that are right for it, and how much it counts."""

    text: str
    causes: frozenset[str]
    share: float = 1.0


_HOLE = re.compile(r"%[si]")
_TEXTS_OF_A_FEATURE = 3
"""Fewer texts with a word say nothing about it."""
_SMALLEST_WEIGHT = 0.5
"""Smaller weights change no result, and there are ten times as many."""
_STRENGTH, _STRENGTH_OF_THE_SUBJECT = 20, 30
"""The inverse of the regularization, for the causes and for whether the text is about a session that fails."""
_SHARE_OF_A_PAGE, _SHARE_OF_A_KNOWN_TEXT, _SHARE_OF_A_PROGRAM = 0.3, 0.2, 2.0
"""How much the page of a cause, a text that it is known by, and one that a program prints count beside a paste.
They count nothing for whether a session fails: they are no pastes, and the answers for pastes become worse."""


def train(texts: Sequence[Pasted], causes: Collection[Cause]) -> Weights:
    """Return the weights that fit these labelled texts, those of programs, and the pages of the causes."""
    vectors = TfidfVectorizer(analyzer=features_of, binary=True, use_idf=False, min_df=_TEXTS_OF_A_FEATURE)
    every = vectors.fit_transform([each.text for each in texts])
    about_a_failure = LogisticRegression(C=_STRENGTH_OF_THE_SUBJECT, max_iter=5000, class_weight="balanced")
    about_a_failure.fit(every, [bool(each.first) for each in texts])
    labelled = [Example(each.text, each.first) for each in texts if each.first]
    examples = [*labelled, *_of_programs(), *_of_pages(causes)]
    known = vectors.transform([each.text for each in examples])
    shares = [each.share for each in examples]
    fitted = [*(_fitted(cause.slug, known, examples, shares) for cause in causes), about_a_failure]
    weights = np.vstack([each.coef_ for each in fitted])
    kept = np.where(abs(weights) < _SMALLEST_WEIGHT, 0, np.rint(weights * UNITS)).astype(int)
    biases = np.rint(np.concatenate([each.intercept_ for each in fitted]) * UNITS).astype(int)
    # A feature without a weight is kept, too: it is one of the known ones by whose number the sum is divided.
    features = {
        feature: " ".join(f"{place} {weight}" for place, weight in enumerate(kept[:, column].tolist()) if weight)
        for feature, column in sorted(vectors.vocabulary_.items())
    }
    return Weights([cause.slug for cause in causes], biases.tolist(), features)


def _fitted(slug: str, known: csr_matrix, examples: Sequence[Example], shares: Sequence[float]) -> LogisticRegression:
    model = LogisticRegression(C=_STRENGTH, solver="liblinear")
    return model.fit(known, [slug in each.causes for each in examples], sample_weight=shares)


def _of_programs() -> Iterator[Example]:
    """Yield the texts that programs can print, as they print them (tools/failure_texts)."""
    for row in (row for table in read_tables() for row in table.rows):
        of_row = frozenset(row.classes) - {GENERAL, NONE}
        if of_row:
            yield Example(composed(row).replace(UNEXPECTED, ""), of_row, _SHARE_OF_A_PROGRAM)


def _of_pages(causes: Iterable[Cause]) -> Iterator[Example]:
    for cause in causes:
        of_cause = frozenset({cause.slug})
        yield Example(f"{cause.title}. {cause.what_is_wrong}", of_cause, _SHARE_OF_A_PAGE)
        for known in cause.known_by:
            yield Example(_HOLE.sub(" ", known.text.strip("^$")), of_cause, _SHARE_OF_A_KNOWN_TEXT)


def measured_without(name: str, causes: Sequence[Cause]) -> Counter[tuple[Kind, Answer]]:
    """Return the number of answers by kind of text, for a collection without which the weights were trained."""
    texts = pasted(name)
    sources, written = {each.source for each in texts}, {each.text for each in texts}
    weights = train([each for each in _texts() if each.source not in sources and each.text not in written], causes)
    counts = Counter[tuple[Kind, Answer]]()
    for each in texts:
        told = match_paste(each.text, causes, lambda text: classify_with(weights, text))
        counts[each.kind or Kind.OUTPUT, compared(each, told)] += 1
    return counts


def _texts() -> Sequence[Pasted]:
    return [each for name in EVERY_FILE for each in pasted(name)]


def written(weights: Weights) -> str:
    """Return the content of the file of weights."""
    return json.dumps(asdict(weights), ensure_ascii=False, indent=0) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Write the weights, or measure the named collections."""
    causes = tuple(catalogue().values())
    if not arguments:
        WEIGHTS.write_text(written(train(_texts(), causes)), encoding="utf-8")
        return 0
    for name in arguments:
        counts = measured_without(name, causes)
        for kind in Kind:
            each = {answer.value: counts[kind, answer] for answer in Answer if counts[kind, answer]}
            print(f"{name}: {kind.value}: {sum(each.values())} texts: {each}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
