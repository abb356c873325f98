"""Worlds with faults of roles and policies: host management, conditions, boundaries, organizations, perimeters."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.scenario import (
    REFUSED_CHANNEL,
    REFUSED_REPORT,
    Agent,
    Control,
    Expectation,
    HybridNode,
    InlinePolicy,
    Instance,
    Key,
    Metadata,
    Node,
    Organization,
    RegionScenario,
    Role,
    Scenario,
    StatementJSON,
    Verdict,
    fails,
    sound,
    unseen,
    warns,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    BY_TAG,
    CHANNEL_ACTIONS,
    CORE,
    DESTINATIONS,
    HOST_MANAGEMENT,
    KEYS,
    REGION,
    WEB,
    WEB_WITHOUT_DESTINATIONS,
    WITHOUT_SIMULATION,
    allow,
    endpoint_network,
    nat_network,
    node,
    node_role,
    service_role,
    small_world,
    two_nodes,
)

_NEVER_SEEN = Agent(registered_before=False)
_ROLE = node_role(
    "AWSSystemsManagerDefaultEC2InstanceManagementRole",
    managed=(HOST_MANAGEMENT,),
    trusted="ssm.amazonaws.com",
    path="/service-role/",
)
_SETTING = f"service-role/{_ROLE.name}"

# AWS names neither the path nor the name of the role that Systems Manager creates (docs/facts/nodes.md §7).
_KEPT_ROLE = replace(_ROLE, path="/aws-reserved/ssm.amazonaws.com/")
_KEPT_SETTING = f"{_KEPT_ROLE.path.lstrip('/')}{_KEPT_ROLE.name}"


def host_management_off() -> Scenario:
    """Host management is off, and two nodes have no instance profile."""
    return _host_management_world(
        (
            node("sandbox-1", fails("instance-profile-missing"), profile=None, agent=_NEVER_SEEN),
            node("sandbox-2", fails("dhmc-off"), profile=None),
            node("web-1"),
        ),
        roles=(WEB_WITHOUT_DESTINATIONS,),
    )


def host_management_healthy() -> Scenario:
    """Host management serves every node."""
    return _host_management_world(
        (node("app-1", sound(Control.HOST_MANAGEMENT), profile=None), node("app-2", profile=None)),
        roles=(_ROLE,),
        setting=_SETTING,
    )


def host_management_role_missing() -> Scenario:
    """The role of host management does not exist."""
    return _broken(())


def host_management_role_trust_wrong() -> Scenario:
    """The role of host management cannot be assumed by Systems Manager."""
    role = node_role(_ROLE.name, managed=(HOST_MANAGEMENT,), path=_ROLE.path)
    return _broken((role,))


def host_management_role_denied() -> Scenario:
    """The role of host management is not allowed to register nodes."""
    role = node_role(_ROLE.name, (allow("ssm:GetDocument"),), managed=(), trusted="ssm.amazonaws.com", path=_ROLE.path)
    return _broken((role,))


def host_management_service_managed() -> Scenario:
    """Systems Manager keeps the role of host management, and the role works."""
    return _host_management_world(
        (node("app-1", Expectation(also=("role-protected",)), profile=None),),
        roles=(_KEPT_ROLE,),
        setting=_KEPT_SETTING,
    )


def host_management_service_managed_denied() -> Scenario:
    """Systems Manager created the role of host management, and the role is not allowed to register nodes."""
    denied = replace(node_role(_ROLE.name, (allow("ssm:GetDocument"),), trusted="ssm.amazonaws.com"), managed=())
    return _host_management_world(
        (node("app-1", fails("dhmc-role-broken", "role-protected"), profile=None, agent=_NEVER_SEEN), node("web-1")),
        roles=(WEB_WITHOUT_DESTINATIONS, replace(denied, path=_KEPT_ROLE.path)),
        setting=_KEPT_SETTING,
    )


def host_management_old_agent() -> Scenario:
    """Host management is on, and one agent is too old for it."""
    return _host_management_world(
        (
            node("archive-1", fails("dhmc-agent-too-old"), profile=None, agent=Agent(version="3.1.2144.0")),
            node("app-1", profile=None),
        ),
        roles=(_ROLE,),
        setting=_SETTING,
    )


def host_management_imdsv1() -> Scenario:
    """Host management is on, and a node that never registered does not insist on IMDSv2.

    The agent is not installed, which AWS hides: the metadata options are a hint and nothing more.
    """
    absent = Agent(installed=False, registered_before=False)
    return _host_management_world(
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
    """Host management was turned on ten minutes ago."""
    waiting = fails("not-registered")
    world = _host_management_world(
        (
            node("app-1", warns("not-registered"), profile=None, agent=Agent(running=False, registered_before=False)),
            node("app-2", warns("connection-lost"), profile=None, agent=Agent(running=False)),
            node("app-3", profile=None),
            node(
                "web-1",
                waiting,
                profile=WEB_WITHOUT_DESTINATIONS.name,
                agent=Agent(running=False, registered_before=False),
            ),
        ),
        roles=(_ROLE, WEB_WITHOUT_DESTINATIONS),
        setting=_SETTING,
    )
    return replace(world, regions=(replace(world.regions[0], host_management_set_ago=timedelta(minutes=10)),))


def _broken(roles: tuple[Role, ...]) -> Scenario:
    broken = fails("dhmc-role-broken")
    return _host_management_world(
        (node("app-1", broken, profile=None, agent=_NEVER_SEEN), node("app-2", broken, profile=None), node("web-1")),
        roles=(WEB_WITHOUT_DESTINATIONS, *roles),
        setting=_SETTING,
    )


def _host_management_world(nodes: tuple[Node, ...], *, roles: tuple[Role, ...], setting: str | None = None) -> Scenario:
    return small_world(
        nodes, preferences=None, roles=roles, keys=(), buckets=(), log_groups=(), host_management_role=setting
    )


_DEPLOYER = Role("deployer", trusted=("codebuild.amazonaws.com",))
_REPORTER = Role(
    "reporter",
    trusted=("codebuild.amazonaws.com",),
    inline=(InlinePolicy("report", (allow("ssm:UpdateInstanceInformation"),)),),
)


def wrong_principal() -> Scenario:
    """Two agents work as somebody else than the role of their instance profile."""
    return small_world(
        (
            node("build-1", fails("wrong-principal"), agent=Agent(shadowed_by=_DEPLOYER.name)),
            node("build-2", fails("wrong-principal"), agent=Agent(shadowed_by=_REPORTER.name)),
            node("web-1"),
        ),
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
"""Common statements that do not affect sessions."""

_SYSTEMS_MANAGER = "ssm.amazonaws.com"


def role_by_broad_policy() -> Scenario:
    """Roles of nodes have AWS's broad policies."""
    administrator = node_role("administrator", managed=("AdministratorAccess",))
    power_user = node_role("power-user", managed=("PowerUserAccess",))
    return _roles_world(
        (administrator, power_user), node("jump-1", profile=administrator.name), node("jump-2", profile=power_user.name)
    )


def role_by_old_policy() -> Scenario:
    """Roles of nodes have the policy that AWS has since replaced."""
    old = ("service-role/AmazonEC2RoleforSSM",)
    whole, lacking = node_role("old-policy", _D.key_use(), managed=old), node_role("old-policy-alone", managed=old)
    return _roles_world(
        (whole, lacking),
        node("legacy-1", profile=whole.name),
        node("legacy-2", fails("kms-node-denied"), profile=lacking.name),
    )


def role_by_wildcards() -> Scenario:
    """Policies of roles are written with wildcards."""
    wild = (
        allow(("ssm:Update*", "ssmmessages:*Channel", "logs:*", "s3:Get*", "s3:Put?bject")),
        allow("kms:Dec*", f"arn:aws:kms:{REGION}:*:key/*"),
    )
    elsewhere = (*wild[:1], allow("kms:Dec*", "arn:aws:kms:eu-central-1:*:key/*"))
    near, far = node_role("wild", wild, managed=()), node_role("wild-elsewhere", elsewhere, managed=())
    return _roles_world(
        (near, far), node("wild-1", profile=near.name), node("wild-2", fails("kms-node-denied"), profile=far.name)
    )


def role_by_not_action() -> Scenario:
    """Policies of roles list what they do not allow."""
    everything_but = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}
    but_channels = {"Effect": "Allow", "NotAction": ["iam:*", "ssmmessages:*"], "Resource": "*"}
    broad = node_role("all-but-iam", (everything_but,), managed=())
    narrow = node_role("all-but-channels", (but_channels,), managed=())
    return _roles_world(
        (broad, narrow),
        node("broad-1", profile=broad.name),
        node("narrow-1", fails("role-channels-denied"), profile=narrow.name),
    )


def role_explicit_deny() -> Scenario:
    """Statements of roles deny what AWS's policy allows."""
    closed = _denying("no-channels", "ssmmessages:*")
    dataless = _denying("no-data-channels", "ssmmessages:CreateDataChannel")
    unregistered = _denying("no-registering", "ssm:UpdateInstanceInformation")
    return _roles_world(
        (closed, dataless, unregistered),
        node("closed-1", fails("role-channels-denied"), profile=closed.name),
        node("dataless-1", fails("role-channels-denied"), profile=dataless.name),
        node("unregistered-1", fails("role-core-denied"), profile=unregistered.name),
        node("web-1"),
    )


def role_for_another_region() -> Scenario:
    """Policies of roles hold in one Region only."""
    here, there = (_in_region(name, region) for name, region in (("here", REGION), ("there", "eu-central-1")))
    return _roles_world(
        (here, there), node("here-1", profile=here.name), node("there-1", fails("role-core-denied"), profile=there.name)
    )


def conditions_about_other_things() -> Scenario:
    """Policies have conditions where they speak of other things.

    AWS's simulation names the keys of these conditions, too.
    """
    role = node_role("busy", (*_D.everything(), *_ABOUT_OTHER_THINGS))
    busy = replace(BY_TAG, inline=(*BY_TAG.inline, InlinePolicy("other-things", _ABOUT_OTHER_THINGS)))
    prod = replace(node("prod-1", fails("caller-start-denied")), tags={"Env": "prod"})
    return small_world((node("busy-1", profile=role.name), node("web-1"), prod), roles=(WEB, role), caller=busy)


def role_protected() -> Scenario:
    """A hybrid node works as a role that only AWS can change."""
    linked = node_role(
        "AWSServiceRoleForAmazonSSM", trusted=_SYSTEMS_MANAGER, path="/aws-service-role/ssm.amazonaws.com/"
    )
    return small_world(
        (
            HybridNode("pos-1", linked.name, "172.16.9.11", expected=fails("kms-node-denied", "role-protected")),
            node("web-1"),
        ),
        roles=(WEB, linked),
        advanced_tier=True,
    )


def hybrid_roles() -> Scenario:
    """The service roles of hybrid nodes, most of them with a fault."""
    sound = service_role("stores", _D.everything())
    channelless = service_role("stores-reporting", (allow("ssm:UpdateInstanceInformation"),), managed=())
    keyless = service_role("stores-keyless", _D.everything_but("key use"))
    mistrusted = node_role("stores-mistrusted", _D.everything(), path="/service-role/")
    return small_world(
        (
            HybridNode("pos-1", sound.name, "172.16.9.11"),
            HybridNode("pos-2", channelless.name, "172.16.9.12", expected=fails("role-channels-denied")),
            HybridNode("pos-3", keyless.name, "172.16.9.13", expected=fails("kms-node-denied")),
            HybridNode("pos-4", mistrusted.name, "172.16.9.14", expected=fails("role-trust-wrong")),
            node("web-1"),
        ),
        roles=(WEB, sound, channelless, keyless, mistrusted),
        advanced_tier=True,
    )


def _denying(name: str, action: str) -> Role:
    return node_role(name, (*_D.everything(), {"Effect": "Deny", "Action": action, "Resource": "*"}))


def _in_region(name: str, region: str) -> Role:
    there = {"Condition": {"StringEquals": {"aws:RequestedRegion": region}}}
    return node_role(name, ({**_CORE_STATEMENT, **there}, *_D.everything()), managed=())


def _roles_world(roles: tuple[Role, ...], *nodes: Instance) -> Scenario:
    return small_world(nodes, roles=(WEB, *roles))


_FRANKFURT = "eu-central-1"
_UPDATE = "ssm:UpdateInstanceInformation"

# https://github.com/aws-samples/data-perimeter-policy-examples: the network perimeter, and the tag that exempts.
_ONLY_FROM_OUR_NETWORKS: StatementJSON = {
    "Sid": "EnforceNetworkPerimeter",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {
        "StringNotEqualsIfExists": {"aws:SourceVpc": ["<id:vault>"], "aws:PrincipalTag/dp:exclude:network": "true"},
        "NotIpAddressIfExists": {"aws:SourceIp": ["203.0.113.0/24"]},
        "BoolIfExists": {"aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"},
    },
}
# The same, only for roles with a tag: a deny if a key is present.
_TAKEN_IN_BY_TAG: StatementJSON = {
    "Sid": "EnforceNetworkPerimeterOnTagged",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {
        "StringEquals": {"aws:PrincipalTag/dp:include:network": "true"},
        "StringNotEqualsIfExists": {"aws:SourceVpc": ["<id:vault>"]},
        "BoolIfExists": {"aws:ViaAWSService": "false"},
    },
}
_ONLY_OF_OUR_ORGANIZATION: StatementJSON = {
    "Sid": "EnforceIdentityPerimeter",
    "Effect": "Deny",
    "Action": ["ssm:*", "ssmmessages:*"],
    "Resource": "*",
    "Condition": {
        "StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    },
}
# Credentials of an instance cannot be used outside of it; these keys show that for requests through endpoints.
_ONLY_FROM_THE_INSTANCE: StatementJSON = {
    "Sid": "EnforceInstanceCredentials",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {
        "StringNotEquals": {"aws:Ec2InstanceSourcePrivateIPv4": "${aws:VpcSourceIp}"},
        "Null": {"ec2:SourceInstanceARN": "false", "aws:VpcSourceIp": "false"},
        "BoolIfExists": {"aws:ViaAWSService": "false"},
    },
}


def data_perimeter() -> Scenario:
    """The organization denies what does not come from its own networks."""
    spared = replace(
        node_role("spared", DESTINATIONS.everything()), tags={"dp:exclude:network": "true", "Team": "Platform"}
    )
    included = replace(spared, name="included", tags={**spared.tags, "dp:include:network": "true"})
    hybrid = replace(spared, name="hybrid", trusted=("ssm.amazonaws.com",), path="/service-role/")
    return small_world(
        (
            node("vault-1", sound(Control.INSIDE_PERIMETER), network="vault", subnet="isolated"),
            node("vault-2", sound(Control.INSIDE_PERIMETER), network="vault", subnet="isolated"),
            node("spared-1", sound(Control.SPARED_BY_TAG), profile=spared.name),
            node("outside-1", fails("role-core-denied")),
            node("included-1", fails("role-core-denied"), profile=included.name),
            HybridNode("kiosk-1", f"service-role/{hybrid.name}", "10.99.0.7", expected=sound(Control.SPARED_BY_TAG)),
        ),
        roles=(WEB, spared, included, hybrid),
        networks=(nat_network("main", "10.30"), endpoint_network("vault", "10.31")),
        advanced_tier=True,
        organization=_organization(
            _ONLY_FROM_OUR_NETWORKS, _TAKEN_IN_BY_TAG, _ONLY_OF_OUR_ORGANIZATION, _ONLY_FROM_THE_INSTANCE
        ),
    )


def region_lock() -> Scenario:
    """The organization denies every Region but one to the roles of nodes."""
    lock: StatementJSON = {
        "Sid": "DenyAllOtherRegions",
        "Effect": "Deny",
        "NotAction": ["iam:*", "organizations:*", "sts:*"],
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {"aws:RequestedRegion": [REGION]},
            "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Engineer"},
        },
    }
    away = replace(node("frankfurt-1", fails("role-core-denied")), subnet="frankfurt-private-a")
    frankfurt = RegionScenario(
        _FRANKFURT,
        networks=(nat_network("frankfurt", "10.40"),),
        nodes=(replace(away, security_group="frankfurt-nodes"),),
    )
    return small_world(two_nodes(), other_regions=(frankfurt,), organization=_organization(lock))


def instance_denied() -> Scenario:
    """The policy of a role denies registering to a single instance."""
    singled_out = _denying_registration("singled-out", f"arn:aws:ec2:*:{ACCOUNT}:instance/<id:web-2>")
    all_out = _denying_registration("all-out", f"arn:aws:ec2:*:{ACCOUNT}:instance/*")
    return small_world(
        (
            node("web-1", profile=singled_out.name),
            node("web-2", fails("role-core-denied"), profile=singled_out.name),
            node("web-3", profile=singled_out.name),
            node("api-1", fails("role-core-denied"), profile=all_out.name),
            node("api-2", fails("role-core-denied"), profile=all_out.name),
        ),
        roles=(singled_out, all_out),
    )


def registers_by_arn() -> Scenario:
    """The policies of roles allow registering on the nodes' own ARNs."""
    by_arn = _registering("by-arn", f"arn:aws:ec2:*:{ACCOUNT}:instance/*")
    by_id = _registering("by-id", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/<id:single-1>")
    hybrid = replace(
        _registering("hybrid", f"arn:aws:ssm:*:{ACCOUNT}:managed-instance/*"),
        trusted=("ssm.amazonaws.com",),
        path="/service-role/",
    )
    return small_world(
        (
            node("web-1", sound(Control.OWN_ARN), profile=by_arn.name),
            node("web-2", sound(Control.OWN_ARN), profile=by_arn.name),
            node("single-1", sound(Control.OWN_ARN), profile=by_id.name),
            node("other-1", fails("role-core-denied"), profile=by_id.name),
            HybridNode("kiosk-1", f"service-role/{hybrid.name}", "10.99.0.7", expected=sound(Control.OWN_ARN)),
        ),
        roles=(by_arn, by_id, hybrid),
        advanced_tier=True,
    )


def denied_twice() -> Scenario:
    """What roles lack is denied by the organization too, or by a boundary.

    No single change would help.
    """
    silent = node_role("silent", (allow(_UPDATE), *DESTINATIONS.everything()), managed=())
    bounded = replace(silent, name="bounded", boundary="AmazonS3ReadOnlyAccess")
    return small_world(
        (
            node("silent-1", fails("role-channels-denied"), profile=silent.name),
            node("bounded-1", fails("role-core-denied"), profile=bounded.name),
            node("web-1", fails("role-channels-denied")),
        ),
        roles=(WEB, silent, bounded),
        organization=_organization(_NODES_CHANNELS),
    )


def _organization(*statements: StatementJSON) -> Organization:
    policies = tuple(InlinePolicy(str(each.get("Sid", "policy")), (each,)) for each in statements)
    return Organization(root_policies=policies[:1], account_policies=policies[1:])


def _denying_registration(name: str, arn: str) -> Role:
    return node_role(name, ({"Effect": "Deny", "Action": _UPDATE, "Resource": arn}, *DESTINATIONS.everything()))


def _registering(name: str, arn: str) -> Role:
    return node_role(name, (allow(_UPDATE, arn), allow("ssmmessages:*"), *DESTINATIONS.everything()), managed=())


# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html
_ONLY_HOME: StatementJSON = {
    "Sid": "DenyAllOtherRegions",
    "Effect": "Deny",
    "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"],
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:RequestedRegion": [REGION]}},
}
# The caller opens a data channel too, and is not the problem here.
_NODES_CHANNELS: StatementJSON = {
    "Effect": "Deny",
    "Action": [action for action in CHANNEL_ACTIONS if action != "ssmmessages:OpenDataChannel"],
    "Resource": "*",
}


def region_denied() -> Scenario:
    """A service control policy denies every Region but one."""
    network = nat_network("frankfurt", "10.40")
    unheard = replace(node("frankfurt-1", Expectation(Verdict.UNKNOWN)), subnet="frankfurt-private-a")
    denied = RegionScenario(
        _FRANKFURT, networks=(network,), nodes=(replace(unheard, security_group="frankfurt-nodes"),)
    )
    return small_world(
        two_nodes(),
        other_regions=(denied,),
        organization=Organization(root_policies=(InlinePolicy("regions", (_ONLY_HOME,)),)),
    )


def role_denied_by_organization() -> Scenario:
    """A service control policy denies the channels of sessions."""
    denied = fails("role-channels-denied")
    return small_world(
        two_nodes(denied),
        organization=Organization(account_policies=(InlinePolicy("no-channels", (_NODES_CHANNELS,)),)),
    )


def roles_denied_by_organization() -> Scenario:
    """A service control policy denies something to some roles.

    The statements have conditions, which IAM's simulation does not evaluate.
    """
    unheard, silent = (node_role(name, DESTINATIONS.everything()) for name in ("unheard", "silent"))
    to_unheard = {**_NODES_CHANNELS, "Condition": _by_role(unheard)}
    to_silent = {**_denied("ssm:UpdateInstanceInformation"), "Condition": _by_role(silent)}
    lost = node("silent-1", fails("role-core-denied"), profile=silent.name, console_output=REFUSED_REPORT)
    channelless = node("unheard-1", fails("role-channels-denied"), profile=unheard.name, console_output=REFUSED_CHANNEL)
    return small_world(
        (channelless, lost, node("web-1")),
        roles=(WEB, unheard, silent),
        organization=Organization(account_policies=(InlinePolicy("some-roles", (to_unheard, to_silent)),)),
    )


def _denied(action: str) -> StatementJSON:
    return {"Effect": "Deny", "Action": action, "Resource": "*"}


def _by_role(role: Role) -> dict[str, object]:
    return {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{role.name}"}}


def role_bounded() -> Scenario:
    """The permissions boundary of a role does not allow what its policies do."""
    bounded = replace(node_role("bounded", DESTINATIONS.everything()), boundary="ReadOnlyAccess")
    return small_world(
        (node("bounded-1", fails("role-core-denied"), profile=bounded.name), node("web-1")), roles=(WEB, bounded)
    )


def allowed_by_key_policy() -> Scenario:
    """A key's policy and a grant give to roles what their own policies do not."""
    d = DESTINATIONS
    rest = d.everything_but("key use")
    named, granted = node_role("named-by-key", rest), node_role("granted-by-key", rest)
    decrypting = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{named.name}"}, **allow("kms:Decrypt")}
    key = Key("sessions", statements=(decrypting,), granted_to=(granted.name,))
    return small_world(
        (
            node("named-1", sound(Control.KEY_NAMES_ROLE), profile=named.name),
            node("granted-1", profile=granted.name),
            node("web-1", sound(Control.KEY_BY_ARN)),
        ),
        roles=(WEB, named, granted),
        keys=(key, *(each for each in KEYS if each.name != key.name)),
    )


def allowed_on_conditions() -> Scenario:
    """The policies of roles have conditions that their nodes fulfil."""
    return small_world(
        (
            node("conditional-1", profile="conditional"),
            node("sparing-1", profile="sparing"),
            node("vaulted-1", profile="vaulted", network="vault", subnet="isolated"),
            node("unvaulted-1", fails("role-core-denied"), profile="vaulted"),
        ),
        roles=(_conditional(), _sparing(), _vaulted()),
        networks=(nat_network("main", "10.30"), endpoint_network("vault", "10.31")),
    )


def refused_on_conditions() -> Scenario:
    """Roles were refused the session key on conditions, one of which only their requests can tell."""
    from_office = {**DESTINATIONS.key_use()[0], "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
    by_version = {**DESTINATIONS.key_use()[0], "Condition": {"StringLike": {"aws:UserAgent": "*amazon-ssm-agent/4.*"}}}
    others = DESTINATIONS.everything_but("key use")
    moved = node_role("moved", (from_office, *others))
    fitted = node_role("fitted", (by_version, *others))
    return small_world(
        (
            node("moved-1", fails("kms-node-denied"), profile=moved.name),
            replace(
                node("fitted-1", fails("kms-node-denied"), profile=fitted.name),
                expected_in_fleet=unseen("kms-node-denied"),
            ),
            node("web-1"),
        ),
        roles=(WEB, moved, fitted),
    )


def policies_read() -> Scenario:
    """The caller may not simulate policies that are written with everything that policies know."""
    bounded = replace(node_role("bounded", DESTINATIONS.everything()), boundary="ReadOnlyAccess")
    denying = node_role("denying", (*DESTINATIONS.everything(), _denied("ssmmessages:Open*")))
    return small_world(
        (
            node("conditional-1", profile="conditional"),
            node("sparing-1", profile="sparing"),
            node("tagged-1", profile="tagged"),
            node("vaulted-1", profile="vaulted", network="vault", subnet="isolated"),
            node("unvaulted-1", fails("role-core-denied"), profile="vaulted"),
            node("bounded-1", fails("role-core-denied"), profile=bounded.name),
            node("denying-1", fails("role-channels-denied"), profile=denying.name),
        ),
        roles=(_conditional(), _sparing(), _tagged(), _vaulted(), bounded, denying),
        networks=(nat_network("main", "10.30"), endpoint_network("vault", "10.31")),
        caller=WITHOUT_SIMULATION,
    )


def _vaulted() -> Role:
    """Return a role that works only from one network."""
    core = allow(("ssm:UpdateInstanceInformation", "ssmmessages:*"))
    inside = {"StringEquals": {"aws:SourceVpc": "<id:vault>"}}
    allowed = tuple({**each, "Condition": inside} for each in (core, *DESTINATIONS.everything()))
    return node_role("vaulted", allowed, managed=())


def _tagged() -> Role:
    core = allow(("ssm:UpdateInstanceInformation", "ssmmessages:*"))
    by_tag = {"StringEquals": {"aws:RequestedRegion": "${aws:PrincipalTag/region}"}}
    elsewhere: StatementJSON = {**_denied("*"), "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "platform"}}}
    role = node_role("tagged", ({**core, "Condition": by_tag}, *DESTINATIONS.everything(), elsewhere), managed=())
    return replace(role, tags={"region": REGION, "team": "platform"})


def _conditional() -> Role:
    elsewhere: StatementJSON = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": [REGION]}, "Bool": {"aws:ViaAWSService": "false"}},
    }
    core = allow(("ssm:UpdateInstanceInformation", "ssmmessages:*"))
    here = {"StringEquals": {"aws:RequestedRegion": REGION}, "BoolIfExists": {"aws:SecureTransport": "true"}}
    statements = ({**each, "Condition": here} for each in (core, *DESTINATIONS.everything()))
    return node_role("conditional", (*statements, elsewhere), managed=())


def _sparing() -> Role:
    services = ["ssm:*", "ssmmessages:*", "kms:*", "s3:*", "logs:*"]
    others: StatementJSON = {"Effect": "Deny", "NotAction": services, "Resource": "*"}
    keys: StatementJSON = {"Effect": "Deny", "Action": "kms:Decrypt", "NotResource": f"arn:aws:kms:*:{ACCOUNT}:key/*"}
    return node_role("sparing", (*DESTINATIONS.everything(), others, keys), managed=(CORE,))
