"""Building a scenario: ordinary API calls for what AWS shows, flags for what it hides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ssmtui.simulator import state
from ssmtui.simulator.scenario import Member, Scenario
from ssmtui.simulator.seeding import identity, networks, nodes, storage
from ssmtui.simulator.seeding.clients import Clients, clients_of
from ssmtui.simulator.seeding.references import References

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def seed(scenario: Scenario, application: WSGIApplication) -> None:
    """Build a scenario in an empty account, in the order in which one thing names another."""
    clients = clients_of(application)
    references = References(scenario.regions[0].name)
    for region in scenario.regions:
        storage.make_keys(clients, region, references)
    for region in scenario.regions:
        storage.make_buckets(clients, region, references)
        storage.make_log_groups(clients, region, references)
    identity.make_roles(clients, (*scenario.roles, scenario.caller), scenario.profiles, references)
    identity.give_key(scenario.caller, references)
    for region in scenario.regions:
        places = networks.make_networks(clients, region)
        for name, id_ in {**places.networks, **nodes.make_nodes(clients, region, places)}.items():
            references.add(name, id_)
        storage.save_preferences(clients, region, references)
        storage.choose_settings(region)
    identity.write_policies(clients, (*scenario.roles, scenario.caller), references)
    identity.join_organization(scenario, references)
    for member in scenario.members:
        with state.seeding(member.account):
            _seed_member(member, clients, References(scenario.regions[0].name))


def _seed_member(member: Member, clients: Clients, references: References) -> None:
    identity.make_roles(clients, member.roles, member.profiles, references)
    for region in member.regions:
        places = networks.make_networks(clients, region)
        for name, id_ in {**places.networks, **nodes.make_nodes(clients, region, places)}.items():
            references.add(name, id_)
        storage.choose_settings(region)
    identity.write_policies(clients, member.roles, references)
