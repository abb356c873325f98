"""What the fleet screen says where there is no fleet to show, each with what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ssmtui.model.finding import Status
from ssmtui.model.scope import ScopeError, ScopeProblem
from ssmtui.ui.board import Board
from ssmtui.ui.ink import Ink, Piece
from ssmtui.ui.prose import Block, Prose, heading, indented, item, paragraph
from ssmtui.ui.signs import STATUSES

_TITLES = {
    ScopeProblem.NO_CREDENTIALS: "No AWS credentials",
    ScopeProblem.EXPIRED_CREDENTIALS: "The AWS credentials have expired",
    ScopeProblem.NO_REGION: "No AWS Region",
    ScopeProblem.UNKNOWN_PROFILE: "No such profile",
    ScopeProblem.REFUSED: "Not allowed to list nodes",
    ScopeProblem.UNREACHABLE: "AWS cannot be reached",
    ScopeProblem.FAILED: "AWS gave no usable answer",
}

_STEPS: dict[ScopeProblem, tuple[str, ...]] = {
    ScopeProblem.NO_CREDENTIALS: (
        "Name a profile: ssmtui --profile NAME",
        "or sign in: aws configure sso, aws configure",
        "or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        "To look around without an account: ssmtui demo",
    ),
    ScopeProblem.EXPIRED_CREDENTIALS: (
        "For IAM Identity Center: aws sso login{profile}",
        "otherwise get new temporary credentials the way you got these,",
        "then press ctrl+r here.",
    ),
    ScopeProblem.NO_REGION: (
        "Name one: ssmtui --region eu-west-3",
        "or set AWS_REGION, or region in the profile of ~/.aws/config.",
    ),
    ScopeProblem.UNKNOWN_PROFILE: ("See which there are: aws configure list-profiles", "then ssmtui --profile NAME"),
    ScopeProblem.REFUSED: (
        "Ask for a policy that allows {action} on *,",
        "then press ctrl+r here.",
    ),
    ScopeProblem.UNREACHABLE: (
        "See whether this computer is online, and whether a proxy is needed (HTTPS_PROXY).",
        "Then press ctrl+r here.",
    ),
    ScopeProblem.FAILED: ("Press ctrl+r to ask again.",),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """A state of the whole screen: a title and what to read below it."""

    title: str
    prose: Prose


def notice_of(board: Board) -> Notice | None:
    """What to show in the fleet's place; None where there are nodes."""
    state = board.state
    if state.nodes:
        return None
    if board.trouble:
        return _defect(board.trouble)
    if state.crashes:
        return _defect(state.crashes[0].summary)
    if state.errors and len(state.errors) >= len({*state.scopes, *state.errors}):
        return _errors(list(state.errors.values()))
    if state.scopes and not board.pending:
        return _empty(board)
    return _loading(board)


def banner_of(board: Board) -> tuple[Piece, ...]:
    """One line above the rows for what is wrong with part of the fleet; empty where nothing is."""
    state = board.state
    pieces: list[Piece] = []
    for error in state.errors.values():
        pieces += [
            (" ? ", Ink.UNKNOWN),
            (f"{error.name.region or error.name.profile or 'a scope'}: ", Ink.STRONG),
            (f"{error.message}  ", Ink.PLAIN),
        ]
    for crash in state.crashes:
        pieces += [
            (" ✖ ", Ink.FAIL),
            (f"{crash.scope.region}: ", Ink.STRONG),
            (f"a defect in ssmtui: {crash.summary}  ", Ink.PLAIN),
        ]
    if pieces:
        pieces.append(("i tells more", Ink.KEY))
    return tuple(pieces)


def error_prose(error: ScopeError) -> Prose:
    """What is wrong with a scope, and the steps that mend it."""
    sign = STATUSES[Status.UNKNOWN]
    where = " · ".join(each for each in (error.name.profile, error.name.region) if each)
    blocks: list[Block] = [
        paragraph((f"{sign.glyph} {_TITLES[error.problem]}", Ink.STRONG), (f"  {where}" if where else "", Ink.MUTED)),
        paragraph(error.message, indent=2),
    ]
    if error.action:
        blocks.append(paragraph("Refused: ", (error.action, Ink.CODE), indent=2))
    if error.advice:
        blocks.append(paragraph((error.advice, Ink.OK), indent=2))
    profile = f" --profile {error.name.profile}" if error.name.profile else ""
    steps = (
        each.format(profile=profile, action=error.action or "ec2:DescribeInstances") for each in _STEPS[error.problem]
    )
    blocks += [item("→", step, indent=2, ink=Ink.ACCENT) for step in steps]
    return tuple(blocks)


def _errors(errors: list[ScopeError]) -> Notice:
    titles = {_TITLES[error.problem] for error in errors}
    blocks: list[Block] = []
    for error in errors:
        first, *rest = error_prose(error)
        blocks += [replace(first, gap=bool(blocks)), *rest]
    return Notice(titles.pop() if len(titles) == 1 else "No Region could be opened", tuple(blocks))


def _empty(board: Board) -> Notice:
    places = ", ".join(f"{scope.account} in {scope.region}" for scope in board.scopes)
    return Notice(
        "No nodes here",
        (
            paragraph(f"The credentials work, and there is neither an EC2 instance nor a hybrid node: {places}."),
            heading("What to do"),
            item("→", "Look at another Region: ssmtui --region NAME (repeatable)", ink=Ink.ACCENT),
            item("→", "or with another profile: ssmtui --profile NAME (repeatable)", ink=Ink.ACCENT),
            item("→", "or press ctrl+r once a node has been launched.", ink=Ink.ACCENT),
            item("→", "To look around without an account: ssmtui demo", ink=Ink.ACCENT),
        ),
    )


def _loading(board: Board) -> Notice:
    scopes = board.scopes
    if not scopes:
        return Notice("Opening…", (paragraph("Credentials are being resolved, and AWS asked whose they are."),))
    lines = [item("·", f"{scope.account} in {scope.region}") for scope in scopes]
    return Notice("Listing nodes…", (paragraph("Rows appear as AWS names them."), *indented(lines, 2)))


def _defect(summary: str) -> Notice:
    return Notice(
        "A defect in ssmtui ended the diagnosis",
        (
            paragraph(f"Where: {summary}"),
            heading("What to do"),
            item("→", "Press ctrl+r to start again.", ink=Ink.ACCENT),
            item("→", "If it happens again, run ssmtui with --log-file FILE and report what it holds.", ink=Ink.ACCENT),
        ),
    )
