"""Rule causes in or out by what a text says besides its error: target, host, metadata service."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

CONTAINER = "ecs-exec-failed"
"""The cause that an error of ECS Exec names: its target is a container, no node."""

_REGION = re.compile(r"[a-z]{2,3}(?:-gov|-iso[a-z]?)?-(?:north|south|east|west|central){1,2}-\d", re.IGNORECASE)
_HOST = re.compile(r"(?:https?://|lookup )(?:ssm|ssmmessages|ec2messages|kms)\.([^\s/:]{0,64}?)\.amazonaws\.com")
_ON_THE_NODE = frozenset(
    {
        "agent-absent",
        "agent-too-old",
        "connection-lost",
        "control-channel-down",
        "endpoint-security-group-closed",
        "imds-disabled",
        "instance-impaired",
        "instance-not-running",
        "instance-profile-missing",
        "instance-starting",
        "no-route-to-endpoint",
        "not-registered",
        "role-channels-denied",
        "role-core-denied",
        "wrong-region-or-account",
    }
)
"""What TargetNotConnected can mean of a node."""
_ON_EC2 = frozenset(
    {
        "agent-absent",
        "endpoint-security-group-closed",
        "imds-disabled",
        "instance-impaired",
        "instance-not-running",
        "instance-profile-empty",
        "instance-profile-missing",
        "instance-starting",
        "no-route-to-endpoint",
        "not-registered",
        "profile-attached-late",
    }
)
"""What only an EC2 instance can have: a hybrid node has no profile, no metadata service and no subnet."""
_OF_HYBRID = frozenset({"activation-expired", "duplicate-registration", "hybrid-tier-standard"})
"""What only a node outside EC2 can have."""
_NETWORK = frozenset(
    {
        "egress-blocked",
        "endpoint-missing",
        "endpoint-private-dns-off",
        "endpoint-security-group-closed",
        "network-acl-blocks",
        "no-route-to-endpoint",
        "vpc-dns-off",
    }
)


_PARAMETER_STORE = re.compile(
    r"\b(?:perform:\s+ssm:|operation\s+error\s+SSM:\s+|when\s+calling\s+the\s+)"
    r"(?:Get|Put|Delete|Describe|Label|Unlabel)Parameter",
)
"""What fails there fails on the same hosts and in the same words as a session, and is none."""

_TAILS = frozenset({"ssh-tail"})
"""What only says that something before it went wrong: hardly a cause where that is told, too."""
_OF_A_TAIL = 0.1


@dataclass(frozen=True, slots=True)
class _Rule:
    """Where `when` stands in a text, `out` are no causes of it, and those of `told` are, as likely as they say."""

    when: re.Pattern[str]
    out: frozenset[str]
    told: Mapping[str, float] = field(default_factory=dict)


_RULES = (
    # Who answers 404 answers: the metadata service is on, and has no role to give.
    _Rule(
        re.compile(r"no EC2 instance role found|EC2MetadataError.{0,400}?status code: 404", re.IGNORECASE),
        frozenset({"imds-disabled"}),
    ),
    # The text itself says that it is not the role's policies.
    _Rule(
        re.compile(
            r"because no VPC endpoint policy allows|with an explicit deny in a VPC endpoint policy", re.IGNORECASE
        ),
        frozenset({"role-core-denied", "role-channels-denied"}),
    ),
    # Sessions are asked for by a caller, who comes through an endpoint of another network than the node's.
    _Rule(
        re.compile(
            r"perform:\s+ssm:(?:Start|Resume|Terminate)Session\b.{0,400}?\bVPC\s+endpoint\s+policy",
            re.IGNORECASE | re.DOTALL,
        ),
        frozenset({"endpoint-policy-denies"}),
        {"endpoint-policy-denies": 0.5},
    ),
    # Who was shown a certificate has come through the network.
    _Rule(re.compile(r"\bx509:\s", re.IGNORECASE), _NETWORK),
    # The same on the way to the session's key, bucket or log group.
    _Rule(
        re.compile(
            r"\b(?:kms|s3|logs)(?:-fips)?\.(?:dualstack\.)?[a-z0-9\s-]{1,30}\.amazonaws\.com(?:\.cn)?[/:\s\"'].{0,200}?x509:\s",
            re.IGNORECASE | re.DOTALL,
        ),
        frozenset({"log-endpoint-missing"}),
        {"endpoint-certificate-untrusted": 0.9},
    ),
    # A wrong clock makes a certificate that is in order one that is over, or has not begun.
    _Rule(
        re.compile(
            r"\.amazonaws\.com(?:\.cn)?[/:\s\"'].{0,200}?x509:\s+certificate\s+has\s+expired\s+or\s+is\s+not\s+yet\s+valid",
            re.IGNORECASE | re.DOTALL,
        ),
        frozenset({"endpoint-certificate-untrusted"}),
        {"node-clock-skewed": 0.6, "endpoint-certificate-untrusted": 0.4},
    ),
    # The Connect tab of the EC2 console says both: who pings is registered, and only the channel is missing.
    _Rule(
        re.compile(
            r"\bPing\s+status\W{1,5}Online\b.{0,200}?\bconnection\s+status\W{1,5}Not\s+connected",
            re.IGNORECASE | re.DOTALL,
        ),
        _ON_THE_NODE - {"agent-too-old", "control-channel-down", "role-channels-denied"},
    ),
    # Only an EC2 instance falls back on default host management; a hybrid node has its activation.
    _Rule(re.compile(r"for\s+ec2\s+identity|Default\s+Host\s+Management\s+Err", re.IGNORECASE), _OF_HYBRID),
    _Rule(re.compile(r"\bmi-[0-9a-f]{8,17}\W{1,3}is not connected", re.IGNORECASE), _ON_EC2),
    _Rule(re.compile(r"\becs:[\w*<>-]{1,255}_[\w*<>-]{1,255}", re.IGNORECASE), _ON_THE_NODE, {CONTAINER: 0.9}),
    _Rule(
        re.compile(r"when calling the ExecuteCommand operation|TargetNotConnectedException: The execute command"),
        _ON_THE_NODE,
        {CONTAINER: 0.9},
    ),
)


def apply_context_rules(text: str, likelihoods: Mapping[str, float]) -> Mapping[str, float]:
    """How likely each cause is, by its slug, with what the rest of the message tells."""
    if _PARAMETER_STORE.search(text):
        return {}
    left = dict(likelihoods)
    for tail in _TAILS & left.keys() if len(left) > 1 else ():
        left[tail] = min(left[tail], _OF_A_TAIL)
    for rule in _rules_of(text, likelihoods):
        for slug in rule.out:
            left.pop(slug, None)
        for slug, likelihood in rule.told.items():
            left[slug] = max(likelihood, left.get(slug, 0.0))
    return left


def _rules_of(text: str, likelihoods: Mapping[str, float]) -> Iterator[_Rule]:
    for rule in _RULES:
        if rule.when.search(text):
            yield rule
    if not _NETWORK.isdisjoint(likelihoods):
        labels = [found[1] for found in _HOST.finditer(text)]
        if any(not _REGION.fullmatch(label) for label in labels):
            yield _Rule(_HOST, _NETWORK, {"node-region-mistyped": 0.9})
