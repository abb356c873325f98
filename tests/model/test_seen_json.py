from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from ssmtui.text.json_text import visible_json
from ssmtui.text.printable import printable


def test_what_cannot_be_seen_is_an_escape_and_letters_are_letters() -> None:
    told = {"café 東京": "\x1b]52;c;eA==\x07 \x9b31m \x7f \u202egpj \u200b \ud800 \u3164"}
    assert visible_json(told) == (
        r'{"café 東京": "\u001b]52;c;eA==\u0007 \u009b31m \u007f \u202egpj \u200b \ud800 \u3164"}'
    )


@given(st.dictionaries(st.text(), st.text()), st.sampled_from([None, 2]))
def test_it_says_the_same_and_every_line_can_be_shown(told: dict[str, str], indent: int | None) -> None:
    written = visible_json(told, indent=indent)
    assert json.loads(written) == told
    assert all(printable(line) == line for line in written.split("\n"))
