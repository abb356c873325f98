"""One run of ssmtui: its settings, the scopes it looks at, and what it starts."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ssmtui.cli.chosen_checks import left_out
from ssmtui.cli.log_file import log_to
from ssmtui.cli.printing import complain
from ssmtui.cli.refusals import UsageError
from ssmtui.cli.run_settings import asked_settings, run_settings
from ssmtui.cli.snapshots.replaying import Replay, replayed
from ssmtui.config.declared import (
    ACCOUNT,
    ENDPOINT_URL,
    LOG_FILE,
    ORGANIZATION,
    PROFILE,
    REGION,
    ROLE_ARN,
    TIMEOUT,
    why_no_endpoint,
)
from ssmtui.config.folders import folders
from ssmtui.config.settings import Settings
from ssmtui.language import say, say_many
from ssmtui.model.plain_text import printable
from ssmtui.model.whom_to_ask import WhomToAsk

if TYPE_CHECKING:
    from ssmtui.changes.desk import ChangeDesk, Lend
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.diagnosis.inquiry import Inquiry
    from ssmtui.diagnosis.lender import Lender
    from ssmtui.diagnosis.live import LiveDiagnosis
    from ssmtui.evidence.gathering.machine import MachineOf
    from ssmtui.model.scope import ScopeName
    from ssmtui.session.desk import Lend as LendForSessions
    from ssmtui.session.desk import SessionDesk


_log = logging.getLogger(__name__)

_JUDGED = re.compile(r"arn:[a-z-]+:(?:iam::\d{12}:(?:role|user)/[^:]+|sts::\d{12}:assumed-role/[^:/]+/[^:/]+)")
# StartSession's own pattern (Systems Manager API Reference).
_DOCUMENT = re.compile(r"[a-zA-Z0-9_\-.:/]{3,128}")

_REGION_OF = re.compile(r"^arn:[^:]+:[^:]+:(?P<arn>[a-z]{2,}(?:-[a-z]+)+-\d+):|@(?P<suffix>[a-z]{2,}(?:-[a-z]+)+-\d+)$")


@dataclass(frozen=True, slots=True)
class Run:
    """What a command was asked to do, as settings; starts a diagnosis and a change desk on them.

    `machine` stands for the computer that sessions are opened from, where it is not the one that this runs on. With a
    `replay` AWS is not asked.
    """

    nodes: tuple[str, ...]
    settings: Settings
    journal: Path
    demo: bool = False
    judged: str | None = None
    document: str | None = None
    machine: MachineOf | None = None
    whom: WhomToAsk = WhomToAsk.ALL
    replay: Replay | None = None
    skipped: frozenset[str] = frozenset()

    @classmethod
    def of(cls, nodes: tuple[str, ...], common: Mapping[str, object]) -> Run:
        """The run that a command's common options ask for. Errors in them are usage errors."""
        if common["no_color"]:
            os.environ["NO_COLOR"] = "1"
        replay = replayed(common)
        settings = run_settings(common) if replay is None else asked_settings(common)
        if settings.others.accounts and settings.others.organization is None:
            raise UsageError(say("--account takes --organization ROLE: the role that the account has"))
        for name, endpoint in _endpoints(os.environ):
            if why := endpoint and why_no_endpoint(endpoint):
                raise UsageError(f"{name}: {why}")
        judged = cast("str | None", common.get("judged"))
        if judged is not None and _JUDGED.fullmatch(judged) is None:
            raise UsageError(
                say("--for takes the ARN of an IAM role, an IAM user or an assumed role, not {text}", text=judged)
            )
        document = cast("str | None", common.get("document"))
        if document is not None and _DOCUMENT.fullmatch(document) is None:
            raise UsageError(say("--document-name takes the name or ARN of a document, not {text}", text=document))
        log_to(settings[LOG_FILE])
        if replay is None:
            _end_left_plugins(folders().journal)
        whom = WhomToAsk(cast("str", common.get("connection", WhomToAsk.ALL.value)))
        skipped = left_out(
            cast("tuple[str, ...]", common.get("only", ())), cast("tuple[str, ...]", common.get("skip", ()))
        )
        return cls(
            nodes,
            settings,
            folders().journal,
            judged=judged,
            document=document,
            whom=whom,
            replay=replay,
            skipped=skipped,
        )

    @property
    def state(self) -> Path:
        """The folder of what outlasts the run; that of the journal is in it."""
        return self.journal.parent

    def in_region_of(self, subject: str) -> Run:
        """The run in the Region that a subject's id names (in its ARN, or as `…@region`), where none was chosen."""
        named = _REGION_OF.search(subject)
        if named is None or (self.settings.names_regions and self.replay is None):
            return self
        regions = (named["arn"] or named["suffix"],)
        replay = self.replay.only((), regions) if self.replay is not None else None
        return replace(self, settings=self.settings.having(REGION, regions), replay=replay)

    def only(self, scope: ScopeName) -> Run:
        """The run with one scope alone to look at, whichever were asked for."""
        profiles, roles = (tuple(filter(None, (each,))) for each in (scope.profile, scope.role))
        settings = self.settings.having(PROFILE, profiles).having(REGION, (scope.region,)).having(ROLE_ARN, roles)
        return replace(self, nodes=(), settings=settings.having(ORGANIZATION, "").having(ACCOUNT, ()))

    @property
    def present(self) -> datetime:
        """When what is looked at was so: now, or when the snapshot was recorded."""
        return datetime.now(UTC) if self.replay is None else self.replay.made

    def remember(self, state: FleetState) -> None:
        """Keep the nodes that were listed for whoever presses Tab next, where they are of AWS, and the person's own."""
        if self.replay is None and self.journal == folders().journal:
            from ssmtui.cli.completing.remembered import remember

            remember(state, self.settings[ENDPOINT_URL])

    def diagnosis(self) -> Inquiry:
        """A diagnosis of the run's scopes, under way: as AWS is now, or as it was when the snapshot was recorded."""
        return self.inquiry() if self.replay is None else self.replay.diagnosis(self.nodes, self.skipped)

    def inquiry(self, *, looked_at: bool = False) -> LiveDiagnosis:
        """A diagnosis of the run's scopes, under way.

        Where somebody looks on, it waits for a login where AWS takes credentials no more, and asks about connections
        for as long as that takes.
        """
        from ssmtui.changes.journal import Journal
        from ssmtui.changes.windows import running_delays
        from ssmtui.diagnosis.asked import Asked
        from ssmtui.diagnosis.live import LiveDiagnosis
        from ssmtui.evidence.wire.acceptance import WhenLost
        from ssmtui.evidence.workstation.this_machine import this_machine

        settings = self.settings
        when_lost = WhenLost.WAIT if looked_at else WhenLost.FAIL
        return LiveDiagnosis.start(
            Asked(
                settings[PROFILE],
                settings.in_force(REGION).value,
                settings[ENDPOINT_URL],
                self.nodes,
                judged=self.judged,
                document=self.document,
                machine=self.machine or this_machine(),
                timeout=settings[TIMEOUT],
                expected=partial(running_delays, Journal(self.journal)),
                when_lost=when_lost,
                others=settings.others,
                regions_of=settings.regions_of,
                whom=self.whom,
                unhurried=looked_at,
                skipped=self.skipped,
            )
        )

    def lender(self) -> Lender:
        """Lends the credentials of scopes without a diagnosis."""
        from ssmtui.diagnosis.asked import Asked
        from ssmtui.diagnosis.lender import Lender

        settings = self.settings
        asked = Asked(endpoint_url=settings[ENDPOINT_URL], timeout=settings[TIMEOUT], others=settings.others)
        return Lender(asked)

    def desk(self, *, lend: Lend | None = None, ask: Callable[[str], str] | None = None) -> ChangeDesk | None:
        """What applies and takes back changes; None in read-only mode. `lend` and `ask` as `open_desk` takes them."""
        if self.settings.read_only:
            return None
        from ssmtui.changes.desk import open_desk

        return open_desk(self.journal, endpoint_url=self.settings[ENDPOINT_URL], lend=lend, ask=ask)

    def sessions(self, lend: LendForSessions) -> SessionDesk | None:
        """What opens sessions; None in read-only mode. `lend` hands out the credentials of a scope."""
        if self.settings.read_only:
            return None
        from ssmtui.session.desk import open_sessions

        return open_sessions(self.journal, lend=lend, endpoint_url=self.settings[ENDPOINT_URL])


def _end_left_plugins(folder: Path) -> None:
    """End the plugins that killed runs left with a port and a session. Looks into one folder if no run was killed."""
    from ssmtui.config.running import killed_runs

    if not killed_runs(folder):
        return
    from ssmtui.session.ledger import Ledger, LedgerUnusable
    from ssmtui.session.left_plugins import end_plugins

    try:
        left = Ledger(folder).left_plugins()
    except LedgerUnusable as unusable:
        _log.warning("%s", unusable)
        return
    if left:
        end_plugins([plugin for _, plugin in left])
        nodes = ", ".join(dict.fromkeys(printable(session.target) for session, _ in left))
        sentence = say_many(
            "An earlier run of ssmtui was killed and left {count} tunnel open ({nodes}). It is closed now.",
            "An earlier run of ssmtui was killed and left {count} tunnels open ({nodes}). They are closed now.",
            len(left),
            nodes=nodes,
        )
        complain(sentence)


def _endpoints(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The variables that send requests elsewhere, as the AWS CLI reads them."""
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        yield from ((name, url) for name, url in environment.items() if name.startswith("AWS_ENDPOINT_URL"))
