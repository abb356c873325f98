"""One run of ssmtui: its settings, its scopes, and the services that it starts."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ssmtui.cli.errors import UndeterminedError, UsageError
from ssmtui.cli.language_choice import chosen_language
from ssmtui.cli.notices import suggest
from ssmtui.cli.output_file import log_to
from ssmtui.cli.printing import print_message, use_signs
from ssmtui.cli.replay import Replay, replay_of
from ssmtui.config.declared_settings import (
    ACCOUNT,
    ENDPOINT_URL,
    LANG,
    LOG_FILE,
    ORGANIZATION,
    PROFILE,
    READ_ONLY,
    REGION,
    ROLE_ARN,
    SETTINGS,
    SIGNS,
    TIMEOUT,
    find_endpoint_mistake,
)
from ssmtui.config.file import ConfigError, PartialSettings, read_config
from ssmtui.config.private_files import folders
from ssmtui.config.setting_types import SettingTable
from ssmtui.config.settings import CONFIG_VARIABLE, DEFAULT_PROFILE, Settings, settings_of
from ssmtui.language import say, say_many
from ssmtui.model.choice import ConnectionOption
from ssmtui.text.names import is_pattern, match_names
from ssmtui.text.printable import printable

if TYPE_CHECKING:
    from ssmtui.diagnosis.diagnosis_handle import DiagnosisHandle
    from ssmtui.diagnosis.diagnosis_request import Pause
    from ssmtui.diagnosis.fleet_state import FleetState
    from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
    from ssmtui.diagnosis.on_demand_credentials import OnDemandCredentials
    from ssmtui.evidence.aws.clients import Clients
    from ssmtui.evidence.facts.workstation_protocol import Invocation, Workstation, WorkstationFactory
    from ssmtui.model.plan import Expected
    from ssmtui.model.scope import Scope, ScopeName
    from ssmtui.remediation.apply.change_service import ChangeService, CredentialProvider
    from ssmtui.session.session_service import AwsSessionService
    from ssmtui.session.session_service import CredentialProvider as LendForSessions


def skipped_checks(only: Sequence[str], skip: Sequence[str]) -> frozenset[str]:
    """Return the names of the skipped checks: all except `only` (if given), plus `skip`.

    A word is the name of a check, or the slug of a cause: then it means every check that can name the cause.

    Raises:
        UsageError: a word is neither, or no check is left.

    """
    if not only and not skip:
        return frozenset()
    from ssmtui.checks.registry import all_checks

    everything = frozenset(check.name for check in all_checks())
    wanted = (_named(only) if only else everything) - _named(skip)
    if not wanted:
        raise UsageError(say("no check is left: --only and --skip exclude all checks"))
    return everything - wanted


def _named(words: Iterable[str]) -> frozenset[str]:
    return frozenset(name for word in words for name in _checks_of(word))


def _checks_of(word: str) -> Iterable[str]:
    from ssmtui.checks.registry import all_checks

    found = [check.name for check in all_checks() if word == check.name or word in check.causes]
    if not found:
        known = {name for check in all_checks() for name in (check.name, *check.causes)}
        sentence = say("unknown check or cause: {check}.", check=printable(word))
        raise UsageError(sentence + (suggest(word, known) or " " + say("To list all checks: ssmtui checks")))
    return found


_SEVERAL = {"profile": "profiles", "region": "regions", "role_arn": "roles", "account": "accounts"}
"""Settings whose repeated option has another parameter name in click."""

_WILD = "*?[]!"


def run_settings(common: Mapping[str, object]) -> Settings:
    """Return the settings with a command's options. Errors in them are usage errors."""
    settings = asked_settings(common)
    named = _profiles_named_by(settings[PROFILE])
    return _guarded(settings if named == settings[PROFILE] else settings.having(PROFILE, named))


def asked_settings(common: Mapping[str, object]) -> Settings:
    """Return the settings with the profiles as requested: patterns are not expanded."""
    options = {each: common.get(_SEVERAL.get(each.name, each.name)) for each in SETTINGS if each.option}
    options[LANG] = chosen_language()
    try:
        settings = settings_of(read_config(_named_file(common)), os.environ, options)
    except ConfigError as error:
        raise UsageError(str(error)) from error
    use_signs(settings[SIGNS])
    return settings


def config_file(common: Mapping[str, object]) -> Path:
    """Return the path of the configuration file. The default file need not exist."""
    return _named_file(common) or folders().config_file


def _named_file(common: Mapping[str, object]) -> Path | None:
    named = os.environ.get(CONFIG_VARIABLE)
    return cast("Path | None", common.get("config_file")) or (Path(named) if named else None)


def _guarded(settings: Settings) -> Settings:
    """Add to the settings which profiles use the keys of others, if a profile is read-only."""
    guards = [each for each in settings.some.get(SettingTable.PROFILES, ()) if READ_ONLY.name in each.told]
    if not guards:
        return settings
    from ssmtui.evidence.aws.profiles import read_profiles

    profiles = read_profiles(os.environ)
    for guard in guards:
        _refuse_misspelt(guard, settings, tuple(profiles.by_name))
    return replace(settings, sources={name: profiles.sources_of(name) for name in profiles.by_name})


def _refuse_misspelt(guard: PartialSettings, settings: Settings, known: tuple[str, ...]) -> None:
    """Refuse a read-only table for an unknown profile if its name resembles a profile without a table."""
    told = guard.told[READ_ONLY.name]
    in_use = (*known, *settings.home_profiles, *settings[PROFILE], DEFAULT_PROFILE)
    if told.value is not True or guard.is_of(in_use):
        return
    named = {each.name for each in settings.some[SettingTable.PROFILES]}
    meant = suggest(guard.name.strip(_WILD), [name for name in known if name not in named])
    if meant:
        sentence = say("there is no AWS profile {name} to set as read-only.", name=printable(guard.name))
        raise UsageError(f"{told.origin.name}: {sentence}{meant}")


def _profiles_named_by(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the profiles that match the words. A word without a match is an error that suggests similar names."""
    if not any(map(is_pattern, words)):
        return words
    from ssmtui.evidence.aws.profiles import read_profiles

    known = tuple(read_profiles(os.environ).by_name)
    found = match_names(words, known)
    if none := next((word for word in words if not found[word]), None):
        sentence = say("no profile matches {word}.", word=printable(none))
        raise UndeterminedError(sentence + suggest(none.strip("*?"), known))
    return tuple(dict.fromkeys(name for word in words for name in found[word]))


_log = logging.getLogger(__name__)

_JUDGED = re.compile(r"arn:[a-z-]+:(?:iam::\d{12}:(?:role|user)/[^:]+|sts::\d{12}:assumed-role/[^:/]+/[^:/]+)")
# StartSession's own pattern (Systems Manager API Reference).
_DOCUMENT = re.compile(r"[a-zA-Z0-9_\-.:/]{3,128}")

_REGION_OF = re.compile(r"^arn:[^:]+:[^:]+:(?P<arn>[a-z]{2,}(?:-[a-z]+)+-\d+):|@(?P<suffix>[a-z]{2,}(?:-[a-z]+)+-\d+)$")


@dataclass(frozen=True, slots=True)
class Run:
    """The request of a command, as settings. It starts diagnoses and the change service.

    `workstation` replaces this computer as the one that opens sessions. With a `replay`, nothing is sent to AWS.
    """

    nodes: tuple[str, ...]
    settings: Settings
    journal: Path
    demo: bool = False
    judged: str | None = None
    document: str | None = None
    workstation: WorkstationFactory | None = None
    whom: ConnectionOption = ConnectionOption.ALL
    replay: Replay | None = None
    skipped: frozenset[str] = frozenset()

    @classmethod
    def of(cls, nodes: tuple[str, ...], common: Mapping[str, object]) -> Run:
        """Return the run for a command's common options. Errors in them are usage errors."""
        if common["no_color"]:
            os.environ["NO_COLOR"] = "1"
        replay = replay_of(common)
        settings = run_settings(common) if replay is None else asked_settings(common)
        if settings.others.accounts and settings.others.organization is None:
            raise UsageError(say("--account requires --organization ROLE: the name of the role in the account"))
        for name, endpoint in _endpoints(os.environ):
            if why := endpoint and find_endpoint_mistake(endpoint):
                raise UsageError(f"{name}: {why}")
        judged = cast("str | None", common.get("judged"))
        if judged is not None and _JUDGED.fullmatch(judged) is None:
            raise UsageError(
                say("--for must be the ARN of an IAM role, an IAM user or an assumed role, not {text}", text=judged)
            )
        document = cast("str | None", common.get("document"))
        if document is not None and _DOCUMENT.fullmatch(document) is None:
            raise UsageError(say("--document-name must be the name or ARN of a document, not {text}", text=document))
        log_to(settings[LOG_FILE])
        if replay is None:
            _end_left_plugins(folders().journal)
        whom = ConnectionOption(cast("str", common.get("connection", ConnectionOption.ALL.value)))
        skipped = skipped_checks(
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
        """Return the folder of files that outlast the run; it contains the journal."""
        return self.journal.parent

    def in_region_of(self, subject: str) -> Run:
        """Return the run in the Region of a subject's ID (in its ARN, or as `…@region`), if no Region was chosen."""
        named = _REGION_OF.search(subject)
        if named is None or (self.settings.names_regions and self.replay is None):
            return self
        regions = (named["arn"] or named["suffix"],)
        replay = self.replay.only((), regions) if self.replay is not None else None
        return replace(self, settings=self.settings.having(REGION, regions), replay=replay)

    def only(self, scope: ScopeName) -> Run:
        """Return the run for one scope only, whatever was requested."""
        profiles, roles = (tuple(filter(None, (each,))) for each in (scope.profile, scope.role))
        settings = self.settings.having(PROFILE, profiles).having(REGION, (scope.region,)).having(ROLE_ARN, roles)
        return replace(self, nodes=(), settings=settings.having(ORGANIZATION, "").having(ACCOUNT, ()))

    @property
    def present(self) -> datetime:
        """Return the time of the evidence: now, or when the snapshot was recorded."""
        return datetime.now(UTC) if self.replay is None else self.replay.made

    def remember(self, state: FleetState) -> None:
        """Cache the listed nodes for shell completion, unless they are from a snapshot or the demo."""
        if (state.sought or state.settled) and self.replay is None and self.journal == folders().journal:
            from ssmtui.cli.completion import remember

            remember(state, self.settings[ENDPOINT_URL])

    def diagnosis(self) -> DiagnosisHandle:
        """Start a diagnosis of the run's scopes, from AWS or from the snapshot."""
        return self.handle() if self.replay is None else self.replay.diagnosis(self.nodes, self.skipped)

    def handle(self, *, looked_at: bool = False, pause: Pause | None = None) -> LiveDiagnosis:
        """Start a live diagnosis of the run's scopes; without a `pause`, it does not wait for `proceed`.

        If a person looks on, it waits for a login after AWS rejects the credentials, and reads connections without a
        time limit.
        """
        from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest, Pause
        from ssmtui.diagnosis.live_diagnosis import LiveDiagnosis
        from ssmtui.evidence.aws.credentials import RejectionPolicy

        settings = self.settings
        on_rejection = RejectionPolicy.WAIT if looked_at else RejectionPolicy.FAIL
        return LiveDiagnosis.start(
            DiagnosisRequest(
                settings[PROFILE],
                settings.in_force(REGION).value,
                settings[ENDPOINT_URL],
                self.nodes,
                judged=self.judged,
                document=self.document,
                workstation=self.workstation or _this_workstation,
                timeout=settings[TIMEOUT],
                expected=partial(_running_delays, self.journal),
                on_rejection=on_rejection,
                others=settings.others,
                regions_of=settings.regions_of,
                connections=self.whom,
                without_limit=looked_at,
                skipped=self.skipped,
                pause=pause or Pause.NEVER,
            )
        )

    def lender(self) -> OnDemandCredentials:
        """Return a source of credentials without a diagnosis."""
        from ssmtui.diagnosis.diagnosis_request import DiagnosisRequest
        from ssmtui.diagnosis.on_demand_credentials import OnDemandCredentials

        settings = self.settings
        asked = DiagnosisRequest(endpoint_url=settings[ENDPOINT_URL], timeout=settings[TIMEOUT], others=settings.others)
        return OnDemandCredentials(asked)

    def service(
        self, *, lend: CredentialProvider | None = None, ask: Callable[[str], str] | None = None
    ) -> ChangeService | None:
        """Return the service that applies and undoes changes; None in read-only mode. See `open_change_service`."""
        if self.settings.read_only:
            return None
        from ssmtui.remediation.apply.change_service import open_change_service

        return open_change_service(self.journal, endpoint_url=self.settings[ENDPOINT_URL], lend=lend, ask=ask)

    def sessions(self, lend: LendForSessions) -> AwsSessionService | None:
        """Return the service that opens sessions; None in read-only mode. `lend` returns a scope's credentials."""
        if self.settings.read_only:
            return None
        from ssmtui.session.session_service import open_sessions

        return open_sessions(
            self.journal, lend=lend, endpoint_url=self.settings[ENDPOINT_URL], client=self.settings.client
        )


def _this_workstation(clients: Clients, invocation: Invocation) -> Workstation:
    """Return the computer that ssmtui runs on."""
    # Imported for the first check, not before the first request.
    from ssmtui.evidence.workstation.local import local_workstation

    return local_workstation()(clients, invocation)


def _running_delays(journal: Path, scope: Scope, now: datetime) -> Sequence[Expected]:
    """Return the changes of the journal whose effect must still show in a scope."""
    from ssmtui.remediation.apply.follow_up import running_delays
    from ssmtui.remediation.apply.journal import Journal

    return running_delays(Journal(journal), scope, now)


def _end_left_plugins(folder: Path) -> None:
    """End the plugins of killed runs that still have a port and a session. Quick if no run was killed."""
    from ssmtui.config.run_lock import killed_runs

    if not killed_runs(folder):
        return
    from ssmtui.session.session_registry import RegistryUnusable, SessionRegistry, end_plugins

    try:
        left = SessionRegistry(folder).left_plugins()
    except RegistryUnusable as unusable:
        _log.warning("%s", unusable)
        return
    if left:
        end_plugins([plugin for _, plugin in left])
        nodes = ", ".join(dict.fromkeys(printable(session.target) for session, _ in left))
        sentence = say_many(
            "An earlier ssmtui process was killed and left {count} tunnel open ({nodes}). It is now closed.",
            "An earlier ssmtui process was killed and left {count} tunnels open ({nodes}). They are now closed.",
            len(left),
            nodes=nodes,
        )
        print_message(sentence)


def _endpoints(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the variables that redirect requests, as the AWS CLI reads them."""
    if environment.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() != "true":
        yield from ((name, url) for name, url in environment.items() if name.startswith("AWS_ENDPOINT_URL"))
