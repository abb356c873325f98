"""Facts on demand: each read once a key, whoever asks, however it ends."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.evidence.aws.reader_api import Aws, AwsError, MalformedAnswer, ReadFailed
from ssmtui.evidence.facts import fact_resolver, sources
from ssmtui.evidence.facts.fact_resolver import ResolvedNeeds, UnresolvedNeed
from ssmtui.evidence.facts.fact_store import FactStore
from ssmtui.evidence.facts.sources import DerivedFact, Read
from ssmtui.model.fact import Absent, NotApplicable, Now, ReadFailure, Unreadable, needs_of
from ssmtui.model.node import Node
from ssmtui.model.plan import FactChange
from tests.builders.fleet import NOON, a_node, a_scope
from tests.evidence.fake_aws import FakeAws, refused


@dataclass(frozen=True)
class Letter:
    """The first letter of a node's name; read slowly."""

    letter: str


@dataclass(frozen=True)
class Twice:
    """Worked out from a letter."""

    letters: str


@dataclass(frozen=True)
class Word:
    """Read of what was worked out."""

    word: str


class Reads:
    """The sources of the facts above, and how often each was read."""

    def __init__(self) -> None:
        self.count: Counter[tuple[str, str]] = Counter()
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: BaseException | None = None

    def sources(self) -> dict[type, Read | DerivedFact]:
        async def letter(aws: Aws, node: Node) -> Letter | Absent:
            self.count["letter", node.name[0]] += 1
            await self.gate.wait()
            if self.failure is not None:
                raise self.failure
            return Letter(node.name[0])

        def twice(letter: Letter) -> Twice | NotApplicable:
            return NotApplicable("no vowels please") if letter.letter in "aeiou" else Twice(letter.letter * 2)

        async def word(aws: Aws, twice: Twice) -> Word:
            self.count["word", twice.letters] += 1
            await asyncio.sleep(0)
            return Word(f"the {twice.letters}")

        return {
            Letter: Read(
                Letter, "s:PostLetter", ("s:Letter",), needs_of(letter, leaving=("aws",)), letter, _first_letter
            ),
            Twice: DerivedFact(Twice, needs_of(twice), twice, frozenset((NotApplicable,))),
            Word: Read(Word, "s:Word", ("s:Word",), needs_of(word, leaving=("aws",)), word, _letters),
        }


def _first_letter(node: Node) -> Hashable:
    return node.name[0]


def _letters(twice: Twice) -> Hashable:
    return twice.letters


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[Reads]:
    made = Reads()
    table = made.sources()
    for module in (fact_resolver, sources):
        monkeypatch.setattr(module, "sources", lambda: table)
    sources.underlying_reads.cache_clear()
    yield made
    sources.underlying_reads.cache_clear()


def a_gathering() -> FactStore:
    return FactStore(FakeAws(), a_scope(), Now(NOON))


def named(name: str) -> Node:
    return a_node(f"i-{name}", name=name)


async def test_nodes_that_share_a_key_share_one_read(reads: Reads) -> None:
    facts = a_gathering()
    nodes = [named(name) for name in ("cat", "cow", "dog", "duck", "crow")]
    found = await asyncio.gather(*(facts.resolver(node).fact(Word) for node in nodes))
    assert [each.value for each in found] == [
        Word("the cc"),
        Word("the cc"),
        Word("the dd"),
        Word("the dd"),
        found[0].value,
    ]
    assert found[0].key == found[1].key == found[4].key != found[2].key
    assert reads.count == {("letter", "c"): 1, ("letter", "d"): 1, ("word", "cc"): 1, ("word", "dd"): 1}


async def test_who_asks_while_a_fact_is_on_its_way_waits_for_it(reads: Reads) -> None:
    facts = a_gathering()
    reads.gate.clear()
    first = asyncio.ensure_future(facts.resolver(named("cat")).fact(Letter))
    await asyncio.sleep(0)
    second = asyncio.ensure_future(facts.resolver(named("cow")).fact(Letter))
    await asyncio.sleep(0)
    assert not first.done()
    reads.gate.set()
    assert (await first).value == (await second).value == Letter("c")
    assert reads.count == {("letter", "c"): 1}


async def test_the_first_asker_may_be_cancelled_and_the_others_get_their_fact(reads: Reads) -> None:
    facts = a_gathering()
    reads.gate.clear()
    first = asyncio.ensure_future(facts.resolver(named("cat")).fact(Letter))
    second = asyncio.ensure_future(facts.resolver(named("cow")).fact(Letter))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    reads.gate.set()
    assert (await second).value == Letter("c")
    assert reads.count == {("letter", "c"): 1}


async def test_the_checks_of_a_path_wait_together_for_a_fact(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[type] = []
    read = FactStore.read

    async def noted(store: FactStore, source: Read, *how: object) -> object:
        waited.append(source.kind)
        return await read(store, source, *how)  # type: ignore[arg-type]

    monkeypatch.setattr(FactStore, "read", noted)
    path = a_gathering().resolver(named("cat"))
    found = await asyncio.gather(*(path.fact(kind) for kind in (Word, Twice, Letter, Word)))
    assert [each.value for each in found] == [Word("the cc"), Twice("cc"), Letter("c"), Word("the cc")]
    assert waited == [Letter, Word]


@pytest.mark.parametrize("cancelled", [0, 1])
async def test_a_check_that_is_cancelled_keeps_no_fact_from_the_others_of_its_path(
    reads: Reads, cancelled: int
) -> None:
    path = a_gathering().resolver(named("cat"))
    reads.gate.clear()
    askers = [asyncio.ensure_future(path.fact(Twice)) for _ in range(3)]
    await asyncio.sleep(0)
    askers[cancelled].cancel()
    await asyncio.sleep(0)
    reads.gate.set()
    found = await asyncio.gather(*askers, return_exceptions=True)
    assert isinstance(found.pop(cancelled), asyncio.CancelledError)
    assert [each.value for each in found if not isinstance(each, BaseException)] == [Twice("cc"), Twice("cc")]


async def test_a_defect_reaches_all_checks_of_a_path(reads: Reads, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(letter: Letter) -> Twice:
        raise ZeroDivisionError

    table = {**reads.sources(), Twice: DerivedFact(Twice, needs_of(twice), twice)}
    monkeypatch.setattr(fact_resolver, "sources", lambda: table)
    path = a_gathering().resolver(named("cat"))
    found = await asyncio.gather(*(path.fact(Twice) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in found] == [ZeroDivisionError] * 3


async def test_a_read_whose_only_asker_is_gone_still_ends_and_is_remembered(reads: Reads) -> None:
    facts = a_gathering()
    reads.gate.clear()
    asker = asyncio.ensure_future(facts.resolver(named("cat")).fact(Letter))
    await asyncio.sleep(0)
    asker.cancel()
    await asyncio.gather(asker, return_exceptions=True)
    reads.gate.set()
    assert (await facts.resolver(named("cow")).fact(Letter)).value == Letter("c")
    assert reads.count == {("letter", "c"): 1}


async def test_a_forgotten_fact_is_read_anew_under_another_key(reads: Reads) -> None:
    facts = a_gathering()
    before = await facts.resolver(named("cat")).fact(Twice)
    facts.forget({Letter})
    after = await facts.resolver(named("cat")).fact(Twice)
    assert before.value == after.value
    assert before.key != after.key
    assert reads.count == {("letter", "c"): 2}


async def test_forgetting_what_is_worked_out_reads_anew_what_it_is_worked_out_from(reads: Reads) -> None:
    facts = a_gathering()
    await facts.resolver(named("cat")).fact(Word)
    facts.forget({Twice})
    await facts.resolver(named("cat")).fact(Word)
    assert reads.count == {("letter", "c"): 2, ("word", "cc"): 1}


async def test_forgetting_along_one_path_leaves_what_is_read_for_the_others(reads: Reads) -> None:
    facts = a_gathering()
    for name in ("cat", "dog"):
        await facts.resolver(named(name)).fact(Word)
    of_the_cat = facts.resolver(named("cat"))
    await of_the_cat.fact(Word)
    facts.forget_along(of_the_cat, {Letter})
    for name in ("cat", "dog"):
        await facts.resolver(named(name)).fact(Word)
    assert reads.count == {("letter", "c"): 2, ("letter", "d"): 1, ("word", "cc"): 1, ("word", "dd"): 1}


async def test_forgetting_nothing_by_name_forgets_everything(reads: Reads) -> None:
    facts = a_gathering()
    await facts.resolver(named("cat")).fact(Word)
    facts.forget(())
    await facts.resolver(named("cat")).fact(Word)
    assert reads.count == {("letter", "c"): 2, ("word", "cc"): 2}


async def test_who_waits_for_a_read_that_is_forgotten_gets_it_and_the_next_reads_anew(reads: Reads) -> None:
    facts = a_gathering()
    reads.gate.clear()
    waiting = asyncio.ensure_future(facts.resolver(named("cat")).fact(Letter))
    await asyncio.sleep(0)
    facts.forget({Letter})
    next_ = asyncio.ensure_future(facts.resolver(named("cat")).fact(Letter))
    await asyncio.sleep(0)
    reads.gate.set()
    old, new = await waiting, await next_
    assert old.value == new.value == Letter("c")
    assert old.key != new.key
    assert reads.count == {("letter", "c"): 2}


async def test_a_moot_fact_stands_for_all_that_needs_it(reads: Reads) -> None:
    found = await a_gathering().resolver(named("ant")).fact(Word)
    assert found.value == NotApplicable("no vowels please")
    assert reads.count == {("letter", "a"): 1}


@pytest.mark.parametrize(
    ("failure", "stands"),
    [
        (refused("s:Letter", "no"), Unreadable("s:Letter", "AccessDeniedException: no", ReadFailure.REFUSED)),
        (AwsError("Strange", "what?"), Unreadable("", "s:Letter: Strange: what?", ReadFailure.FAILED, "s:PostLetter")),
        (
            MalformedAnswer("s:Letter", "Letters[2] is not a text"),
            Unreadable(
                "",
                "the response to s:Letter does not have its documented format: Letters[2] is not a text",
                ReadFailure.MALFORMED,
                "s:Letter",
            ),
        ),
    ],
)
async def test_a_failed_read_is_a_value_too(reads: Reads, failure: Exception, stands: Unreadable) -> None:
    facts = a_gathering()
    reads.failure = failure
    assert (await facts.resolver(named("cat")).fact(Letter)).value == stands
    assert (await facts.resolver(named("cow")).fact(Word)).value == stands
    assert reads.count == {("letter", "c"): 1}


@pytest.mark.parametrize(
    ("failure", "source"),
    [
        (refused("s:Letter", "no"), "s:Letter"),
        (ReadFailed(Unreadable("", "timed out", ReadFailure.TIMED_OUT, "s:Envelope")), "s:Envelope"),
        (AwsError("Strange", "what?", "s:Envelope"), "s:Envelope"),
        (AwsError("Strange", "what?"), "s:PostLetter"),
        (MalformedAnswer("s:Envelope", "Flap is missing"), "s:Envelope"),
        (KeyError("x"), "s:PostLetter"),
    ],
)
async def test_a_failed_read_names_its_call(reads: Reads, failure: Exception, source: str) -> None:
    reads.failure = failure
    found = (await a_gathering().resolver(named("cat")).fact(Letter)).value
    assert isinstance(found, Unreadable)
    assert found.source == source


async def test_a_malformed_answer_is_logged_by_its_call_and_member(
    reads: Reads, caplog: pytest.LogCaptureFixture
) -> None:
    reads.failure = MalformedAnswer("s:Envelope", "Flap is missing")
    await a_gathering().resolver(named("cat")).fact(Letter)
    (record,) = caplog.records
    assert record.getMessage() == "an answer is not of its documented form: s:Envelope: Flap is missing"


@pytest.mark.parametrize(
    "defect",
    [
        KeyError("a secret"),
        AttributeError("a secret"),
        ZeroDivisionError("a secret"),
        # By a library, for reasons of its own: nobody wants who waits for the read to end.
        asyncio.CancelledError("a secret"),
    ],
    ids=lambda defect: type(defect).__name__,
)
async def test_a_defect_in_a_reader_leaves_unread_what_it_read_and_is_told_and_logged_once(
    reads: Reads, defect: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    told: list[str] = []
    facts = FactStore(FakeAws(), a_scope(), Now(NOON), told_of_defect=told.append)
    reads.failure = defect
    found = [(await facts.resolver(named(node)).fact(Word)).value for node in ("cat", "dog")]
    supposed = facts.with_fact_changes([FactChange(Node, named("zoo"), replaces=named("cat"))])
    found.append((await supposed.resolver(named("cat")).fact(Word)).value)
    (words,) = told
    assert words.startswith(f"{type(defect).__name__} at ssmtui/evidence/facts/fact_store.py:")
    assert (
        found
        == [Unreadable("", f"s:PostLetter: an internal error of ssmtui ({words})", ReadFailure.DEFECT, "s:PostLetter")]
        * 3
    )
    (record,) = caplog.records
    assert (record.levelname, record.exc_info is not None) == ("ERROR", True)


async def test_what_a_defect_kept_from_being_read_is_read_again_with_the_rest(reads: Reads) -> None:
    facts = a_gathering()
    reads.failure = KeyError("x")
    await facts.resolver(named("cat")).fact(Letter)
    reads.failure = None
    facts.forget({Twice})
    assert (await facts.resolver(named("cat")).fact(Letter)).value == Letter("c")


async def test_needs_come_in_order_and_every_unreadable_one_is_named(reads: Reads) -> None:
    def check(letter: Letter, word: Word | Unreadable, node: Node) -> Word:
        raise NotImplementedError

    reads.failure = refused("s:Letter")
    blocked = await a_gathering().resolver(named("cat")).answers(needs_of(check))
    assert isinstance(blocked, UnresolvedNeed)
    assert isinstance(blocked.by, tuple)
    assert [each.action for each in blocked.by] == ["s:Letter"]
    reads.failure = None
    answered = await a_gathering().resolver(named("cat")).answers(needs_of(check))
    assert isinstance(answered, ResolvedNeeds)
    assert answered.arguments == {"letter": Letter("c"), "word": Word("the cc"), "node": named("cat")}


async def test_supposed_facts_replace_read_ones_and_leave_them_alone(reads: Reads) -> None:
    facts = a_gathering()
    supposed = facts.with_fact_changes([FactChange(Letter, Letter("z"))])
    assert (await supposed.resolver(named("cat")).fact(Word)).value == Word("the zz")
    assert (await facts.resolver(named("cat")).fact(Word)).value == Word("the cc")
    assert (await supposed.resolver(named("dog")).fact(Word)).value == Word("the zz")
    assert reads.count == {("letter", "c"): 1, ("word", "zz"): 1, ("word", "cc"): 1}


async def test_one_value_can_be_replaced_and_what_follows_from_it_follows(reads: Reads) -> None:
    facts = a_gathering()
    supposed = facts.with_fact_changes([FactChange(Letter, Letter("z"), replaces=Letter("c"))])
    assert (await supposed.resolver(named("cat")).fact(Word)).value == Word("the zz")
    assert (await supposed.resolver(named("dog")).fact(Word)).value == Word("the dd")
    assert (await facts.resolver(named("cat")).fact(Word)).value == Word("the cc")


async def test_one_value_that_is_worked_out_can_be_replaced(reads: Reads) -> None:
    supposed = a_gathering().with_fact_changes([FactChange(Twice, Twice("zz"), replaces=Twice("cc"))])
    assert (await supposed.resolver(named("cat")).fact(Word)).value == Word("the zz")
    assert (await supposed.resolver(named("dog")).fact(Word)).value == Word("the dd")


async def test_one_node_can_be_replaced(reads: Reads) -> None:
    supposed = a_gathering().with_fact_changes([FactChange(Node, named("zoo"), replaces=named("cat"))])
    assert (await supposed.resolver(named("cat")).fact(Letter)).value == Letter("z")
    assert (await supposed.resolver(named("dog")).fact(Letter)).value == Letter("d")


async def test_what_is_known_of_a_path_is_not_read(reads: Reads) -> None:
    resolver = a_gathering().resolver(named("cat"))
    resolver.know(Letter, Letter("z"))
    assert (await resolver.fact(Twice)).value == Twice("zz")
    assert reads.count == {}


async def test_what_a_supposition_reads_the_facts_know_and_the_other_way_round(reads: Reads) -> None:
    facts = a_gathering()
    await facts.resolver(named("zoo")).fact(Word)
    supposed = facts.with_fact_changes([FactChange(Letter, Letter("z"))])
    await supposed.resolver(named("cat")).fact(Word)
    await facts.with_fact_changes([FactChange(Letter, Letter("c"))]).resolver(named("cat")).fact(Word)
    await facts.resolver(named("cat")).fact(Word)
    assert reads.count == {("letter", "z"): 1, ("letter", "c"): 1, ("word", "zz"): 1, ("word", "cc"): 1}


async def test_two_suppositions_of_the_same_kind_are_told_apart(reads: Reads) -> None:
    facts = a_gathering()
    first = await facts.with_fact_changes([FactChange(Letter, Letter("z"))]).resolver(None).fact(Twice)
    second = await facts.with_fact_changes([FactChange(Letter, Letter("z"))]).resolver(None).fact(Twice)
    assert first.value == second.value
    assert first.key != second.key


@given(
    names=st.lists(st.sampled_from(["cat", "cow", "ant", "dog", "duck", "owl"]), max_size=20),
    kinds=st.lists(st.sampled_from([Letter, Twice, Word]), min_size=1, max_size=20),
    cancelled=st.sets(st.integers(0, 19)),
)
def test_a_fact_is_read_at_most_once_a_key_whoever_asks_and_whoever_gives_up(
    names: list[str], kinds: list[type], cancelled: set[int]
) -> None:
    async def ask_all(made: Reads) -> None:
        facts = a_gathering()
        asking = [
            asyncio.ensure_future(facts.resolver(named(name)).fact(kinds[place % len(kinds)]))
            for place, name in enumerate(names)
        ]
        await asyncio.sleep(0)
        for place in cancelled:
            if place < len(asking):
                asking[place].cancel()
        await asyncio.gather(*asking, return_exceptions=True)
        for place, (name, one) in enumerate(zip(names, asking, strict=True)):
            if place not in cancelled:
                again = await facts.resolver(named(name)).fact(kinds[place % len(kinds)])
                assert (await one).key == again.key

    async def with_reads() -> Reads:
        made = Reads()
        table = made.sources()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(fact_resolver, "sources", lambda: table)
            await ask_all(made)
        return made

    assert all(times == 1 for times in asyncio.run(with_reads()).count.values())
