"""What the text of a refusal tells of itself: who was refused what, by which policy, and by which id AWS remembers it.

AWS names the kind of policy, since 2026 its ARN, and some services an authorization id that can be looked up:
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_ARN = r"arn:[a-z0-9-]+:[a-z0-9-]+:[a-z0-9-]*:[a-z0-9]*:[\w+=,.@/:*-]{0,2048}[\w*/]"
_REFUSED = re.compile(r"\bauthorized to perform:? ?", re.IGNORECASE)
_ACTION = re.compile(r"\bauthorized to perform:? ?([a-z0-9-]+:[A-Za-z0-9]+)", re.ASCII)
_PRINCIPAL = re.compile(rf"\bUser:? ?({_ARN})[^a-z]{{0,3}}is not $", re.ASCII)
_RESOURCE = re.compile(
    rf"\bon resource:? ?\"?({_ARN}|(?:[a-z-]+ ){{1,2}}[\w+=,.@/-]+(?= (?:with|because)\b))", re.ASCII
)
_KIND = re.compile(
    r"(?:(?P<explicit>explicit deny in (?:a|an|the) )|because no )"
    r"(?P<kind>service control policy|resource control policy|permissions boundary|session policy|VPC endpoint policy"
    r"|identity-based policy|resource-based policy)"
    rf"(?::? ?\(?(?P<policy>{_ARN}))?",
    re.IGNORECASE | re.ASCII,
)
_ID = re.compile(r"(?:[Aa]uthorization [Ii][Dd]:? ?|/authorization-details/)([0-9a-z]{6,128})(?![\w/-])", re.ASCII)
# Where it can be looked up, and EC2's encoded message: of use to nobody who reads the sentence.
_DIRECTIONS = re.compile(
    r"[.\s]{0,8}(?:Go to https?://\S+ for complete details, or call the GetRequestAuthorizationDetails API .*"
    r"|Go to https?://\S*/authorization-details/\S+.*|Encoded authorization failure message: [\w-]+.*)$",
    re.DOTALL,
)

GLOBAL_SERVICES = frozenset({"account", "iam", "organizations"})
"""The services with one endpoint a partition: what they refuse is remembered in that endpoint's Region."""


@dataclass(frozen=True, slots=True)
class Denial:
    """One refusal, as its text tells it; whatever the text leaves out is empty.

    `kind` is AWS's word for the policy that denied (`service control policy`, in lower case), `policy` its ARN.
    `explicit` is None where the text does not say whether something denies, or nothing allows. `resource` is an ARN, or
    a kind and a name as IAM writes them. `region` is the resource's: that of the console's link is not the request's.
    """

    action: str = ""
    resource: str = ""
    principal: str = ""
    kind: str = ""
    explicit: bool | None = None
    policy: str = ""
    authorization_id: str = ""
    region: str = ""

    @property
    def is_global(self) -> bool:
        """Whether a service refused that has one endpoint a partition."""
        return self.action.partition(":")[0] in GLOBAL_SERVICES


def denial_in(text: str) -> Denial | None:
    """The first refusal in a text that stands on one line; None where there is none."""
    return next(iter(denials_in(text)), None)


def denials_in(text: str) -> tuple[Denial, ...]:
    """Every refusal in a text that stands on one line, each once, in their order."""
    starts = [found.start() for found in _REFUSED.finditer(text)]
    pieces = [
        (text[max(0, start - _LOOK_BACK) : start], text[start:end]) for start, end in pairwise((*starts, len(text)))
    ]
    return tuple(dict.fromkeys(_denial(before, said) for before, said in pieces if _ACTION.match(said)))


def without_directions(said: str) -> str:
    """A refusal without where it can be looked up and without EC2's encoded message."""
    return _DIRECTIONS.sub("", said)


def refused_action(message: str, action: str) -> str:
    """The IAM action that a refusal names, which may be another one than the call's own (`iam:PassRole`)."""
    named = denial_in(message)
    return named.action if named else action


_LOOK_BACK = 600
"""Characters before the refused action in which its principal stands."""


def _denial(before: str, said: str) -> Denial:
    action, principal = _ACTION.match(said), _PRINCIPAL.search(before)
    resource, kind, id_ = _RESOURCE.search(said), _KIND.search(said), _ID.search(said)
    named = resource[1] if resource else ""
    return Denial(
        action=action[1] if action else "",
        resource=named,
        principal=principal[1] if principal else "",
        kind=kind["kind"].casefold() if kind else "",
        explicit=kind["explicit"] is not None if kind else None,
        policy=(kind["policy"] or "") if kind else "",
        authorization_id=id_[1] if id_ else "",
        region=named.split(":")[3] if named.startswith("arn:") else "",
    )
