"""Condition keys of a request: the keys that it has, and the known values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from ssmtui.iam_policy.patterns import Context
from ssmtui.model.permissions import Question
from ssmtui.model.scope import Scope

_VIA_SERVICE = "kms:ViaService"
_OTHERWISE_THROUGH_S3 = frozenset({"aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:SecureTransport"})


def direct_context(scope: Scope, principal: str) -> Context:
    """Return the known keys of a direct request of a principal: over TLS, in the Region, not through another service.

    `principal` is the ARN of a role or user. The result has condition keys with their values; a key that the request
    does not have has no values.
    """
    account = principal.split(":")[4]
    return {
        "aws:PrincipalArn": (principal,),
        "aws:PrincipalAccount": (account,),
        "aws:PrincipalType": ("User" if ":user/" in principal else "AssumedRole",),
        "aws:PrincipalIsAWSService": ("false",),
        "aws:ViaAWSService": ("false",),
        "aws:CalledVia": (),
        "aws:CalledViaFirst": (),
        "aws:CalledViaLast": (),
        "aws:SourceAccount": (),
        "aws:SourceArn": (),
        "aws:SecureTransport": ("true",),
        "aws:RequestedRegion": (scope.region,),
        "kms:CallerAccount": (account,),
        "kms:ViaService": (),
    }


def node_session(scope: Scope, role_arn: str, node_id: str) -> str:
    """Return the ARN of the role session with which SSM Agent signs requests: its name is the ID of the node."""
    account, role = role_arn.split(":")[4], role_arn.rpartition("/")[2]
    return f"arn:{scope.partition}:sts::{account}:assumed-role/{role}/{node_id}"


def via_s3(scope: Scope) -> tuple[tuple[str, str], ...]:
    """Return the condition key, with its value, of KMS requests by S3 on behalf of a caller that writes an object."""
    return ((_VIA_SERVICE, f"s3.{scope.region}.{scope.dns_suffix}"),)


def passes_through_s3(question: Question) -> bool:
    """Return whether S3 makes the request on behalf of the node."""
    return any(key == _VIA_SERVICE for key, _ in question.context)


def agent_context(scope: Scope, role_arn: str, question: Question) -> Context:
    """Return the known keys of a request of SSM Agent with the role of its node."""
    directly = direct_context(scope, role_arn)
    if not passes_through_s3(question):
        return directly
    known = {key: values for key, values in directly.items() if key not in _OTHERWISE_THROUGH_S3}
    return known | {"aws:ViaAWSService": ("true",), **{key: (value,) for key, value in question.context}}


def context_through(scope: Scope, principal: str, service: str) -> Context:
    """Return the known keys of a request that a service makes with a principal's credentials."""
    directly = direct_context(scope, principal)
    known = {key: values for key, values in directly.items() if key not in _OTHERWISE_THROUGH_S3}
    through = dict.fromkeys(("aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast"), (service,))
    return {**known, **through, "aws:ViaAWSService": ("true",)}


_OPEN_TO_ORGANIZATION = (
    "aws:PrincipalOrgID",
    "aws:ResourceAccount",
    "aws:ResourceOrgID",
    "aws:SourceIp",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:VpcSourceIp",
    "aws:VpceAccount",
    "aws:VpceOrgID",
    "ec2:SourceInstanceARN",
)
"""The keys with which service control policies exempt requests: by principal, by origin, by resource.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
"""


UNKNOWABLE_KEYS = ("aws:PrincipalOrgPaths",)
"""Keys of every request in an organization that only the management account can look up."""


def open_organization_keys(known: Context) -> tuple[str, ...]:
    """Return the keys that a denial by a service control policy can depend on: AWS does not return the actual keys."""
    told = {key.lower() for key in known}
    return tuple(key for key in _OPEN_TO_ORGANIZATION if key.lower() not in told)


_OF_ANY_SERVICE = frozenset({"aws", "identitystore", "saml", "sts"})
"""Prefixes of keys about the principal and its session."""

_IN_ANY_REQUEST = frozenset(
    {"ec2:roledelivery", "ec2:sourceinstancearn", "lambda:sourcefunctionarn", "ssm:sourceinstancearn"}
)
"""Keys of one service that requests to other services have: they describe the source of the credentials."""

_OF_TAGGING = ("aws:requesttag/", "aws:tagkeys")
"""Prefixes of keys in requests that set tags; no request of a session does."""

_FAMILY = {"ec2messages": "ssm", "ssm-guiconnect": "ssm", "ssmmessages": "ssm"}
"""Services whose requests can have the keys of another service."""


def can_be_in_request(key: str, action: str) -> bool:
    """Return whether a request for an action (`ssm:StartSession`) can have a condition key with any value."""
    name = key.lower()
    if name.startswith(_OF_TAGGING):
        return False
    service = name.partition(":")[0]
    # An identity provider (accounts.google.com) has a name with dots; its keys also describe the principal.
    if service in _OF_ANY_SERVICE or name in _IN_ANY_REQUEST or "." in service:
        return True
    return _family(service) == _family(action.partition(":")[0].lower())


def _family(service: str) -> str:
    return _FAMILY.get(service, service)


_AGENT = "aws-sdk-go/1.55.5 (go1.22.7; linux; amd64) amazon-ssm-agent/3.3.0.0"
_ANY_ORGANIZATION = "o-0000000000"
_LATER_THAN_ANY_REVOCATION = "2100-01-01T00:00:00Z"

_OF_A_MEMBER = ("aws:PrincipalOrgPaths", "aws:ResourceOrgPaths")
_OF_A_ROLE = {
    "aws:MultiFactorAuthPresent": "false",
    "aws:TokenIssueTime": _LATER_THAN_ANY_REVOCATION,
    "aws:UserAgent": _AGENT,
}
_BY_METADATA = {"ec2:RoleDelivery": "1.0"}
"""The version of the metadata service that issued the credentials, if both are enabled."""
_OTHER_VALUES = {"ec2:RoleDelivery": "2.0"}
"""The other values of keys with two possible values."""


def placeholder_values(
    known: Context, lacking: Iterable[str], organization: str | None, *, by_metadata: bool
) -> Context:
    """Return placeholder values for keys that are not `known`, unless the account's own policies lack them (`lacking`).

    `organization` is the account's organization, if it could be read. `by_metadata`: the node gets its credentials from
    its instance profile.
    """
    told = {key.lower() for key in (*known, *lacking)}
    path = f"{organization or _ANY_ORGANIZATION}/r-0000/ou-0000-00000000/"
    every = {**dict.fromkeys(_OF_A_MEMBER, path), **_OF_A_ROLE, **(_BY_METADATA if by_metadata else {})}
    return {key: (value,) for key, value in every.items() if key.lower() not in told}


def alternative_values(present: Context) -> Context:
    """Return the other values of keys with two possible values. Other keys are left out, so they are missing."""
    return {key: (value,) for key, value in _OTHER_VALUES.items() if key in present}


ACCOUNT_KEY, ORGANIZATION_KEY, PATHS_KEY = "aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths"


def resource_account(resource: str, account: str) -> str | None:
    """Return the account that owns a resource: from its ARN, else `account`; None for S3."""
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return account
    return parts[4] or (None if parts[2] == "s3" else account)


def owner_context(owner: str | None, account: str, organization: str | None) -> Context:
    """Return the known keys.

    `organization` is of the own account: empty if there is none, None if it could not be read.
    """
    if owner is None:
        return {}
    told: Context = {ACCOUNT_KEY: (owner,)}
    if owner != account or organization is None:
        return told
    if not organization:
        return {**told, ORGANIZATION_KEY: (), PATHS_KEY: ()}
    return {**told, ORGANIZATION_KEY: (organization,)}


SERVICES = ("ssm", "ssmmessages", "kms", "logs", "s3")
"""The services that a node uses in a session."""

ELSEWHERE_IN_S3 = "s3 of another Region"
"""S3 for a bucket of another Region, to which no endpoint leads (docs/facts/permissions.md §10)."""

SERVICES_WITH_OWNER = ("kms", "s3")
"""Services whose requests contain the owner of the endpoint that they pass."""

UNKNOWN_ORIGIN: Context = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ServiceOrigin:
    """The origin of requests to a service.

    `endpoint` is the ID of the VPC endpoint that they pass. Without an endpoint, the source is in `addresses` (of a NAT
    gateway), or each node uses its own address (`by_own_address`).
    """

    service: str
    endpoint: str | None = None
    addresses: tuple[str, ...] = ()
    by_own_address: bool = False


@dataclass(frozen=True, slots=True)
class RequestOrigin:
    """The origin of a node's requests. The origin is unknown for services that are not in `services`.

    `vpc_id` is None for a node outside EC2.
    """

    vpc_id: str | None
    services: tuple[ServiceOrigin, ...] = ()

    def by_endpoint(self, service: str) -> bool | None:
        """Return whether requests to a service pass an endpoint; None if unknown."""
        found = self._origin_of(service)
        return None if found is None else found.endpoint is not None

    def _origin_of(self, service: str) -> ServiceOrigin | None:
        if service == ELSEWHERE_IN_S3:
            # All requests that pass no endpoint leave the network in the same way.
            return next((each for each in self.services if each.endpoint is None), None)
        return next((each for each in self.services if each.service == service), None)

    def known(self, service: str) -> Context:
        """Return the condition keys that are the same for all nodes with this origin."""
        found = self._origin_of(service)
        if found is None:
            return UNKNOWN_ORIGIN
        if found.endpoint is not None:
            return {
                "aws:SourceVpc": (self.vpc_id or "",),
                "aws:SourceVpce": (found.endpoint,),
                "aws:SourceIp": (),
            }
        public: Context = {"aws:SourceVpc": (), "aws:SourceVpce": (), "aws:VpcSourceIp": ()}
        # A request has one of several addresses, and it is unknown which.
        return {**public, "aws:SourceIp": found.addresses} if len(found.addresses) == 1 else public

    def known_of_node(self, service: str, private_ip: str, public_ip: str | None, arn: str) -> Context:
        """Return the condition keys of a single EC2 node."""
        itself: Context = {
            "ec2:SourceInstanceARN": (arn,),
            "aws:Ec2InstanceSourceVpc": (self.vpc_id,) if self.vpc_id else (),
            "aws:Ec2InstanceSourcePrivateIPv4": (private_ip,) if private_ip else (),
        }
        found = self._origin_of(service)
        if found is None:
            return itself
        if found.endpoint is not None:
            return {**itself, "aws:VpcSourceIp": (private_ip,)} if private_ip else itself
        return {**itself, "aws:SourceIp": (public_ip,)} if found.by_own_address and public_ip else itself


NODE_KEYS = frozenset(
    {
        "aws:ec2instancesourceprivateipv4",
        "aws:sourceip",
        "aws:vpcsourceip",
        "ec2:sourceinstancearn",
        "kms:encryptioncontext:aws:ssm:targetid",
    }
)
"""The keys, in lower case, with a different value for each node."""


def outside_ec2() -> Mapping[str, tuple[str, ...]]:
    """Return the known keys of requests of a node outside EC2."""
    return dict.fromkeys(("ec2:SourceInstanceARN", "aws:Ec2InstanceSourceVpc", "aws:Ec2InstanceSourcePrivateIPv4"), ())


PATH_KEYS = ("aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp")
"""The keys that depend on the network path of a request."""
