"""Worlds of every day: settings that are less than they could be, several Regions, several faults, faults healed."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    NO_SPACE_LEFT,
    STARTED,
    STOPPED,
    Agent,
    Bucket,
    Expectation,
    Instance,
    Key,
    LogGroup,
    Metadata,
    Platform,
    RegionScenario,
    Scenario,
    fails,
    warns,
)
from ssmtui.simulator.worlds.building_blocks import (
    BUCKETS,
    CORE,
    DESTINATIONS,
    ENCRYPTED_GROUPS,
    REGION,
    UNENCRYPTED_GROUPS,
    WEB,
    WEB_WITHOUT_DESTINATIONS,
    Destinations,
    allow,
    endpoint_network,
    nat_network,
    node,
    node_role,
    preferences,
    small_world,
)

_D = DESTINATIONS
_FRANKFURT = "eu-central-1"
_NOTHING = Destinations(REGION)


def no_destinations() -> Scenario:
    """Preferences that name neither key nor bucket nor log group, with both switches on, as the console writes them."""
    return small_world(
        "no-destinations",
        "The session preferences name nothing to encrypt with or to log to.",
        (node("web-1"), node("iis-1", platform=Platform.WINDOWS)),
        preferences=preferences(_NOTHING),
        roles=(WEB_WITHOUT_DESTINATIONS,),
        keys=(),
        buckets=(),
        log_groups=(),
    )


def switches_off() -> Scenario:
    """The log group is not encrypted, and nobody asks for it."""
    return small_world(
        "switches-off",
        "Neither switch of the session preferences is on.",
        (node("web-1"), node("web-2")),
        preferences=preferences(_D, only_encrypted_bucket=False, only_encrypted_log_group=False),
        log_groups=UNENCRYPTED_GROUPS,
    )


def logs_to_bucket_alone() -> Scenario:
    """Sessions are logged to a bucket alone: a role that knows nothing of log groups is enough."""
    only = replace(_D, log_group=None)
    role = node_role("bucket-only", only.everything())
    return small_world(
        "logs-to-bucket-alone",
        "Sessions are logged to a bucket alone.",
        (node("web-1", profile=role.name),),
        preferences=preferences(only),
        roles=(role,),
        log_groups=(),
    )


def logs_to_group_alone() -> Scenario:
    """Sessions are logged to a log group alone, without a key: a role that knows nothing of buckets is enough."""
    only = replace(_D, bucket=None, session_key=None)
    role = node_role("group-only", only.everything())
    return small_world(
        "logs-to-group-alone",
        "Sessions are logged to a log group alone.",
        (node("web-1", profile=role.name),),
        preferences=preferences(only),
        roles=(role,),
        buckets=(),
    )


def log_group_named_alike() -> Scenario:
    """Groups whose names begin like the one that is wanted, which does not exist."""
    missing = fails("log-group-missing")
    alike = (LogGroup(f"{_D.log_group}-old", key="session-logs"), LogGroup(f"{_D.log_group}/prod", key="session-logs"))
    return small_world(
        "log-group-named-alike",
        "Log groups are named like the one of the session preferences, which is not there.",
        (node("web-1", missing), node("web-2", missing)),
        preferences=preferences(_D),
        log_groups=alike,
    )


def log_groups_named_alike_and_there() -> Scenario:
    """The group that is wanted is encrypted, and one whose name begins like its own is not."""
    return small_world(
        "log-groups-named-alike-and-there",
        "An unencrypted log group is named like the encrypted one of the session preferences.",
        (node("web-1"),),
        preferences=preferences(_D),
        log_groups=(LogGroup(f"{_D.log_group}-old"), *ENCRYPTED_GROUPS),
    )


def timeouts_at_their_bounds() -> Scenario:
    """The longest idle timeout and the longest session that the preferences may set."""
    return small_world(
        "timeouts-at-their-bounds",
        "The timeouts of sessions are as long as they may be.",
        (node("web-1"), node("web-2")),
        preferences=preferences(_D, inputs={"idleSessionTimeout": "60", "maxSessionDuration": "1440"}),
    )


def bucket_policy_demands_tls() -> Scenario:
    """The bucket denies everybody what comes without TLS, which agents never do."""
    arn = f"arn:aws:s3:::{_D.bucket}"
    denial = {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return small_world(
        "bucket-policy-demands-tls",
        "The policy of the bucket denies what comes without TLS.",
        (node("web-1"), node("web-2")),
        preferences=preferences(_D),
        buckets=(Bucket(BUCKETS[0].name, statements=(denial,)),),
    )


def public_subnet() -> Scenario:
    """Nodes with public addresses behind an internet gateway."""
    return small_world(
        "public-subnet",
        "Nodes have public addresses.",
        (node("bastion-1", subnet="public"), node("web-1")),
        preferences=preferences(_D),
    )


def endpoints_for_what_is_used() -> Scenario:
    """A network with the two endpoints that sessions need: nothing is encrypted with a key, nothing is logged."""
    few = endpoint_network("edge", "10.60", without=("kms", "logs", "s3"))
    return small_world(
        "endpoints-for-what-is-used",
        "A network has endpoints for ssm and ssmmessages alone, and sessions need no others.",
        (node("edge-1", network="edge", subnet="isolated"),),
        preferences=preferences(_NOTHING),
        roles=(WEB_WITHOUT_DESTINATIONS,),
        networks=(few,),
        keys=(),
        buckets=(),
        log_groups=(),
    )


def two_regions_one_role() -> Scenario:
    """One role in two Regions with a key each: it may use the one, and not the other."""
    there = Destinations(_FRANKFURT, session_key="sessions-frankfurt")
    abroad = node("frankfurt-1", fails("kms-node-denied"), network="frankfurt")
    plan = RegionScenario(
        _FRANKFURT,
        networks=(nat_network("frankfurt", "10.40"),),
        keys=(Key("sessions-frankfurt"),),
        preferences=preferences(there),
        nodes=(abroad,),
    )
    return small_world(
        "two-regions-one-role",
        "A role may use the session key of one Region and not that of the other.",
        (node("web-1"),),
        preferences=preferences(_D),
        other_regions=(plan,),
    )


def two_regions_two_preferences() -> Scenario:
    """One Region closes its nodes by a switch; the other has never had preferences."""
    plan = RegionScenario(
        _FRANKFURT,
        networks=(nat_network("frankfurt", "10.40"),),
        nodes=(node("frankfurt-1", network="frankfurt"),),
    )
    return small_world(
        "two-regions-two-preferences",
        "A switch closes the nodes of one Region, and another Region has no preferences.",
        (node("web-1", fails("log-group-unencrypted")),),
        preferences=preferences(_D),
        log_groups=UNENCRYPTED_GROUPS,
        other_regions=(plan,),
    )


def several_faults() -> Scenario:
    """Nodes with several faults: the first on the path of a session is the cause, and the others are told."""
    all_but_key = (*_D.bucket_lookup(), *_D.bucket_write(), *_D.log_lookup(), *_D.log_write())
    keyless = node_role("keyless", all_but_key)
    channelless = node_role("channelless", (allow("ssm:UpdateInstanceInformation"), *all_but_key), managed=())
    edge = {"network": "edge", "subnet": "isolated"}
    return small_world(
        "several-faults",
        "Nodes have several faults at once.",
        (
            node("two-1", fails("kms-node-denied", "log-group-unencrypted"), profile=keyless.name),
            node(
                "three-1",
                fails("role-channels-denied", "kms-node-denied", "log-group-unencrypted"),
                profile=channelless.name,
            ),
            _never("four-1", fails("endpoint-security-group-closed", "kms-node-denied"), profile=keyless.name, **edge),
            node("one-1", fails("log-group-unencrypted")),
        ),
        preferences=preferences(_D),
        roles=(WEB, keyless, channelless),
        networks=(nat_network("main", "10.30"), endpoint_network("edge", "10.60", endpoints_open_to="10.99.0.0/16")),
        log_groups=UNENCRYPTED_GROUPS,
    )


def _never(name: str, expected: Expectation, *, profile: str, network: str, subnet: str) -> Instance:
    agent = Agent(registered=False)
    return node(name, expected, profile=profile, network=network, subnet=subnet, agent=agent)


def stopped_with_faults() -> Scenario:
    """Stopped nodes with everything that would close them if they ran: they are stopped, and no more is said."""
    without_profile = node("archive-1", STOPPED, profile=None, agent=Agent(registered=False))
    deaf = node("archive-2", STOPPED, metadata=Metadata(enabled=False), agent=Agent(version="2.3.50.0"))
    return small_world(
        "stopped-with-faults",
        "Stopped nodes have faults that would close them if they ran.",
        (
            replace(without_profile, running=False),
            replace(deaf, running=False),
            node("web-1", fails("log-group-unencrypted")),
        ),
        preferences=preferences(_D),
        log_groups=UNENCRYPTED_GROUPS,
    )


def healed_since() -> Scenario:
    """A node that works, whose console still shows what ailed it before it was started again."""
    return small_world(
        "healed-since",
        "The console of a node that works shows a fault from before its last start.",
        (node("metrics-1", console_output=f"{NO_SPACE_LEFT}{STARTED.format(version='3.3.5828.0')}"), node("web-1")),
        preferences=preferences(_D),
    )


def half_logged() -> Scenario:
    """A role that may write to neither destination: sessions open, and both logs vanish."""
    role = node_role("unlogged", (*_D.key_use(), *_D.bucket_lookup(), *_D.log_lookup()), managed=(CORE,))
    return small_world(
        "half-logged",
        "A role may write session logs nowhere.",
        (node("cache-1", warns("cloudwatch-logs-lost", "s3-logs-lost"), profile=role.name), node("web-1")),
        preferences=preferences(_D),
        roles=(WEB, role),
    )
