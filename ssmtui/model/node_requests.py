"""The requests of one node: its role, its origin, and the condition keys that follow from them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ssmtui.iam_policy.patterns import Context
from ssmtui.model.fact import Absent, NoFact, NotApplicable, Unreadable
from ssmtui.model.iam_questions import node_arn
from ssmtui.model.identity import OrganizationId, RoleTags
from ssmtui.model.network import is_in_another_region, unread_region
from ssmtui.model.node import Instance, MetadataTokens, Node, NodeKind
from ssmtui.model.permissions import Question
from ssmtui.model.request_context import (
    ACCOUNT_KEY,
    ELSEWHERE_IN_S3,
    NODE_KEYS,
    PATH_KEYS,
    SERVICES_WITH_OWNER,
    RequestOrigin,
    agent_context,
    node_session,
    outside_ec2,
    owner_context,
    passes_through_s3,
    resource_account,
)
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Bucket

_TAG_KEY = "aws:principaltag/"
_ORGANIZATION_KEY = "aws:PrincipalOrgID"
_BUCKET_OWNER = "s3:ResourceAccount"
_OWNER_KEYS = frozenset(
    key.lower() for key in (ACCOUNT_KEY, _BUCKET_OWNER, "aws:ResourceOrgID", "aws:ResourceOrgPaths")
)
_PATH_KEYS = frozenset(key.lower() for key in PATH_KEYS)
_TOLD = frozenset(
    {
        *_PATH_KEYS,
        *_OWNER_KEYS,
        _ORGANIZATION_KEY.lower(),
        "aws:ec2instancesourceprivateipv4",
        "aws:ec2instancesourcevpc",
        "aws:vpceaccount",
        "aws:vpceorgid",
        "aws:vpceorgpaths",
        "ec2:roledelivery",
        "ec2:sourceinstancearn",
    }
)


def depends_on_request(keys: Iterable[str]) -> bool:
    """Return whether one of the condition keys is about the origin, the role's session, or the resource's owner."""
    lowered = (key.lower() for key in keys)
    return any(key in _TOLD or key.startswith(_TAG_KEY) for key in lowered)


@dataclass(frozen=True, slots=True)
class NodeRequests:
    """What is known about the requests of a node, apart from the question.

    `metadata` says which tokens the metadata service that provides the credentials requires, for nodes with a profile.
    `unread` are the facts of the network that could not be read. `has_one_address`: no other network interface can
    send the requests. `bucket` is the log bucket, of which requests to S3 are; None if it could not be read.
    """

    role_arn: str
    origin: RequestOrigin
    organization: OrganizationId | Absent | Unreadable
    tags: RoleTags | Unreadable
    metadata: MetadataTokens | None
    unread: tuple[Unreadable, ...] = ()
    has_one_address: bool = True
    bucket: Bucket | Unreadable | None = None

    @property
    def organization_id(self) -> str | None:
        """Return the organization's ID; empty if there is none, None if it could not be read."""
        if isinstance(self.organization, Unreadable):
            return None
        return self.organization.id if isinstance(self.organization, OrganizationId) else ""

    def to_bucket(self, bucket: Bucket | NoFact) -> NodeRequests:
        """Return the same with the log bucket, which decides where requests to S3 go and who owns their resource."""
        return replace(self, bucket=bucket if isinstance(bucket, Bucket | Unreadable) else None)

    def owner_of(self, resource: str, account: str) -> str | None:
        """Return the account that owns a resource; None if unknown."""
        owner = resource_account(resource, account)
        return self.bucket.account if owner is None and isinstance(self.bucket, Bucket) else owner

    def service_asked(self, scope: Scope, action: str) -> str:
        """Return the service as `RequestOrigin` names it; empty if the Region of the bucket is unknown."""
        service = action.partition(":")[0]
        if service != "s3":
            return service
        if not isinstance(self.bucket, Bucket) or self.bucket.region is None:
            return ""
        return ELSEWHERE_IN_S3 if is_in_another_region(self.bucket, scope) else service


def known_context(
    scope: Scope, requests: NodeRequests, one: Node | None, question: Question, asked: Iterable[str]
) -> Context:
    """Return the known condition keys of requests of `one` node; without it, those that all nodes alike share.

    For tags in `asked`, this includes those that the role does not have.
    """
    owner = requests.owner_of(question.resource, scope.account)
    of_bucket: Context = {_BUCKET_OWNER: (owner,)} if owner is not None and question.action.startswith("s3:") else {}
    return {
        **agent_context(scope, requests.role_arn, question),
        **_of_organization(requests.organization),
        **_of_tags(requests.tags, asked),
        **_of_delivery(requests),
        **owner_context(owner, scope.account, requests.organization_id),
        **of_bucket,
        **_of_way(scope, requests, one, question),
    }


def unread_context_reads(requests: NodeRequests, keys: Iterable[str], action: str = "") -> tuple[Unreadable, ...]:
    """Return the failed reads of these condition keys' values, in a request for the action."""
    wanted = tuple(key.lower() for key in keys)
    read = {
        _ORGANIZATION_KEY.lower(): requests.organization,
        **{key: requests.tags for key in wanted if key.startswith(_TAG_KEY)},
    }
    found = [read[key] for key in wanted if key in read]
    if not _PATH_KEYS.isdisjoint(wanted):
        found += requests.unread
    if action.startswith("s3:"):
        found += _unread_of_bucket(requests.bucket, wanted)
    return tuple(dict.fromkeys(each for each in found if isinstance(each, Unreadable)))


def _unread_of_bucket(bucket: Bucket | Unreadable | None, wanted: Iterable[str]) -> list[Unreadable]:
    if isinstance(bucket, Unreadable):
        return [bucket] if not (_PATH_KEYS | _OWNER_KEYS).isdisjoint(wanted) else []
    if bucket is None or _PATH_KEYS.isdisjoint(wanted):
        return []
    untold = unread_region(bucket)
    return [] if untold is None else [untold]


def _of_delivery(requests: NodeRequests) -> Context:
    return {"ec2:RoleDelivery": ("2.0",)} if requests.metadata is MetadataTokens.REQUIRED else {}


def _of_organization(organization: OrganizationId | Absent | Unreadable) -> Context:
    if isinstance(organization, Unreadable):
        return {}
    return {_ORGANIZATION_KEY: (organization.id,) if isinstance(organization, OrganizationId) else ()}


def _of_tags(tags: RoleTags | Unreadable, asked: Iterable[str]) -> Context:
    if isinstance(tags, Unreadable):
        return {}
    own = {name.lower(): value for name, value in tags.tags}
    lacking = {key: () for key in asked if key.lower().startswith(_TAG_KEY) and key[len(_TAG_KEY) :].lower() not in own}
    return {**lacking, **{f"aws:PrincipalTag/{name}": (value,) for name, value in tags.tags}}


def _of_way(scope: Scope, requests: NodeRequests, node: Node | None, question: Question) -> Context:
    if passes_through_s3(question):
        return {}  # S3 makes the request
    origin, service = requests.origin, requests.service_asked(scope, question.action)
    if origin.vpc_id is None:
        return outside_ec2() if node is not None and NodeKind.of_id(node.id) is NodeKind.HYBRID else {}
    instance = None if node is None else node.instance
    shared = {
        "aws:Ec2InstanceSourceVpc": (origin.vpc_id,),
        **origin.known(service),
        **_of_endpoint(scope, requests, service),
    }
    if node is None or not isinstance(instance, Instance):
        return shared
    own = origin.known_of_node(service, instance.private_ip or "", instance.public_ip, node_arn(scope, node.id))
    if not requests.has_one_address:
        own = {key: values for key, values in own.items() if key.lower() not in _PATH_KEYS}
    return {**own, **shared}


def _of_endpoint(scope: Scope, requests: NodeRequests, service: str) -> Context:
    """Return the keys about the endpoint's owner.

    Paths are known only in VPCs of this account, which have its own endpoints.
    """
    by_endpoint = requests.origin.by_endpoint(service)
    if by_endpoint is None:
        return {}
    if not by_endpoint or service not in SERVICES_WITH_OWNER:
        return {"aws:VpceAccount": (), "aws:VpceOrgID": (), "aws:VpceOrgPaths": ()}
    if requests.organization_id is None:
        return {"aws:VpceAccount": (scope.account,)}
    organization = (requests.organization_id,) if requests.organization_id else ()
    return {"aws:VpceAccount": (scope.account,), "aws:VpceOrgID": organization}


NO_CONDITIONS = NotApplicable("")
"""Stands for the requests under a policy that does not depend on them."""


@dataclass(frozen=True, slots=True)
class PolicyRequests:
    """The requests of a node under a policy that depends on them.

    `keys` are all condition keys of the policy; `has_sessions`: the policy names a role session.
    """

    keys: tuple[str, ...]
    requests: NodeRequests
    has_sessions: bool = False

    @property
    def of_single_nodes(self) -> bool:
        """Return whether the policy can have another result for each node."""
        return self.has_sessions or any(key.lower() in NODE_KEYS for key in self.keys)

    def session(self, scope: Scope, one: Node | None) -> str:
        """Return the ARN of the role session of `one` node; empty without it."""
        return "" if one is None else node_session(scope, self.requests.role_arn, one.id)

    def known(self, scope: Scope, one: Node | None, question: Question) -> Context:
        """Return the known condition keys of requests of `one` node, or of all nodes alike."""
        return known_context(scope, self.requests, one, question, self.keys)


class KeyPolicyRequests(PolicyRequests):
    """The requests under the policy of the session key."""

    __slots__ = ()


class BucketPolicyRequests(PolicyRequests):
    """The requests under the policy of the log bucket."""

    __slots__ = ()


class BucketKeyPolicyRequests(PolicyRequests):
    """The requests under the policy of the log bucket's key."""

    __slots__ = ()


class EndpointPolicyRequests(PolicyRequests):
    """The requests under the policies of the VPC's endpoints."""

    __slots__ = ()
