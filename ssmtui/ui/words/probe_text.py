"""What a probe leaves behind, said before; and how it went: stages, end, cause, and what the checks had said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from ssmtui.language import say, say_many
from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import Node
from ssmtui.model.plain_text import printable_lines
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.probe import ProbeKind, ProbeOutcome, Probes, ProbeStage, StageState, StageTold
from ssmtui.ui.words.durations import short_duration
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.ink import Ink, Piece, pieced
from ssmtui.ui.words.probe_rows import KINDS, STAGES, result, sign_of_probe, took
from ssmtui.ui.words.prose import Block, Prose, heading, item, paragraph
from ssmtui.ui.words.signs import VERDICTS

_STAGE_ROOM = 22


def footprint_prose(count: int, preferences: Sequence[tuple[str, SessionPreferences | None]]) -> Prose:
    """What probing opens and leaves behind, by the preferences of each Region; None where they are not known."""
    known = [each for _, each in preferences if each is not None]
    unknown = dict.fromkeys(region for region, each in preferences if each is None)
    what = say_many(
        "A probe opens a real session on the node, follows it to the first output of its shell, types nothing, and "
        "ends it.",
        "A probe opens a real session on each of these {count} nodes, follows it to the first output of its shell, "
        "types nothing, and ends it.",
        count=count,
    )
    groups = dict.fromkeys(each.log_group for each in known if each.log_group)
    buckets = dict.fromkeys(each.s3_bucket for each in known if each.s3_bucket)
    key = any(each.kms_key for each in known)
    blocks: list[Block] = [
        paragraph((what, Ink.STRONG)),
        heading(say("What it leaves behind")),
        item("•", say("In CloudTrail: StartSession and TerminateSession, in your name.")),
    ]
    if key:
        blocks.append(item("•", say("In CloudTrail too: GenerateDataKey by you and Decrypt by the node, for its key.")))
    blocks += [item("•", say("A short entry in the log group {name}.", name=name)) for name in groups]
    blocks += [item("•", say("A short log in the bucket {name}.", name=name)) for name in buckets]
    if unknown:
        words = say(
            "Perhaps logs and uses of a key: the session preferences of {regions} are not known.",
            regions=", ".join(unknown),
        )
        blocks.append(item("?", words, ink=Ink.WARN))
    blocks.append(item("•", say("In the history of sessions: one session of a few seconds for each probe.")))
    blocks.append(paragraph((say("Enter goes on; Esc turns back."), Ink.ACCENT), gap=True))
    return tuple(blocks)


def course_prose(
    fleet: Fleet,
    kind: ProbeKind,
    stages: Mapping[ProbeStage, StageTold],
    outcome: ProbeOutcome | None,
    problem: str,
) -> Prose:
    """One probe: its stages with their times, and how it ended."""
    sign = sign_of_probe(stages, outcome, problem)
    words = result(fleet, outcome, problem) if outcome or problem else sign.word
    blocks: list[Block] = [
        Block(pieced((say(KINDS[kind]), Ink.HEADING), ("  ", Ink.PLAIN), (words, sign.ink)), gap=True)
    ]
    for told in stages.values():
        mark = STAGES[told.state]
        name = say(told.stage.value).ljust(_STAGE_ROOM)
        rest = f"  {told.words}" if told.words else ""
        lasted = took(told.seconds) if told.state is not StageState.SKIPPED else ""
        blocks.append(item(mark.glyph, name, (lasted, Ink.MUTED), rest, indent=2, ink=mark.ink))
    if outcome is not None:
        blocks += _ended(fleet, outcome)
    return tuple(blocks)


def theory_prose(fleet: Fleet, status: VerdictStatus, root_cause: str | None, shell: ProbeOutcome | None) -> Prose:
    """What the checks had said before the probe, and whether it agrees."""
    sign = VERDICTS[status]
    said = fleet.title(root_cause) if root_cause else sign.word
    blocks = [heading(say("What the checks had said")), item(sign.glyph, said, indent=2, ink=sign.ink)]
    if shell is not None and shell.reached_the_node:
        blocks.append(paragraph((_agreement(status, root_cause, shell), Ink.MUTED), indent=2))
    return tuple(blocks)


def probed_pieces(fleet: Fleet, probes: Probes, now: datetime) -> tuple[Piece, ...]:
    """How the last probe of a node ended, that of its shell before that of a port, and how long ago; empty without."""
    last = probes.shell or probes.port
    if last is None:
        return ()
    sign = sign_of_probe({}, last, "")
    words = say(
        "probed {age} ago ({kind}): {result}",
        age=short_duration(now - last.at),
        kind=say(KINDS[last.kind]).lower(),
        result=result(fleet, last, ""),
    )
    return ((" · ", Ink.FAINT), (f"{sign.glyph} ", sign.ink), (words, sign.ink))


def told_of_several(node: Node) -> Block:
    """Whose probes are told."""
    return paragraph((node.name or node.id, Ink.STRONG), (f"  {node.id} · {node.key.region}", Ink.MUTED))


def _ended(fleet: Fleet, outcome: ProbeOutcome) -> Prose:
    blocks: list[Block] = []
    if outcome.text:
        blocks.append(paragraph((say("It ended with"), Ink.MUTED), indent=2, gap=True))
        blocks += [paragraph((line, Ink.CODE), indent=4) for line in printable_lines(outcome.text) if line.strip()]
    if outcome.cause is not None:
        blocks.append(item("→", (fleet.title(outcome.cause), Ink.STRONG), indent=2, ink=Ink.ACCENT))
    others = ", ".join(fleet.title(each) for each in outcome.also[:3])
    if others and not outcome.opened:
        words = (
            say("about as likely: {causes}", causes=others) if outcome.ambiguous else say("or: {causes}", causes=others)
        )
        blocks.append(paragraph((words, Ink.MUTED), indent=4))
    if not outcome.terminated:
        words = say("Its session may still be open: the next start of ssmtui ends it.")
        blocks.append(paragraph((words, Ink.WARN), indent=2))
    return tuple(blocks)


def _agreement(status: VerdictStatus, root_cause: str | None, shell: ProbeOutcome) -> str:
    if shell.opened:
        return (
            say("The probe opened a shell all the same, and outranks them.")
            if status is VerdictStatus.FAIL
            else say("The probe agrees: a shell opens.")
        )
    if status is VerdictStatus.FAIL and shell.cause is not None and shell.cause == root_cause:
        return say("The probe agrees.")
    return say("The probe met something else, and outranks them.")
