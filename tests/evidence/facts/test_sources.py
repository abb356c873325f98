"""Every fact has one source, and every source keeps to the reads that ssmtui is allowed."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from dataclasses import fields, is_dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import ssmtui.evidence
import ssmtui.model.identity
import ssmtui.model.network
import ssmtui.model.node_facts
import ssmtui.model.permissions
import ssmtui.model.preferences
import ssmtui.model.ssm_agent
import ssmtui.model.storage
import ssmtui.model.workstation
from ssmtui.checks.registry import all_checks
from ssmtui.evidence.aws.allowed_reads import DRY_RUNS
from ssmtui.evidence.aws.scopes import OPENING_ACTIONS, ORGANIZATION_ACTIONS
from ssmtui.evidence.facts.sources import (
    DerivedFact,
    DuplicateSource,
    Read,
    WorkstationRead,
    all_reads,
    derives,
    sources,
    underlying_actions,
    underlying_reads,
)
from ssmtui.evidence.readers.node_listing import LISTING_ACTIONS
from ssmtui.model.access_denied import LOOKUP_ACTION
from ssmtui.model.choice import Choices
from ssmtui.model.fact import Now
from ssmtui.model.identity import InstanceProfile, NodeRole
from ssmtui.model.node import Node
from ssmtui.model.node_facts import InspectedNode, RequestedNodes, RunningNode
from ssmtui.model.plan import ChangeDelay, ChangedSubject, Ownership, PlannedCalls
from ssmtui.model.preferences import PreferencesDocument, RegionPreferences, SessionPreferences
from ssmtui.model.probe import Probes
from ssmtui.model.scope import Scope
from ssmtui.model.ssm_agent import AgentFlaw
from ssmtui.model.storage import LogGroup
from ssmtui.model.workstation import NodeElsewhere, NodeQuery, Plugin
from ssmtui.remediation.plans.registry import all_fixes

ROOTS = {Scope, RequestedNodes, Now, Node, InspectedNode, ChangeDelay, Choices, PlannedCalls, ChangedSubject, Probes}

NOT_FACTS = {AgentFlaw, RegionPreferences}
"""Values beside the facts: the table of published flaws, and what the form of preferences is given."""


def classes_in_the_model() -> set[type]:
    modules = (
        ssmtui.model.identity,
        ssmtui.model.network,
        ssmtui.model.permissions,
        ssmtui.model.preferences,
        ssmtui.model.node_facts,
        ssmtui.model.storage,
        ssmtui.model.ssm_agent,
        ssmtui.model.workstation,
    )
    return {
        each
        for module in modules
        for each in vars(module).values()
        if inspect.isclass(each) and each.__module__ == module.__name__ and is_dataclass(each)
    }


def classes_named_in(annotation: object) -> set[object]:
    return {annotation}.union(*(classes_named_in(each) for each in get_args(annotation)))


def kinds_in_the_model() -> set[type]:
    """The values of the model that are facts: neither inside another value nor what others are made from."""
    every = classes_in_the_model()
    inside = {
        named
        for each in every
        for field, annotation in get_type_hints(each).items()
        if field in {own.name for own in fields(each)}
        for named in classes_named_in(annotation)
    }
    return {each for each in every if each not in inside and not each.__subclasses__()}


def test_every_kind_of_fact_in_the_model_has_a_source() -> None:
    assert kinds_in_the_model() - sources().keys() - ROOTS - NOT_FACTS == set()


def test_everything_that_a_check_or_a_source_needs_has_a_source() -> None:
    needed = {need.kind for each in all_checks() for need in (*each.needs, *each.subject_needs)}
    needed |= {need.kind for source in sources().values() for need in source.needs}
    assert needed - sources().keys() - ROOTS == set()


def test_no_fact_needs_itself() -> None:
    TopologicalSorter({kind: {need.kind for need in source.needs} for kind, source in sources().items()}).prepare()


def test_every_read_says_what_it_asks() -> None:
    for source in sources().values():
        if isinstance(source, Read):
            assert source.actions
            assert set(source.actions) <= set(all_reads().values())


def test_all_that_may_be_called_reads_by_its_name() -> None:
    operations = [name for service, name in all_reads() if (service, name) not in DRY_RUNS]
    assert all(re.match(r"Describe|Get|Head|List|Lookup|Simulate", operation) for operation in operations)


def test_two_sources_for_one_kind_are_a_defect() -> None:
    first = sources()[RunningNode]
    with pytest.raises(DuplicateSource, match="RunningNode"):

        @derives
        def second(node: Node) -> RunningNode:
            raise NotImplementedError

    assert sources()[RunningNode] is first


def test_a_fact_that_is_worked_out_is_as_old_as_what_was_read_for_it() -> None:
    assert underlying_reads(SessionPreferences) == {PreferencesDocument}
    assert underlying_reads(PreferencesDocument) == {PreferencesDocument}
    assert underlying_reads(RunningNode) == frozenset()
    assert underlying_reads(Scope) == frozenset()
    assert {each.__name__ for each in underlying_reads(InstanceProfile)} == {"AttachedProfile"}
    assert {each.__name__ for each in underlying_reads(NodeRole)} == {
        *("AttachedProfile", "HostManagement", "HostManagementRole", "HybridRole", "ProfileCoreSimulated"),
        "ProfileRolePolicies",
    }


def test_a_fact_takes_the_actions_of_all_that_leads_to_it() -> None:
    assert underlying_actions(Scope) == frozenset()
    assert underlying_actions(PreferencesDocument) == {"ssm:DescribeDocument", "ssm:GetDocument"}
    assert underlying_actions(SessionPreferences) == underlying_actions(PreferencesDocument)
    assert underlying_actions(LogGroup) == {"logs:DescribeLogGroups", *underlying_actions(PreferencesDocument)}


def test_the_list_is_what_reading_takes_and_no_more() -> None:
    needs = [*(each.needs for each in all_checks()), *(each.needs for each in all_fixes().values())]
    needed = {action for each in needs for need in each for action in underlying_actions(need.kind)}
    needed |= underlying_actions(Ownership)  # which the planner asks for
    # A dry run asks about a permission of sessions, so the permission is none of reading.
    reading = {action for operation, action in all_reads().items() if operation not in DRY_RUNS}
    assert {*needed, *LISTING_ACTIONS, *OPENING_ACTIONS, *ORGANIZATION_ACTIONS, LOOKUP_ACTION} == reading


_EVIDENCE = {file: file.read_text(encoding="utf-8") for file in Path(ssmtui.evidence.__file__).parent.rglob("*.py")}


@pytest.mark.parametrize(("service", "operation"), all_reads())
def test_every_operation_that_is_declared_is_called(service: str, operation: str) -> None:
    callers = {file.name for file, text in _EVIDENCE.items() if f'"{operation}"' in text and f'"{service}"' in text}
    assert callers - {"operations.py"}


def test_every_operation_that_is_called_is_declared() -> None:
    calling = re.compile(r'\.(?:call|pages)\(\s*"([\w-]+)",\s*"(\w+)"')
    called = {each for text in _EVIDENCE.values() for each in calling.findall(text)}
    assert len(called) > 40
    assert called <= all_reads().keys()


def test_sources_are_of_three_sorts() -> None:
    assert {type(source) for source in sources().values()} == {Read, WorkstationRead, DerivedFact}


def test_what_is_seen_on_this_computer_takes_no_permission_and_is_seen_anew() -> None:
    assert underlying_actions(Plugin) == frozenset()
    assert underlying_reads(Plugin) == {Plugin}
    assert underlying_reads(NodeElsewhere) == {NodeQuery}


def test_to_know_every_source_no_sdk_is_imported() -> None:
    program = (
        "import sys\nfrom ssmtui.evidence.facts.sources import sources\n"
        "import ssmtui.evidence.readers.node_listing, ssmtui.evidence.aws.scopes\n"
        "import ssmtui.evidence.facts.event_loop, ssmtui.evidence.aws.profiles\n"
        "sources()\n"
        "print([name for name in ('aiobotocore', 'botocore', 'boto3', 'aiohttp') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
