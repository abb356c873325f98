"""The language of ssmtui: every sentence that a person reads goes through `say`.

The code contains the English sentences; a gettext catalogue in this folder (`fr/LC_MESSAGES`) contains the others. The
language is set once, before the first sentence. Slugs, API names and texts from AWS are never translated.
"""

from ssmtui.language.translation import (
    LANGUAGE_VARIABLE,
    Language,
    current_language,
    language_of,
    say,
    say_many,
    set_language,
    translatable,
)

__all__ = [
    "LANGUAGE_VARIABLE",
    "Language",
    "current_language",
    "language_of",
    "say",
    "say_many",
    "set_language",
    "translatable",
]
