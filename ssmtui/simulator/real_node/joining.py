"""Let the real agent join a scenario, with the first role of the scenario that hybrid nodes can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ssmtui.simulator.process import ProxySocket
from ssmtui.simulator.real_node.isolation import build_root, inside
from ssmtui.simulator.real_node.node import Activation, RealNode
from ssmtui.simulator.real_node.programs import MissingError
from ssmtui.simulator.scenario import Scenario, role_of_hybrid_nodes
from ssmtui.simulator.setup.clients import clients_of

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed.wsgi import WSGIApplication

NAME: Final = "real-1"
"""The name of the node."""


def join_real_node(agent: Path, scenario: Scenario, application: WSGIApplication, proxy_socket: ProxySocket) -> None:
    """Register the agent of a folder as a node, and start it; return when it is connected.

    Raises MissingError if the scenario has no role for hybrid nodes, or the agent cannot run.
    """
    folder = inside()
    if folder is None:
        raise MissingError("The simulated AWS is not in private namespaces.")
    role = role_of_hybrid_nodes(scenario)
    if role is None:
        raise MissingError("The scenario has no role for hybrid nodes.")
    region = scenario.regions[0].name
    ssm = clients_of(application).of("ssm", region)
    made = ssm.create_activation(IamRole=role, DefaultInstanceName=NAME)
    activation = Activation(region, made["ActivationId"], made["ActivationCode"])
    RealNode(build_root(folder, agent), activation, proxy_socket.variables, NAME).start()
