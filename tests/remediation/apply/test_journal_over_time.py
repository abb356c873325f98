"""A journal that several processes write to, that is torn and damaged meanwhile, and read at every moment."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from ssmtui.remediation.apply.change import Change, ChangeState, RefusedOutcome
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.apply.undo import undo
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle

PLAN = bucket_toggle(FakeAws([ON]))
DAMAGE = (b"{", b"null\n", b'{"version": 99, "entry": "planned"}\n', b"\xff\xfe\n", b"[1]\n\n", b'{"version": 1}\n')


class Journals(RuleBasedStateMachine):
    """Three processes with a journal of one folder, and what each change must be known as."""

    changes: Bundle[Change] = Bundle("changes")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(prefix="journals-")
        self.processes = [Journal(Path(self.folder.name)) for _ in range(3)]
        self.states: dict[str, ChangeState] = {}
        self.undoes: dict[str, str] = {}
        self.obscured: set[str] = set()
        self.is_damaged = False

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(target=changes, process=st.integers(0, 2))
    def plan(self, process: int) -> Change:
        change = self.processes[process].plan(PLAN)
        self.states[change.id] = ChangeState.PLANNED
        return change

    @rule(target=changes, process=st.integers(0, 2), of=changes)
    def plan_to_take_back(self, process: int, of: Change) -> Change:
        change = self.processes[process].plan(PLAN, undoes=of.id)
        self.states[change.id], self.undoes[change.id] = ChangeState.PLANNED, of.id
        return change

    @rule(process=st.integers(0, 2), change=changes, state=st.sampled_from(("applied", "failed", "unsure")))
    def end(self, process: int, change: Change, state: str) -> None:
        journal = self.processes[process]
        match state:
            case "applied":
                journal.applied(change, {"DocumentDescription.DocumentVersion": "2"}, ())
            case "failed":
                journal.failed(change, "refused")
            case _:
                journal.unsure(change, {}, "no answer")
        self.states[change.id] = ChangeState(state)

    @rule(damage=st.sampled_from(DAMAGE))
    def is_torn_or_written_over(self, damage: bytes) -> None:
        file = self.processes[0].file
        if file.exists():
            with file.open("ab") as journal:
                journal.write(damage)
            self.obscured |= self.states.keys()
            self.is_damaged = True

    @rule(process=st.integers(0, 2))
    def a_process_begins_anew(self, process: int) -> None:
        self.processes[process] = Journal(Path(self.folder.name))

    @invariant()
    def every_process_reads_the_same_and_no_change_is_lost(self) -> None:
        reads = [journal.read() for journal in self.processes]
        assert all(read == reads[0] for read in reads)
        undone = {self.undoes[id_] for id_ in self.undoes if self.states[id_] is ChangeState.APPLIED}
        expected = [(id_, self._known_as(id_, undone)) for id_ in self.states]
        assert [(each.id, each.state) for each in reversed(reads[0].changes)] == expected
        assert reads[0].obscured == self.obscured
        assert bool(reads[0].damaged) == self.is_damaged

    def _known_as(self, id_: str, undone: set[str]) -> ChangeState:
        """An interrupted undo is known as made once another undo of the same change was made."""
        state = self.states[id_]
        if id_ in undone:
            return ChangeState.UNDONE
        if state in {ChangeState.PLANNED, ChangeState.UNSURE} and self.undoes.get(id_) in undone:
            return ChangeState.APPLIED
        return state

    @invariant()
    def nothing_is_taken_back_past_damage(self) -> None:
        aws = FakeAws([ON])
        for change in self.processes[0].changes():
            if change.id in self.obscured:
                assert isinstance(undo(change, aws, self.processes[0]), RefusedOutcome)
        assert aws.written == []


TestJournals = Journals.TestCase
TestJournals.settings = settings(max_examples=25, stateful_step_count=12)
