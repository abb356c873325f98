from __future__ import annotations

import pytest

from ssmtui.cli.errors import UsageError
from ssmtui.cli.fix import choices_in, choices_text
from ssmtui.model.choice import Candidate, Choice, Choices
from ssmtui.model.plan import FixNotApplicable


def test_names_and_values_are_parted_at_the_first_equals_sign() -> None:
    given = choices_in(("key=arn:aws:kms:x", "shellProfile.linux=A=b", "s3KeyPrefix="))
    assert given == Choices((("key", "arn:aws:kms:x"), ("shellProfile.linux", "A=b"), ("s3KeyPrefix", "")))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("key",), "--set must be NAME=VALUE, not key"),
        (("=x",), "--set must be NAME=VALUE, not =x"),
        (("key=a", "key=b"), "--set key=… is given twice"),
        (("\x1b[2J",), r"not \x1b[2J"),
    ],
)
def test_what_is_no_choice_is_a_usage_error(given: tuple[str, ...], words: str) -> None:
    with pytest.raises(UsageError) as told:
        choices_in(given)
    assert words in told.value.message
    assert told.value.exit_code == 2


def test_what_can_be_set_is_told_a_line_each_and_fit_to_print() -> None:
    candidates = (
        Candidate("arn:a", "alias/a"),
        Candidate("arn:b", "alias/\x1bb", "the key is in another Region"),
        *(Candidate(f"arn:{number}") for number in range(40)),
    )
    key = Choice("key", "KMS key", candidates, free=True, note="2 more keys could not be read.")
    answer = FixNotApplicable("choose-session-key", "key=… is required: KMS key", (key,))
    told = choices_text(answer, ("clear-session-key",)).splitlines()
    assert told[:5] == [
        "choose-session-key: key=… is required: KMS key",
        "  --set key=…  KMS key",
        "      2 more keys could not be read.",
        "      key=arn:a  alias/a",
        r"      key=arn:b  alias/\x1bb  not possible: the key is in another Region",
    ]
    assert told[-2:] == ["      and 2 more", "Other fixes (--with): clear-session-key"]
