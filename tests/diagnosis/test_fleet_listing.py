from __future__ import annotations

from dataclasses import replace

from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
from ssmtui.diagnosis.fleet_listing import FleetListing
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.simulator.in_thread import SimulatedAws
from tests.simulated_diagnosis.fixtures import diagnosed


def listed(aws: SimulatedAws, *nodes: str, regions: tuple[str, ...] = ()) -> FleetState:
    listing = FleetListing(
        DiagnosisRequest(regions=regions or tuple(aws.regions), endpoint_url=aws.endpoint_url, nodes=nodes)
    )
    try:
        return listing.state()
    finally:
        listing.close()


def test_the_nodes_are_those_of_a_diagnosis(at_simulator: SimulatedAws) -> None:
    at_simulator.load("healthy-small")
    told, known = listed(at_simulator), diagnosed(at_simulator)
    names = {key: (node.name, node.managed) for key, node in known.nodes.items()}
    assert {key: (node.name, node.managed) for key, node in told.nodes.items()} == names
    # Only a diagnosis reads the path of the caller's role.
    assert told.scope_of == {key: replace(scope, principal=None) for key, scope in known.scope_of.items()}


def test_a_word_that_names_no_node_is_told_with_names_like_it(at_simulator: SimulatedAws) -> None:
    at_simulator.load("healthy-small")
    state = listed(at_simulator, "web-1", "web-99")
    assert [node.name for node in state.nodes.values()] == ["web-1"]
    assert state.nowhere() == ("web-99",)
    assert state.others() == {"web-1"}


def test_credentials_are_lent_as_they_were_used(at_simulator: SimulatedAws) -> None:
    at_simulator.load("healthy-small")
    listing = FleetListing(DiagnosisRequest(regions=at_simulator.regions, endpoint_url=at_simulator.endpoint_url))
    try:
        [scope] = listing.state().scopes
        lent = listing.credentials(scope).result(timeout=60)
    finally:
        listing.close()
    assert lent.access_key == at_simulator.environment["AWS_ACCESS_KEY_ID"]
