"""Collect the policies that moto stores: of a principal, a key, a bucket or a role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final

from moto.iam.models import Group, IAMBackend, ManagedPolicy, Role, User, iam_backends
from moto.kms.models import Key, kms_backends
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from ssmtui.simulator import state
from ssmtui.simulator.authorisation.evaluation import Policies, ResourcePolicy
from ssmtui.simulator.authorisation.key_facts import Values, admits
from ssmtui.simulator.authorisation.policies import MalformedPolicyError, Policy, Principal

_ROOT_MAY_EVERYTHING: Final = Policy.parse("root", {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})


def principal_of(arn: str) -> Principal:
    """Return the principal of a role, user, root or assumed-role session ARN; the principal need not exist."""
    _, partition, _, _, account, resource = arn.split(":", 5)
    kind, _, name = resource.partition("/")
    if kind == "assumed-role":
        role_name, _, session = name.partition("/")
        role = _role_by_name(account, partition, role_name)
        role_arn = role.arn if role else f"arn:{partition}:iam::{account}:role/{role_name}"
        tags = _tags(role) if role else ()
        return Principal(role_arn, arn, account, user_id=f"{role.id}:{session}" if role else session, tags=tags)
    if kind == "user":
        user = iam_backends[account][partition].users.get(name.rpartition("/")[2])
        return Principal(arn, arn, account, user_id=user.id if user else "", user_name=name.rpartition("/")[2])
    return Principal(arn, arn, account)


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The policies that a simulation leaves out: by type (`scp`, `inline`, …), ARN, or name of an inline policy.

    `inline` holds the kind of entity (`role`), its name and the policy's. ARNs and entities' names can have wildcards.
    """

    kinds: frozenset[str] = frozenset()
    arns: tuple[str, ...] = ()
    inline: tuple[tuple[str, str, str], ...] = ()

    def spares(self, kind: str, arn: str = "") -> bool:
        """Return whether a policy of a type (a managed policy with its ARN) is included."""
        return kind not in self.kinds and not any(fnmatchcase(arn, pattern) for pattern in self.arns)

    def spares_inline(self, holder: Role | User | Group, name: str) -> bool:
        """Return whether an inline policy is included."""
        kind = type(holder).__name__.lower()
        return "inline" not in self.kinds and not any(
            (each, named) == (kind, name) and fnmatchcase(holder.name, pattern) for each, pattern, named in self.inline
        )


NOTHING_EXCLUDED: Final = Exclusions()


def policies_of(principal: Principal, without: Exclusions = NOTHING_EXCLUDED) -> Policies:
    """Return a principal's own policies, its permissions boundary, and the organization's policies on its account."""
    partition = principal.arn.split(":")[1]
    own, above = _own_policies_of(principal, without), state.control_policies_of(principal.account)
    if ":role/aws-service-role/" in principal.arn:
        return own  # SCPs do not apply to service-linked roles
    service, resource = (
        tuple(
            tuple(_stored(name, document, state.policy_arn(partition, kind, name)) for name, document in level)
            for level in levels
        )
        for kind, levels in (("service_control_policy", above.service), ("resource_control_policy", above.resource))
    )
    return replace(own, service_control=service if without.spares("scp") else (), resource_control=resource)


def _own_policies_of(principal: Principal, without: Exclusions) -> Policies:
    _, partition, _, _, account, resource = principal.arn.split(":", 5)
    if resource == "root":
        return Policies(identity=(_ROOT_MAY_EVERYTHING,))
    granted = state.shared.session_grants.get(principal.caller_arn)
    if granted is not None:
        return Policies(identity=(_stored("access token", granted),))
    backend = iam_backends[account][partition]
    kind, _, path_and_name = resource.partition("/")
    name = path_and_name.rpartition("/")[2]
    if kind == "role":
        role = _role_by_name(account, partition, name)
        if role is None or role.arn != principal.arn:
            return Policies()
        bounded = without.spares("permission-boundary")
        within = state.shared.session_policies.get(principal.caller_arn)
        return Policies(
            _held_by(role, without),
            _managed(backend, role.permissions_boundary_arn) if bounded else None,
            session=_stored("session policy", within) if within else None,
        )
    user = backend.users.get(name)
    if user is None:
        return Policies()
    holders: list[User | Group] = [user, *(group for group in backend.groups.values() if user in group.users)]
    return Policies(tuple(policy for holder in holders for policy in _held_by(holder, without)))


def key_policy(
    account: str, region: str, key_id: str, principal: Principal, keys: Mapping[str, Values]
) -> ResourcePolicy | None:
    """Return the policy and the grants of a key (id, ARN or alias) for a principal; None if the key is missing.

    `keys` are the condition keys of the request, on which the constraints of grants depend.
    """
    key = find_key(account, region, key_id)
    if key is None:
        return None
    operations = {
        operation
        for grant in key.grants.values()
        if grant.grantee_principal in {principal.arn, principal.caller_arn} and admits(grant, keys)
        for operation in grant.operations
    }
    granted = tuple(sorted(f"kms:{operation}" for operation in operations))
    return ResourcePolicy(_stored("key policy", key.policy), governs=True, granted=granted)


def bucket_policy(account: str, bucket_name: str, partition: str) -> ResourcePolicy | None:
    """Return the policy of a bucket, or None if it has none or does not exist."""
    bucket = s3_backends[account][partition].buckets.get(bucket_name)
    if bucket is None or not bucket.policy:
        return None
    return ResourcePolicy(_stored("bucket policy", bucket.policy.decode()))


def owner_of_bucket(bucket_name: str, partition: str) -> str | None:
    """Return the account that owns a bucket, or None if there is no such bucket."""
    accounts = (
        account for account, backends in list(s3_backends.items()) if bucket_name in backends[partition].buckets
    )
    return next((str(account) for account in accounts), None)


def trust_policy(role_arn: str) -> ResourcePolicy:
    """Return the trust policy of a role; a missing role trusts nobody."""
    _, partition, _, _, account, resource = role_arn.split(":", 5)
    role = _role_by_name(account, partition, resource.rpartition("/")[2])
    there = role is not None and role.arn == role_arn
    policy = _stored("trust policy", role.assume_role_policy_document) if role and there else Policy("trust policy", ())
    return ResourcePolicy(policy, governs=True, account=account)


def trusts(role: Role, service: str) -> bool:
    """Return whether the trust policy of a moto role lets a service such as ``ec2.amazonaws.com`` assume it."""
    asking = Principal.service(service)
    statements = _stored("trust policy", role.assume_role_policy_document).statements
    about = [s for s in statements if s.names(asking) and s.speaks_of("sts:AssumeRole", role.arn, asking.context)]
    return any(statement.allows for statement in about) and all(statement.allows for statement in about)


def find_role(account: str, region: str, name_or_path: str) -> Role | None:
    """Return the moto role of a name, with or without its path; None if there is none."""
    return _role_by_name(account, get_partition(region), name_or_path.rpartition("/")[2])


def find_key(account: str, region: str, key_id: str) -> Key | None:
    """Return the moto key of an id, ARN, alias or alias ARN of that Region; None if there is none."""
    if key_id.startswith("arn:") and key_id.split(":")[3:5] != [region, account]:
        return None
    backend = kms_backends[account][region]
    name = key_id.split(":", 5)[5] if key_id.startswith("arn:") else key_id
    if not name.startswith("alias/"):
        return backend.keys.get(name.removeprefix("key/"))
    target = next((key.id for key in backend.keys.values() if name in key.aliases), None)
    return backend.keys.get(target) if target else None


def _role_by_name(account: str, partition: str, name: str) -> Role | None:
    return next((role for role in iam_backends[account][partition].roles.values() if role.name == name), None)


def _tags(role: Role) -> tuple[tuple[str, str], ...]:
    return tuple((str(tag["Key"]), str(tag["Value"])) for tag in role.tags)


def _held_by(holder: Role | User | Group, without: Exclusions) -> tuple[Policy, ...]:
    inline = [
        _stored(name, document) for name, document in holder.policies.items() if without.spares_inline(holder, name)
    ]
    managed = [each for each in holder.managed_policies.values() if without.spares(_owner_of(each), each.arn)]
    return (*inline, *(_default_version(policy) for policy in managed))


def _owner_of(policy: ManagedPolicy) -> str:
    return "aws-managed" if ":iam::aws:policy/" in policy.arn else "user-managed"


def _managed(backend: IAMBackend, arn: str | None) -> Policy | None:
    if arn is None:
        return None
    policy = backend.managed_policies.get(arn)
    # A boundary whose policy was deleted allows nothing.
    return _default_version(policy) if policy else Policy(arn, ())


def _default_version(policy: ManagedPolicy) -> Policy:
    document = next(version.document for version in policy.versions if version.is_default)
    return _stored(policy.name, document, policy.arn)


@lru_cache(maxsize=1024)
def _stored(name: str, document: str, arn: str = "") -> Policy:
    try:
        return replace(Policy.parse(name, document), arn=arn)
    except MalformedPolicyError:
        # moto stores key, bucket and trust policies unparsed; AWS would have rejected this one, so it has no effect.
        return Policy(name, ())
