"""How a translation becomes the cause in another language, and what is said of one that is out of step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.causes.catalogue import FixOfCause, MalformedCause, read_cause, read_translation
from ssmtui.language import Language
from tests.causes.test_read_cause import text_of as english_text

LAMP = read_cause("lamp-unlit.md", english_text())
FRONT = """\
slug: lamp-unlit
title: la lampe est éteinte
fixes:
  - {slug: light-lamp, title: Allumer la lampe}
  - {slug: allow-darkness, title: Accepter le noir, loses: Personne ne voit rien.}
"""
BODY = """
## Ce qui ne va pas

La lampe est éteinte.

## Comment résoudre

1. L'allumer.

## Bon à savoir

- Elle chauffe.
"""


def french(front: str = FRONT, body: str = BODY) -> str:
    return f"---\n{front}---\n{body}"


def test_a_translation_gives_a_cause_its_words_and_leaves_the_rest() -> None:
    assert read_translation("fr/lamp-unlit.md", french(), Language.FRENCH, LAMP) == replace(
        LAMP,
        title="la lampe est éteinte",
        fixes=(
            FixOfCause("light-lamp", "Allumer la lampe"),
            FixOfCause("allow-darkness", "Accepter le noir", loses="Personne ne voit rien."),
        ),
        what_is_wrong="La lampe est éteinte.",
        how_to_resolve="1. L'allumer.",
        to_know="- Elle chauffe.",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (french(FRONT.replace("slug: lamp-unlit", "slug: lamp")), "its slug is lamp, and not lamp-unlit"),
        (
            french(FRONT.replace("light-lamp", "buy-lamp")),
            "its fixes are not light-lamp, allow-darkness, in that order",
        ),
        (
            french(FRONT.replace(", loses: Personne ne voit rien.", "")),
            "of the fix allow-darkness, only one of the two",
        ),
        (french(FRONT + "link: instance\n"), "nobody reads link"),
        (french(body=BODY.partition("## Bon")[0]), "only one of the two has the last section"),
        (french(body=BODY.replace("Comment résoudre", "How to resolve")), "its sections are not ## Ce qui ne va pas"),
    ],
)
def test_a_translation_that_is_out_of_step_is_named_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(MalformedCause) as raised:
        read_translation("fr/lamp-unlit.md", text, Language.FRENCH, LAMP)
    assert raised.value.file == "fr/lamp-unlit.md"
    assert raised.value.reason.startswith(reason)
