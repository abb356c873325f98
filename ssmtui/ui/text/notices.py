"""Return the notices about the whole fleet, and the progress of the diagnosis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ssmtui.diagnosis.events import ScopeCrashed
from ssmtui.language import say, say_many, translatable
from ssmtui.model.finding import Link, Status, SubjectKind
from ssmtui.model.scope import ScopeError, ScopeProblem
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable
from ssmtui.ui.text.styled_text import (
    STATUSES,
    Block,
    Piece,
    Prose,
    TextStyle,
    heading,
    indented,
    item,
    paragraph,
    prose_from_markdown,
    short_duration,
)

if TYPE_CHECKING:
    from ssmtui.diagnosis.events import ProgressChanged
    from ssmtui.model.finding import FleetFinding
    from ssmtui.ui.text.fleet import Fleet


_MAX_NAMES = 3
"""Regions, or faults, that a line names."""

_SEVERITY = (Status.FAIL, Status.WARN)

_TITLES = {
    ScopeProblem.NO_CREDENTIALS: translatable("No AWS credentials"),
    ScopeProblem.EXPIRED_CREDENTIALS: translatable("The AWS credentials have expired"),
    ScopeProblem.NO_REGION: translatable("No AWS Region"),
    ScopeProblem.UNKNOWN_PROFILE: translatable("No such profile"),
    ScopeProblem.REFUSED: translatable("Not allowed to list nodes"),
    ScopeProblem.ROLE_NOT_TAKEN: translatable("The role cannot be taken"),
    ScopeProblem.UNREACHABLE: translatable("AWS cannot be reached"),
    ScopeProblem.SILENT: translatable("AWS did not answer in time"),
    ScopeProblem.THROTTLED: translatable("AWS kept asking to slow down"),
    ScopeProblem.FAILED: translatable("AWS gave no usable answer"),
    ScopeProblem.REPORTED: translatable("Not looked at, or not to the end"),
}

_STEPS: dict[ScopeProblem, tuple[str, ...]] = {
    ScopeProblem.NO_CREDENTIALS: (
        translatable("Press a to look with another profile, or name one: ssmtui --profile NAME"),
        translatable("or sign in: aws configure sso, aws configure"),
        translatable("or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."),
        translatable("To look around without an account: ssmtui demo"),
    ),
    ScopeProblem.EXPIRED_CREDENTIALS: (
        translatable("Press L to log in again. For IAM Identity Center that is: aws sso login{profile}"),
        translatable("Otherwise get new ones the way you got these: they are taken up here by themselves."),
    ),
    ScopeProblem.NO_REGION: (
        translatable("Press a to choose one, or name one: ssmtui --region eu-west-3"),
        translatable("or set AWS_REGION, or region in the profile of ~/.aws/config."),
    ),
    ScopeProblem.UNKNOWN_PROFILE: (
        translatable("Press a to see which there are,"),
        translatable("then ssmtui --profile NAME"),
    ),
    ScopeProblem.REFUSED: (
        translatable("Ask for a policy that allows {action} on *,"),
        translatable("then press ctrl+r here."),
    ),
    ScopeProblem.ROLE_NOT_TAKEN: (
        translatable("Have the role's trust policy name who takes it, and allow {action} on the role,"),
        translatable("then press ctrl+r here."),
    ),
    ScopeProblem.UNREACHABLE: (
        translatable("See whether this computer is online, and whether a proxy is needed (HTTPS_PROXY)."),
        translatable("Then press ctrl+r here."),
    ),
    ScopeProblem.SILENT: (
        translatable("Press ctrl+r to ask again."),
        translatable("Where the way to AWS is slow, give it more time: SSMTUI_TIMEOUT=300 ssmtui"),
    ),
    ScopeProblem.THROTTLED: (translatable("Press ctrl+r in a minute or two, and see who else asks much of AWS here."),),
    ScopeProblem.FAILED: (translatable("Press ctrl+r to ask again."),),
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


def fleet_notice(fleet: Fleet) -> Notice | None:
    """What to show in the fleet's place; None where there are nodes."""
    state = fleet.state
    if state.nodes:
        return None
    if fleet.trouble:
        return _defect(fleet.trouble)
    ended = next((each for each in state.crashes if isinstance(each, ScopeCrashed)), None)
    if ended is not None:
        return _defect(ended.summary)
    if state.errors and len(state.errors) >= len({*state.scopes, *state.errors}):
        return _errors(list(state.errors.values()))
    if state.scopes and not fleet.pending:
        return _empty(fleet)
    return _loading(fleet)


def fleet_banner(fleet: Fleet, more: str = translatable("a tells more")) -> tuple[Piece, ...]:
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
        pieces += [
            (sign, TextStyle.UNKNOWN),
            (f"{_short_list(names)}: ", TextStyle.STRONG),
            (f"{words}  ", TextStyle.PLAIN),
        ]
    for crash in state.crashes:
        pieces += [
            (" ✖ ", TextStyle.FAIL),
            (f"{crash.scope.region}: ", TextStyle.STRONG),
            (say("a defect in ssmtui: {summary}  ", summary=crash.summary), TextStyle.PLAIN),
        ]
    if pieces:
        pieces.append((say(more), TextStyle.KEY))
    for word in state.nowhere():
        near = similar_names(word, state.others())
        pieces += [
            (" ? ", TextStyle.UNKNOWN),
            (say("{word}: no such node", word=printable(word)), TextStyle.STRONG),
            (say(" (near: {names})", names=", ".join(map(printable, near))) if near else "", TextStyle.MUTED),
            (" ", TextStyle.PLAIN),
        ]
    return (*pieces, *_workstation_problem(fleet))


def unfinished_banner(count: int) -> tuple[Piece, ...]:
    """That changes were interrupted, and the key that leads to them; empty where none was."""
    if not count:
        return ()
    words = say_many("{count} change was interrupted", "{count} changes were interrupted", count=count)
    return ((" ? ", TextStyle.UNKNOWN), (f"{words}  ", TextStyle.STRONG), (say("Z tells more"), TextStyle.KEY))


def _workstation_problem(fleet: Fleet) -> tuple[Piece, ...]:
    """What is wrong with the computer that sessions are opened from: no verdict of a node tells it."""
    wrong = sorted(
        (fleet_finding.finding for fleet_finding in fleet.state.findings.values() if _is_blocking(fleet_finding)),
        key=lambda finding: (_SEVERITY.index(finding.status), finding.cause),
    )
    if not wrong:
        return ()
    sign = STATUSES[wrong[0].status]
    titles = tuple(dict.fromkeys(fleet.title(finding.cause) for finding in wrong))
    return (
        (f" {sign.glyph} ", sign.text_style),
        (say("This computer: "), TextStyle.STRONG),
        (f"{_short_list(titles)}  ", TextStyle.PLAIN),
        (say("Tab tells more"), TextStyle.KEY),
    )


def _is_blocking(fleet_finding: FleetFinding) -> bool:
    about = fleet_finding.finding.subject.kind is SubjectKind.WORKSTATION
    return about and fleet_finding.link is Link.WORKSTATION and fleet_finding.finding.status in _SEVERITY


def _short_list(names: Sequence[str]) -> str:
    more = say(" and {more} more", more=len(names) - _MAX_NAMES) if len(names) > _MAX_NAMES else ""
    return ", ".join(names[:_MAX_NAMES]) + more


def error_prose(error: ScopeError) -> Prose:
    """What is wrong with a scope, and the steps that mend it."""
    sign = STATUSES[Status.UNKNOWN]
    where = " · ".join(each for each in (error.name.profile, error.name.role, error.name.region) if each)
    blocks: list[Block] = [
        paragraph(
            (f"{sign.glyph} {problem_title(error)}", TextStyle.STRONG), (f"  {where}" if where else "", TextStyle.MUTED)
        ),
        paragraph(error.message, indent=2),
    ]
    if error.action:
        blocks.append(paragraph(say("Refused: "), (error.action, TextStyle.CODE), indent=2))
    if error.advice:
        blocks.append(paragraph((error.advice, TextStyle.OK), indent=2))
    profile = f" --profile {error.name.profile}" if error.name.profile else ""
    steps = (
        say(each, profile=profile, action=error.action or "ec2:DescribeInstances") for each in _STEPS[error.problem]
    )
    blocks += [item("→", step, indent=2, text_style=TextStyle.ACCENT) for step in steps]
    if error.cause:
        from ssmtui.causes.catalogue import catalogue
        from ssmtui.causes.placeholders import cause_with_names, names_of_requested

        if (known := catalogue().get(error.cause)) is not None:
            blocks += [
                heading(say("What AWS documents")),
                *prose_from_markdown(cause_with_names(known, names_of_requested([error.name])).how_to_resolve),
            ]
    return tuple(blocks)


def recovery_command(fleet: Fleet) -> str:
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
            item("→", say("Press a to look at another Region, or with another profile;"), text_style=TextStyle.ACCENT),
            item(
                "→", say("or name them: ssmtui --region NAME --profile NAME (repeatable)"), text_style=TextStyle.ACCENT
            ),
            item("→", say("or press ctrl+r once a node has been launched."), text_style=TextStyle.ACCENT),
            item("→", say("To look around without an account: ssmtui demo"), text_style=TextStyle.ACCENT),
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
            item("→", say("Press ctrl+r to start again."), text_style=TextStyle.ACCENT),
            item(
                "→",
                say("If it happens again, run ssmtui with --log-file FILE and report what it holds."),
                text_style=TextStyle.ACCENT,
            ),
        ),
    )


_BAR_WIDTH = 12

Pieces = tuple[Piece, ...]


def progress_pieces(fleet: Fleet, calls: int, again: str = "") -> Sequence[Pieces]:
    """The same in fewer and fewer words; the first that there is room for is to be shown.

    `calls` have been asked of AWS so far. `again` says when all is looked at again by itself.
    """
    told = tuple(fleet.state.progress.values())
    if not told:
        return ((),)
    listed = sum(each.listed for each in told)
    listing = ((say("listing "), TextStyle.FAINT),) if any(each.listing for each in told) else ()
    asked = ((say("· {calls} calls", calls=calls), TextStyle.MUTED),)
    hindered = _delays_text(fleet, told)
    if not fleet.pending or not listed:
        count = ((say_many("{count} node", "{count} nodes", count=listed) + " ", TextStyle.PLAIN),)
        then = ((f"· {again} ", TextStyle.ACCENT),) if again else ()
        return ((*hindered, *count, *listing, *then, *asked), (*hindered, *count, *then), (*count, *then), count)
    settled = sum(each.settled for each in told)
    left = _time_left(told)
    long = ((say("checking {settled:,} of {listed:,} ", settled=settled, listed=listed), TextStyle.PLAIN), *left)
    short = ((say("{settled:,} of {listed:,} ", settled=settled, listed=listed), TextStyle.PLAIN), *left)
    bar = _progress_bar(settled, listed)
    # That AWS slows it down is told however narrow it is.
    slowed = ((say("throttled "), TextStyle.WARN),) if any(each.throttled for each in told) else ()
    return (
        (*hindered, *bar, *long, *listing, *asked),
        (*hindered, *bar, *long, *listing),
        (*hindered, *long, *listing),
        (*hindered, *long),
        (*hindered, *short),
        (*slowed, *long),
        (*slowed, *short),
    )


def _delays_text(fleet: Fleet, told: Sequence[ProgressChanged]) -> Pieces:
    pieces: list[Piece] = []
    if any(each.throttled for each in told):
        pieces.append((say("AWS throttles: slower  "), TextStyle.WARN))
    if turn := len(fleet.state.waiting):
        wait = say_many("{count} Region waits its turn  ", "{count} Regions wait their turn  ", count=turn)
        pieces.append((wait, TextStyle.MUTED))
    if waiting := fleet.waiting_for:
        more = say(" and {more} more", more=len(waiting) - 1) if len(waiting) > 1 else ""
        pieces.append((say("waits for {call}{more}  ", call=waiting[0], more=more), TextStyle.WARN))
    return tuple(pieces)


def _progress_bar(settled: int, listed: int) -> Pieces:
    done = settled * _BAR_WIDTH // listed
    return (("━" * done, TextStyle.OK), ("━" * (_BAR_WIDTH - done) + " ", TextStyle.FAINT))


def _time_left(told: Sequence[ProgressChanged]) -> Pieces:
    """What asking takes at AWS's pace: scopes are asked side by side, each at a pace of its own."""
    seconds = max(each.seconds_of_asking for each in told)
    if seconds < 1:
        return ()
    return ((say("· {time} left ", time=short_duration(timedelta(seconds=seconds))), TextStyle.MUTED),)
