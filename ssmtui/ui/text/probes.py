"""Describe probes and tunnels: their rows, stages and results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ssmtui.diagnosis.explanation import rank_causes
from ssmtui.language import say, say_many, translatable
from ssmtui.model.command_lines import tunnel_command
from ssmtui.model.finding import VerdictStatus
from ssmtui.model.node import Node
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.probe import (
    PROBE_LINE,
    ProbeEnd,
    ProbeKind,
    ProbeOutcome,
    Probes,
    ProbeStage,
    StageResult,
    StageState,
)
from ssmtui.model.sessions import Tunnel, TunnelRequest, TunnelState
from ssmtui.session.tunnels.forward import bytes_text, destination, local_address, peak_rates
from ssmtui.text.printable import printable_lines
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.fleet import Fleet
from ssmtui.ui.text.styled_text import (
    VERDICTS,
    Block,
    Cell,
    Piece,
    Prose,
    Sign,
    TextStyle,
    cell,
    heading,
    item,
    paragraph,
    short_duration,
    to_pieces,
)

STAGE_SIGNS = {
    StageState.UNDER_WAY: Sign("·", TextStyle.ACCENT, translatable("running")),
    StageState.PASSED: Sign("●", TextStyle.OK, translatable("passed")),
    StageState.SKIPPED: Sign("–", TextStyle.FAINT, translatable("skipped")),
    StageState.STOPPED: Sign("✖", TextStyle.FAIL, translatable("stopped here")),
}
WAITING_SIGN = Sign("·", TextStyle.FAINT, translatable("waiting"))
NO_RESULT_SIGN = Sign("?", TextStyle.UNKNOWN, translatable("no result"))

PROBE_KINDS = {ProbeKind.SHELL: translatable("Shell"), ProbeKind.PORT: translatable("Port")}

COLUMNS = (
    Column("sign", "", 1, 1, 0),
    Column("node", translatable("node"), 12, 28, 1),
    Column("stage", translatable("stage"), 14, 22, 3),
    Column("took", translatable("duration"), 7, 8, 4, numeric=True),
    Column("result", translatable("result"), 24, None, 2),
)


def seconds_text(seconds: float) -> str:
    """Return seconds as text."""
    return say("{seconds:.2f} s", seconds=seconds)


def cells(
    fleet: Fleet, node: Node, stages: Mapping[ProbeStage, StageResult], outcome: ProbeOutcome | None, problem: str
) -> Mapping[str, Cell]:
    """Return the cells of a row."""
    sign = sign_of_probe(stages, outcome, problem)
    stage = outcome.stopped_at if outcome is not None else list(stages)[-1] if stages else None
    total = sum(each.seconds for each in stages.values())
    return {
        "sign": cell(sign.glyph, sign.text_style),
        "node": cell(node.name or node.id),
        "stage": cell(say(stage.value) if stage is not None else "", TextStyle.MUTED),
        "took": cell(seconds_text(total) if stages else "", TextStyle.MUTED),
        "result": cell(probe_result(fleet, outcome, problem) if outcome or problem else sign.word, sign.text_style),
    }


def sign_of_probe(stages: Mapping[ProbeStage, StageResult], outcome: ProbeOutcome | None, problem: str) -> Sign:
    """Return the sign of a probe."""
    if problem:
        return NO_RESULT_SIGN
    if outcome is None:
        return STAGE_SIGNS[StageState.UNDER_WAY] if stages else WAITING_SIGN
    return STAGE_SIGNS[StageState.PASSED] if outcome.opened else STAGE_SIGNS[StageState.STOPPED]


def probe_result(fleet: Fleet, outcome: ProbeOutcome | None, problem: str) -> str:
    """Return the result of a probe in a few words."""
    if outcome is None:
        return problem
    match outcome.end:
        case ProbeEnd.OPENED:
            return say("opened")
        case ProbeEnd.INTERRUPTED:
            return say("canceled")
        case _ if outcome.cause is not None:
            return fleet.title(likeliest_cause(fleet, outcome))
        case ProbeEnd.SILENT:
            return say("no answer came")
        case ProbeEnd.LOST:
            return say("the connection was lost")
        case _:
            return next(iter(outcome.text.splitlines()), say("ended without a message"))


def likeliest_cause(fleet: Fleet, outcome: ProbeOutcome) -> str:
    """Return the first cause of a probe's text, one that is true of its node if there is one; empty without a cause."""
    return next(iter(_ranked_causes(fleet, outcome)), "")


def _ranked_causes(fleet: Fleet, outcome: ProbeOutcome) -> tuple[str, ...]:
    if outcome.cause is None:
        return ()
    return tuple(rank_causes(fleet.state, (outcome.cause, *outcome.also), (outcome.node,)))


_STAGE_WIDTH = 22


def footprint_prose(count: int, preferences: Sequence[tuple[str, SessionPreferences | None]]) -> Prose:
    """Return what probing opens and leaves behind, by the preferences of each Region (None: not known)."""
    known = [each for _, each in preferences if each is not None]
    unknown = dict.fromkeys(region for region, each in preferences if each is None)
    what = say_many(
        "A probe opens a real session on the node, types {line} into its shell, which prints a word, and ends the "
        "session.",
        "A probe opens a real session on each of these {count} nodes, types {line} into its shell, which prints a "
        "word, and ends the session.",
        count=count,
        line=PROBE_LINE,
    )
    groups = dict.fromkeys(each.log_group for each in known if each.log_group)
    buckets = dict.fromkeys(each.s3_bucket for each in known if each.s3_bucket)
    key = any(each.kms_key for each in known)
    blocks: list[Block] = [
        paragraph((what, TextStyle.STRONG)),
        heading(say("Records that a probe leaves")),
        item("•", say("In CloudTrail: StartSession and TerminateSession by you.")),
    ]
    if key:
        blocks.append(item("•", say("In CloudTrail: GenerateDataKey by you and Decrypt by the node, for the KMS key.")))
    blocks += [item("•", say("A short entry in the log group {name}.", name=name)) for name in groups]
    blocks += [item("•", say("A short log in the bucket {name}.", name=name)) for name in buckets]
    if unknown:
        words = say(
            "Possibly logs and uses of a KMS key: the session preferences of {regions} are unknown.",
            regions=", ".join(unknown),
        )
        blocks.append(item("?", words, text_style=TextStyle.WARN))
    blocks.append(item("•", say("In the session history: one session of a few seconds for each probe.")))
    blocks.append(paragraph((say("Press Enter to continue or Esc to go back."), TextStyle.ACCENT), gap=True))
    return tuple(blocks)


def probe_status_prose(
    fleet: Fleet,
    kind: ProbeKind,
    stages: Mapping[ProbeStage, StageResult],
    outcome: ProbeOutcome | None,
    problem: str,
) -> Prose:
    """Return one probe: its stages with their times, and its result."""
    sign = sign_of_probe(stages, outcome, problem)
    words = probe_result(fleet, outcome, problem) if outcome or problem else sign.word
    blocks: list[Block] = [
        Block(
            to_pieces((say(PROBE_KINDS[kind]), TextStyle.HEADING), ("  ", TextStyle.PLAIN), (words, sign.text_style)),
            gap=True,
        )
    ]
    for told in stages.values():
        mark = STAGE_SIGNS[told.state]
        name = say(told.stage.value).ljust(_STAGE_WIDTH)
        rest = f"  {told.words}" if told.words else ""
        lasted = seconds_text(told.seconds) if told.state is not StageState.SKIPPED else ""
        blocks.append(item(mark.glyph, name, (lasted, TextStyle.MUTED), rest, indent=2, text_style=mark.text_style))
    if outcome is not None:
        blocks += _ended(fleet, outcome)
    return tuple(blocks)


def expectation_prose(fleet: Fleet, status: VerdictStatus, root_cause: str | None, shell: ProbeOutcome | None) -> Prose:
    """Return what the checks said before the probe, and whether the probe agrees."""
    sign = VERDICTS[status]
    said = fleet.title(root_cause) if root_cause else sign.word
    blocks = [heading(say("Results of the checks")), item(sign.glyph, said, indent=2, text_style=sign.text_style)]
    if shell is not None and shell.reached_the_node:
        words = _agreement(status, root_cause, shell, likeliest_cause(fleet, shell))
        blocks.append(paragraph((words, TextStyle.MUTED), indent=2))
    return tuple(blocks)


def probed_pieces(fleet: Fleet, probes: Probes, now: datetime) -> tuple[Piece, ...]:
    """Return the last probe of a node's shell, else of a port, with its age; empty without a probe."""
    last = probes.shell or probes.port
    if last is None:
        return ()
    sign = sign_of_probe({}, last, "")
    words = say(
        "probed {age} ago ({kind}): {result}",
        age=short_duration(now - last.at),
        kind=say(PROBE_KINDS[last.kind]).lower(),
        result=probe_result(fleet, last, ""),
    )
    return ((" · ", TextStyle.FAINT), (f"{sign.glyph} ", sign.text_style), (words, sign.text_style))


def probe_targets(node: Node) -> Block:
    """Return the node whose probes are shown."""
    return paragraph((node.name or node.id, TextStyle.STRONG), (f"  {node.id} · {node.key.region}", TextStyle.MUTED))


def _ended(fleet: Fleet, outcome: ProbeOutcome) -> Prose:
    blocks: list[Block] = []
    if outcome.text:
        blocks.append(paragraph((say("End message"), TextStyle.MUTED), indent=2, gap=True))
        blocks += [
            paragraph((line, TextStyle.CODE), indent=4) for line in printable_lines(outcome.text) if line.strip()
        ]
    ranked = _ranked_causes(fleet, outcome)
    if ranked:
        blocks.append(item("→", (fleet.title(ranked[0]), TextStyle.STRONG), indent=2, text_style=TextStyle.ACCENT))
    others = ", ".join(fleet.title(each) for each in (ranked[1:] or outcome.also)[:3])
    if others and not outcome.opened:
        words = (
            say("about as likely: {causes}", causes=others) if outcome.ambiguous else say("or: {causes}", causes=others)
        )
        blocks.append(paragraph((words, TextStyle.MUTED), indent=4))
    if not outcome.terminated:
        words = say("The session can still be open. The next start of ssmtui ends it.")
        blocks.append(paragraph((words, TextStyle.WARN), indent=2))
    return tuple(blocks)


def _agreement(status: VerdictStatus, root_cause: str | None, shell: ProbeOutcome, met: str) -> str:
    if shell.opened:
        return (
            say("The probe opened a shell. Its result overrides the checks.")
            if status is VerdictStatus.FAIL
            else say("The probe confirms the checks: a shell opens.")
        )
    if status is VerdictStatus.FAIL and met and met == root_cause:
        return say("The probe confirms the checks.")
    return say("The probe found another cause. Its result overrides the checks.")


TUNNEL_STATES = {
    TunnelState.OPENING: Sign("·", TextStyle.MUTED, TunnelState.OPENING.value),
    TunnelState.OPEN: Sign("●", TextStyle.OK, TunnelState.OPEN.value),
    TunnelState.REOPENING: Sign("▲", TextStyle.WARN, TunnelState.REOPENING.value),
    TunnelState.IDLE: Sign("○", TextStyle.MUTED, TunnelState.IDLE.value),
    TunnelState.CLOSED: Sign("■", TextStyle.FAINT, TunnelState.CLOSED.value),
    TunnelState.FAILED: Sign("✖", TextStyle.FAIL, TunnelState.FAILED.value),
}

TUNNEL_COLUMNS = (
    Column("state", translatable("state"), 11, 14, 0),
    Column("here", translatable("local port"), 15, 15, 0),
    Column("there", translatable("destination"), 16, 48, 0),
    Column("age", translatable("duration"), 8, 9, 2),
    Column("reopened", translatable("reopened"), 8, 8, 5, numeric=True),
    Column("sent", translatable("sent"), 8, 8, 3, numeric=True),
    Column("received", translatable("received"), 8, 8, 3, numeric=True),
    Column("why", translatable("why"), 12, None, 4),
)


def is_alive(tunnel: Tunnel) -> bool:
    """Return whether a tunnel is open or about to open."""
    return tunnel.state not in {TunnelState.CLOSED, TunnelState.FAILED}


def tunnel_cells(tunnel: Tunnel, name: str, now: datetime) -> dict[str, Cell]:
    """Return the cells of a row; `name` is the node's name."""
    sign = TUNNEL_STATES[tunnel.state]
    lively = TextStyle.PLAIN if is_alive(tunnel) else TextStyle.MUTED
    return {
        "state": cell(f"{sign.glyph} {sign.word}", sign.text_style),
        "here": cell(local_address(tunnel), lively),
        "there": cell(destination(tunnel.request, name), lively),
        "age": cell(tunnel_age(tunnel, now), TextStyle.MUTED),
        "reopened": cell(str(tunnel.reopened) if tunnel.reopened else "", TextStyle.MUTED),
        "sent": cell(bytes_text(tunnel.sent), TextStyle.MUTED),
        "received": cell(bytes_text(tunnel.received), TextStyle.MUTED),
        "why": cell(tunnel.why, TextStyle.MUTED),
    }


def tunnel_widths(tunnel: Tunnel, name: str) -> dict[str, int]:
    """Return the text widths of a tunnel."""
    return {"state": len(TUNNEL_STATES[tunnel.state].word) + 2, "there": len(destination(tunnel.request, name))}


def tunnel_age(tunnel: Tunnel, now: datetime) -> str:
    """Return the age of a tunnel's current session; empty if it has none."""
    return short_duration(now - tunnel.since) if tunnel.state is TunnelState.OPEN else ""


_NAME_WIDTH = 11


def tunnel_prose(tunnel: Tunnel, name: str, now: datetime) -> Prose:
    """Return everything that is known about a tunnel."""
    sign, scope = TUNNEL_STATES[tunnel.state], tunnel.request.scope
    title = f"{local_address(tunnel)} → {destination(tunnel.request, name)}"
    lasted = tunnel_age(tunnel, now)
    return (
        item(sign.glyph, (title, TextStyle.STRONG), text_style=sign.text_style),
        paragraph((f"{sign.word} {lasted}".rstrip(), sign.text_style), indent=2),
        *((paragraph((tunnel.why, TextStyle.WARN), indent=2),) if tunnel.why else ()),
        heading(say("Sessions")),
        _aligned_item(say("node"), tunnel.request.target),
        _aligned_item(say("account"), f"{scope.account} · {scope.region}"),
        _aligned_item(say("since"), f"{tunnel.since:%Y-%m-%d %H:%M:%S} UTC"),
        _aligned_item(say("reopened"), say_many("{count} time", "{count} times", tunnel.reopened)),
        _aligned_item(
            say("bytes"),
            say("{sent} sent, {received} received", sent=bytes_text(tunnel.sent), received=bytes_text(tunnel.received)),
        ),
        *((_aligned_item(say("peak rate"), rates),) if (rates := peak_rates(tunnel)) else ()),
        heading(say("Equivalent command")),
        paragraph((command(tunnel.request, tunnel.local_port), TextStyle.CODE), indent=2),
    )


def no_tunnels_prose(*, read_only: str) -> Prose:
    """Return the text shown if there are no rows; `read_only` says why no tunnel can be opened."""
    if read_only:
        return (paragraph((read_only, TextStyle.WARN)),)
    return (
        paragraph((say("No tunnel is open."), TextStyle.STRONG)),
        paragraph(
            say(
                "Press t on a node to forward one of its ports, or a port of a host that the node can reach, to this "
                "computer."
            ),
            gap=True,
        ),
        paragraph(
            say(
                "ssmtui reopens the tunnel automatically after the one-hour limit of AWS, after sleep and after a "
                "lost connection."
            )
        ),
    )


def quit_with_tunnels(open_ones: Sequence[Tunnel]) -> tuple[str, Prose]:
    """Return the question before the user leaves open tunnels: its title, and its text."""
    count = say_many(
        "{count} tunnel is open. It closes when ssmtui quits.",
        "{count} tunnels are open. They close when ssmtui quits.",
        len(open_ones),
    )
    rows = (
        paragraph((f"{local_address(each)} → {destination(each.request, '')}", TextStyle.MUTED))
        for each in open_ones[:3]
    )
    return say("Open tunnels"), (paragraph(count), *rows, paragraph(say("Quit?"), gap=True))


def command(request: TunnelRequest, local_port: int) -> str:
    """Return the command that opens a tunnel."""
    host = f"[{request.host}]" if ":" in request.host else request.host
    where = ":".join(part for part in (str(local_port), host, str(request.remote_port)) if part)
    return tunnel_command(request.target, where, request.scope.name)


def _aligned_item(name: str, value: str) -> Block:
    return Block(to_pieces(value), indent=2, marker=name.ljust(_NAME_WIDTH), solid=True)
