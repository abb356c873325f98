"""What looking a refusal up gives as evidence."""

from __future__ import annotations

from ssmtui.model.authorization import LookedUp
from ssmtui.model.authorization_text import look_up_evidence
from ssmtui.model.denial import Denial

DENIAL = Denial("iam:GetRole", "arn:aws:iam::123456789012:role/web")


def test_what_was_not_looked_up_is_no_evidence() -> None:
    assert look_up_evidence(None) == ()
    assert look_up_evidence(LookedUp(DENIAL)) == ()


def test_why_aws_has_no_word_of_its_own_is_evidence() -> None:
    (told,) = look_up_evidence(LookedUp(DENIAL, why_not="it is older than a day"))
    assert told.fact == "AWS's own word for this denial was not had: it is older than a day"
