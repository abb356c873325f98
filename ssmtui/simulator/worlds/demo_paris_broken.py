"""The demo's home Region: the nodes that a session does not open to, or not without loss, and the stopped ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ssmtui.simulator.console_outputs import NO_SPACE_LEFT, WITHOUT_AGENT
from ssmtui.simulator.scenario import (
    STOPPED,
    Agent,
    Expectation,
    HybridNode,
    Instance,
    Metadata,
    Node,
    Platform,
    fails,
    warns,
)
from ssmtui.simulator.worlds import demo_paris_roles as roles

_NEVER_SEEN = Agent(registered=False)


def nodes() -> tuple[Node, ...]:
    """The faulty nodes by the link of the path that is broken, then the stopped ones."""
    return (*_instance(), *_identity(), *_network(), *_agent(), *_preferences(), *_operating_system(), *_stopped())


def _instance() -> tuple[Node, ...]:
    return (
        _node("scan-1", roles.WEB.name, fails("imds-disabled"), agent=_NEVER_SEEN, metadata=Metadata(enabled=False)),
        _node(
            "metrics-db-1",
            roles.DATABASE.name,
            fails("root-volume-full"),
            platform=Platform.RED_HAT,
            agent=Agent(disk_full=True),
            console_output=NO_SPACE_LEFT,
        ),
    )


def _identity() -> tuple[Node, ...]:
    return (
        *(_node(f"sandbox-{n}", None, fails("instance-profile-missing"), agent=_NEVER_SEEN) for n in (1, 2)),
        _node("intranet-1", roles.EMPTY_PROFILE, fails("instance-profile-empty"), agent=_NEVER_SEEN),
        _node("resizer-1", roles.TRUSTS_LAMBDA.name, fails("role-trust-wrong"), agent=_NEVER_SEEN),
        _node("nagios-1", roles.WITHOUT_CORE.name, fails("role-core-denied"), agent=Agent(version="3.3.2958.0")),
        *(_node(f"legacy-app-{n}", roles.WITHOUT_CHANNELS.name, fails("role-channels-denied")) for n in (1, 2)),
    )


def _network() -> tuple[Node, ...]:
    return (
        replace(
            _node("forensics-1", roles.WEB.name, fails("egress-blocked")),
            security_group="core-quarantine",
            agent=Agent(version="3.3.3185.0"),
        ),
        *(
            _node(
                f"invoice-{n}",
                roles.DATABASE.name,
                fails("endpoint-security-group-closed"),
                subnet="billing-isolated",
                agent=_NEVER_SEEN,
            )
            for n in (1, 2, 3)
        ),
        _node(
            "lab-1",
            roles.BUILD.name,
            fails("no-route-to-endpoint"),
            subnet="lab-isolated",
            agent=_NEVER_SEEN,
            env="lab",
        ),
        *(_node(f"cdn-{n}", roles.WEB.name, fails("log-endpoint-missing"), subnet="edge-isolated") for n in (1, 2)),
    )


def _agent() -> tuple[Node, ...]:
    return (
        _node("cron-1", roles.BUILD.name, fails("connection-lost"), agent=Agent(running=False, version="3.3.4364.0")),
        _node(
            "appliance-1",
            roles.BUILD.name,
            fails("not-registered"),
            platform=Platform.UBUNTU,
            agent=Agent(installed=False, registered=False),
        ),
        replace(
            _node(
                "print-server-1",
                roles.WINDOWS.name,
                fails("agent-service-disabled"),
                platform=Platform.WINDOWS,
                agent=Agent(running=False, lost_by="agent-service-disabled"),
            ),
            updates=(timedelta(hours=3, minutes=5),),
        ),
        _node(
            "sap-1",
            roles.DATABASE.name,
            fails("agent-unit-removed"),
            platform=Platform.SUSE,
            agent=Agent(running=False, lost_by="agent-unit-removed"),
            console_output=WITHOUT_AGENT,
        ),
        _node(
            "hr-portal-1",
            roles.WINDOWS.name,
            warns("agent-needs-wmic", "agent-outdated"),
            platform=Platform.WINDOWS_2025,
            agent=Agent(version="3.3.987.0"),
        ),
    )


def _preferences() -> tuple[Node, ...]:
    return (
        *(_node(f"reporting-{n}", roles.WITHOUT_KEY.name, fails("kms-node-denied")) for n in (1, 2, 3)),
        HybridNode(
            "warehouse-marseille-01",
            roles.HYBRID_WITHOUT_KEY.name,
            "172.16.4.11",
            expected=fails("kms-node-denied"),
        ),
        _node("etl-1", roles.WITHOUT_KEY_AND_LOG_LOOKUP.name, fails("kms-node-denied", "log-group-unreadable")),
        *(_node(f"queue-{n}", roles.WITHOUT_LOG_LOOKUP.name, fails("log-group-unreadable")) for n in (1, 2)),
        _node("scheduler-1", roles.WITHOUT_LOG_WRITE.name, warns("cloudwatch-logs-lost")),
        *(_node(f"ingest-{n}", roles.WITHOUT_BUCKET_LOOKUP.name, fails("s3-encryption-unreadable")) for n in (1, 2)),
        _node("cache-1", roles.WITHOUT_BUCKET_WRITE.name, warns("s3-logs-lost")),
    )


def _operating_system() -> tuple[Node, ...]:
    return (
        _node(
            "ad-dc-1",
            roles.WINDOWS.name,
            fails("domain-controller"),
            platform=Platform.WINDOWS,
            agent=Agent(domain_controller=True),
        ),
    )


def _stopped() -> tuple[Node, ...]:
    return tuple(
        replace(_node(name, roles.BUILD.name, STOPPED, env="dev"), running=False)
        for name in ("dev-alex", "dev-sam", "load-test-1")
    )


def _node(
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
