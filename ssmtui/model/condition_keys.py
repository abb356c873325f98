"""Which condition keys a request can have at all: those of its own service, and those that requests to any may have.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html and the Service Authorization
Reference. Their values are told elsewhere (`agent_requests`, `request_origin`).
"""

from __future__ import annotations

_OF_ANY_SERVICE = frozenset({"aws", "identitystore", "saml", "sts"})
"""What keys begin with that tell of who asks, and by which session."""

_IN_ANY_REQUEST = frozenset(
    {"ec2:roledelivery", "ec2:sourceinstancearn", "lambda:sourcefunctionarn", "ssm:sourceinstancearn"}
)
"""Keys of a service that stand in requests to others: they tell where the credentials came from."""

_OF_TAGGING = ("aws:requesttag/", "aws:tagkeys")
"""What only requests that give tags have; none that a session takes does."""

_FAMILY = {"ec2messages": "ssm", "ssm-guiconnect": "ssm", "ssmmessages": "ssm"}
"""Services whose requests may have the keys of another."""


def may_be_in_request(key: str, action: str) -> bool:
    """Whether a request for an action (`ssm:StartSession`) can have a condition key, whatever its value."""
    name = key.lower()
    if name.startswith(_OF_TAGGING):
        return False
    service = name.partition(":")[0]
    # A provider of identities (accounts.google.com) has a name with dots; its keys tell of who asks, too.
    if service in _OF_ANY_SERVICE or name in _IN_ANY_REQUEST or "." in service:
        return True
    return _family(service) == _family(action.partition(":")[0].lower())


def _family(service: str) -> str:
    return _FAMILY.get(service, service)
