"""Worlds with faults of identity: host management, roles, wrong principals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.scenario import (
    Agent,
    Control,
    HybridNode,
    InlinePolicy,
    Instance,
    Metadata,
    Node,
    Role,
    Scenario,
    StatementJSON,
    fails,
    sound,
    warns,
)
from ssmtui.simulator.worlds.building_blocks import (
    BY_TAG,
    CHANNEL_ACTIONS,
    CORE,
    DESTINATIONS,
    HOST_MANAGEMENT,
    REGION,
    WEB,
    WEB_WITHOUT_DESTINATIONS,
    allow,
    node,
    node_role,
    preferences,
    small_world,
)

_NEVER_SEEN = Agent(registered=False)
_ROLE = node_role(
    "AWSSystemsManagerDefaultEC2InstanceManagementRole",
    managed=(HOST_MANAGEMENT,),
    trusted="ssm.amazonaws.com",
    path="/service-role/",
)
_SETTING = f"service-role/{_ROLE.name}"


def host_management_off() -> Scenario:
    """Two nodes have no profile; one of them was managed while host management was still on."""
    return _host_management_world(
        "host-management-off",
        "Host management is off, and two nodes have no instance profile.",
        (
            node("sandbox-1", fails("instance-profile-missing"), profile=None, agent=_NEVER_SEEN),
            node("sandbox-2", fails("dhmc-off"), profile=None),
            node("web-1"),
        ),
        roles=(WEB_WITHOUT_DESTINATIONS,),
    )


def host_management_healthy() -> Scenario:
    """No node has a profile, and all are managed."""
    return _host_management_world(
        "host-management-healthy",
        "Host management serves every node.",
        (node("app-1", sound(Control.HOST_MANAGEMENT), profile=None), node("app-2", profile=None)),
        roles=(_ROLE,),
        setting=_SETTING,
    )


def host_management_role_missing() -> Scenario:
    """The role of the setting is gone."""
    return _broken("host-management-role-missing", "The role of host management does not exist.", ())


def host_management_role_trust_wrong() -> Scenario:
    """The role of the setting trusts EC2 instead of Systems Manager."""
    role = node_role(_ROLE.name, managed=(HOST_MANAGEMENT,), path=_ROLE.path)
    summary = "The role of host management cannot be assumed by Systems Manager."
    return _broken("host-management-role-trust-wrong", summary, (role,))


def host_management_role_denied() -> Scenario:
    """The role of the setting may not register nodes."""
    role = node_role(_ROLE.name, (allow("ssm:GetDocument"),), managed=(), trusted="ssm.amazonaws.com", path=_ROLE.path)
    return _broken("host-management-role-denied", "The role of host management may not register nodes.", (role,))


def host_management_old_agent() -> Scenario:
    """A node whose agent is older than host management."""
    return _host_management_world(
        "host-management-old-agent",
        "Host management is on, and one agent is too old for it.",
        (
            node("archive-1", fails("dhmc-agent-too-old"), profile=None, agent=Agent(version="3.1.2144.0")),
            node("app-1", profile=None),
        ),
        roles=(_ROLE,),
        setting=_SETTING,
    )


def host_management_imdsv1() -> Scenario:
    """A node that never registered and allows version 1 of the instance metadata service.

    What keeps it away is hidden (no agent), so the metadata options are a hint and nothing more.
    """
    absent = Agent(installed=False, registered=False)
    return _host_management_world(
        "host-management-imdsv1",
        "Host management is on, and a node that never registered does not insist on IMDSv2.",
        (
            node(
                "kiosk-1",
                fails("not-registered", "dhmc-needs-imdsv2"),
                profile=None,
                agent=absent,
                metadata=Metadata(tokens_required=False),
            ),
            node("app-1", profile=None),
        ),
        roles=(_ROLE,),
        setting=_SETTING,
    )


def host_management_new() -> Scenario:
    """Host management was turned on ten minutes ago: one node is there already, and others come within half an hour."""
    waiting = fails("not-registered")
    world = _host_management_world(
        "host-management-new",
        "Host management was turned on ten minutes ago.",
        (
            node("app-1", warns("not-registered"), profile=None, agent=Agent(running=False, registered=False)),
            node("app-2", warns("connection-lost"), profile=None, agent=Agent(running=False)),
            node("app-3", profile=None),
            node("web-1", waiting, profile=WEB_WITHOUT_DESTINATIONS.name, agent=Agent(running=False, registered=False)),
        ),
        roles=(_ROLE, WEB_WITHOUT_DESTINATIONS),
        setting=_SETTING,
    )
    return replace(world, regions=(replace(world.regions[0], host_management_set_ago=timedelta(minutes=10)),))


def _broken(name: str, summary: str, roles: tuple[Role, ...]) -> Scenario:
    broken = fails("dhmc-role-broken")
    return _host_management_world(
        name,
        summary,
        (node("app-1", broken, profile=None, agent=_NEVER_SEEN), node("app-2", broken, profile=None), node("web-1")),
        roles=(WEB_WITHOUT_DESTINATIONS, *roles),
        setting=_SETTING,
    )


def _host_management_world(
    name: str, summary: str, nodes: tuple[Node, ...], *, roles: tuple[Role, ...], setting: str | None = None
) -> Scenario:
    return small_world(
        name,
        summary,
        nodes,
        preferences=None,
        roles=roles,
        keys=(),
        buckets=(),
        log_groups=(),
        host_management_role=setting,
    )


_DEPLOYER = Role("deployer", trusted=("codebuild.amazonaws.com",))
_REPORTER = Role(
    "reporter",
    trusted=("codebuild.amazonaws.com",),
    inline=(InlinePolicy("report", (allow("ssm:UpdateInstanceInformation"),)),),
)


def wrong_principal() -> Scenario:
    """Two agents found other credentials before those of their sound role; one of them may at least report."""
    return small_world(
        "wrong-principal",
        "Two agents work as somebody else than the role of their instance profile.",
        (
            node("build-1", fails("wrong-principal"), agent=Agent(shadowed_by=_DEPLOYER.name)),
            node("build-2", fails("wrong-principal"), agent=Agent(shadowed_by=_REPORTER.name)),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, _DEPLOYER, _REPORTER),
    )


_D = DESTINATIONS
_CORE_STATEMENT = allow(("ssm:UpdateInstanceInformation", *CHANNEL_ACTIONS))
_ABOUT_OTHER_THINGS: tuple[StatementJSON, ...] = (
    {**allow("s3:ListBucket", "arn:aws:s3:::team"), "Condition": {"StringLike": {"s3:prefix": "home/*"}}},
    {**allow("ec2:StartInstances"), "Condition": {"StringEquals": {"aws:ResourceTag/team": "web"}}},
    {**allow("ec2:CreateTags"), "Condition": {"StringEquals": {"aws:RequestTag/team": "web"}}},
    {**allow("iam:PassRole"), "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}},
    {**allow("sqs:*"), "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
    {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    {
        "Effect": "Deny",
        "Action": "dynamodb:*",
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    },
)
"""As accounts write them: nothing of it bears on a session."""

_SYSTEMS_MANAGER = "ssm.amazonaws.com"


def role_by_broad_policy() -> Scenario:
    """Roles with AWS's broad policies, which name nothing of Session Manager."""
    administrator = node_role("administrator", managed=("AdministratorAccess",))
    power_user = node_role("power-user", managed=("PowerUserAccess",))
    return _roles_world(
        "role-by-broad-policy",
        "Roles of nodes have AWS's broad policies.",
        (administrator, power_user),
        node("jump-1", profile=administrator.name),
        node("jump-2", profile=power_user.name),
    )


def role_by_old_policy() -> Scenario:
    """Roles with the policy for EC2 that AWS has since replaced: with what it lacks for the key, and without."""
    old = ("service-role/AmazonEC2RoleforSSM",)
    whole, lacking = node_role("old-policy", _D.key_use(), managed=old), node_role("old-policy-alone", managed=old)
    return _roles_world(
        "role-by-old-policy",
        "Roles of nodes have the policy that AWS has since replaced.",
        (whole, lacking),
        node("legacy-1", profile=whole.name),
        node("legacy-2", fails("kms-node-denied"), profile=lacking.name),
    )


def role_by_wildcards() -> Scenario:
    """Roles whose statements match by wildcards, in actions and in resources."""
    wild = (
        allow(("ssm:Update*", "ssmmessages:*Channel", "logs:*", "s3:Get*", "s3:Put?bject")),
        allow("kms:Dec*", f"arn:aws:kms:{REGION}:*:key/*"),
    )
    elsewhere = (*wild[:1], allow("kms:Dec*", "arn:aws:kms:eu-central-1:*:key/*"))
    near, far = node_role("wild", wild, managed=()), node_role("wild-elsewhere", elsewhere, managed=())
    return _roles_world(
        "role-by-wildcards",
        "Policies of roles are written with wildcards.",
        (near, far),
        node("wild-1", profile=near.name),
        node("wild-2", fails("kms-node-denied"), profile=far.name),
    )


def role_by_not_action() -> Scenario:
    """A role that may do everything but what is listed, and one whose list holds the channels."""
    everything_but = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}
    but_channels = {"Effect": "Allow", "NotAction": ["iam:*", "ssmmessages:*"], "Resource": "*"}
    broad = node_role("all-but-iam", (everything_but,), managed=())
    narrow = node_role("all-but-channels", (but_channels,), managed=())
    return _roles_world(
        "role-by-not-action",
        "Policies of roles list what they do not allow.",
        (broad, narrow),
        node("broad-1", profile=broad.name),
        node("narrow-1", fails("role-channels-denied"), profile=narrow.name),
    )


def role_explicit_deny() -> Scenario:
    """Roles with AWS's policy that a statement of their own denies again: all channels, data channels, registering."""
    closed = _denying("no-channels", "ssmmessages:*")
    dataless = _denying("no-data-channels", "ssmmessages:CreateDataChannel")
    unregistered = _denying("no-registering", "ssm:UpdateInstanceInformation")
    return _roles_world(
        "role-explicit-deny",
        "Statements of roles deny what AWS's policy allows.",
        (closed, dataless, unregistered),
        node("closed-1", fails("role-channels-denied"), profile=closed.name),
        node("dataless-1", fails("role-channels-denied"), profile=dataless.name),
        node("unregistered-1", fails("role-core-denied"), profile=unregistered.name),
        node("web-1"),
    )


def role_for_another_region() -> Scenario:
    """Roles that are allowed what they need in one Region only: in this one, and in another."""
    here, there = (_in_region(name, region) for name, region in (("here", REGION), ("there", "eu-central-1")))
    return _roles_world(
        "role-for-another-region",
        "Policies of roles hold in one Region only.",
        (here, there),
        node("here-1", profile=here.name),
        node("there-1", fails("role-core-denied"), profile=there.name),
    )


def conditions_about_other_things() -> Scenario:
    """A role and a caller with conditions in what their policies say of other things: AWS names those keys, too."""
    role = node_role("busy", (*_D.everything(), *_ABOUT_OTHER_THINGS))
    busy = replace(BY_TAG, inline=(*BY_TAG.inline, InlinePolicy("other-things", _ABOUT_OTHER_THINGS)))
    prod = replace(node("prod-1", fails("caller-start-denied")), tags={"Env": "prod"})
    return small_world(
        "conditions-about-other-things",
        "Policies have conditions where they speak of other things.",
        (node("busy-1", profile=role.name), node("web-1"), prod),
        preferences=preferences(_D),
        roles=(WEB, role),
        caller=busy,
    )


def role_protected() -> Scenario:
    """A hybrid node works as a role that is linked to Systems Manager, and lacks the session key's use."""
    linked = node_role(
        "AWSServiceRoleForAmazonSSM", trusted=_SYSTEMS_MANAGER, path="/aws-service-role/ssm.amazonaws.com/"
    )
    return small_world(
        "role-protected",
        "A hybrid node works as a role that only AWS can change.",
        (
            HybridNode("pos-1", linked.name, "172.16.9.11", expected=fails("kms-node-denied", "role-protected")),
            node("web-1"),
        ),
        preferences=preferences(_D),
        roles=(WEB, linked),
        advanced_tier=True,
    )


def hybrid_roles() -> Scenario:
    """Service roles of hybrid nodes: sound, without channels, without the key, and trusting EC2."""
    sound = _service_role("stores", _D.everything())
    channelless = _service_role("stores-reporting", (allow("ssm:UpdateInstanceInformation"),), managed=())
    keyless = _service_role(
        "stores-keyless", (*_D.bucket_lookup(), *_D.bucket_write(), *_D.log_lookup(), *_D.log_write())
    )
    mistrusted = node_role("stores-mistrusted", _D.everything(), path="/service-role/")
    return small_world(
        "hybrid-roles",
        "The service roles of hybrid nodes, most of them with a fault.",
        (
            HybridNode("pos-1", sound.name, "172.16.9.11"),
            HybridNode("pos-2", channelless.name, "172.16.9.12", expected=fails("role-channels-denied")),
            HybridNode("pos-3", keyless.name, "172.16.9.13", expected=fails("kms-node-denied")),
            HybridNode("pos-4", mistrusted.name, "172.16.9.14", expected=fails("role-trust-wrong")),
            node("web-1"),
        ),
        preferences=preferences(_D),
        roles=(WEB, sound, channelless, keyless, mistrusted),
        advanced_tier=True,
    )


def _service_role(name: str, statements: tuple[StatementJSON, ...], managed: tuple[str, ...] = (CORE,)) -> Role:
    return node_role(name, statements, managed=managed, trusted=_SYSTEMS_MANAGER, path="/service-role/")


def _denying(name: str, action: str) -> Role:
    return node_role(name, (*_D.everything(), {"Effect": "Deny", "Action": action, "Resource": "*"}))


def _in_region(name: str, region: str) -> Role:
    there = {"Condition": {"StringEquals": {"aws:RequestedRegion": region}}}
    return node_role(name, ({**_CORE_STATEMENT, **there}, *_D.everything()), managed=())


def _roles_world(name: str, summary: str, roles: tuple[Role, ...], *nodes: Instance) -> Scenario:
    return small_world(name, summary, nodes, preferences=preferences(_D), roles=(WEB, *roles))
