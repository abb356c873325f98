"""Describe the fleet and its scopes: names, verdicts, callers, API calls, and the scopes that can be opened."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import chain
from typing import TYPE_CHECKING

from rich.cells import cell_len

from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.language import say, say_many, translatable
from ssmtui.model.finding import Finding, Status
from ssmtui.model.node import Node, NodeKey
from ssmtui.model.scope import CREDENTIAL_PROBLEMS, Access, ScopeError, ScopeName, ScopeProblem
from ssmtui.text.names import similar_names
from ssmtui.text.printable import printable
from ssmtui.ui.text.filters import Column
from ssmtui.ui.text.styled_text import (
    MARKED,
    STATUSES,
    Block,
    Cell,
    Prose,
    Sign,
    TextStyle,
    cell,
    heading,
    item,
    paragraph,
)

if TYPE_CHECKING:
    from ssmtui.causes.catalogue import Cause
    from ssmtui.model.finding import FleetFinding, Verdict
    from ssmtui.model.scope import Scope


_STATUS_ORDER = tuple(STATUSES)


@dataclass(slots=True)
class Fleet:
    """The nodes, their findings, and the causes by slug.

    `trouble` is the error that stopped the diagnosis at its start. `whys` caches the texts of nodes until a value in
    them changes.
    """

    state: FleetState = field(default_factory=FleetState)
    causes: Mapping[str, Cause] = field(default_factory=dict)
    trouble: str = ""
    reason_cache: dict[Hashable, object] = field(default_factory=dict)

    def node(self, key: NodeKey) -> Node | None:
        """Return a node, if it exists."""
        return self.state.nodes.get(key)

    def name_of(self, key: NodeKey) -> str:
        """Return the display name of a node: its id if it has no name."""
        node = self.node(key)
        return (node.name if node else "") or key.id

    def verdict(self, key: NodeKey) -> Verdict:
        """Return the current verdict of a node."""
        return self.state.verdict(key)

    def scope_of(self, key: NodeKey) -> Scope | None:
        """Return the scope that listed a node."""
        return self.state.scope_of.get(key)

    def findings_of(self, key: NodeKey) -> list[FleetFinding]:
        """Return the known findings of a node in the order of the path; the worst of a link first."""
        told = (self.state.findings.get(id_) for id_ in self.verdict(key).finding_ids)
        return sorted(
            (each for each in told if each),
            key=lambda each: (each.link.position, _STATUS_ORDER.index(each.finding.status), each.id),
        )

    def title(self, slug: str) -> str:
        """Return the title of a cause; its slug while the catalogue is not loaded."""
        cause = self.causes.get(slug)
        return cause.title if cause else slug

    def finding_title(self, finding: Finding) -> str:
        """Return the title of a finding: the title of its cause, after "unknown" if the result is unknown."""
        title = self.title(finding.cause)
        return say("unknown: {title}", title=title) if finding.status is Status.UNKNOWN else title

    def keys_named(self, scope: Scope, ids: Iterable[str]) -> list[NodeKey]:
        """Return the nodes with these ids in a scope's account and Region."""
        return [NodeKey(scope.account, scope.region, id_) for id_ in ids]

    def is_stale(self, key: NodeKey) -> bool:
        """Return whether a node is shown as it was before the scope's credentials stopped working."""
        if not self.state.errors:
            return False
        scope = self.state.scope_of.get(key)
        error = self.state.errors.get(scope.name) if scope is not None else None
        return error is not None and error.problem in CREDENTIAL_PROBLEMS

    @property
    def scopes(self) -> list[Scope]:
        """The open scopes, sorted by profile and Region: the order of opening is random."""
        return sorted(self.state.scopes.values(), key=lambda each: each.name.order)

    @property
    def has_no_match(self) -> bool:
        """Whether nodes were requested, and none of them exists."""
        return not self.state.nodes and not self.state.errors and bool(self.state.nowhere())

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """The slow calls without a response, of all scopes whose diagnosis is running."""
        delayed = [each.waiting_for for each in self.state.delayed.values()]
        begun = [told.waiting_for for name, told in self.state.progress.items() if name not in self.state.settled]
        return tuple(dict.fromkeys(chain.from_iterable((*delayed, *begun))))

    @property
    def pending(self) -> bool:
        """Whether the diagnosis of any scope is running."""
        return any(name not in self.state.settled for name in self.state.scopes)


COLUMNS = (
    Column("mark", "", 1, 1, 0),
    Column("sign", "", 1, 1, 0),
    Column("credentials", translatable("credentials"), 8, 40, 2),
    Column("account", translatable("account"), 12, 12, 3, whole=True),
    Column("region", translatable("Region"), 9, 20, 1),
    Column("state", translatable("state"), 8, None, 4),
)


class ScopeState(Enum):
    """The state of a scope that can be opened; the value is its sign."""

    OPEN = Sign("●", TextStyle.OK, translatable("open"))
    ERROR = Sign("?", TextStyle.UNKNOWN, translatable("error"))
    OPENING = Sign("·", TextStyle.FAINT, translatable("opening…"))
    AWAY = Sign("○", TextStyle.MUTED, translatable("opened before"))
    LAST = Sign("○", TextStyle.FAINT, translatable("opened last time"))
    OTHER = Sign(" ", TextStyle.FAINT, "")


@dataclass(frozen=True, slots=True)
class ScopeChoices:
    """The scopes that can be opened, with what is known about them now.

    `wanted` holds the scopes that are open or opening; `last` the last choice, of this run or an earlier one.
    """

    fleet: Fleet
    accesses: Sequence[Access]
    wanted: frozenset[ScopeName]
    is_read_only: Callable[[ScopeName], bool] = lambda _name: False
    last: Sequence[ScopeName] = ()

    def state(self, name: ScopeName) -> ScopeState:
        """Return the state of a scope."""
        told = self.fleet.state
        if name in told.errors:
            return ScopeState.ERROR
        if name in told.scopes:
            return ScopeState.OPEN
        if name in self.wanted:
            return ScopeState.OPENING
        if name in told.away:
            return ScopeState.AWAY
        return ScopeState.LAST if name in self.last else ScopeState.OTHER

    def account(self, name: ScopeName) -> str:
        """Return the account of a scope; empty if it is not known."""
        told = self.fleet.state
        scope = told.scopes.get(name) or (told.away[name].scope if name in told.away else None)
        if scope is not None:
            return scope.account
        accounts = (each.account for each in self.accesses if (each.profile, each.role) == (name.profile, name.role))
        return name.role_account or next(accounts, "")

    def rows(self, typed: str = "") -> list[ScopeName]:
        """Return the scopes that match a text: the open ones first, then the last choice, then similar ones."""
        told = self.fleet.state
        names = {*told.scopes, *told.errors, *told.away, *self.wanted, *self.last}
        names |= {scope for each in self.accesses for scope in each.scopes}
        here = {*told.scopes, *told.errors, *self.wanted}
        holders, regions = {(each.profile, each.role) for each in here}, {each.region for each in here}
        homes = {(each.profile, each.role, each.home) for each in self.accesses}

        def rank(name: ScopeName) -> tuple[object, ...]:
            state = self.state(name)
            known = state in (ScopeState.OPEN, ScopeState.ERROR, ScopeState.OPENING)
            is_home = (name.profile, name.role, name.region) in homes
            near = (name.profile, name.role) in holders, is_home or name.region in regions
            was = ScopeState.AWAY, ScopeState.LAST
            return (not known, was.index(state) if state in was else len(was), not near[0], not near[1], name.order)

        return sorted((each for each in names if self._admits(each, typed)), key=rank)

    def meant(self, typed: str) -> str:
        """Return a suggestion for a text that matches no scope, with typing errors corrected; empty if unclear."""
        rows = self.rows()
        names = {word for each in rows for word in (credentials_label(each), self.account(each), each.region) if word}
        parts = [part.strip() for part in typed.replace(",", "/").split("/")]
        put_right = (
            part if any(self._admits(each, part) for each in rows) else next(iter(similar_names(part, names)), "\0")
            for part in parts
        )
        text = "/".join(put_right)
        return text if text != typed and self.rows(text) else ""

    def _admits(self, name: ScopeName, typed: str) -> bool:
        text = " ".join((credentials_label(name), self.account(name), name.region, name.role or "")).casefold()
        return all(part.strip() in text for part in typed.casefold().replace(",", "/").split("/"))

    def cells(self, name: ScopeName, marks: Iterable[ScopeName]) -> Mapping[str, Cell]:
        """Return the cells of a row."""
        state = self.state(name)
        text_style = (
            TextStyle.PLAIN if state in (ScopeState.OPEN, ScopeState.AWAY, ScopeState.LAST) else state.value.text_style
        )
        text_style = TextStyle.PLAIN if state in (ScopeState.ERROR, ScopeState.OTHER) else text_style
        return {
            "mark": cell(MARKED.glyph, MARKED.text_style) if name in marks else (),
            "sign": cell(state.value.glyph, state.value.text_style),
            "credentials": cell(credentials_label(name), text_style),
            "account": cell(self.account(name), TextStyle.MUTED),
            "region": cell(name.region or say("no Region"), text_style),
            "state": cell(self._standing(name, state), TextStyle.MUTED),
        }

    def widths(self) -> Mapping[str, int]:
        """Return the text widths."""
        rows = self.rows()
        return {
            "credentials": max((cell_len(credentials_label(each)) for each in rows), default=0),
            "region": max((cell_len(each.region) for each in rows), default=0),
        }

    def _standing(self, name: ScopeName, state: ScopeState) -> str:
        told = self.fleet.state
        words = state.value.word if state.value.sentence else ""
        if state is ScopeState.ERROR:
            words = problem_title(told.errors[name])
        elif name in told.progress:
            count = told.progress[name].listed
            words = say_many("{count} node", "{count} nodes", count=count)
            if name not in told.settled:
                words += say(", checking")
        if self.is_read_only(name):
            words = f"{words} · {say('read-only')}" if words else say("read-only")
        return words


def credentials_label(name: ScopeName) -> str:
    """Return the source of a scope's credentials, in a word or two."""
    own = printable(name.profile) if name.profile is not None else say("default")
    return say("{profile} as {role}", profile=own, role=printable(name.role.rpartition("/")[2])) if name.role else own


def scopes_prose(fleet: Fleet) -> Prose:
    """Return every scope, with its error if it has one, and the API calls so far."""
    state = fleet.state
    blocks: list[Block] = []
    for name in sorted({*state.scopes, *state.errors}, key=lambda each: each.order):
        scope = state.scopes.get(name)
        whose = " · ".join(each for each in (name.profile, name.role) if each)
        blocks.append(heading((name.region or say("no Region")) + (f"  ({whose})" if whose else "")))
        if scope:
            blocks.append(
                paragraph(
                    (say("account "), TextStyle.MUTED), scope.account, (say("  caller "), TextStyle.MUTED), scope.caller
                )
            )
            blocks.append(paragraph(say("checked") if name in state.settled else say("checking"), indent=0))
        if name in state.errors:
            blocks += error_prose(state.errors[name])
    if state.waiting:
        sentence = say_many(
            "{count} more scope is waiting.", "{count} more scopes are waiting.", count=len(state.waiting)
        )
        blocks.append(paragraph(sentence, gap=True))
    if calls := _call_rows(fleet):
        blocks += [heading(say("API calls")), *calls]
    return tuple(blocks) or (paragraph(say("No scope is open.")),)


def calls_prose(fleet: Fleet) -> Prose:
    """Return the API calls so far with their numbers, and the calls without a response."""
    waits = dict.fromkeys(chain.from_iterable(each.waiting_for for each in fleet.state.progress.values()))
    told = [paragraph((say("waiting for {calls}", calls=", ".join(waits)), TextStyle.WARN))] if waits else []
    where = paragraph((say("To log each call with its time and result: --log-file FILE"), TextStyle.MUTED), gap=True)
    return (*told, *(_call_rows(fleet) or (paragraph(say("No API calls yet.")),)), where)


def _call_rows(fleet: Fleet) -> Prose:
    return tuple(item(f"{count:>6}", operation) for operation, count in sorted(fleet.state.api_calls().items()))


def scope_prose(places: ScopeChoices, name: ScopeName) -> Prose:
    """Return the text about a scope that can be opened."""
    told = places.fleet.state
    scope = told.scopes.get(name) or (told.away[name].scope if name in told.away else None)
    state = places.state(name)
    region = name.region or say("no Region")
    head = paragraph((f"{credentials_label(name)} · {region}  ", TextStyle.STRONG), (state.value.word, TextStyle.MUTED))
    if state is ScopeState.OTHER:
        head = paragraph((f"{credentials_label(name)} · {region}", TextStyle.STRONG))
    blocks: list[Block] = [head]
    if name.role:
        blocks.append(paragraph((say("role "), TextStyle.MUTED), name.role))
    if scope is not None:
        blocks.append(
            paragraph(
                (say("account "), TextStyle.MUTED), scope.account, (say("  caller "), TextStyle.MUTED), scope.caller
            )
        )
    if name in told.errors:
        error = told.errors[name]
        blocks += [paragraph(error.message), paragraph((error.advice, TextStyle.OK))]
        blocks.append(paragraph((say("Press Enter to see what to do."), TextStyle.MUTED)))
    return tuple(blocks)


def short_caller(scope: Scope) -> str:
    """Return the caller without the ARN's beginning: `role/session` or the user's name."""
    return scope.caller.rpartition(":")[2].removeprefix("assumed-role/").removeprefix("user/")


_CLI_GUIDE = "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"


def command_line(words: Sequence[str]) -> str:
    """Return a command as a user types it."""
    return shlex.join(words)


def login_prose(error: ScopeError, elsewhere: Sequence[str]) -> Prose:
    """Return the login command that will run, and the alternatives."""
    return (
        paragraph(error.message),
        paragraph(say("ssmtui leaves the screen, runs this command, and then returns:"), gap=True),
        paragraph((command_line(error.login), TextStyle.CODE), indent=2),
        paragraph(say("If this computer has no browser, press d to log in on another device:"), gap=True),
        paragraph((command_line(elsewhere), TextStyle.CODE), indent=2),
        paragraph(
            (say("You can also log in from another terminal."), TextStyle.MUTED),
            gap=True,
        ),
    )


def no_program_prose(error: ScopeError, elsewhere: Sequence[str]) -> Prose:
    """Return the login command, to be typed on a computer that has the AWS CLI: this one does not."""
    return (
        paragraph(error.message),
        paragraph(
            say("The program {program} is not on PATH. On a computer that has it, run:", program="aws"), gap=True
        ),
        paragraph((command_line(error.login), TextStyle.CODE), indent=2),
        paragraph(say("or, with a browser on another device:")),
        paragraph((command_line(elsewhere), TextStyle.CODE), indent=2),
        paragraph(say("ssmtui uses the new login automatically."), gap=True),
        paragraph((say("Install the AWS CLI: {url}", url=_CLI_GUIDE), TextStyle.MUTED), gap=True),
    )


_TITLES = {
    ScopeProblem.NO_CREDENTIALS: translatable("No AWS credentials"),
    ScopeProblem.EXPIRED_CREDENTIALS: translatable("The AWS credentials have expired"),
    ScopeProblem.NO_REGION: translatable("No AWS Region"),
    ScopeProblem.UNKNOWN_PROFILE: translatable("Profile not found"),
    ScopeProblem.REFUSED: translatable("Not allowed to list nodes"),
    ScopeProblem.ROLE_NOT_TAKEN: translatable("Cannot assume the role"),
    ScopeProblem.UNREACHABLE: translatable("Cannot reach AWS"),
    ScopeProblem.SILENT: translatable("AWS did not answer in time"),
    ScopeProblem.THROTTLED: translatable("AWS throttled the requests"),
    ScopeProblem.FAILED: translatable("AWS returned an unusable answer"),
    ScopeProblem.REPORTED: translatable("Not read, or read in part"),
}

_STEPS: dict[ScopeProblem, tuple[str, ...]] = {
    ScopeProblem.NO_CREDENTIALS: (
        translatable("Press a to use another profile, or run ssmtui --profile NAME"),
        translatable("or configure credentials: aws configure sso, aws configure"),
        translatable("or export AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."),
        translatable("To try ssmtui without an account: ssmtui demo"),
    ),
    ScopeProblem.EXPIRED_CREDENTIALS: (
        translatable("Press L to log in again. For IAM Identity Center: aws sso login{profile}"),
        translatable(
            "Otherwise, renew the credentials as you obtained them. ssmtui uses the new credentials automatically."
        ),
    ),
    ScopeProblem.NO_REGION: (
        translatable("Press a to choose a Region, or run ssmtui --region eu-west-3"),
        translatable("or set AWS_REGION, or region in the profile in ~/.aws/config."),
    ),
    ScopeProblem.UNKNOWN_PROFILE: (
        translatable("Press a to list the profiles,"),
        translatable("then run ssmtui --profile NAME"),
    ),
    ScopeProblem.REFUSED: (
        translatable("Ask for a policy that allows {action} on *,"),
        translatable("then press ctrl+r."),
    ),
    ScopeProblem.ROLE_NOT_TAKEN: (
        translatable("Allow the caller in the role's trust policy, and allow {action} on the role,"),
        translatable("then press ctrl+r."),
    ),
    ScopeProblem.UNREACHABLE: (
        translatable("Check that this computer is online, and whether it needs a proxy (HTTPS_PROXY)."),
        translatable("Then press ctrl+r."),
    ),
    ScopeProblem.SILENT: (
        translatable("Press ctrl+r to try again."),
        translatable("If the connection to AWS is slow, raise the timeout: SSMTUI_TIMEOUT=300 ssmtui"),
    ),
    ScopeProblem.THROTTLED: (
        translatable("Press ctrl+r in a minute or two. Check which other programs call AWS in this account."),
    ),
    ScopeProblem.FAILED: (translatable("Press ctrl+r to try again."),),
    ScopeProblem.REPORTED: (),
}


def problem_title(error: ScopeError) -> str:
    """Return the error of a scope in a few words; for a refusal of a call other than the listing, its action."""
    if error.problem is ScopeProblem.REFUSED and error.action and not error.action.startswith(_LISTINGS):
        return say("Not allowed: {action}", action=error.action)
    return say(_TITLES[error.problem])


_LISTINGS = ("ec2:DescribeInstances", "ssm:DescribeInstance")
"""The prefixes of the actions that list nodes."""


def error_prose(error: ScopeError) -> Prose:
    """Return the error of a scope, and the steps that resolve it."""
    sign = STATUSES[Status.UNKNOWN]
    where = " · ".join(each for each in (error.name.profile, error.name.role, error.name.region) if each)
    blocks: list[Block] = [
        paragraph(
            (f"{sign.glyph} {problem_title(error)}", TextStyle.STRONG), (f"  {where}" if where else "", TextStyle.MUTED)
        ),
        paragraph(error.message, indent=2),
    ]
    if error.action:
        blocks.append(paragraph(say("Denied: "), (error.action, TextStyle.CODE), indent=2))
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
        from ssmtui.ui.text.markdown_prose import prose_from_markdown

        if (known := catalogue().get(error.cause)) is not None:
            blocks += [
                heading(say("AWS documentation")),
                *prose_from_markdown(cause_with_names(known, names_of_requested([error.name])).how_to_resolve),
            ]
    return tuple(blocks)
