"""The house as a picture, drawn from its imports: `docs/architecture.svg` (`make docs`).

It holds names and arrows, and no numbers: a module more in a room that was there does not change it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from grimp import ImportGraph, build_graph

from tests.tools.rooms import Arrows, arrows_between, floors, without_detours

PICTURE = Path(__file__).parents[2] / "docs" / "architecture.svg"

WIDTH = 1040
LETTER = 7.25
"""The width of a letter of 12 px in the fonts that are asked for."""
CHIP = 24
CHIPS_A_ROW = 4
TITLE = 26
GAP, SHAFT, BETWEEN = 52, 10, 54
"""Pixels between rooms, those of an arrow that passes a floor, and those between floors."""
ROUNDS = 8
"""How often the floors are arranged anew, downwards and upwards."""

STYLE = """
  svg { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; }
  .paper { fill: #fbfaf7; } .room { fill: #ffffff; stroke: #3b4a63; } .chip { fill: #e9eef6; }
  .name { fill: #1d2739; font-weight: bold; } .inner { fill: #2c3a52; }
  .arrow { fill: none; stroke: #5b77a8; stroke-width: 1.4; } .head { fill: #5b77a8; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #12161d; } .room { fill: #1a202b; stroke: #7c8aa5; } .chip { fill: #2a3446; }
    .name { fill: #e6ebf5; } .inner { fill: #c8d2e4; }
    .arrow { stroke: #7fa0dc; } .head { fill: #7fa0dc; }
  }
"""


@dataclass(frozen=True, slots=True)
class Room:
    """A package of the house, with its inner rooms, floor by floor from the top."""

    name: str
    inner: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class Box:
    """A room on its floor, or the shaft in which an arrow to `name` passes it. Pixels from the left and the top."""

    name: str
    room: Room | None
    left: float = 0
    top: float = 0

    @property
    def width(self) -> float:
        """As wide as its widest row."""
        if self.room is None:
            return SHAFT
        rows = [sum(_chip_width(chip) + 8 for chip in row) for row in _rows(self.room)]
        return max(len(self.room.name) * LETTER + 8, *rows, 60) + 16

    @property
    def middle(self) -> float:
        """Where its middle is, from the left."""
        return self.left + self.width / 2

    @property
    def stop(self) -> tuple[str, bool]:
        """What it is on the way of an arrow: the room itself, or a shaft."""
        return self.name, self.room is not None

    @property
    def height(self) -> float:
        """As high as its rows of inner rooms."""
        return TITLE + CHIP * len(_rows(self.room)) + 8 if self.room else 0


def picture() -> str:
    """The picture as SVG."""
    graph = build_graph("ssmtui")
    arrows = arrows_between(graph, "ssmtui")
    rooms = {name: _room(graph, name) for name in arrows}
    return _drawn(rooms, without_detours(arrows))


def _room(graph: ImportGraph, name: str) -> Room:
    return Room(name, tuple(map(tuple, floors(arrows_between(graph, f"ssmtui.{name}")))))


def _rows(room: Room) -> list[Sequence[str]]:
    return [floor[start : start + CHIPS_A_ROW] for floor in room.inner for start in range(0, len(floor), CHIPS_A_ROW)]


def _chip_width(name: str) -> float:
    return len(name) * LETTER + 14


def _drawn(rooms: Mapping[str, Room], arrows: Arrows) -> str:
    plan, legs = _with_shafts(floors(arrows), arrows)
    boxes = [[Box(name, rooms[name] if own else None) for name, own in floor] for floor in plan]
    _place(boxes, legs)
    height = boxes[-1][0].top + max(each.height for each in boxes[-1]) + 20
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img">',
            "<title>The rooms of ssmtui, and who imports whom</title>",
            f"<style>{STYLE}</style>",
            '<marker id="head" markerWidth="9" markerHeight="9" refX="7" refY="4" orient="auto">'
            '<path class="head" d="M0,0 L8,4 L0,8 z"/></marker>',
            '<rect class="paper" width="100%" height="100%"/>',
            *_lines(boxes, legs),
            *(line for floor in boxes for box in floor if box.room for line in _box(box, box.room)),
            "</svg>",
            "",
        )
    )


Leg = tuple[int, tuple[str, bool], tuple[str, bool]]
"""A piece of an arrow: from what on which floor, to what on the next. What is false is a shaft."""


def _with_shafts(rooms: Sequence[Sequence[str]], arrows: Arrows) -> tuple[list[list[tuple[str, bool]]], set[Leg]]:
    """The floors with a shaft for each room that arrows pass a floor on the way to, and the arrows in pieces."""
    floor_of = {name: number for number, floor in enumerate(rooms) for name in floor}
    plan = [[(name, True) for name in floor] for floor in rooms]
    legs: set[Leg] = set()
    for name, found in sorted(arrows.items()):
        for other in sorted(found):
            way = [(name, True), *((other, False) for _ in range(floor_of[name] + 1, floor_of[other])), (other, True)]
            for number, stop in enumerate(way[1:-1], floor_of[name] + 1):
                if stop not in plan[number]:
                    plan[number].append(stop)
            legs.update((floor_of[name] + number, way[number], way[number + 1]) for number in range(len(way) - 1))
    return plan, legs


def _place(boxes: list[list[Box]], legs: Collection[Leg]) -> None:
    """Put every floor under the one above, each box as near as may be to those that its arrows lead from and to."""
    top = 20.0
    for floor in boxes:
        for each in floor:
            each.top = top
        top += max(each.height for each in floor) + BETWEEN
    shortest, best = float("inf"), [list(floor) for floor in boxes]
    for towards in (-1, 1) * ROUNDS:
        for number in range(len(boxes))[::-towards]:
            _arrange(boxes, number, towards, legs)
        length = _sideways(boxes, legs)
        if length < shortest:
            shortest, best = length, [list(floor) for floor in boxes]
    for floor in best:
        _spread(floor)
    boxes[:] = best


def _arrange(boxes: Sequence[list[Box]], number: int, towards: int, legs: Collection[Leg]) -> None:
    """Order a floor by where the other ends of its arrows are: on the floor above (-1) or below (1)."""
    beside = _found(boxes[number + towards]) if 0 <= number + towards < len(boxes) else {}

    def middle(box: Box) -> float:
        ends = [
            beside[end if towards > 0 else start]
            for floor, start, end in legs
            if floor == (number if towards > 0 else number - 1) and (start if towards > 0 else end) == box.stop
        ]
        return sum(each.middle for each in ends) / len(ends) if ends else box.middle

    boxes[number].sort(key=lambda box: (middle(box), box.name))
    _spread(boxes[number])


def _spread(floor: Sequence[Box]) -> None:
    free = WIDTH - sum(each.width for each in floor)
    gap = min(GAP, free / (len(floor) + 1))
    left = (free - gap * (len(floor) - 1)) / 2
    for each in floor:
        each.left = left
        left += each.width + gap


def _sideways(boxes: Sequence[Sequence[Box]], legs: Collection[Leg]) -> float:
    at = [_found(floor) for floor in boxes]
    return sum(abs(at[number][start].middle - at[number + 1][end].middle) for number, start, end in legs)


def _found(floor: Sequence[Box]) -> dict[tuple[str, bool], Box]:
    return {each.stop: each for each in floor}


def _lines(boxes: Sequence[Sequence[Box]], legs: Collection[Leg]) -> Iterator[str]:
    """The arrows: each leaves and meets a room at a place of its own, in the order of where it comes from."""
    at = [_found(floor) for floor in boxes]
    leaving: defaultdict[tuple[int, tuple[str, bool]], list[Leg]] = defaultdict(list)
    meeting: defaultdict[tuple[int, tuple[str, bool]], list[Leg]] = defaultdict(list)
    for leg in legs:
        leaving[leg[0], leg[1]].append(leg)
        meeting[leg[0] + 1, leg[2]].append(leg)

    def port(box: Box, legs_there: list[Leg], leg: Leg, far: int) -> float:
        if box.room is None:
            return box.left + box.width / 2
        ordered = sorted(legs_there, key=lambda each: (at[far][each[2] if far > leg[0] else each[1]].left, each))
        return box.left + box.width * (ordered.index(leg) + 1) / (len(ordered) + 1)

    for number, start, end in sorted(legs):
        leg = (number, start, end)
        upper, lower = at[number][start], at[number + 1][end]
        x1 = port(upper, leaving[number, start], leg, number + 1)
        x2 = port(lower, meeting[number + 1, end], leg, number)
        y0, y1 = upper.top + upper.height, upper.top + max(each.height for each in boxes[number])
        y2 = lower.top - (2 if lower.room else 0)
        bend = (y2 - y1) / 2
        head = ' marker-end="url(#head)"' if lower.room else ""
        # Down past what is higher on its own floor, and then aside.
        way = f"M{x1:.0f},{y0:.0f} V{y1:.0f} C{x1:.0f},{y1 + bend:.0f} {x2:.0f},{y2 - bend:.0f} {x2:.0f},{y2:.0f}"
        yield f'<path class="arrow" d="{way}"{head}/>'


def _box(box: Box, room: Room) -> Iterator[str]:
    yield (
        f'<rect class="room" x="{box.left:.0f}" y="{box.top:.0f}" width="{box.width:.0f}" height="{box.height:.0f}"'
        ' rx="6"/>'
    )
    x, y = box.left + 12, box.top + 18
    yield f'<text class="name" x="{x:.0f}" y="{y:.0f}">{escape(room.name)}</text>'
    for number, row in enumerate(_rows(room)):
        x, y = box.left + 12, box.top + TITLE + CHIP * number
        for name in row:
            width = _chip_width(name)
            yield f'<rect class="chip" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{CHIP - 4}" rx="4"/>'
            yield f'<text class="inner" x="{x + 7:.0f}" y="{y + 14:.0f}">{escape(name)}</text>'
            x += width + 8


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    sys.exit()
