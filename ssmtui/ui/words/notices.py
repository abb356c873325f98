"""What the fleet screen says where there is no fleet to show, each with what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ssmtui.diagnosis.events import Crashed
from ssmtui.language import marked, say, say_many
from ssmtui.model.finding import Status
from ssmtui.model.near_names import near_names
from ssmtui.model.path import Link
from ssmtui.model.plain_text import printable
from ssmtui.model.scope import ScopeError, ScopeProblem
from ssmtui.model.subject import SubjectKind
from ssmtui.ui.words.cause_text import prose_of
from ssmtui.ui.words.ink import Ink, Piece
from ssmtui.ui.words.prose import Block, Prose, heading, indented, item, paragraph
from ssmtui.ui.words.signs import STATUSES

if TYPE_CHECKING:
    from ssmtui.model.fleet import FleetFinding
    from ssmtui.ui.words.fleet import Fleet

_NAMED = 3
"""Regions, or faults, that a line names."""

_GRAVITY = (Status.FAIL, Status.WARN)

_TITLES = {
    ScopeProblem.NO_CREDENTIALS: marked("No AWS credentials"),
    ScopeProblem.EXPIRED_CREDENTIALS: marked("The AWS credentials have expired"),
    ScopeProblem.NO_REGION: marked("No AWS Region"),
    ScopeProblem.UNKNOWN_PROFILE: marked("No such profile"),
    ScopeProblem.REFUSED: marked("Not allowed to list nodes"),
    ScopeProblem.ROLE_NOT_TAKEN: marked("The role cannot be taken"),
    ScopeProblem.UNREACHABLE: marked("AWS cannot be reached"),
    ScopeProblem.SILENT: marked("AWS did not answer in time"),
    ScopeProblem.THROTTLED: marked("AWS kept asking to slow down"),
    ScopeProblem.FAILED: marked("AWS gave no usable answer"),
    ScopeProblem.REPORTED: marked("Not looked at, or not to the end"),
}

_STEPS: dict[ScopeProblem, tuple[str, ...]] = {
    ScopeProblem.NO_CREDENTIALS: (
        marked("Press a to look with another profile, or name one: ssmtui --profile NAME"),
        marked("or sign in: aws configure sso, aws configure"),
        marked("or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."),
        marked("To look around without an account: ssmtui demo"),
    ),
    ScopeProblem.EXPIRED_CREDENTIALS: (
        marked("Press L to log in again. For IAM Identity Center that is: aws sso login{profile}"),
        marked("Otherwise get new ones the way you got these: they are taken up here by themselves."),
    ),
    ScopeProblem.NO_REGION: (
        marked("Press a to choose one, or name one: ssmtui --region eu-west-3"),
        marked("or set AWS_REGION, or region in the profile of ~/.aws/config."),
    ),
    ScopeProblem.UNKNOWN_PROFILE: (
        marked("Press a to see which there are,"),
        marked("then ssmtui --profile NAME"),
    ),
    ScopeProblem.REFUSED: (
        marked("Ask for a policy that allows {action} on *,"),
        marked("then press ctrl+r here."),
    ),
    ScopeProblem.ROLE_NOT_TAKEN: (
        marked("Have the role's trust policy name who takes it, and allow {action} on the role,"),
        marked("then press ctrl+r here."),
    ),
    ScopeProblem.UNREACHABLE: (
        marked("See whether this computer is online, and whether a proxy is needed (HTTPS_PROXY)."),
        marked("Then press ctrl+r here."),
    ),
    ScopeProblem.SILENT: (
        marked("Press ctrl+r to ask again."),
        marked("Where the way to AWS is slow, give it more time: SSMTUI_TIMEOUT=300 ssmtui"),
    ),
    ScopeProblem.THROTTLED: (marked("Press ctrl+r in a minute or two, and see who else asks much of AWS here."),),
    ScopeProblem.FAILED: (marked("Press ctrl+r to ask again."),),
    ScopeProblem.REPORTED: (),
}


def problem_title(error: ScopeError) -> str:
    """What is wrong with a scope, in a few words; of a refusal of anything but the listing, what was refused."""
    if error.problem is ScopeProblem.REFUSED and error.action and not error.action.startswith(_LISTINGS):
        return say("Not allowed: {action}", action=error.action)
    return say(_TITLES[error.problem])


_LISTINGS = ("ec2:DescribeInstances", "ssm:DescribeInstance")
"""How the actions begin by which nodes are listed."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A state of the whole screen: a title and what to read below it."""

    title: str
    prose: Prose


def notice_of(fleet: Fleet) -> Notice | None:
    """What to show in the fleet's place; None where there are nodes."""
    state = fleet.state
    if state.nodes:
        return None
    if fleet.trouble:
        return _defect(fleet.trouble)
    ended = next((each for each in state.crashes if isinstance(each, Crashed)), None)
    if ended is not None:
        return _defect(ended.summary)
    if state.errors and len(state.errors) >= len({*state.scopes, *state.errors}):
        return _errors(list(state.errors.values()))
    if state.scopes and not fleet.pending:
        return _empty(fleet)
    return _loading(fleet)


def banner_of(fleet: Fleet, more: str = marked("a tells more")) -> tuple[Piece, ...]:
    """One line above the rows for what is wrong with part of the fleet; empty where nothing is.

    `more` says which key tells more of a scope.
    """
    state = fleet.state
    pieces: list[Piece] = []
    alike: dict[str, list[str]] = {}
    for error in state.errors.values():
        where = error.name.role_account or error.name.region or error.name.profile or say("a scope")
        alike.setdefault(problem_title(error), []).append(where)
    for words, names in alike.items():
        # What AWS said is long, and one press away.
        sign = "? " if pieces else " ? "
        pieces += [(sign, Ink.UNKNOWN), (f"{_few(names)}: ", Ink.STRONG), (f"{words}  ", Ink.PLAIN)]
    for crash in state.crashes:
        pieces += [
            (" ✖ ", Ink.FAIL),
            (f"{crash.scope.region}: ", Ink.STRONG),
            (say("a defect in ssmtui: {summary}  ", summary=crash.summary), Ink.PLAIN),
        ]
    if pieces:
        pieces.append((say(more), Ink.KEY))
    for word in state.nowhere():
        near = near_names(word, state.others())
        pieces += [
            (" ? ", Ink.UNKNOWN),
            (say("{word}: no such node", word=printable(word)), Ink.STRONG),
            (say(" (near: {names})", names=", ".join(map(printable, near))) if near else "", Ink.MUTED),
            (" ", Ink.PLAIN),
        ]
    return (*pieces, *_of_this_computer(fleet))


def unfinished_banner(count: int) -> tuple[Piece, ...]:
    """That changes were interrupted, and the key that leads to them; empty where none was."""
    if not count:
        return ()
    words = say_many("{count} change was interrupted", "{count} changes were interrupted", count=count)
    return ((" ? ", Ink.UNKNOWN), (f"{words}  ", Ink.STRONG), (say("Z tells more"), Ink.KEY))


def _of_this_computer(fleet: Fleet) -> tuple[Piece, ...]:
    """What is wrong with the computer that sessions are opened from: no verdict of a node tells it."""
    wrong = sorted(
        (held.finding for held in fleet.state.findings.values() if _keeps_from_opening(held)),
        key=lambda finding: (_GRAVITY.index(finding.status), finding.cause),
    )
    if not wrong:
        return ()
    sign = STATUSES[wrong[0].status]
    titles = tuple(dict.fromkeys(fleet.title(finding.cause) for finding in wrong))
    return (
        (f" {sign.glyph} ", sign.ink),
        (say("This computer: "), Ink.STRONG),
        (f"{_few(titles)}  ", Ink.PLAIN),
        (say("Tab tells more"), Ink.KEY),
    )


def _keeps_from_opening(held: FleetFinding) -> bool:
    about = held.finding.subject.kind is SubjectKind.WORKSTATION
    return about and held.link is Link.WORKSTATION and held.finding.status in _GRAVITY


def _few(names: Sequence[str]) -> str:
    more = say(" and {more} more", more=len(names) - _NAMED) if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def error_prose(error: ScopeError) -> Prose:
    """What is wrong with a scope, and the steps that mend it."""
    sign = STATUSES[Status.UNKNOWN]
    where = " · ".join(each for each in (error.name.profile, error.name.role, error.name.region) if each)
    blocks: list[Block] = [
        paragraph((f"{sign.glyph} {problem_title(error)}", Ink.STRONG), (f"  {where}" if where else "", Ink.MUTED)),
        paragraph(error.message, indent=2),
    ]
    if error.action:
        blocks.append(paragraph(say("Refused: "), (error.action, Ink.CODE), indent=2))
    if error.advice:
        blocks.append(paragraph((error.advice, Ink.OK), indent=2))
    profile = f" --profile {error.name.profile}" if error.name.profile else ""
    steps = (
        say(each, profile=profile, action=error.action or "ec2:DescribeInstances") for each in _STEPS[error.problem]
    )
    blocks += [item("→", step, indent=2, ink=Ink.ACCENT) for step in steps]
    if error.cause:
        from ssmtui.causes.catalogue import catalogue
        from ssmtui.causes.placeholders import addressed, names_of_asked

        if (known := catalogue().get(error.cause)) is not None:
            blocks += [
                heading(say("What AWS documents")),
                *prose_of(addressed(known, names_of_asked([error.name])).how_to_resolve),
            ]
    return tuple(blocks)


def command_of(fleet: Fleet) -> str:
    """The command that opens what could not be opened: the first there is; empty where there is none."""
    return next((error.command for error in fleet.state.errors.values() if error.command), "")


def _errors(errors: list[ScopeError]) -> Notice:
    titles = {problem_title(error) for error in errors}
    blocks: list[Block] = []
    for error in errors:
        first, *rest = error_prose(error)
        blocks += [replace(first, gap=bool(blocks)), *rest]
    return Notice(titles.pop() if len(titles) == 1 else say("No Region could be opened"), tuple(blocks))


def _empty(fleet: Fleet) -> Notice:
    places = ", ".join(
        say("{account} in {region}", account=scope.account, region=scope.region) for scope in fleet.scopes
    )
    return Notice(
        say("No nodes here"),
        (
            paragraph(
                say(
                    "The credentials work, and there is neither an EC2 instance nor a hybrid node: {places}.",
                    places=places,
                )
            ),
            heading(say("What to do")),
            item("→", say("Press a to look at another Region, or with another profile;"), ink=Ink.ACCENT),
            item("→", say("or name them: ssmtui --region NAME --profile NAME (repeatable)"), ink=Ink.ACCENT),
            item("→", say("or press ctrl+r once a node has been launched."), ink=Ink.ACCENT),
            item("→", say("To look around without an account: ssmtui demo"), ink=Ink.ACCENT),
        ),
    )


def _loading(fleet: Fleet) -> Notice:
    scopes, waiting = fleet.scopes, fleet.waiting_for
    waits = [paragraph(say("AWS has yet to answer {calls}.", calls=", ".join(waiting)), gap=True)] if waiting else []
    if any(each.throttled for each in fleet.state.delayed.values()):
        waits.append(paragraph(say("It asks to be asked more slowly: that is done, for a minute at most.")))
    if not scopes:
        resolving = paragraph(say("Credentials are being resolved, and AWS asked whose they are."))
        return Notice(say("Opening…"), (resolving, *waits))
    lines = [item("·", say("{account} in {region}", account=scope.account, region=scope.region)) for scope in scopes]
    prose = (paragraph(say("Rows appear as AWS names them.")), *indented(lines, 2), *waits)
    return Notice(say("Listing nodes…"), prose)


def _defect(summary: str) -> Notice:
    return Notice(
        say("A defect in ssmtui ended the diagnosis"),
        (
            paragraph(say("Where: {summary}", summary=summary)),
            heading(say("What to do")),
            item("→", say("Press ctrl+r to start again."), ink=Ink.ACCENT),
            item(
                "→",
                say("If it happens again, run ssmtui with --log-file FILE and report what it holds."),
                ink=Ink.ACCENT,
            ),
        ),
    )
