"""Changes made and taken back in any order, by somebody who is interrupted, beside others who change the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from ssmtui.model.plan import Plan
from ssmtui.remediation.apply.apply_plan import apply
from ssmtui.remediation.apply.change import (
    AppliedOutcome,
    Change,
    ChangeOutcome,
    ChangeState,
    FailedOutcome,
    RefusedOutcome,
    UnsureOutcome,
)
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.apply.undo import last_undoable, settle_open_changes, undo
from ssmtui.remediation.operations.write_operation import (
    ChangeFailedError,
    ChangeRefusedError,
    OutcomeUnknownError,
)
from tests.remediation.apply.fake_aws import FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle, log_group_toggle
from tests.remediation.plans.facts import SCOPE, text_of


class Killed(BaseException):
    """The process has ended here."""


TOGGLES = {"bucket": bucket_toggle, "log group": log_group_toggle}
TROUBLES: dict[str, Callable[[], BaseException]] = {
    "killed": Killed,
    "unknown": lambda: OutcomeUnknownError("no answer"),
    "failed": lambda: ChangeFailedError("InternalServerError", "it failed"),
    "refused": lambda: ChangeRefusedError("ssm:UpdateDocument", "not allowed"),
}
CALLS = ("UpdateDocument", "UpdateDocumentDefaultVersion")


class Changes(RuleBasedStateMachine):
    """One document, its journal, and what must be true of the two at every moment."""

    plans: Bundle[Plan] = Bundle("plans")

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(prefix="over-time-")
        self.aws = FakeAws([ON])
        self.journal = Journal(Path(self.folder.name))
        self.theirs = 0
        self.defaults: dict[str, str] = {}
        """The text of the default version before a change, by the change's id."""

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(target=plans, toggle=st.sampled_from(sorted(TOGGLES)))
    def plan(self, toggle: str) -> Plan:
        return TOGGLES[toggle](self.aws)

    @rule(plan=plans)
    def make(self, plan: Plan) -> None:
        """As the desk does: what was left open is settled first."""
        self._tried(plan.before, plan.after, lambda: apply(plan, self.aws, self.journal))

    @rule()
    def take_back_the_last(self) -> None:
        if (change := last_undoable(self.journal, SCOPE)) is not None:
            self._tried(change.after, change.before, lambda: self._undone(change))

    @rule(
        call=st.sampled_from(CALLS),
        when=st.sampled_from(("before", "after")),
        trouble=st.sampled_from(sorted(TROUBLES)),
    )
    def trouble_begins(self, call: str, when: str, trouble: str) -> None:
        if when == "after" and trouble != "killed":
            trouble = "unknown"  # an answer that says no comes of a call that was not carried out
        (self.aws.before if when == "before" else self.aws.after)[call] = TROUBLES[trouble]()

    @rule()
    def trouble_ends(self) -> None:
        self.aws.before.clear()
        self.aws.after.clear()

    @rule(default=st.booleans())
    def somebody_writes(self, default: bool) -> None:  # noqa: FBT001
        self.theirs += 1
        self.aws.versions.append(text_of(s3KeyPrefix=f"theirs-{self.theirs}"))
        if default:
            self.aws.default = self.aws.newest

    @rule()
    def another_process_begins(self) -> None:
        self.journal = Journal(Path(self.folder.name))

    def _undone(self, change: Change) -> ChangeOutcome:
        problem = settle_open_changes(change.scope, self.aws, self.journal)
        return problem or undo(
            next(each for each in self.journal.changes() if each.id == change.id), self.aws, self.journal
        )

    def _tried(self, before: str, after: str, attempt: Callable[[], ChangeOutcome]) -> None:
        versions, default = list(self.aws.versions), self.aws.default
        settle_open_changes(SCOPE, self.aws, self.journal)
        assert (self.aws.versions, self.aws.default) == (versions, default)  # looking writes nothing
        try:
            outcome = attempt()
        except Killed:
            outcome = None
        written = self.aws.versions[len(versions) :]
        assert self.aws.versions[: len(versions)] == versions  # no version of anybody is lost
        assert len(written) <= 1
        if written:
            assert written[0].rstrip("\n") == after.rstrip("\n")
            assert versions[-1] == before  # nobody's text is replaced by one that was made without knowing it
        match outcome:
            case RefusedOutcome() | FailedOutcome():
                assert written == []
                assert self.aws.default == default
            case AppliedOutcome(change=change, notes=notes):
                assert self.aws.text.rstrip("\n") == after.rstrip("\n")
                self.defaults.setdefault(change.id, versions[default - 1])
                if not notes:
                    # An undo makes the version the default that was: not the newest, if somebody had written another.
                    as_default = {after.rstrip("\n"), self.defaults.get(change.undoes, after).rstrip("\n")}
                    assert self.aws.versions[self.aws.default - 1].rstrip("\n") in as_default
                assert self._known(change.id).state in (ChangeState.APPLIED, ChangeState.UNDONE)
            case UnsureOutcome(change=change):
                assert self._known(change.id).is_open

    def _known(self, id_: str) -> Change:
        return next(each for each in Journal(Path(self.folder.name)).changes() if each.id == id_)

    @invariant()
    def the_journal_can_be_read_and_knows_of_all_that_was_written(self) -> None:
        read = Journal(Path(self.folder.name)).read()
        assert read.damaged == ()
        ours = [text for operation, text in self.aws.written if operation == "UpdateDocument"]
        assert len(ours) <= len(read.changes)
        assert len({each.id for each in read.changes}) == len(read.changes)

    @invariant()
    def what_was_taken_back_was_taken_back_by_a_change_that_was_made(self) -> None:
        changes = self.journal.changes()
        undone = {each.id for each in changes if each.state is ChangeState.UNDONE}
        assert undone == {each.undoes for each in changes if each.undoes and each.state is ChangeState.APPLIED}


TestChanges = Changes.TestCase
TestChanges.settings = settings(max_examples=30, stateful_step_count=15)
