"""Set up a scenario in an empty account, and load it instead of the previous one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ssmtui.simulator import gateway, state
from ssmtui.simulator.authorisation.permission import forget_refused_requests
from ssmtui.simulator.moto_aws import reset_moto
from ssmtui.simulator.scenario import MemberAccount, Scenario
from ssmtui.simulator.setup import account, networks, nodes
from ssmtui.simulator.setup.clients import Clients, References, clients_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def build_scenario(scenario: Scenario, application: WSGIApplication) -> None:
    """Build a scenario in an empty account, in the order of its references."""
    clients = clients_of(application)
    references = References(scenario.regions[0].name)
    for region in scenario.regions:
        account.make_keys(clients, region, references)
    for region in scenario.regions:
        account.make_buckets(clients, region, references)
        account.make_log_groups(clients, region, references)
    account.make_roles(clients, (*scenario.roles, scenario.caller), scenario.profiles, references)
    account.give_key(scenario.caller, references)
    for region in scenario.regions:
        network_ids = networks.make_networks(clients, region)
        own_nodes = nodes.make_nodes(clients, region, network_ids)
        for name, id_ in {**network_ids.networks, **network_ids.endpoints, **own_nodes}.items():
            references.add(name, id_)
        account.write_resource_policies(clients, region, references)
        account.save_preferences(clients, region, references)
        account.choose_settings(region)
    account.write_policies(clients, (*scenario.roles, scenario.caller), references)
    account.join_organization(scenario, references)
    for member in scenario.members:
        with state.setting_up(member.account):
            _build_member(member, clients, References(scenario.regions[0].name))


def _build_member(member: MemberAccount, clients: Clients, references: References) -> None:
    account.make_roles(clients, member.roles, member.profiles, references)
    for region in member.regions:
        network_ids = networks.make_networks(clients, region)
        for name, id_ in {**network_ids.networks, **nodes.make_nodes(clients, region, network_ids)}.items():
            references.add(name, id_)
        account.choose_settings(region)
    account.write_policies(clients, member.roles, references)


_one_at_a_time: Final = threading.Lock()


def load(scenario: Scenario, application: WSGIApplication, then: Callable[[], None] | None = None) -> None:
    """Load a scenario, built by API calls to the application; other requests wait meanwhile.

    `then` is called in the loaded scenario, before other requests are answered. If something fails, the waiting
    requests are answered with the reason, and the error is raised.
    """
    with _one_at_a_time:
        # Release the requests that a fault holds: the gate waits for running requests.
        state.faults.clear()
        state.gate.close()
        try:
            gateway.forget()
            state.reset()
            forget_refused_requests()
            reset_moto()
            build_scenario(scenario, application)
            state.mark_built(scenario)
            if then is not None:
                then()
        except Exception as error:
            state.gate.open_on_failure(f"{type(error).__name__}: {error}")
            raise
        state.gate.open()
