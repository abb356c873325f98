"""Describe the path of a node: its links, the rows of its findings, and all facts that were read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import Enum

from ssmtui.diagnosis.diagnosis_handle import RawFact
from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, Unreadable
from ssmtui.model.finding import FleetFinding, InspectionResult, Link, LinkState, Status, Verdict
from ssmtui.model.node import Instance, Node, NodeKey, Registration
from ssmtui.model.scope import Scope
from ssmtui.text.printable import printable
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.probes import probed_pieces
from ssmtui.ui.text.status_reasons import status_reason
from ssmtui.ui.text.styled_text import (
    LINKS,
    STATUSES,
    Block,
    Cell,
    Prose,
    Sign,
    TextStyle,
    heading,
    item,
    lines_of,
    paragraph,
    sign_of,
    to_pieces,
)


def deep_inspection_summary(looks: Sequence[InspectionResult] | None) -> tuple[Sign, str]:
    """Return one sign and a few words for the deep inspection; None means that it is running."""
    if looks is None:
        sign = LINKS[LinkState.PENDING]
        return sign, sign.word
    asked = [each for each in looks if not each.not_applicable]
    unread = sum(each.unread is not None for each in asked)
    if unread:
        return LINKS[LinkState.UNKNOWN], say("{count} not read", count=unread)
    if not asked:
        sign = LINKS[LinkState.NOT_CHECKED]
        return sign, sign.word
    return LINKS[LinkState.OK], say("{count} read", count=len(asked))


def deep_inspection_prose(looks: Sequence[InspectionResult] | None) -> Prose:
    """Return each result with its source."""
    sign, words = deep_inspection_summary(looks)
    return (
        item(
            sign.glyph,
            (say("deep inspection"), TextStyle.STRONG),
            ("  ", TextStyle.PLAIN),
            (words, sign.text_style),
            text_style=sign.text_style,
        ),
        paragraph(say("ssmtui reads more facts for a node that you open or name."), gap=True),
        *(block for look in looks or () for block in _inspection_line(look)),
    )


def _inspection_line(look: InspectionResult) -> Iterator[Block]:
    sign = LINKS[LinkState.UNKNOWN if look.unread else LinkState.NOT_CHECKED if look.not_applicable else LinkState.OK]
    yield Block(
        to_pieces((look.what, TextStyle.STRONG), (f"  {look.source}", TextStyle.CODE)),
        marker=sign.glyph,
        marker_style=sign.text_style,
        gap=True,
    )
    if look.unread is not None:
        why = look.unread.why
        yield paragraph(say("Could not be read: {why}", why=why) if why else say("Could not be read."), indent=2)
        if look.unread.action:
            yield paragraph((say("needs"), TextStyle.MUTED), f"  {look.unread.action}", indent=2)
    elif look.not_applicable:
        yield paragraph((say("Not read: {why}", why=look.not_applicable), TextStyle.MUTED), indent=2)
    else:
        yield paragraph(look.found, indent=2)
        if look.limits:
            yield paragraph((look.limits, TextStyle.FAINT), indent=2)


class PathExtra(Enum):
    """A row below the path: the deep inspection, which starts when a user opens the node."""

    CLOSER_LOOK = translatable("deep inspection")


PathRow = Link | str | PathExtra
"""A link, the id of a finding on the link above, or a row below the path."""

_NAME_WIDTH = max(len(link.value) for link in Link)

COLUMNS = (Column("text", translatable("path"), 10, None, 0),)


def path_rows(fleet: Fleet, key: NodeKey) -> list[PathRow]:
    """Return the links of a node's path, each followed by its findings; nothing if the node no longer exists."""
    if fleet.node(key) is None:
        return []
    rows: list[PathRow] = []
    findings = fleet.findings_of(key)
    for link in Link:
        rows.append(link)
        rows.extend(each.id for each in findings if each.link is link)
    return [*rows, PathExtra.CLOSER_LOOK] if key in fleet.state.inspections else rows


_FINE_STATES = frozenset({LinkState.OK, LinkState.NOT_CHECKED, LinkState.PENDING})


def initial_row(fleet: Fleet, key: NodeKey) -> PathRow:
    """Return the initial row: the root cause, else the worst finding, else the link that is not ok.

    A finding about this computer comes after the node's own findings of any status except notes.
    """
    verdict = fleet.verdict(key)
    findings = fleet.findings_of(key)
    worst = sorted(findings, key=lambda each: (each.finding.cause != verdict.root_cause, _priority(each)))
    if worst and worst[0].finding.status is not Status.INFO:
        return worst[0].id
    uneasy = [link for link in Link if verdict.link(link) not in _FINE_STATES]
    return uneasy[0] if uneasy else Link.WORKSTATION


def cells(fleet: Fleet, key: NodeKey, row: PathRow) -> Mapping[str, Cell]:
    """Return the cells of a row of the path."""
    if isinstance(row, Link):
        return {"text": _link(fleet, key, row)}
    if isinstance(row, PathExtra):
        return {"text": _deep_inspection(fleet, key)}
    fleet_finding = fleet.state.findings.get(row)
    return {"text": _finding(fleet, key, fleet_finding)} if fleet_finding else {}


def _link(fleet: Fleet, key: NodeKey, link: Link) -> Cell:
    state = fleet.verdict(key).link(link)
    sign = LINKS[state]
    root = any(each.link is link and _is_root(fleet, key, each) for each in fleet.findings_of(key))
    return (
        (f"{sign.glyph} ", sign.text_style),
        (f"{say(link.value):<{_NAME_WIDTH}} ", TextStyle.STRONG),
        (say("root cause") if root else sign.word, TextStyle.FAINT if state is LinkState.OK else sign.text_style),
    )


def _deep_inspection(fleet: Fleet, key: NodeKey) -> Cell:
    looks = fleet.state.inspections.get(key)
    sign, words = deep_inspection_summary(looks)
    return (
        (f"{sign.glyph} ", sign.text_style),
        (f"{say(PathExtra.CLOSER_LOOK.value):<{_NAME_WIDTH}} ", TextStyle.STRONG),
        (words, TextStyle.FAINT if sign.text_style is TextStyle.OK else sign.text_style),
    )


def _finding(fleet: Fleet, key: NodeKey, fleet_finding: FleetFinding) -> Cell:
    sign = STATUSES[fleet_finding.finding.status]
    title = printable(fleet.finding_title(fleet_finding.finding))
    return (
        ("│ ", TextStyle.FAINT),
        (f"{sign.glyph} ", sign.text_style),
        (title, TextStyle.STRONG if _is_root(fleet, key, fleet_finding) else TextStyle.PLAIN),
    )


def _is_root(fleet: Fleet, key: NodeKey, fleet_finding: FleetFinding) -> bool:
    return fleet_finding.finding.status is Status.FAIL and fleet_finding.finding.cause == fleet.verdict(key).root_cause


def _priority(fleet_finding: FleetFinding) -> tuple[bool, bool, int]:
    finding = fleet_finding.finding
    return finding.status is Status.INFO, finding.is_about_workstation, tuple(STATUSES).index(finding.status)


def node_header(fleet: Fleet, key: NodeKey, now: datetime) -> Cell:
    """Return the two header lines."""
    node = fleet.node(key)
    if node is None:
        return ((say("This node no longer exists."), TextStyle.WARN),)
    sign = sign_of(fleet.verdict(key))
    words = (key.region, node.state.value if node.state else node.cloud or say("hybrid"), node.platform)
    return (
        (f"{sign.glyph} ", sign.text_style),
        (node.name or node.id, TextStyle.STRONG),
        ("  ", TextStyle.PLAIN),
        *status_reason(fleet, key),
        ("\n", TextStyle.PLAIN),
        (node.id, TextStyle.MUTED),
        *probed_pieces(fleet, fleet.state.probed(key), now),
        (" · " + " · ".join(word for word in words if word), TextStyle.MUTED),
    )


def raw_facts_prose(facts: Sequence[RawFact]) -> Prose:
    """Return the facts in order, each with its API."""
    if not facts:
        return (paragraph(say("No facts of this node have been read yet.")),)
    blocks: list[Block] = []
    for fact in facts:
        blocks.append(
            paragraph(
                (fact.name, TextStyle.HEADING), (f"  {fact.source}" if fact.source else "", TextStyle.CODE), gap=True
            )
        )
        blocks += lines_of(fact.value, indent=2)
    return tuple(blocks)


LINK_MEANINGS = {
    Link.WORKSTATION: translatable(
        "This computer. It needs credentials, a correct clock and the Session Manager plugin."
    ),
    Link.CALLER: translatable(
        "The caller. This principal must be allowed to open sessions and to read the session preferences."
    ),
    Link.INSTANCE: translatable(
        "The machine. It must be running, with free disk space and its metadata service turned on."
    ),
    Link.IDENTITY: translatable(
        "The role of the node, from an instance profile, a hybrid activation or Default Host Management."
    ),
    Link.NETWORK: translatable(
        "The connection to the endpoints of ssm and ssmmessages, and of kms, logs and s3 if sessions use them."
    ),
    Link.AGENT: translatable("SSM Agent. It registers the node, sends heartbeats and keeps the control channel open."),
    Link.PREFERENCES: translatable(
        "The session preferences of the Region: the key and the logs that every session must be able to use."
    ),
    Link.SYSTEM: translatable("The operating system. It must have a user and a shell for the session."),
}

STATE_SENTENCES = {
    LinkState.OK: translatable("All checks of this link passed."),
    LinkState.PENDING: translatable("The checks of this link are running."),
    LinkState.NOT_CHECKED: translatable(
        "No check says that this link is ok. Its checks do not apply to this node, had nothing to read, or found what "
        "another finding explains."
    ),
    LinkState.UNKNOWN: translatable("Some facts of this link could not be read."),
    LinkState.WARN: translatable("A session opens, but this link has a warning."),
    LinkState.FAIL: translatable("This link blocks sessions."),
}


def link_text(node: Node, scope: Scope, link: Link, verdict: Verdict, connection: str) -> Prose:
    """Return a link explained, with the checks that passed, and the facts of the node that belong to it."""
    state = verdict.link(link)
    facts = _facts(node, scope, link, connection)
    return (*link_prose(link, state, STATE_SENTENCES[state], facts), *_passed(verdict.passed_on(link)))


def link_prose(link: Link, state: LinkState, sentence: str, named_facts: Iterable[tuple[str, str]]) -> Prose:
    """Return a link with its meaning, its state in a sentence, and its facts by name."""
    sign = LINKS[state]
    facts = [paragraph((f"{name:<16}", TextStyle.MUTED), value) for name, value in named_facts]
    return (
        item(
            sign.glyph,
            (say(link.value), TextStyle.STRONG),
            ("  ", TextStyle.PLAIN),
            (sign.word, sign.text_style),
            text_style=sign.text_style,
        ),
        paragraph(say(LINK_MEANINGS[link]), gap=True),
        paragraph((say(sentence), sign.text_style), gap=True),
        *((heading(say("Facts")), *facts) if facts else ()),
    )


def _passed(questions: Sequence[str]) -> Prose:
    """Return the checks that passed, in a quiet style: few readers need to know what a green link means."""
    sign = LINKS[LinkState.OK]
    if not questions:
        return ()
    rows = (item(sign.glyph, (say(question), TextStyle.FAINT), text_style=TextStyle.FAINT) for question in questions)
    return (heading(say("Checks that passed")), *rows)


def _facts(node: Node, scope: Scope, link: Link, connection: str) -> Iterator[tuple[str, str]]:
    instance, registration = node.instance, node.registration
    match link:
        case Link.WORKSTATION:
            yield say("profile"), scope.name.profile or say("the default chain")
        case Link.CALLER:
            yield say("caller"), scope.caller
            yield say("account"), scope.account
        case Link.INSTANCE if isinstance(instance, Instance):
            yield say("state"), instance.state.value
            if node.service is not None:
                yield say("managed by"), node.service or say("an AWS service")
            yield say("launched"), f"{instance.launched:%Y-%m-%d %H:%M} UTC"
            yield say("image"), instance.image_id
            yield (
                say("metadata"),
                (say("on") if instance.metadata.endpoint_enabled else say("off"))
                + say(", tokens {tokens}", tokens=instance.metadata.tokens.value),
            )
        case Link.INSTANCE if isinstance(registration, Registration):
            yield say("source type"), registration.source_type or say("not read")
            yield say("source ID"), registration.source_id
            yield say("location"), registration.source_location
            yield say("computer"), registration.computer_name
        case Link.IDENTITY if isinstance(instance, Instance):
            yield say("profile"), instance.profile_arn or say("none")
        case Link.IDENTITY if isinstance(registration, Registration):
            yield say("role"), registration.iam_role or say("none")
        case Link.NETWORK if isinstance(instance, Instance):
            yield say("subnet"), instance.subnet_id or say("none")
            yield say("VPC"), instance.vpc_id or say("none")
            yield say("security groups"), ", ".join(instance.security_group_ids)
            yield say("addresses"), ", ".join(each for each in (instance.private_ip, instance.public_ip) if each)
        case Link.AGENT if isinstance(registration, Registration):
            yield say("ping"), registration.ping.value
            if registration.last_ping:
                yield say("last ping"), f"{registration.last_ping:%Y-%m-%d %H:%M} UTC"
            yield say("agent"), registration.agent_version
            yield say("channel"), connection or say("not read")
        case Link.AGENT:
            yield say("registration"), _missing(registration)
        case Link.SYSTEM:
            yield say("platform"), node.platform
        case _:
            return


def _missing(answer: Registration | Absent | Unreadable) -> str:
    match answer:
        case Unreadable(action, why_):
            return say("could not be read ({action}): {why}", action=action, why=why_)
        case _:
            return say("Systems Manager does not list this node")
