"""Set up the resources of an account: roles, keys, buckets, log groups, session preferences and service settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.node_state.preferences import DOCUMENT_NAME
from ssmtui.simulator.node_state.registration import HOST_MANAGEMENT_SETTING
from ssmtui.simulator.node_state.session_attempt import TIER_SETTING
from ssmtui.simulator.process import CALLER_ACCESS_KEY
from ssmtui.simulator.scenario import InstanceProfile, Key, KeyState, RegionScenario, Role, Scenario, StatementJSON
from ssmtui.simulator.setup.clients import Clients, References
from ssmtui.simulator.state import ACCOUNT, ORGANIZATION, DocumentVersion, StoredDocument, give_access_key

_MANAGED: Final = "arn:aws:iam::aws:policy/"
_SESSION_NAME: Final = "alex"
_FULL_ACCESS: Final = (
    state.FULL_ACCESS,
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}',
)


def make_roles(
    clients: Clients, roles: Sequence[Role], profiles: Sequence[InstanceProfile], references: References
) -> None:
    """Create every role and instance profile of an account."""
    # IAM is global.
    iam = clients.of("iam", references.home)
    for role in roles:
        trust = references.document([_trust(principal, role.external_id) for principal in role.trusted])
        iam.create_role(
            RoleName=role.name, Path=role.path, AssumeRolePolicyDocument=trust, **_boundary(role, references)
        )
        if role.tags:
            tags = [{"Key": key, "Value": value} for key, value in role.tags.items()]
            iam.tag_role(RoleName=role.name, Tags=tags)
        for name in role.managed:
            iam.attach_role_policy(RoleName=role.name, PolicyArn=references.resolved(_MANAGED + name))
    for profile in profiles:
        iam.create_instance_profile(InstanceProfileName=profile.name)
        if profile.role is not None:
            iam.add_role_to_instance_profile(InstanceProfileName=profile.name, RoleName=profile.role)


def give_key(caller: Role, references: References) -> None:
    """Give the caller its access key."""
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{caller.name}/{_SESSION_NAME}"
    give_access_key(CALLER_ACCESS_KEY, references.resolved(session))


def write_policies(clients: Clients, roles: Sequence[Role], references: References) -> None:
    """Write the roles' own policies, which can refer to networks and nodes."""
    iam = clients.of("iam", references.home)
    for role in roles:
        for policy in role.inline:
            document = references.document(policy.statements)
            iam.put_role_policy(RoleName=role.name, PolicyName=policy.name, PolicyDocument=document)


def join_organization(scenario: Scenario, references: References) -> None:
    """Set the organization's policies on the account, and register the other accounts."""
    if scenario.organization is None:
        return
    accounts = [
        state.OrganizationAccount(ACCOUNT, "acme-platform"),
        *(state.OrganizationAccount(each.account, each.name, each.state) for each in scenario.members),
    ]
    state.shared.accounts.extend(accounts)
    if scenario.members:
        state.shared.administrators.add(ACCOUNT)
    levels = tuple(
        (_FULL_ACCESS, *((policy.name, references.document(policy.statements)) for policy in policies))
        for policies in (scenario.organization.root_policies, scenario.organization.account_policies)
    )
    policies = state.shared.control_policies
    policies[ACCOUNT] = state.ControlPolicies(service=levels, organization=ORGANIZATION)
    for member in scenario.members:
        policies[member.account] = state.ControlPolicies(organization=ORGANIZATION)


def _trust(principal: str, external_id: str | None) -> dict[str, object]:
    kind = "AWS" if principal.startswith("arn:") else "Service"
    asked = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id is not None else {}
    return {"Effect": "Allow", "Principal": {kind: principal}, "Action": "sts:AssumeRole", **asked}


def _boundary(role: Role, references: References) -> dict[str, str]:
    return {"PermissionsBoundary": references.resolved(_MANAGED + role.boundary)} if role.boundary else {}


def make_keys(clients: Clients, region: RegionScenario, references: References) -> None:
    """Create the Region's keys, each with an alias, and put them into their final state."""
    for key in region.keys:
        kms = clients.of("kms", region.name)
        policy = references.document(_own_key_statements(key, region.name))
        tags = [{"TagKey": name, "TagValue": value} for name, value in key.tags.items()]
        made = kms.create_key(Policy=policy, Description=f"acme {key.name}", KeySpec=key.spec, Tags=tags)["KeyMetadata"]
        references.add(key.name, made["Arn"])
        kms.create_alias(AliasName=f"alias/acme/{key.name}", TargetKeyId=made["KeyId"])
        for alias in key.aliases:
            kms.create_alias(AliasName=f"alias/{alias}", TargetKeyId=made["KeyId"])
        if key.state is KeyState.DISABLED:
            kms.disable_key(KeyId=made["KeyId"])
        if key.state is KeyState.PENDING_DELETION:
            kms.schedule_key_deletion(KeyId=made["KeyId"], PendingWindowInDays=7)


def write_resource_policies(clients: Clients, region: RegionScenario, references: References) -> None:
    """Write the policies of keys and buckets, and the grants, which can refer to networks, endpoints and nodes."""
    for key in region.keys:
        kms, arn = clients.of("kms", region.name), references.arn(key.name)
        if key.statements:
            policy = references.document((*_own_key_statements(key, region.name), *key.statements))
            kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=policy)
        for holder in key.granted_to:
            constraints = json.loads(references.resolved(json.dumps(dict(key.constraints))))
            kms.create_grant(
                KeyId=arn,
                GranteePrincipal=references.resolved(_grantee(holder)),
                Operations=list(key.granted),
                **({"Constraints": constraints} if constraints else {}),
            )
    for bucket in region.buckets:
        if bucket.statements:
            policy = references.document(bucket.statements)
            clients.of("s3", region.name).put_bucket_policy(Bucket=bucket.name, Policy=policy)


def _grantee(holder: str) -> str:
    account, (role, _, node) = state.account_in_setup(), holder.partition("/")
    if node:
        return f"arn:aws:sts::{account}:assumed-role/{role}/<id:{node}>"
    return f"arn:aws:iam::{account}:role/{role}"


def _own_key_statements(key: Key, region: str) -> tuple[StatementJSON, ...]:
    account = state.account_in_setup()
    own = {
        "Sid": "Enable IAM User Permissions",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
    logs = {
        "Sid": "Allow CloudWatch Logs",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{region}.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        "Resource": "*",
        "Condition": {
            "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{account}:log-group:*"}
        },
    }
    return (own, *((logs,) if key.serves_logs else ()))


def make_buckets(clients: Clients, region: RegionScenario, references: References) -> None:
    """Create the Region's buckets, with encryption as declared."""
    for bucket in region.buckets:
        s3 = clients.of("s3", region.name)
        s3.create_bucket(Bucket=bucket.name, CreateBucketConfiguration={"LocationConstraint": region.name})
        if bucket.key is not None or bucket.has_dual_layer_encryption:
            named = {"KMSMasterKeyID": references.arn(bucket.key)} if bucket.key is not None else {}
            by_key = {"SSEAlgorithm": "aws:kms:dsse" if bucket.has_dual_layer_encryption else "aws:kms", **named}
            s3.put_bucket_encryption(
                Bucket=bucket.name,
                ServerSideEncryptionConfiguration={
                    "Rules": [{"ApplyServerSideEncryptionByDefault": by_key, "BucketKeyEnabled": True}]
                },
            )
        if bucket.tags:
            tags = [{"Key": key, "Value": value} for key, value in bucket.tags.items()]
            s3.put_bucket_tagging(Bucket=bucket.name, Tagging={"TagSet": tags})
        if bucket.has_abac:
            s3.put_bucket_abac(Bucket=bucket.name, AbacStatus={"Status": "Enabled"})


def make_log_groups(clients: Clients, region: RegionScenario, references: References) -> None:
    """Create the Region's log groups."""
    for group in region.log_groups:
        encryption = {"kmsKeyId": references.arn(group.key)} if group.key is not None else {}
        tags = {"tags": dict(group.tags)} if group.tags else {}
        clients.of("logs", region.name).create_log_group(logGroupName=group.name, **encryption, **tags)


def save_preferences(clients: Clients, region: RegionScenario, references: References) -> None:
    """Save the Region's session preferences, if any, and its other Session documents."""
    ssm = clients.of("ssm", region.name)
    saved = region.preferences
    if saved is not None:
        first = saved.content if saved.default_content is None else saved.default_content
        _create(ssm, DOCUMENT_NAME, references.resolved(first), saved.format)
        if saved.default_content is not None:
            content = references.resolved(saved.content)
            ssm.update_document(Name=DOCUMENT_NAME, Content=content, DocumentVersion="1", DocumentFormat=saved.format)
    for document in region.session_documents:
        if document.type == "Session":
            _create(ssm, document.name, references.resolved(document.content), "JSON")
        else:
            _put_by(region.name, document.name, document.type, document.content)
    for name in region.approval_policies:
        # Not by an API call: the content of such a policy is not simulated.
        _put_by(region.name, name, "ManualApprovalPolicy", "{}")


def _put_by(region: str, name: str, type_: str, content: str) -> None:
    account = state.account_in_setup()
    version = DocumentVersion(1, content, "JSON", state.now())
    state.hidden(account, region).documents[name] = StoredDocument(name, type_, account, [version])


def _create(ssm: Any, name: str, content: str, format_: str) -> None:  # noqa: ANN401
    ssm.create_document(Name=name, DocumentType="Session", DocumentFormat=format_, Content=content)


def choose_settings(region: RegionScenario) -> None:
    """Set host management and the tier. API calls would refuse a role that is missing on purpose."""
    chosen = {}
    if region.host_management_role is not None:
        chosen[HOST_MANAGEMENT_SETTING] = region.host_management_role
    if region.advanced_tier:
        chosen[TIER_SETTING] = "advanced"
    hidden = state.hidden(state.account_in_setup(), region.name)
    hidden.access_decision = region.access_decision
    hidden.imdsv2_enforced = region.imdsv2_enforced
    settings = hidden.service_settings
    for name, value in chosen.items():
        since = state.now() - region.host_management_set_ago
        settings[name] = state.ServiceSetting(value, since, f"arn:aws:iam::{state.account_in_setup()}:root")
