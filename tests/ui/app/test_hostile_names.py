"""Text from AWS stays text: it becomes neither markup nor a control sequence, whatever screen it comes to."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len

from ssmtui.diagnosis.diagnosis_handle import RawFact
from ssmtui.diagnosis.events import FindingChanged, ScopeOpened, VerdictChanged
from ssmtui.model.finding import Evidence, VerdictStatus
from ssmtui.model.node import Registration
from tests.ui.builders import HEALTHY, PARIS, log_group_unencrypted, node, told, verdict
from tests.ui.opened import NODE, opened
from tests.ui.scripted_inquiry import ScriptedInquiry

HOSTILE = "[red]x[/] \x1b[31m\x07\u202egnp\r\n$text-error [@click=app.quit]y[/]"
WIDE = "数据库服务器東京一号機-primary-with-a-very-long-name"


def is_clean(text: str) -> bool:
    return not any(each in text for each in ("\x1b", "\x07", "\r", "\u202e"))


async def test_a_hostile_name_is_shown_as_it_is_and_does_nothing() -> None:
    evil, wide = node(HOSTILE, 1), node(WIDE, 2)
    assert isinstance(evil.registration, Registration)
    evil = replace(evil, registration=replace(evil.registration, platform=HOSTILE, agent_version=HOSTILE))
    held = log_group_unencrypted([evil])
    finding = replace(held.finding, summary=HOSTILE, evidence=(Evidence(HOSTILE, HOSTILE),))
    held = replace(held, finding=finding)
    handle = ScriptedInquiry(
        ScopeOpened(PARIS),
        *told(PARIS, [evil]),
        *told(PARIS, [wide], verdicts=HEALTHY),
        FindingChanged(held),
        VerdictChanged(evil.key, verdict(VerdictStatus.FAIL, held)),
    )
    handle.facts[evil.key] = (RawFact(HOSTILE, HOSTILE, HOSTILE),)
    async with opened(handle, size=(200, 40)) as shown:
        await shown.until_said("[red]x[/] \\x1b[31m")
        assert is_clean(shown.painted)
        assert all(cell_len(line) == 200 for line in shown.painted.split("\n"))
        await shown.press("enter")
        await shown.until_screen(NODE)
        await shown.until_said("\\u202egnp")
        assert is_clean(shown.painted)
        await shown.press("y")
        await shown.until_said("[@click=app.quit]y[/]")
        assert is_clean(shown.painted)
        await shown.press("escape", "escape", "tab")
        await shown.until_said("/ssm/sessions")
        assert is_clean(shown.painted)


async def test_wide_characters_are_cut_between_them_and_columns_stay_in_line() -> None:
    handle = ScriptedInquiry(ScopeOpened(PARIS), *told(PARIS, [node(WIDE, 1), node("web", 2)], verdicts=HEALTHY))
    async with opened(handle, size=(80, 24)) as shown:
        await shown.until_said("数据库")
        lines = shown.painted.split("\n")
        assert all(cell_len(line) == 80 for line in lines)
        wide, plain = (next(line for line in lines if word in line) for word in ("数据库", "web"))
        assert cell_len(wide[: wide.index("●●●")]) == cell_len(plain[: plain.index("●●●")])
        assert "…" in wide
