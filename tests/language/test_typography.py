"""How French is set: no sign begins a line, and what is no French stays as it is."""

from __future__ import annotations

from gettext import translation
from pathlib import Path

import pytest

import ssmtui.language
from ssmtui.language.typography import set_in_french
from tools.sentences import written


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("Erreur : {why}", "Erreur\u00a0: {why}"),
        ("Quitter ? Oui ; non !", "Quitter\u00a0? Oui\u00a0; non\u00a0!"),
        ("« seulement » (ou « tout » ?)", "«\u00a0seulement\u00a0» (ou «\u00a0tout\u00a0»\u00a0?)"),
        ("{role} : {count} nœuds", "{role}\u00a0: {count} nœuds"),
        ("✖ échec  ? inconnu  ▲ avis", "✖ échec  ? inconnu  ▲ avis"),
        ("`aws : ssm` : voir", "`aws : ssm`\u00a0: voir"),
        ("Lancez :\n\n```sh\nset : x\n```\nPuis : fin", "Lancez\u00a0:\n\n```sh\nset : x\n```\nPuis\u00a0: fin"),
        ("verdict:fail ::warning https://x.org/a?b", "verdict:fail ::warning https://x.org/a?b"),
    ],
)
def test_what_stands_before_a_sign_does_not_break(written: str, wanted: str) -> None:
    assert set_in_french(written) == wanted
    assert set_in_french(wanted) == wanted


def test_every_sentence_that_is_said_in_french_is_set_so() -> None:
    said = translation("ssmtui", Path(ssmtui.language.__file__).parent, ["fr"])
    french = [said.gettext(each.id) for each in written() if isinstance(each.id, str)]
    assert len(french) > 1000
    assert [each for each in french if set_in_french(each) != each] == []
