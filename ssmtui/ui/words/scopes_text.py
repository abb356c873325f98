"""The scopes that are looked at: whose they are, how they stand, and what has been asked of AWS."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from ssmtui.language import say, say_many
from ssmtui.ui.words.ink import Ink
from ssmtui.ui.words.notices import error_prose
from ssmtui.ui.words.prose import Block, Prose, heading, item, paragraph
from ssmtui.ui.words.scope_rows import Places, ScopeState, credentials_of

if TYPE_CHECKING:
    from ssmtui.model.scope import Scope, ScopeName
    from ssmtui.ui.words.fleet import Fleet


def scopes_prose(fleet: Fleet) -> Prose:
    """Every scope, with its error where it has one, and the API calls so far."""
    state = fleet.state
    blocks: list[Block] = []
    for name in sorted({*state.scopes, *state.errors}, key=lambda each: each.order):
        scope = state.scopes.get(name)
        whose = " · ".join(each for each in (name.profile, name.role) if each)
        blocks.append(heading((name.region or say("no Region")) + (f"  ({whose})" if whose else "")))
        if scope:
            blocks.append(
                paragraph((say("account "), Ink.MUTED), scope.account, (say("  caller "), Ink.MUTED), scope.caller)
            )
            blocks.append(paragraph(say("settled") if name in state.settled else say("being checked"), indent=0))
        if name in state.errors:
            blocks += error_prose(state.errors[name])
    if state.waiting:
        sentence = say_many("{count} more waits its turn.", "{count} more wait their turn.", count=len(state.waiting))
        blocks.append(paragraph(sentence, gap=True))
    if calls := _call_rows(fleet):
        blocks += [heading(say("API calls")), *calls]
    return tuple(blocks) or (paragraph(say("No scope is open yet.")),)


def calls_prose(fleet: Fleet) -> Prose:
    """What has been asked of AWS, and how often; and what of it is being waited for."""
    waits = dict.fromkeys(chain.from_iterable(each.waiting_for for each in fleet.state.progress.values()))
    told = [paragraph((say("waiting for {calls}", calls=", ".join(waits)), Ink.WARN))] if waits else []
    where = paragraph((say("Each call with its time and its outcome: --log-file FILE"), Ink.MUTED), gap=True)
    return (*told, *(_call_rows(fleet) or (paragraph(say("Nothing has been asked of AWS.")),)), where)


def _call_rows(fleet: Fleet) -> Prose:
    return tuple(item(f"{count:>6}", operation) for operation, count in sorted(fleet.state.api_calls().items()))


def scope_prose(places: Places, name: ScopeName) -> Prose:
    """What there is to say of one that can be looked at."""
    told = places.fleet.state
    scope = told.scopes.get(name) or (told.away[name].scope if name in told.away else None)
    state = places.state(name)
    region = name.region or say("no Region")
    head = paragraph((f"{credentials_of(name)} · {region}  ", Ink.STRONG), (state.value.word, Ink.MUTED))
    if state is ScopeState.OTHER:
        head = paragraph((f"{credentials_of(name)} · {region}", Ink.STRONG))
    blocks: list[Block] = [head]
    if name.role:
        blocks.append(paragraph((say("role "), Ink.MUTED), name.role))
    if scope is not None:
        blocks.append(
            paragraph((say("account "), Ink.MUTED), scope.account, (say("  caller "), Ink.MUTED), scope.caller)
        )
    if name in told.errors:
        error = told.errors[name]
        blocks += [paragraph(error.message), paragraph((error.advice, Ink.OK))]
        blocks.append(paragraph((say("Enter shows what can be done."), Ink.MUTED)))
    return tuple(blocks)


def short_caller(scope: Scope) -> str:
    """Who asks, without the ARN's beginning: `role/session` or the user's name."""
    return scope.caller.rpartition(":")[2].removeprefix("assumed-role/").removeprefix("user/")
