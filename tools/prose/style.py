"""The project's rules of wording, as checks of proselint: `check(text)` returns what is wrong with a text.

English also passes the checks of proselint itself that concern wording (archaisms, clichés, redundancy and so on).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache

from proselint.registry import build_modules_register
from proselint.registry.checks import Check, CheckResult, Padding
from proselint.registry.checks.types import PreferredForms

from ssmtui.language import Language
from tools.prose.texts import CODE_WORD, Text

LONGEST_SENTENCE = 35
"""Words of a sentence, without code and placeholders. A colon or a semicolon also ends one."""

_OF_PROSELINT = (
    ".archaism", ".cliches", ".hedging", ".industrial_language", ".malapropisms", ".mixed_metaphors", ".mondegreens",
    ".needless_variants", ".nonwords", ".oxymorons", ".redundancy", ".uncomparables", ".weasel_words",
)  # fmt: skip

_ENGLISH = {
    "may not": "cannot, or is not allowed to",
    "ways? back": "undo",
    "hand(?:s|ed|ing)? over": "export",
    "(?:take|takes|took|taken|taking) back": "undo",
    "mend(?:s|ed|ing)?": "fix",
    "by itself": "automatically",
    "who(?:so)?ever": "the noun",
    "(?:is|are|called|told) so(?: or)?[.,;:)]": "the noun or the result",
    "stands? otherwise": "changed",
    "foretell(?:s|ing)?|foretold": "expect, or forecast",
    "(?:comes?|came) to": "is",
    "in the place of": "instead of",
    "held against": "compared with",
    "least (?:policy|permissions?)": "minimal policy",
    "errands?|ledgers?|journeys?": "the standard term",
    "whereabouts": "location",
    "lett?ing go": "release",
    "told": "say, show or report",
    "no more[.,;:)]": "no longer",
    "defects?": "error",
    "outliv(?:e|es|ed|ing)": "stay, or continue after",
    "whatever": "all, any, or the noun",
    "anyhow|of (?:it|them)sel(?:f|ves)": "nothing",
    "as it were|so to speak": "nothing",
    "in order to": "to",
    "utili[sz]e[sd]?": "use",
}

_FRENCH = {
    "flottes?": "parc",
    "strat[ée]gies?": "politique",
    "endpoints?": "point de terminaison",
    "buckets?": "compartiment",
    "(?:imprime[rz]?|imprimée?s?)": "afficher",
    "(?:remèdes?|correctifs?)": "correction",
    "noeuds?": "nœud",
    "clichés?": "instantané",
    "permissions?": "autorisation",
    "quiconque": "le nom",
    "la moindre": "minimale",
    "montrer": "afficher",
    "(?:n'en dit rien|il en va|dont c'est)": "une phrase simple",
}

_SENTENCE_END = re.compile(r"(?<=[.!?:;…])[)\"»]*\s+|\n\n+")
_WORD = re.compile(r"[^\W_][\w'’./-]*")
_TYPOGRAPHIC_APOSTROPHE = re.compile("[\u2018\u2019]")
_NO_SPACE_BEFORE = re.compile(r"[^\W\d_]{2}[;?!](?=\s|$)|[^\W\d_]{2}:(?=\s|$)")


def problems(text: Text) -> Iterator[str]:
    """Yield what is wrong with a text, one message each."""
    for check in _checks(text.language):
        for result in check.check_with_flags(f"\n{text.content}\n"):
            yield result.message


@cache
def _checks(language: Language) -> tuple[Check, ...]:
    length = Check(check_type=_too_long, path="ssmtui.length")
    match language:
        case Language.ENGLISH:
            return (*build_modules_register(_OF_PROSELINT, "proselint.checks"), _terms(_ENGLISH), length)
        case Language.FRENCH:
            return (_terms(_FRENCH), length, Check(check_type=_typography, path="ssmtui.typography"))


def _terms(preferred: Mapping[str, str]) -> Check:
    # A pattern that ends with a class of punctuation already ends the word.
    words = {
        rf"\b(?:{pattern})" + ("" if pattern.endswith("]") else r"\b"): term for pattern, term in preferred.items()
    }
    forms = PreferredForms(words, Padding.RAW)
    return Check(check_type=forms, path="ssmtui.terms", message="{1!r}: write {0}")


def _too_long(text: str, check: Check) -> Iterator[CheckResult]:
    """Yield the sentences with more words than are easy to read."""
    for sentence in _SENTENCE_END.split(text):
        count = sum(word != CODE_WORD for word in _WORD.findall(sentence))
        if count > LONGEST_SENTENCE:
            message = f"{count} words in a sentence, at most {LONGEST_SENTENCE}: {' '.join(sentence.split()[:8])} …"
            yield CheckResult(check.path, message, (0, 0), None)


def _typography(text: str, check: Check) -> Iterator[CheckResult]:
    """Yield what French typography forbids. Spaces become non-breaking when the catalogue is compiled."""
    for pattern, message in ((_TYPOGRAPHIC_APOSTROPHE, "{!r}: write a straight apostrophe"),
                             (_NO_SPACE_BEFORE, "{!r}: a space precedes ; : ? and !")):  # fmt: skip
        for found in pattern.finditer(text):
            yield CheckResult(check.path, message.format(found.group()), found.span(), None)
