"""The rows of nodes, and why a node has its status."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from ssmtui.diagnosis.events import FindingChanged, ScopeOpened, VerdictChanged
from ssmtui.language import Language, say, set_language
from ssmtui.model.finding import Evidence, Link, Status, Subject, SubjectKind, VerdictStatus
from ssmtui.model.node import Instance, NodeKey, Registration
from ssmtui.model.scope import Scope
from ssmtui.text.printable import ascii_text
from ssmtui.ui.state.fleet_view import FleetView
from ssmtui.ui.text import cause_rows
from ssmtui.ui.text.filters import RowColumn, parse_filter
from ssmtui.ui.text.node_columns import COLUMNS, PATH_COLUMN, NodeRow
from ssmtui.ui.text.node_path import initial_row
from ssmtui.ui.text.node_rows import (
    COLUMN_KEYS,
    DEFAULT_COLUMNS,
    FIELDS,
    cells,
    column_titles,
    columns,
    filtered_row,
    rank,
    tag_widths,
    wide_columns,
)
from ssmtui.ui.text.status_reasons import cached_reason, status_reason
from ssmtui.ui.text.styled_text import plain_text
from tests.ui.builders import FRANKFURT, HEALTHY, PARIS, finding, node, told, verdict


def fleet_view(*scopes: Scope) -> tuple[FleetView, list[NodeKey]]:
    nodes = [node("web-2", 1), node("", 2), node("Api-1", 3)]
    shown = FleetView()
    opened = [ScopeOpened(each) for each in scopes or (PARIS,)]
    for event in (*opened, *told(PARIS, nodes, verdicts=HEALTHY)):
        shown.apply(event)
    return shown, [each.key for each in nodes]


def test_no_two_columns_share_a_key_and_each_has_a_cell_for_every_node() -> None:
    shown, keys = fleet_view()
    named = [each.column.key for each in COLUMNS]
    assert len(set(named)) == len(named)
    assert all(list(cells(shown, key)) == named for key in keys)


@pytest.mark.parametrize("language", Language)
def test_the_heading_of_the_path_has_the_first_letter_of_each_link(language: Language) -> None:
    set_language(language)
    try:
        assert PATH_COLUMN.title == "".join(say(link.value)[0].upper() for link in Link)
        assert column_titles(FleetView())["path"] == say("path")
    finally:
        set_language(Language.ENGLISH)


def test_regions_and_accounts_are_columns_only_where_they_tell_nodes_apart() -> None:
    assert {"region", "account"}.isdisjoint(each.key for each in columns(fleet_view()[0]))
    assert "region" in [each.key for each in columns(fleet_view(PARIS, FRANKFURT)[0])]


def test_chosen_columns_stand_as_they_were_put_and_what_was_put_further_left_gives_way_last() -> None:
    fleet, _ = fleet_view(PARIS)
    ranks = {column.key: column.rank for column in columns(fleet)}
    hidden = columns(fleet, [key for key in DEFAULT_COLUMNS if key != "id"])
    assert {column.key: column.rank for column in hidden} == {key: ranks[key] for key in ranks if key != "id"}
    moved = columns(fleet, ("id", "why", "name", "account", "gone"))
    assert [(column.key, column.rank) for column in moved] == [("id", 0), ("why", 1), ("name", 1)]
    assert [column.key for column in columns(fleet, ("account",))] == ["account"]
    assert columns(fleet, ("gone",)) == columns(fleet)


def test_optional_columns_are_chosen_and_are_then_not_dropped_to_show_another_in_full() -> None:
    fleet, _ = fleet_view(PARIS)
    default = [column.key for column in columns(fleet)]
    assert set(default) <= set(DEFAULT_COLUMNS)
    assert set(COLUMN_KEYS) - set(DEFAULT_COLUMNS) == {"type", "address", "tags"}
    chosen = columns(fleet, (*DEFAULT_COLUMNS, "type", "tag:Env", "why"))
    assert [column.key for column in chosen][len(default) :] == ["type", "tag:Env", "why"]
    assert {column.key for column in chosen if not column.spare} >= {"type", "tag:Env", "why", "name"}
    assert {column.key for column in chosen if column.spare} >= {"id", "ping", "platform"}
    wide = wide_columns(fleet)
    assert [column.key for column in wide] == [key for key in (*default, "type", "address", "tags") if key != "why"]
    assert not any(column.spare for column in wide)


def test_properties_that_aws_lists_with_a_node_are_columns_also_each_tag() -> None:
    web = node("web", 1, tags=(("Env", "prod"), ("aws:asg", "x"), ("empty", ""), ("{name}", "\x1b[31m")))
    bare = node("bare", 2, hybrid=True)
    assert isinstance(web.instance, Instance)
    web = replace(web, instance=replace(web.instance, instance_type="t3.medium", ipv6_addresses=("2001:db8::1",)))
    fleet = FleetView()
    for event in (ScopeOpened(PARIS), *told(PARIS, [web, bare])):
        fleet.apply(event)
    chosen = ("tag:Env", "tag:{name}", "tag:gone")

    def texts(key: NodeKey) -> list[str]:
        shown = cells(fleet, key, chosen)
        return [plain_text(shown[column]) for column in ("type", "address", "tags", *chosen)]

    assert texts(web.key) == [
        "t3.medium",
        "10.0.1.1  2001:db8::1",
        "Env=prod  empty  {name}=\\x1b[31m",
        "prod",
        "\\x1b[31m",
        "",
    ]
    assert texts(bare.key) == ["", "10.0.1.2", "", "", "", ""]
    assert tag_widths(fleet, ("name", *chosen)) == {"tag:Env": 4, "tag:{name}": 8, "tag:gone": 0}
    assert list(column_titles(fleet, ("tag:gone",)))[len(COLUMN_KEYS) :] == [
        "tag:gone",
        "tag:Env",
        "tag:empty",
        "tag:{name}",
    ]
    assert [column.title for column in columns(fleet, chosen)] == ["Env", "{name}", "gone"]
    row = filtered_row(fleet, web.key)
    for text in ("type:t3", "address:2001:", "address:10.0.1.1", "10.0.1.1"):
        assert parse_filter(text, FIELDS).admits(row)


@pytest.mark.parametrize(
    ("column", "order"),
    [("address", "acbd"), ("type", "bacd"), ("tag:Env", "cabd"), ("tags", "cabd"), ("gone", "abcd")],
)
def test_rows_without_an_address_a_type_or_a_tag_are_last(column: str, order: str) -> None:
    fleet = FleetView()
    names: dict[NodeKey, str] = {}
    for name, address, type_, tags in (
        ("a", "10.0.0.9", "t3.medium", (("Env", "prod"),)),
        ("b", "10.0.0.100", "m7i.large", (("Env", "test"),)),
        ("c", "10.0.0.21", "", (("Env", "dev"),)),
        ("d", "", "", ()),
    ):
        one = node(name, len(names) + 1, ping=None, tags=tags)
        assert isinstance(one.instance, Instance)
        held = replace(one.instance, private_ip=address or None, instance_type=type_)
        for event in told(PARIS, [replace(one, instance=held)]):
            fleet.apply(event)
        names[one.key] = name
    assert "".join(names[key] for key in sorted(names, key=lambda key: rank(fleet, key, column))) == order


@pytest.mark.parametrize("columns_of_a_table", [COLUMNS, cause_rows.COLUMNS], ids=["nodes", "causes"])
def test_each_default_column_has_a_letter_that_sorts(columns_of_a_table: Sequence[RowColumn[NodeRow]]) -> None:
    given = [each.sort_key for each in columns_of_a_table if each.sort_key]
    assert len(set(given)) == len(given)
    assert all(letter.isupper() for letter in given)
    assert all(bool(each.sort_key) is bool(each.sort_help) is not each.optional for each in columns_of_a_table)


def test_rows_without_a_value_come_last_whatever_their_case() -> None:
    shown, keys = fleet_view()
    assert [shown.state.nodes[key].name for key in sorted(keys, key=lambda key: rank(shown, key, "name"))] == [
        "Api-1",
        "web-2",
        "",
    ]


def test_every_field_can_be_asked_for_and_holds_what_the_column_shows() -> None:
    shown, keys = fleet_view()
    row = filtered_row(shown, keys[0])
    assert all(parse_filter(f'{name}:"{value}"', FIELDS).admits(row) for name in FIELDS for value in row.fields[name])
    assert row.fields["region"] == (PARIS.region,)


WEB = node("web", 1)
DEMANDED = Evidence("the preferences require an encrypted bucket", "ssm:GetDocument")
MISSED = Evidence("s3:GetEncryptionConfiguration: no answer within 120 s", "s3:GetEncryptionConfiguration")


def said_of(*evidence: Evidence, needs: tuple[str, ...] = ()) -> str:
    held = finding(
        "s3-encryption-refused",
        Link.PREFERENCES,
        Subject(SubjectKind.BUCKET, "arn:aws:s3:::audit"),
        [WEB],
        status=Status.UNKNOWN,
        summary="Whether the bucket is encrypted could not be read.",
        evidence=evidence,
        needs=needs,
    )
    fleet_view = FleetView()
    for event in (
        ScopeOpened(PARIS),
        *told(PARIS, [WEB]),
        FindingChanged(held),
        VerdictChanged(WEB.key, verdict(VerdictStatus.UNKNOWN, held)),
    ):
        fleet_view.apply(event)
    return "".join(text for text, _ in status_reason(fleet_view, WEB.key))


def test_an_instance_of_an_aws_service_names_the_service_and_has_its_own_sign() -> None:
    own = node("auto-1", 4, ping=None)
    assert isinstance(own.instance, Instance)
    restricted = replace(own, instance=replace(own.instance, managed_by="eks.amazonaws.com"))
    shown = FleetView()
    for event in (ScopeOpened(PARIS), *told(PARIS, [restricted], verdicts=None)):
        shown.apply(event)
    shown.apply(VerdictChanged(restricted.key, verdict(VerdictStatus.RESTRICTED)))
    assert plain_text(status_reason(shown, restricted.key)) == "managed by eks.amazonaws.com"
    assert plain_text(cells(shown, restricted.key)["verdict"]) == "□"
    assert ascii_text("□") == "["
    for text, is_shown in (("verdict:restricted", True), ("state:running", True), ("verdict:stopped", False)):
        assert parse_filter(text, FIELDS).admits(filtered_row(shown, restricted.key)) is is_shown


@pytest.mark.parametrize(
    ("source_type", "state", "kinds"),
    [
        ("Microsoft.Compute/virtualMachines", "Azure", {"kind:hybrid", "kind:azure", "kind:az"}),
        ("compute.googleapis.com/Instance", "Google Cloud", {"kind:hybrid", "kind:google-cloud"}),
        ("AWS::IoT::Thing", "IoT", {"kind:hybrid", "kind:iot"}),
        ("AWS::SSM::ManagedInstance", "hybrid", {"kind:hybrid"}),
        ("Another.Cloud/machine", "hybrid", {"kind:hybrid"}),
    ],
)
def test_a_machine_of_another_cloud_says_where_it_is(source_type: str, state: str, kinds: set[str]) -> None:
    own = node("till-1", 5, hybrid=True)
    assert isinstance(own.registration, Registration)
    machine = replace(own, registration=replace(own.registration, source_type=source_type))
    shown = FleetView()
    for event in (ScopeOpened(PARIS), *told(PARIS, [machine], verdicts=None)):
        shown.apply(event)
    assert plain_text(cells(shown, machine.key)["state"]) == state
    asked = ("kind:hybrid", "kind:azure", "kind:az", "kind:google-cloud", "kind:iot", "kind:ec2", "state:azure")
    row = filtered_row(shown, machine.key)
    assert {each for each in asked if parse_filter(each, FIELDS).admits(row)} == kinds


@pytest.mark.parametrize(
    ("evidence", "needs", "said"),
    [
        ((DEMANDED, MISSED), (), "unknown: s3:GetEncryptionConfiguration: no answer within 120 s"),
        ((DEMANDED,), (), "unknown: Whether the bucket is encrypted could not be read."),
        ((MISSED,), ("s3:GetEncryptionConfiguration",), "unknown: needs s3:GetEncryptionConfiguration"),
    ],
)
def test_what_cannot_be_told_names_the_right_or_else_the_call_that_gave_no_answer(
    evidence: tuple[Evidence, ...], needs: tuple[str, ...], said: str
) -> None:
    assert said_of(*evidence, needs=needs) == said


def test_the_same_is_put_into_words_once_until_what_was_found_is_another() -> None:
    api, fleet_view = node("api", 2), FleetView()
    held = finding(
        "kms-node-denied", Link.PREFERENCES, Subject(SubjectKind.ROLE, "arn:aws:iam::1:role/web"), [WEB, api]
    )
    warned = verdict(VerdictStatus.FAIL, held)
    for event in (*told(PARIS, [WEB, api], verdicts=warned), FindingChanged(held)):
        fleet_view.apply(event)
    words = cached_reason(fleet_view, WEB.key)
    assert cached_reason(fleet_view, api.key) is words
    fleet_view.apply(FindingChanged(replace(held, nodes=frozenset({WEB.key}))))
    assert cached_reason(fleet_view, api.key) is words
    fleet_view.apply(FindingChanged(replace(held, finding=replace(held.finding, status=Status.WARN))))
    assert cached_reason(fleet_view, api.key) is not words


THIS_COMPUTER = Subject(SubjectKind.WORKSTATION, "workstation")


@pytest.mark.parametrize(
    ("status", "of_computer", "of_node", "reason"),
    [
        (VerdictStatus.WARN, Status.WARN, Status.WARN, "agent-outdated"),
        (VerdictStatus.UNKNOWN, Status.UNKNOWN, Status.UNKNOWN, "unknown: agent-outdated"),
        (VerdictStatus.OK, Status.WARN, Status.INFO, "ok"),
    ],
)
def test_a_fault_of_this_computer_is_not_the_reason_for_the_status_of_a_node(
    status: VerdictStatus, of_computer: Status, of_node: Status, reason: str
) -> None:
    shown, _ = fleet_view()
    web = node("web-1", 9)
    plugin = finding("plugin-missing", Link.WORKSTATION, THIS_COMPUTER, [web], status=of_computer)
    own = finding("agent-outdated", Link.AGENT, Subject(SubjectKind.NODE, web.id), [web], status=of_node)
    for event in (
        *told(PARIS, [web]),
        FindingChanged(plugin),
        FindingChanged(own),
        VerdictChanged(web.key, verdict(status, plugin, own)),
    ):
        shown.apply(event)
    assert plain_text(status_reason(shown, web.key)) == reason
    opens_at = Link.WORKSTATION if of_node is Status.INFO else Link.AGENT
    row = initial_row(shown, web.key)
    assert shown.state.findings[str(row)].link is opens_at
