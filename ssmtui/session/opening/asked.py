"""What is to be known before a session can be opened: the values that its document asks for, and a reason."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ssmtui.language import say
from ssmtui.model.plain_text import printable

if TYPE_CHECKING:
    from ssmtui.model.preferences import DocumentParameter
    from ssmtui.session.calls import SessionProblem

Given = Mapping[str, Sequence[str]]
"""Values of parameters, by name."""

_NODE = re.compile(r"m?i-\w+", re.ASCII)
_OF_REASON = re.compile(r"\breason\b", re.IGNORECASE)
_LONGEST_REASON = 256


def still_to_ask(declared: Sequence[DocumentParameter], given: Given) -> tuple[DocumentParameter, ...]:
    """The parameters of a document that have neither a value nor a default, in its order."""
    return tuple(each for each in declared if each.default is None and each.name not in given)


def why_not_these(declared: Sequence[DocumentParameter], given: Given) -> str:
    """Why a document does not take these values; empty where it does."""
    known = {each.name: each for each in declared}
    for name, values in given.items():
        if name not in known:
            names = ", ".join(map(printable, known)) or say("none")
            return say("the document has no parameter {name}; it has: {names}", name=printable(name), names=names)
        allowed = known[name].allowed
        for value in values if allowed else ():
            if value not in allowed:
                return say(
                    "the document's parameter {name} takes no {value}; it takes: {values}",
                    name=printable(name),
                    value=printable(value),
                    values=", ".join(map(printable, allowed)),
                )
    return ""


def why_not_this_reason(reason: str) -> str:
    """Why AWS would not take a reason (StartSession's own pattern); empty where it would."""
    if len(reason) > _LONGEST_REASON or len(reason.splitlines()) > 1:
        return say("a reason is one line of {most} characters at most", most=_LONGEST_REASON)
    return ""


def asks_for_a_reason(problem: SessionProblem) -> bool:
    """Whether AWS, or a policy of the account, opened no session because of its reason.

    No condition of IAM knows the reason, and none of AWS's pages makes StartSession ask for one: what refuses it says
    so in its text, as AWS does of any parameter that it does not take.
    """
    return problem.action in ("", "ssm:StartSession") and _OF_REASON.search(problem.text) is not None


def why_not_this_target(target: str) -> str:
    """Why no session is opened on what is named so; empty where one is.

    Anything but the id of the node breaks an encrypted session: its key is bound to the target as it was named.
    """
    if _NODE.fullmatch(target):
        return ""
    return say("{target} is not the id of a node", target=printable(target))
