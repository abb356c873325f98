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
    service_role,
)

_D = Destinations(
    region="eu-west-3",
    session_key="sessions",
    bucket="acme-session-audit-eu-west-3",
    bucket_key="session-audit",
    log_group="/ssm/session-manager",
)

_WEB = node_role("web", _D.everything())
_API = node_role("api", _D.everything(), path="/services/")
_BUILD = node_role("build-runner", _D.everything())
_DATABASE = node_role("database", _D.everything())
_WINDOWS = node_role("windows-server", _D.everything())
_HYBRID = service_role("point-of-sale", _D.everything())

_TRUSTS_LAMBDA = node_role("image-resizer", _D.everything(), trusted="lambda.amazonaws.com")
_WITHOUT_CORE = node_role("legacy-monitoring", (allow(CHANNEL_ACTIONS), *_D.everything()), managed=())
_WITHOUT_CHANNELS = node_role(
    "patched-by-hand",
    (allow(("ssm:UpdateInstanceInformation", "ssm:ListAssociations", "ssm:PutInventory")), *_D.everything()),
    managed=(),
)
_WITHOUT_KEY = node_role("reporting", _D.everything_but("key use"))
_WITHOUT_BUCKET_LOOKUP = node_role("ingest", _D.everything_but("bucket lookup"))
_WITHOUT_BUCKET_WRITE = node_role("cache", _D.everything_but("bucket write"))
# DescribeLogGroups looks granted, but a statement scoped to one group never matches it.
_WITHOUT_LOG_LOOKUP = node_role(
    "queue-worker", (*_D.everything_but("log lookup"), allow("logs:DescribeLogGroups", *_D.log_group_arns))
)
_WITHOUT_LOG_WRITE = node_role("scheduler", _D.everything_but("log write"))
_WITHOUT_KEY_AND_LOG_LOOKUP = node_role("etl", _D.everything_but("key use", "log lookup"))
_HYBRID_WITHOUT_KEY = service_role("warehouse", _D.everything_but("key use"))
_EMPTY_PROFILE = "intranet"

_PARIS_ROLES = (
    _WEB,
    _API,
    _BUILD,
    _DATABASE,
    _WINDOWS,
    _HYBRID,
    _TRUSTS_LAMBDA,
    _WITHOUT_CORE,
    _WITHOUT_CHANNELS,
    _WITHOUT_KEY,
    _WITHOUT_BUCKET_LOOKUP,
    _WITHOUT_BUCKET_WRITE,
    _WITHOUT_LOG_LOOKUP,
    _WITHOUT_LOG_WRITE,
    _WITHOUT_KEY_AND_LOG_LOOKUP,
    _HYBRID_WITHOUT_KEY,
)
_SOUND_AGENT = Agent()
_NEVER_SEEN = Agent(registered_before=False)


def demo() -> Scenario:
    """A fleet in two Regions, mostly healthy, with every kind of fault somewhere."""
    of_roles = (profile_of(role) for role in _PARIS_ROLES if "ssm.amazonaws.com" not in role.trusted)
    return Scenario(
        regions=(_paris(), _frankfurt()),
        roles=(*_PARIS_ROLES, _WORKERS),
        profiles=(*of_roles, InstanceProfile(_EMPTY_PROFILE, None), profile_of(_WORKERS)),
        caller=ENGINEER,
    )


def _paris() -> RegionScenario:
    """Return a Region with encrypted sessions, an encrypted bucket and log group, and host management off."""
    no_way_out = SecurityGroup("core-quarantine", "Quarantine: nothing out", allows_outbound=False)
    return RegionScenario(
        name=_D.region,
        networks=(
            nat_network("core", "10.20", no_way_out),
            endpoint_network("vault", "10.21"),
            # The endpoints admit the office's network instead of the VPC's.
            endpoint_network("billing", "10.22", endpoints_open_to="10.200.0.0/16"),
            endpoint_network("edge", "10.23", without=("logs",)),
            isolated_network("lab", "10.24"),
        ),
        keys=(Key("sessions"), Key("session-audit"), Key("session-logs", serves_logs=True)),
        buckets=(Bucket(str(_D.bucket), key="session-audit"),),
        log_groups=(LogGroup(str(_D.log_group), key="session-logs"), LogGroup("/ssm/run-command")),
        preferences=preferences(_D),
        advanced_tier=True,
        nodes=(*_healthy_nodes(), *_broken_nodes(), *_stopped_nodes()),
    )


def _healthy_nodes() -> tuple[Node, ...]:
    """Return thirty nodes: by public address, behind NAT, by endpoints only, and hybrid."""
    return (
        *_nodes("web", 6, _WEB, team="Storefront", subnet="core-public"),
        *_nodes("api", 5, _API, team="Storefront", platform=Platform.UBUNTU),
        *_nodes("build-runner", 3, _BUILD, team="Platform", subnet="core-private-b", env="build"),
        # It looks healthy in a fleet diagnosis: its disk became full after it connected, which only its console shows.
        replace(
            _node("build-runner-4", _BUILD, team="Platform", subnet="core-private-b", env="build"),
            agent=Agent(full=("/",)),
            console_output=NO_SPACE_LEFT,
            expected=fails("root-volume-full"),
            expected_in_fleet=HEALTHY,
        ),
        *_nodes("orders-db", 2, _DATABASE, team="Data", subnet="core-private-b", platform=Platform.RED_HAT),
        *_nodes("billing-db", 3, _DATABASE, team="Finance", subnet="vault-isolated", platform=Platform.RED_HAT),
        *_nodes("vault", 2, _DATABASE, team="Security", subnet="vault-isolated", platform=Platform.UBUNTU),
        *_nodes("iis", 2, _WINDOWS, team="Intranet", platform=Platform.WINDOWS),
        _node("file-server-1", _WINDOWS, team="Intranet", platform=Platform.WINDOWS),
        _node("bastion-1", _WEB, team="Platform", subnet="core-public"),
        HybridNode("pos-paris-01", _HYBRID.name, "172.16.1.11"),
        HybridNode("pos-paris-02", _HYBRID.name, "172.16.1.12"),
        HybridNode("pos-lyon-01", _HYBRID.name, "172.16.2.11"),
        HybridNode("pos-lille-01", _HYBRID.name, "172.16.3.11"),
    )


def _broken_nodes() -> tuple[Node, ...]:
    """Return the broken nodes, by the link of the path."""
    key_denied = fails("kms-node-denied")
    return (
        # Instance.
        replace(_node("scan-1", _WEB, fails("imds-disabled"), _NEVER_SEEN), metadata=Metadata(enabled=False)),
        replace(
            _node("metrics-db-1", _DATABASE, fails("root-volume-full"), Agent(disk_full=True), Platform.RED_HAT),
            console_output=NO_SPACE_LEFT,
        ),
        # Identity.
        *_nodes("sandbox", 2, None, fails("instance-profile-missing"), _NEVER_SEEN),
        replace(_node("intranet-1", None, fails("instance-profile-empty"), _NEVER_SEEN), profile=_EMPTY_PROFILE),
        _node("resizer-1", _TRUSTS_LAMBDA, fails("role-trust-wrong"), _NEVER_SEEN),
        _node("nagios-1", _WITHOUT_CORE, fails("role-core-denied"), Agent(version="3.3.2958.0")),
        *_nodes("legacy-app", 2, _WITHOUT_CHANNELS, fails("role-channels-denied")),
        # Network.
        replace(
            _node("forensics-1", _WEB, fails("egress-blocked"), Agent(version="3.3.3185.0")),
            security_group="core-quarantine",
        ),
        *_nodes(
            "invoice", 3, _DATABASE, fails("endpoint-security-group-closed"), _NEVER_SEEN, subnet="billing-isolated"
        ),
        _node("lab-1", _BUILD, fails("no-route-to-endpoint"), _NEVER_SEEN, subnet="lab-isolated", env="lab"),
        *_nodes("cdn", 2, _WEB, fails("log-endpoint-missing"), subnet="edge-isolated"),
        # Agent.
        _node("cron-1", _BUILD, fails("connection-lost"), Agent(running=False, version="3.3.4364.0")),
        _node(
            "appliance-1",
            _BUILD,
            fails("not-registered"),
            Agent(installed=False, registered_before=False),
            Platform.UBUNTU,
        ),
        replace(
            _node(
                "print-server-1",
                _WINDOWS,
                fails("agent-service-disabled"),
                Agent(running=False, lost_by="agent-service-disabled"),
                Platform.WINDOWS,
            ),
            updates=(timedelta(hours=3, minutes=5),),
        ),
        replace(
            _node(
                "sap-1",
                _DATABASE,
                fails("agent-unit-removed"),
                Agent(running=False, lost_by="agent-unit-removed"),
                Platform.SUSE,
            ),
            console_output=WITHOUT_AGENT,
        ),
        _node(
            "hr-portal-1",
            _WINDOWS,
            warns("agent-needs-wmic", "agent-outdated"),
            Agent(version="3.3.987.0"),
            Platform.WINDOWS_2025,
        ),
        # Preferences.
        *_nodes("reporting", 3, _WITHOUT_KEY, key_denied),
        HybridNode("warehouse-marseille-01", _HYBRID_WITHOUT_KEY.name, "172.16.4.11", expected=key_denied),
        _node("etl-1", _WITHOUT_KEY_AND_LOG_LOOKUP, fails("kms-node-denied", "log-group-unreadable")),
        *_nodes("queue", 2, _WITHOUT_LOG_LOOKUP, fails("log-group-unreadable")),
        _node("scheduler-1", _WITHOUT_LOG_WRITE, warns("cloudwatch-logs-lost")),
        *_nodes("ingest", 2, _WITHOUT_BUCKET_LOOKUP, fails("s3-encryption-unreadable")),
        _node("cache-1", _WITHOUT_BUCKET_WRITE, warns("s3-logs-lost")),
        # Operating system.
        _node("ad-dc-1", _WINDOWS, fails("domain-controller"), Agent(domain_controller=True), Platform.WINDOWS),
    )


def _stopped_nodes() -> tuple[Node, ...]:
    names = ("dev-alex", "dev-sam", "load-test-1")
    return tuple(replace(_node(name, _BUILD, STOPPED, env="dev"), running=False) for name in names)


def _nodes(
    name: str,
    count: int,
    role: Role | None,
    expected: Expectation = HEALTHY,
    agent: Agent = _SOUND_AGENT,
    platform: Platform = Platform.AMAZON_LINUX,
    *,
    subnet: str = "core-private-a",
    team: str = "Operations",
    env: str = "prod",
) -> tuple[Instance, ...]:
    """Return nodes that are alike, numbered from 1."""
    numbered = (f"{name}-{number}" for number in range(1, count + 1))
    return tuple(_node(each, role, expected, agent, platform, subnet=subnet, team=team, env=env) for each in numbered)


def _node(
    name: str,
    role: Role | None,
    expected: Expectation = HEALTHY,
    agent: Agent = _SOUND_AGENT,
    platform: Platform = Platform.AMAZON_LINUX,
    *,
    subnet: str = "core-private-a",
    team: str = "Operations",
    env: str = "prod",
) -> Instance:
    return Instance(
        name,
        subnet,
        role.name if role else None,
        platform,
        security_group=f"{subnet.partition('-')[0]}-nodes",
        agent=agent,
        tags={"Env": env, "Team": team},
        expected=expected,
    )


_FRANKFURT_DESTINATIONS = Destinations("eu-central-1", log_group="/ssm/sessions")
# The logs key admits CloudWatch Logs, so that encrypting the group is an alternative to the switch.
_LOGS_KEY = Key("frankfurt-logs", serves_logs=True)
_WORKERS = node_role("frankfurt-workers", _FRANKFURT_DESTINATIONS.everything())


def _frankfurt() -> RegionScenario:
    """Return eight nodes, all blocked by one switch."""
    broken, private = fails("log-group-unencrypted"), "frankfurt-private-a"
    return RegionScenario(
        name=_FRANKFURT_DESTINATIONS.region,
        networks=(nat_network("frankfurt", "10.40"),),
        keys=(_LOGS_KEY,),
        log_groups=(LogGroup("/ssm/sessions"), LogGroup("/ssm/sessions-archive", key=_LOGS_KEY.name)),
        preferences=preferences(_FRANKFURT_DESTINATIONS),
        nodes=(
            *_nodes("checkout", 3, _WORKERS, broken, team="Checkout", subnet=private),
            *_nodes("search", 2, _WORKERS, broken, platform=Platform.UBUNTU, team="Search", subnet=private),
            _node("ledger-db-1", _WORKERS, broken, platform=Platform.RED_HAT, team="Finance", subnet=private),
            _node("report-win-1", _WORKERS, broken, platform=Platform.WINDOWS, team="Finance", subnet=private),
            _node("mail-relay-1", _WORKERS, broken, team="Platform", subnet="frankfurt-public"),
        ),
    )
