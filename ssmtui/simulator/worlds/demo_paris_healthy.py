"""The demo's home Region: the nodes that a session opens to, and one that only looks like them from afar."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.console_outputs import NO_SPACE_LEFT
from ssmtui.simulator.scenario import HEALTHY, Agent, HybridNode, Instance, Node, Platform, fails
from ssmtui.simulator.worlds.demo_paris_roles import API, BUILD, DATABASE, HYBRID, WEB, WINDOWS


def nodes() -> tuple[Node, ...]:
    """Thirty nodes: by public address, behind NAT, by endpoints only, and hybrid."""
    return (
        *(_in("core-public", f"web-{n}", WEB.name, "Storefront") for n in range(1, 7)),
        *(_in("core-private-a", f"api-{n}", API.name, "Storefront", Platform.UBUNTU) for n in range(1, 6)),
        *(_in("core-private-b", f"build-runner-{n}", BUILD.name, "Platform", env="build") for n in range(1, 4)),
        _filled("build-runner-4"),
        *(_in("core-private-b", f"orders-db-{n}", DATABASE.name, "Data", Platform.RED_HAT) for n in (1, 2)),
        *(_in("vault-isolated", f"billing-db-{n}", DATABASE.name, "Finance", Platform.RED_HAT) for n in (1, 2, 3)),
        *(_in("vault-isolated", f"vault-{n}", DATABASE.name, "Security", Platform.UBUNTU) for n in (1, 2)),
        *(_in("core-private-a", f"iis-{n}", WINDOWS.name, "Intranet", Platform.WINDOWS) for n in (1, 2)),
        _in("core-private-a", "file-server-1", WINDOWS.name, "Intranet", Platform.WINDOWS),
        _in("core-public", "bastion-1", WEB.name, "Platform"),
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


def _filled(name: str) -> Instance:
    """A node that looks well from afar: its disk has filled since it connected, as only its console tells."""
    return replace(
        _in("core-private-b", name, BUILD.name, "Platform", env="build"),
        agent=Agent(disk_filled=True),
        console_output=NO_SPACE_LEFT,
        expected=fails("root-volume-full"),
        from_afar=HEALTHY,
    )


def _in(
    subnet: str,
    name: str,
    profile: str,
    team: str,
    platform: Platform = Platform.AMAZON_LINUX,
    env: str = "prod",
) -> Instance:
    network = subnet.partition("-")[0]
    return Instance(name, subnet, profile, platform, security_group=f"{network}-nodes", tags={"Env": env, "Team": team})
