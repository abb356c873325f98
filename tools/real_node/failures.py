"""The failures that are provoked on the real node and on the simulated one, and the cause of each."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from ssmtui.simulator import state
from ssmtui.simulator.gateway.session_overrides import AgentProgram
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.node_state.preferences import DOCUMENT_NAME
from ssmtui.simulator.real_node.node import RealNode
from ssmtui.simulator.worlds.building_blocks import DESTINATIONS, allow
from tests.simulator.clients import administrator, ids_by_name
from tools.real_node.recorder import PORT, SHELL, SSH, Session, noninteractive
from tools.real_node.world import ACTIONS, KEY_ALIAS, ROLE, SIMULATED

_ZEROS: Final = bytes(4096)
_PATH: Final = {"PATH": "/usr/sbin:/usr/bin"}


@dataclass(frozen=True, slots=True)
class Laboratory:
    """The simulated AWS with both nodes, and the ways to provoke a failure on both."""

    aws: SimulatedAws
    real: RealNode

    @property
    def simulated_id(self) -> str:
        """The id of the node with the simulated agent."""
        return ids_by_name(self.real.region)[SIMULATED]

    @contextmanager
    def preferences(self, **inputs: Any) -> Iterator[None]:
        """Use these session preferences."""
        content = {"schemaVersion": "1.0", "sessionType": "Standard_Stream", "inputs": inputs}
        documents = state.hidden(state.ACCOUNT, self.real.region).documents
        version = state.DocumentVersion(1, json.dumps(content), "JSON", state.now())
        documents[DOCUMENT_NAME] = state.StoredDocument(DOCUMENT_NAME, "Session", state.ACCOUNT, [version])
        try:
            yield
        finally:
            del documents[DOCUMENT_NAME]

    @contextmanager
    def denied(self, *actions: str) -> Iterator[None]:
        """Take actions from the role of both nodes."""
        iam = administrator(self.aws, "iam")
        (name,) = iam.list_role_policies(RoleName=ROLE.name)["PolicyNames"]

        def allow_all_but(*others: str) -> None:
            statement = allow(tuple(action for action in ACTIONS if action not in others))
            policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
            iam.put_role_policy(RoleName=ROLE.name, PolicyName=name, PolicyDocument=policy)

        allow_all_but(*actions)
        try:
            yield
        finally:
            allow_all_but()

    @contextmanager
    def simulated(self, absent: tuple[str, ...] = (), **changes: Any) -> Iterator[None]:
        """Change what the simulated node is; `absent` is absent, too."""
        agents = state.hidden(state.ACCOUNT, self.real.region).agents
        before = agents[self.simulated_id]
        agents[self.simulated_id] = replace(before, absent=(*before.absent, *absent), **changes)
        try:
            yield
        finally:
            agents[self.simulated_id] = before

    @contextmanager
    def filled(self, folder: str) -> Iterator[None]:
        """Fill the file system of a folder of the real node."""
        filler = self.real.root.file(f"{folder}/filler")
        try:
            with filler.open("wb", buffering=0) as file, suppress(OSError):
                while file.write(_ZEROS):
                    pass
            yield
        finally:
            filler.unlink()

    @contextmanager
    def without_file(self, place: str) -> Iterator[None]:
        """Remove a file of the real node."""
        file = self.real.root.file(place)
        kept = file.with_name(file.name + ".kept")
        file.rename(kept)
        try:
            yield
        finally:
            kept.rename(file)

    @contextmanager
    def started(self, *prefix: str) -> Iterator[None]:
        """Start the real agent anew, by a program, and at the end as before."""
        self.real.stop()
        self.real.start(*prefix)
        try:
            yield
        finally:
            self.real.stop()
            self.real.start()

    @contextmanager
    def challenge_required(self) -> Iterator[None]:
        """Refuse data keys that are not bound to the agent's challenge."""
        configuration = self.real.root.file("/etc/amazon/ssm/amazon-ssm-agent.json")
        configuration.write_text(json.dumps({"Kms": {"RequireKMSChallengeResponse": True}}), encoding="utf-8")
        with self.started():
            self.aws.pace.demands_challenge = True
            try:
                yield
            finally:
                self.aws.pace.demands_challenge = False
                configuration.unlink()

    @contextmanager
    def before_first_session(self) -> Iterator[None]:
        """Delete the user that the agent has created for sessions on both nodes."""
        self.real.root.run(("/usr/sbin/userdel", "--force", "ssm-user"), _PATH)
        with self.simulated(absent=("ssm-user",)):
            yield

    @contextmanager
    def after_first_session(self) -> Iterator[None]:
        """Create the user of sessions on the real node, as the agent does."""
        self.real.root.run(("/usr/sbin/useradd", "--create-home", "ssm-user"), _PATH)
        yield

    def kill(self, program: AgentProgram) -> None:
        """Kill a program of the real agent. The agent itself is restarted, as a service manager does."""
        if program is AgentProgram.AGENT:
            self.real.stop(workers_too=False)
            self.real.start()
            return
        for pid in self.real.processes(program):
            os.kill(pid, signal.SIGKILL)
        if program is AgentProgram.AGENT_WORKER:
            # Until AWS has noticed it, a new session would be announced to nobody.
            self.real.wait_until_disconnected()

    def kill_simulated(self, program: AgentProgram) -> None:
        """Kill a program of the simulated agent."""
        self.aws.kill(self.simulated_id, program)

    @contextmanager
    def without_agent_worker(self) -> Iterator[None]:
        """Kill the worker of both agents. The real agent has just looked for it, and misses it after a minute."""
        self.kill(AgentProgram.AGENT_WORKER)
        self.real.wait_until_connected()
        self.kill(AgentProgram.AGENT_WORKER)
        self.kill_simulated(AgentProgram.AGENT_WORKER)
        yield
        self.real.wait_until_connected()


Provoke = Callable[[Laboratory], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class Failure:
    """A failure: how it is provoked, the session that shows it, and its cause (none if the session opens).

    `ends_normally` says whether the session opens and ends at once without a text: only a probe notices that.
    `only_plugin` says whether ssmtui's own client opens the session. `cause_of_new_plugin` is the cause if the plugin
    is not too old: one that is built from its source calls itself 1.2.0.0. `killed` is killed while the session is
    open. `seconds` is how long an agent may be silent before it reports the failure.
    """

    name: str
    provoke: Provoke
    cause: str = ""
    session: Session = SHELL
    killed: AgentProgram | None = None
    ends_normally: bool = False
    only_plugin: bool = False
    cause_of_new_plugin: str = ""
    seconds: float = 12.0


def _nothing(_laboratory: Laboratory) -> AbstractContextManager[None]:
    return nullcontext()


def _preferences(**inputs: Any) -> Provoke:
    return lambda laboratory: laboratory.preferences(**inputs)


def _denied(*actions: str) -> Provoke:
    return lambda laboratory: laboratory.denied(*actions)


@contextmanager
def _both(first: Provoke, second: Provoke, laboratory: Laboratory) -> Iterator[None]:
    with first(laboratory), second(laboratory):
        yield


def _with(first: Provoke, second: Provoke) -> Provoke:
    return partial(_both, first, second)


def _filled(folder: str) -> Provoke:
    return _with(lambda laboratory: laboratory.filled(folder), lambda laboratory: laboratory.simulated(full=(folder,)))


def _limited(instances: int) -> Provoke:
    """Limit the inotify instances of both agents: of the real one in a user namespace, this machine keeps its limit."""
    users = ("--map-users=0,0,65536", "--map-groups=0,0,65536", "--setuid=0", "--setgid=0")
    limit = f'echo {instances} > /proc/sys/user/max_inotify_instances; exec "$@"'
    return _with(
        lambda laboratory: laboratory.started("unshare", "--user", *users, "sh", "-c", limit, "sh"),
        lambda laboratory: laboratory.simulated(inotify_instances=instances),
    )


def _first_session(provoke: Provoke) -> Provoke:
    return _with(lambda laboratory: laboratory.before_first_session(), provoke)


def _later_session(provoke: Provoke) -> Provoke:
    return _with(lambda laboratory: laboratory.after_first_session(), provoke)


def _absent(place: str) -> Provoke:
    """Remove a program from the real node, and from the simulated one."""
    name = place.rpartition("/")[2]
    return _with(
        lambda laboratory: laboratory.without_file(place), lambda laboratory: laboratory.simulated(absent=(name,))
    )


@contextmanager
def _key_is(laboratory: Laboratory, broken: str, mended: str, **parameters: Any) -> Iterator[None]:
    kms = administrator(laboratory.aws, "kms")
    key = kms.describe_key(KeyId=KEY_ALIAS)["KeyMetadata"]["KeyId"]
    getattr(kms, broken)(KeyId=key, **parameters)
    try:
        yield
    finally:
        getattr(kms, mended)(KeyId=key)
        kms.enable_key(KeyId=key)


KEYED: Final = {"kmsKeyId": KEY_ALIAS}
BUCKET: Final = {"s3BucketName": DESTINATIONS.bucket, "s3KeyPrefix": "", "s3EncryptionEnabled": True}
GROUP: Final = {"cloudWatchLogGroupName": DESTINATIONS.log_group, "cloudWatchEncryptionEnabled": True}
_BUCKET_ELSEWHERE: Final = {**BUCKET, "s3BucketName": "no-such-bucket"}
_GROUP_ELSEWHERE: Final = {**GROUP, "cloudWatchLogGroupName": "/no/such/group"}
_PLAIN_GROUP: Final = {**GROUP, "cloudWatchLogGroupName": "/plain"}


def _run_as(user: str) -> Provoke:
    return _preferences(runAsEnabled=True, runAsDefaultUser=user)


def _without_user(user: str) -> Provoke:
    return _with(_run_as(user), lambda laboratory: laboratory.simulated(absent=(user,)))


def _profile(line: str) -> Provoke:
    return _preferences(shellProfile={"linux": line, "windows": ""})


FAILURES: Final = (
    Failure("nothing", _nothing),
    Failure("nothing, with a key and logs", _preferences(**KEYED, **BUCKET, **GROUP)),
    Failure("a command", _nothing, session=noninteractive("printf hello")),
    Failure("a program that does not exist", _nothing, session=noninteractive("/none")),
    Failure("kms:Decrypt denied", _with(_preferences(**KEYED), _denied("kms:Decrypt")), "kms-node-denied"),
    Failure(
        "key disabled",
        _with(_preferences(**KEYED), partial(_key_is, broken="disable_key", mended="enable_key")),
        "kms-key-disabled",
    ),
    Failure(
        "key pending deletion",
        _with(
            _preferences(**KEYED),
            partial(_key_is, broken="schedule_key_deletion", mended="cancel_key_deletion", PendingWindowInDays=7),
        ),
        "kms-key-pending-deletion",
    ),
    Failure(
        "KMS challenge required",
        _with(_preferences(**KEYED), lambda laboratory: laboratory.challenge_required()),
        "plugin-outdated",
        only_plugin=True,
        cause_of_new_plugin="encryption-challenge-failed",
    ),
    Failure("alias missing", _preferences(kmsKeyId="alias/none"), "kms-key-missing"),
    Failure("bucket missing", _preferences(**_BUCKET_ELSEWHERE), "s3-bucket-missing"),
    Failure(
        "bucket unreadable",
        _with(_preferences(**BUCKET), _denied("s3:GetEncryptionConfiguration")),
        "s3-encryption-unreadable",
    ),
    Failure("log group missing", _preferences(**_GROUP_ELSEWHERE), "log-group-missing"),
    Failure("log group unencrypted", _preferences(**_PLAIN_GROUP), "log-group-unencrypted"),
    Failure(
        "log group unreadable", _with(_preferences(**GROUP), _denied("logs:DescribeLogGroups")), "log-group-unreadable"
    ),
    Failure("Run As unset", _run_as(""), "run-as-user-unset"),
    Failure("Run As absent", _without_user("nobody-here"), "run-as-user-absent"),
    Failure("Run As absent, a command", _without_user("nobody-here"), session=noninteractive("printf hello")),
    Failure("Run As root", _run_as("root"), "run-as-user-absent"),
    Failure("preferences malformed", _preferences(s3EncryptionEnabled="maybe"), "preferences-malformed"),
    Failure("full /var/lib/amazon", _filled("/var/lib/amazon"), "root-volume-full"),
    Failure("full /tmp", _filled("/tmp")),  # noqa: S108 - of the real node
    Failure("full root volume", _later_session(_filled("/etc"))),
    Failure("full root volume, first session", _first_session(_filled("/etc")), "ssm-user-refused"),
    Failure("no useradd, first session", _first_session(_absent("/usr/sbin/useradd")), "ssm-user-refused"),
    Failure("no inotify instance", _limited(0), "node-plugin-missing"),
    Failure("no inotify instance for a worker", _limited(4), "worker-crashed", seconds=75),
    Failure("session worker killed", _nothing, "worker-crashed", killed=AgentProgram.SESSION_WORKER, seconds=75),
    Failure("agent worker killed", _nothing, killed=AgentProgram.AGENT_WORKER),
    Failure("agent restarted", _nothing, killed=AgentProgram.AGENT, seconds=30),
    Failure(
        "agent worker killed, next session",
        lambda laboratory: laboratory.without_agent_worker(),
        "control-channel-down",
    ),
    Failure("CreateDataChannel denied", _denied("ssmmessages:CreateDataChannel"), "role-channels-denied", seconds=30),
    Failure("OpenDataChannel denied", _denied("ssmmessages:OpenDataChannel"), "data-channel-denied", seconds=30),
    Failure("profile that exits", _profile("exit 3"), "shell-profile-failed", ends_normally=True),
    Failure("profile that executes nothing", _profile("exec /none"), "shell-profile-failed", ends_normally=True),
    Failure("port closed", _nothing, "port-refused", session=PORT),
    Failure("sshd absent", _nothing, "port-refused", session=SSH, seconds=75),
    Failure("no sh", _absent("/usr/bin/sh"), "shell-start-failed"),
    Failure("no sh, a command", _absent("/usr/bin/sh"), session=noninteractive("printf hello")),
)
