"""The demo: an account with two Regions, mostly healthy, with every kind of fault somewhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.scenario import (
    HEALTHY,
    NO_SPACE_LEFT,
    STOPPED,
    WITHOUT_AGENT,
    Agent,
    Bucket,
    Expectation,
    HybridNode,
    Instance,
    InstanceProfile,
    Key,
    LogGroup,
    Metadata,
    Network,
    Node,
    Platform,
    RegionScenario,
    Role,
    Scenario,
    SecurityGroup,
    fails,
    warns,
)
from ssmtui.simulator.worlds.building_blocks import (
    CHANNEL_ACTIONS,
    ENGINEER,
    Destinations,
    allow,
    endpoint_network,
    isolated_network,
    nat_network,
    node_role,
    preferences,
    profile_of,
)

_FRANKFURT = "eu-central-1"
# The logs key admits CloudWatch Logs, so that encrypting the group is a way out besides the switch.
_LOGS_KEY = Key("frankfurt-logs", serves_logs=True)
_FRANKFURT_DESTINATIONS = Destinations(_FRANKFURT, log_group="/ssm/sessions")
_WORKERS = node_role("frankfurt-workers", _FRANKFURT_DESTINATIONS.everything())
_UNENCRYPTED_GROUP = fails("log-group-unencrypted")


def frankfurt_roles() -> tuple[Role, ...]:
    """The roles of this Region's nodes."""
    return (_WORKERS,)


def frankfurt_profiles() -> tuple[InstanceProfile, ...]:
    """Their instance profiles."""
    return (profile_of(_WORKERS),)


def frankfurt_region() -> RegionScenario:
    """Eight nodes, all closed by one switch."""
    return RegionScenario(
        name=_FRANKFURT,
        networks=(nat_network("frankfurt", "10.40"),),
        keys=(_LOGS_KEY,),
        log_groups=(LogGroup("/ssm/sessions"), LogGroup("/ssm/sessions-archive", key=_LOGS_KEY.name)),
        preferences=preferences(_FRANKFURT_DESTINATIONS),
        nodes=(
            *(_frankfurt_node(f"checkout-{n}", "Checkout", Platform.AMAZON_LINUX) for n in (1, 2, 3)),
            *(_frankfurt_node(f"search-{n}", "Search", Platform.UBUNTU) for n in (1, 2)),
            _frankfurt_node("ledger-db-1", "Finance", Platform.RED_HAT),
            _frankfurt_node("report-win-1", "Finance", Platform.WINDOWS),
            _frankfurt_node("mail-relay-1", "Platform", Platform.AMAZON_LINUX, subnet="frankfurt-public"),
        ),
    )


def _frankfurt_node(name: str, team: str, platform: Platform, subnet: str = "frankfurt-private-a") -> Instance:
    return Instance(
        name,
        subnet,
        _WORKERS.name,
        platform,
        security_group="frankfurt-nodes",
        tags={"Env": "prod", "Team": team},
        expected=_UNENCRYPTED_GROUP,
    )


DESTINATIONS = Destinations(
    region="eu-west-3",
    session_key="sessions",
    bucket="acme-session-audit-eu-west-3",
    bucket_key="session-audit",
    log_group="/ssm/session-manager",
)
_D = DESTINATIONS

WEB = node_role("web", _D.everything())
API = node_role("api", _D.everything(), path="/services/")
BUILD = node_role("build-runner", _D.everything())
DATABASE = node_role("database", _D.everything())
WINDOWS = node_role("windows-server", _D.everything())
HYBRID = node_role("point-of-sale", _D.everything(), trusted="ssm.amazonaws.com", path="/service-role/")

TRUSTS_LAMBDA = node_role("image-resizer", _D.everything(), trusted="lambda.amazonaws.com")
WITHOUT_CORE = node_role("legacy-monitoring", (allow(CHANNEL_ACTIONS), *_D.everything()), managed=())
WITHOUT_CHANNELS = node_role(
    "patched-by-hand",
    (allow(("ssm:UpdateInstanceInformation", "ssm:ListAssociations", "ssm:PutInventory")), *_D.everything()),
    managed=(),
)
WITHOUT_KEY = node_role("reporting", (*_D.bucket_lookup(), *_D.bucket_write(), *_D.log_lookup(), *_D.log_write()))
WITHOUT_BUCKET_LOOKUP = node_role("ingest", (*_D.key_use(), *_D.bucket_write(), *_D.log_lookup(), *_D.log_write()))
WITHOUT_BUCKET_WRITE = node_role("cache", (*_D.key_use(), *_D.bucket_lookup(), *_D.log_lookup(), *_D.log_write()))
# DescribeLogGroups looks granted, but a statement scoped to one group never fits it.
WITHOUT_LOG_LOOKUP = node_role(
    "queue-worker",
    (
        *_D.key_use(),
        *_D.bucket_lookup(),
        *_D.bucket_write(),
        *_D.log_write(),
        allow("logs:DescribeLogGroups", *_D.log_group_arns),
    ),
)
WITHOUT_LOG_WRITE = node_role("scheduler", (*_D.key_use(), *_D.bucket_lookup(), *_D.bucket_write(), *_D.log_lookup()))
WITHOUT_KEY_AND_LOG_LOOKUP = node_role("etl", (*_D.bucket_lookup(), *_D.bucket_write(), *_D.log_write()))
HYBRID_WITHOUT_KEY = node_role(
    "warehouse",
    (*_D.bucket_lookup(), *_D.bucket_write(), *_D.log_lookup(), *_D.log_write()),
    trusted="ssm.amazonaws.com",
    path="/service-role/",
)

EMPTY_PROFILE = "intranet"

ROLES = (
    WEB,
    API,
    BUILD,
    DATABASE,
    WINDOWS,
    HYBRID,
    TRUSTS_LAMBDA,
    WITHOUT_CORE,
    WITHOUT_CHANNELS,
    WITHOUT_KEY,
    WITHOUT_BUCKET_LOOKUP,
    WITHOUT_BUCKET_WRITE,
    WITHOUT_LOG_LOOKUP,
    WITHOUT_LOG_WRITE,
    WITHOUT_KEY_AND_LOG_LOOKUP,
    HYBRID_WITHOUT_KEY,
)


def healthy_paris_nodes() -> tuple[Node, ...]:
    """Thirty nodes: by public address, behind NAT, by endpoints only, and hybrid."""
    return (
        *(_paris_instance("core-public", f"web-{n}", WEB.name, "Storefront") for n in range(1, 7)),
        *(_paris_instance("core-private-a", f"api-{n}", API.name, "Storefront", Platform.UBUNTU) for n in range(1, 6)),
        *(
            _paris_instance("core-private-b", f"build-runner-{n}", BUILD.name, "Platform", env="build")
            for n in range(1, 4)
        ),
        _instance_with_full_disk("build-runner-4"),
        *(_paris_instance("core-private-b", f"orders-db-{n}", DATABASE.name, "Data", Platform.RED_HAT) for n in (1, 2)),
        *(
            _paris_instance("vault-isolated", f"billing-db-{n}", DATABASE.name, "Finance", Platform.RED_HAT)
            for n in (1, 2, 3)
        ),
        *(_paris_instance("vault-isolated", f"vault-{n}", DATABASE.name, "Security", Platform.UBUNTU) for n in (1, 2)),
        *(_paris_instance("core-private-a", f"iis-{n}", WINDOWS.name, "Intranet", Platform.WINDOWS) for n in (1, 2)),
        _paris_instance("core-private-a", "file-server-1", WINDOWS.name, "Intranet", Platform.WINDOWS),
        _paris_instance("core-public", "bastion-1", WEB.name, "Platform"),
        *(
            HybridNode(name, HYBRID.name, address)
            for name, address in (
                ("pos-paris-01", "172.16.1.11"),
                ("pos-paris-02", "172.16.1.12"),
                ("pos-lyon-01", "172.16.2.11"),
                ("pos-lille-01", "172.16.3.11"),
            )
        ),
    )


def _instance_with_full_disk(name: str) -> Instance:
    """A node that looks well from afar: its disk has filled since it connected, as only its console tells."""
    return replace(
        _paris_instance("core-private-b", name, BUILD.name, "Platform", env="build"),
        agent=Agent(disk_filled=True),
        console_output=NO_SPACE_LEFT,
        expected=fails("root-volume-full"),
        expected_in_fleet=HEALTHY,
    )


def _paris_instance(
    subnet: str, name: str, profile: str, team: str, platform: Platform = Platform.AMAZON_LINUX, env: str = "prod"
) -> Instance:
    network = subnet.partition("-")[0]
    return Instance(name, subnet, profile, platform, security_group=f"{network}-nodes", tags={"Env": env, "Team": team})


_NEVER_SEEN = Agent(registered=False)


def broken_paris_nodes() -> tuple[Node, ...]:
    """The faulty nodes by the link of the path that is broken, then the stopped ones."""
    return (
        *_broken_instances(),
        *_broken_identities(),
        *_broken_networks(),
        *_broken_agents(),
        *_broken_preferences(),
        *_broken_operating_systems(),
        *_stopped_nodes(),
    )


def _broken_instances() -> tuple[Node, ...]:
    return (
        _broken_paris_node(
            "scan-1", WEB.name, fails("imds-disabled"), agent=_NEVER_SEEN, metadata=Metadata(enabled=False)
        ),
        _broken_paris_node(
            "metrics-db-1",
            DATABASE.name,
            fails("root-volume-full"),
            platform=Platform.RED_HAT,
            agent=Agent(disk_full=True),
            console_output=NO_SPACE_LEFT,
        ),
    )


def _broken_identities() -> tuple[Node, ...]:
    return (
        *(
            _broken_paris_node(f"sandbox-{n}", None, fails("instance-profile-missing"), agent=_NEVER_SEEN)
            for n in (1, 2)
        ),
        _broken_paris_node("intranet-1", EMPTY_PROFILE, fails("instance-profile-empty"), agent=_NEVER_SEEN),
        _broken_paris_node("resizer-1", TRUSTS_LAMBDA.name, fails("role-trust-wrong"), agent=_NEVER_SEEN),
        _broken_paris_node("nagios-1", WITHOUT_CORE.name, fails("role-core-denied"), agent=Agent(version="3.3.2958.0")),
        *(_broken_paris_node(f"legacy-app-{n}", WITHOUT_CHANNELS.name, fails("role-channels-denied")) for n in (1, 2)),
    )


def _broken_networks() -> tuple[Node, ...]:
    return (
        replace(
            _broken_paris_node("forensics-1", WEB.name, fails("egress-blocked")),
            security_group="core-quarantine",
            agent=Agent(version="3.3.3185.0"),
        ),
        *(
            _broken_paris_node(
                f"invoice-{n}",
                DATABASE.name,
                fails("endpoint-security-group-closed"),
                subnet="billing-isolated",
                agent=_NEVER_SEEN,
            )
            for n in (1, 2, 3)
        ),
        _broken_paris_node(
            "lab-1", BUILD.name, fails("no-route-to-endpoint"), subnet="lab-isolated", agent=_NEVER_SEEN, env="lab"
        ),
        *(
            _broken_paris_node(f"cdn-{n}", WEB.name, fails("log-endpoint-missing"), subnet="edge-isolated")
            for n in (1, 2)
        ),
    )


def _broken_agents() -> tuple[Node, ...]:
    return (
        _broken_paris_node(
            "cron-1", BUILD.name, fails("connection-lost"), agent=Agent(running=False, version="3.3.4364.0")
        ),
        _broken_paris_node(
            "appliance-1",
            BUILD.name,
            fails("not-registered"),
            platform=Platform.UBUNTU,
            agent=Agent(installed=False, registered=False),
        ),
        replace(
            _broken_paris_node(
                "print-server-1",
                WINDOWS.name,
                fails("agent-service-disabled"),
                platform=Platform.WINDOWS,
                agent=Agent(running=False, lost_by="agent-service-disabled"),
            ),
            updates=(timedelta(hours=3, minutes=5),),
        ),
        _broken_paris_node(
            "sap-1",
            DATABASE.name,
            fails("agent-unit-removed"),
            platform=Platform.SUSE,
            agent=Agent(running=False, lost_by="agent-unit-removed"),
            console_output=WITHOUT_AGENT,
        ),
        _broken_paris_node(
            "hr-portal-1",
            WINDOWS.name,
            warns("agent-needs-wmic", "agent-outdated"),
            platform=Platform.WINDOWS_2025,
            agent=Agent(version="3.3.987.0"),
        ),
    )


def _broken_preferences() -> tuple[Node, ...]:
    return (
        *(_broken_paris_node(f"reporting-{n}", WITHOUT_KEY.name, fails("kms-node-denied")) for n in (1, 2, 3)),
        HybridNode("warehouse-marseille-01", HYBRID_WITHOUT_KEY.name, "172.16.4.11", expected=fails("kms-node-denied")),
        _broken_paris_node("etl-1", WITHOUT_KEY_AND_LOG_LOOKUP.name, fails("kms-node-denied", "log-group-unreadable")),
        *(_broken_paris_node(f"queue-{n}", WITHOUT_LOG_LOOKUP.name, fails("log-group-unreadable")) for n in (1, 2)),
        _broken_paris_node("scheduler-1", WITHOUT_LOG_WRITE.name, warns("cloudwatch-logs-lost")),
        *(
            _broken_paris_node(f"ingest-{n}", WITHOUT_BUCKET_LOOKUP.name, fails("s3-encryption-unreadable"))
            for n in (1, 2)
        ),
        _broken_paris_node("cache-1", WITHOUT_BUCKET_WRITE.name, warns("s3-logs-lost")),
    )


def _broken_operating_systems() -> tuple[Node, ...]:
    return (
        _broken_paris_node(
            "ad-dc-1",
            WINDOWS.name,
            fails("domain-controller"),
            platform=Platform.WINDOWS,
            agent=Agent(domain_controller=True),
        ),
    )


def _stopped_nodes() -> tuple[Node, ...]:
    return tuple(
        replace(_broken_paris_node(name, BUILD.name, STOPPED, env="dev"), running=False)
        for name in ("dev-alex", "dev-sam", "load-test-1")
    )


def _broken_paris_node(
    name: str,
    profile: str | None,
    expected: Expectation,
    *,
    subnet: str = "core-private-a",
    platform: Platform = Platform.AMAZON_LINUX,
    agent: Agent | None = None,
    metadata: Metadata | None = None,
    console_output: str | None = None,
    env: str = "prod",
) -> Instance:
    return Instance(
        name,
        subnet,
        profile,
        platform,
        security_group=f"{subnet.partition('-')[0]}-nodes",
        metadata=metadata or Metadata(),
        agent=agent or Agent(),
        tags={"Env": env, "Team": "Operations"},
        console_output=console_output,
        expected=expected,
    )


def paris_roles() -> tuple[Role, ...]:
    """The roles of this Region's nodes."""
    return ROLES


def paris_profiles() -> tuple[InstanceProfile, ...]:
    """An instance profile for every role of EC2, and one without a role."""
    of_roles = (profile_of(role) for role in ROLES if "ssm.amazonaws.com" not in role.trusted)
    return (*of_roles, InstanceProfile(EMPTY_PROFILE, None))


def paris_region() -> RegionScenario:
    """Sessions encrypted with a key, logged to an encrypted bucket and an encrypted log group; host management off."""
    return RegionScenario(
        name=DESTINATIONS.region,
        networks=_paris_networks(),
        keys=(Key("sessions"), Key("session-audit"), Key("session-logs", serves_logs=True)),
        buckets=(Bucket(str(DESTINATIONS.bucket), key="session-audit"),),
        log_groups=(LogGroup(str(DESTINATIONS.log_group), key="session-logs"), LogGroup("/ssm/run-command")),
        preferences=preferences(DESTINATIONS),
        advanced_tier=True,
        nodes=(*healthy_paris_nodes(), *broken_paris_nodes()),
    )


def _paris_networks() -> tuple[Network, ...]:
    no_way_out = SecurityGroup("core-quarantine", "Quarantine: nothing out", allows_outbound=False)
    return (
        nat_network("core", "10.20", no_way_out),
        endpoint_network("vault", "10.21"),
        # The endpoints admit the office's network instead of the VPC's.
        endpoint_network("billing", "10.22", endpoints_open_to="10.200.0.0/16"),
        endpoint_network("edge", "10.23", without=("logs",)),
        isolated_network("lab", "10.24"),
    )


def demo() -> Scenario:
    """A fleet in two Regions, mostly healthy, with every kind of fault somewhere."""
    return Scenario(
        regions=(paris_region(), frankfurt_region()),
        roles=(*paris_roles(), *frankfurt_roles()),
        profiles=(*paris_profiles(), *frankfurt_profiles()),
        caller=ENGINEER,
    )
