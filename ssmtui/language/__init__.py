"""The language that ssmtui speaks: every sentence a person reads goes through `say`.

English is what the code holds; a gettext catalogue beside this module (`fr/LC_MESSAGES`) holds the others. Which
language is in force is settled once, before the first sentence. Slugs, API names and what AWS says are never
translated.
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
