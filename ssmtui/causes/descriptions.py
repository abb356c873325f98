"""Match descriptions in a person's words to causes, in the languages of the files in `words/`.

A description has no fixed text. A cause names the ideas of its symptoms (`described_by`), such as *disk* and *full*,
and each language has a file with the words for each idea. There is no grammar and no translation. A short text
describes a symptom if it has words for all its ideas, and if it is about Session Manager or has few and no other words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ssmtui.causes.catalogue import Cause, Symptom
from ssmtui.causes.matching import Match, extract_fields, match_text
from ssmtui.causes.vocabulary import ideas_in

ABOUT_SESSIONS = "about-sessions"
ABOUT_SOMETHING_ELSE = "about-something-else"
ABOUT_A_WISH = "about-a-wish"
IN_ORDER = "in-order"
TROUBLE = "trouble"
CONDITION = "condition"
"""Ideas that are not of a symptom alone: words of Session Manager, of other functions, of a text that asks for a new
function, of a part that works, of any failure, and of a part that would work.
"""

_LONGEST = 1200
"""Characters of a description. A longer text is a log or a page, and has words for everything."""
_MOST_WORDS = 12
"""Words of a description that does not name Session Manager."""

_OUTPUT = re.compile(
    r"\barn:aws|\bAn error occurred \(|\b\d\d:\d\d:\d\d\b|\b\w{1,100}Exception:|\bstatus code: \d"
    r"|\bdial tcp\b|\bdebug\d:|\bcaused by:|\bopened for sessionId\b|\bsh-\d\.\d[$#]|\bEXEC stdout\b"
)
"""What programs write, and people do not. An error text that no cause knows is not a description."""

_ERROR = re.compile(r"\bERROR\b|^\W{0,4}Error: ", re.MULTILINE)
"""What programs write before a sentence, such as that an instance never registered."""

_END_OF_SENTENCE = r"(?<=[.!?;])\s+|(?<=[。！？])|\n"
_END_OF_CLAUSE = (
    r"(?i)[,:()、—–]\s|\s-{1,2}\s|\s(?=(?:but|however|although|though|while|whereas|yet|mais|aber|pero|mas)\s)"
)
"""They are compiled at their first use: an error text needs neither."""

_CLEAR = 0.8
"""From this likelihood on, an error text needs no description."""
_CLEAR_WORDS = 0.6
"""From this likelihood on, the words around an unclear error text count."""
_LEAST = 0.3
_LEAST_OF_ANY_TEXT = 0.5
"""The least likelihood of a cause, if a person's words name Session Manager, and otherwise."""
_IF_APART = 0.85
"""The likelihood of a symptom whose words are in different sentences, as a share of what it is in one."""
_LEAST_IF_APART = 0.43
"""Below this likelihood, such words are there by chance."""
_IF_IN_ORDER = 0.5
"""The same for a symptom of which the description says that a part is in order."""


def match_paste(pasted: str, causes: Iterable[Cause]) -> tuple[Match, ...]:
    """Return the causes of what a person pasted or wrote, the likeliest first: an error text, or else a description.

    If an error text can have several causes, the words around it say which of them are likelier.
    """
    every = tuple(causes)
    matches = match_text(pasted, every)
    if matches and matches[0].likelihood >= _CLEAR:
        return matches
    described = match_description(pasted, every)
    if not matches:
        return described
    # The words can be those of the error itself: they raise no cause above what the error alone says of the likeliest.
    most, words = matches[0].likelihood, {match.cause for match in described if match.likelihood >= _CLEAR_WORDS}
    both = [replace(match, likelihood=most) if match.cause in words else match for match in matches]
    return tuple(sorted(both, key=lambda match: (-match.likelihood, match.cause not in words)))


def match_description(written: str, causes: Iterable[Cause]) -> tuple[Match, ...]:
    """Return the causes of a description in a person's words, the likeliest first; empty if it describes none."""
    if len(written) > _LONGEST or _OUTPUT.search(written):
        return ()
    read = _read(written)
    if not read.is_understood:
        return ()
    is_certain = ABOUT_SESSIONS in read.ideas and not _ERROR.search(written)
    least = _LEAST if is_certain else _LEAST_OF_ANY_TEXT
    found = {cause.slug: max((_fit(each, read) for each in cause.described_by), default=(0.0, 0)) for cause in causes}
    told = [(slug, *fit) for slug, fit in found.items() if fit[0] >= least]
    ranked = sorted(told, key=lambda item: (-item[1], -item[2], item[0]))
    fields = extract_fields(" ".join(written.split())) if ranked else {}
    return tuple(Match(slug, likelihood, fields) for slug, likelihood, _ in ranked)


@dataclass(frozen=True, slots=True)
class _Description:
    """The ideas of a description, and those of each sentence. `in_order` are those of parts that it calls correct.

    `is_understood`: it is about Session Manager, or has no words besides these ideas.
    """

    ideas: frozenset[str]
    sentences: tuple[frozenset[str], ...]
    in_order: frozenset[str]
    is_understood: bool


_NOT_UNDERSTOOD = _Description(frozenset(), (), frozenset(), is_understood=False)


def _fit(symptom: Symptom, read: _Description) -> tuple[float, int]:
    """Return the likelihood of a symptom and the number of its ideas; 0 if the description has not all of them."""
    share = 0.0
    if read.ideas.issuperset(symptom.ideas):
        is_near = any(sentence.issuperset(symptom.ideas) for sentence in read.sentences)
        share = 1.0 if is_near else _IF_APART if symptom.likelihood * _IF_APART >= _LEAST_IF_APART else 0.0
    elif (read.ideas | read.in_order).issuperset(symptom.ideas):
        share = _IF_IN_ORDER
    return round(symptom.likelihood * share, 2), len(symptom.ideas)


def _read(written: str) -> _Description:
    sentences, in_order = list[frozenset[str]](), frozenset[str]()
    has_no_other_words = len(written.split()) <= _MOST_WORDS
    for sentence in re.split(_END_OF_SENTENCE, written):
        clauses = [ideas_in(clause) for clause in re.split(_END_OF_CLAUSE, sentence) if clause]
        every = frozenset[str]().union(*(found for found, _ in clauses))
        if ABOUT_A_WISH in every:
            return _NOT_UNDERSTOOD
        has_no_other_words &= all(complete for _, complete in clauses) and ABOUT_SOMETHING_ELSE not in every
        # A lost key in one sentence says nothing about the symptom in another.
        if ABOUT_SOMETHING_ELSE not in every:
            failing = _failing(found for found, _ in clauses)
            sentences.append(failing | (every & {ABOUT_SESSIONS}))
            in_order |= every - failing
    ideas = frozenset[str]().union(*sentences)
    about = ideas & {ABOUT_SESSIONS}
    return _Description(
        ideas, tuple(sentence | about for sentence in sentences), in_order, bool(about) or has_no_other_words
    )


def _failing(clauses: Iterable[frozenset[str]]) -> frozenset[str]:
    """Return the ideas of the clauses that do not say that everything is in order."""
    left: Sequence[frozenset[str]] = [each for each in clauses if IN_ORDER not in each or each & {TROUBLE, CONDITION}]
    return frozenset[str]().union(*left)
