from __future__ import annotations

from dataclasses import replace

from ssmtui.diagnosis.connections import PeerGroups, peer_group_of
from ssmtui.model.node import ConnectionStatus, Instance, Registration
from tests.builders.fleet import a_node

ONE, TWO = a_node("i-1", "web-1"), a_node("i-2", "web-2")
KIN = peer_group_of(ONE)


def test_nodes_of_one_role_subnet_groups_and_agent_are_kin() -> None:
    assert isinstance(TWO.instance, Instance)
    assert isinstance(TWO.registration, Registration)
    elsewhere = replace(TWO, instance=replace(TWO.instance, subnet_id="subnet-2"))
    older = replace(TWO, registration=replace(TWO.registration, agent_version="3.1.0.0"))
    assert [peer_group_of(each) == KIN for each in (TWO, elsewhere, older)] == [True, False, False]


def test_one_that_is_connected_lets_one_expect_it_of_those_that_nobody_asked() -> None:
    peer_groups = PeerGroups()
    assert peer_groups.expects(KIN) is None
    peer_groups.add_unread(KIN, TWO.key)
    assert peer_groups.record_answer(KIN, ONE.key, ConnectionStatus.NOT_CONNECTED) == (TWO.key,)
    assert peer_groups.expects(KIN) is False
    assert peer_groups.record_answer(KIN, ONE.key, ConnectionStatus.CONNECTED) == (TWO.key,)
    assert peer_groups.expects(KIN) is True
    assert peer_groups.record_answer(KIN, TWO.key, ConnectionStatus.NOT_CONNECTED) == ()


def test_only_the_first_is_the_first() -> None:
    peer_groups = PeerGroups()
    assert [peer_groups.claim_first(KIN), peer_groups.claim_first(KIN)] == [True, False]
    peer_groups.forget()
    assert peer_groups.claim_first(KIN)
