"""Draw the packages and their imports as a picture: `docs/architecture.svg` (`make docs`).

The picture holds names and arrows, and no numbers: a new module in an existing package does not change it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from grimp import ImportGraph, build_graph

from tools.package_graph import Imports, direct_imports, imports_between, layers, package_names, subpackage_names

PICTURE = Path(__file__).parents[1] / "docs" / "architecture.svg"

WIDTH = 1040
LETTER = 7.25
"""The width of a letter of 12 px in the requested fonts."""
CHIP = 24
CHIPS_A_ROW = 2
TITLE = 26
GAP, LANE, BETWEEN = 52, 10, 54
"""Pixels between packages, the width of a lane, and the pixels between layers."""
ROUNDS = 8
"""How often the layers are arranged, downwards and upwards."""

STYLE = """
  svg { font: 12px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; }
  .paper { fill: #fbfaf7; } .package { fill: #ffffff; stroke: #3b4a63; } .chip { fill: #e9eef6; }
  .name { fill: #1d2739; font-weight: bold; } .inner { fill: #2c3a52; }
  .arrow { fill: none; stroke: #5b77a8; stroke-width: 1.4; } .head { fill: #5b77a8; }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #12161d; } .package { fill: #1a202b; stroke: #7c8aa5; } .chip { fill: #2a3446; }
    .name { fill: #e6ebf5; } .inner { fill: #c8d2e4; }
    .arrow { stroke: #7fa0dc; } .head { fill: #7fa0dc; }
  }
"""


@dataclass(frozen=True, slots=True)
class Package:
    """A package with its subpackages, layer by layer from the top."""

    name: str
    subpackages: tuple[tuple[str, ...], ...]


@dataclass(slots=True)
class Box:
    """A package on its layer, or a lane by which an arrow to `name` passes the layer; in pixels from the top left."""

    name: str
    package: Package | None
    left: float = 0
    top: float = 0

    @property
    def width(self) -> float:
        """The width of its widest row."""
        if self.package is None:
            return LANE
        rows = [sum(_chip_width(chip) + 8 for chip in row) for row in _rows(self.package)]
        return max(len(self.package.name) * LETTER + 8, *rows, 60) + 16

    @property
    def middle(self) -> float:
        """Its middle, from the left."""
        return self.left + self.width / 2

    @property
    def stop(self) -> tuple[str, bool]:
        """Its key as a stop of an arrow: true for the package, false for a lane."""
        return self.name, self.package is not None

    @property
    def height(self) -> float:
        """The height of its rows of subpackages."""
        return TITLE + CHIP * len(_rows(self.package)) + 8 if self.package else 0


def picture() -> str:
    """Return the picture as SVG."""
    graph = build_graph("ssmtui")
    imports = imports_between(graph, "ssmtui", package_names(graph))
    packages = {name: _package(graph, name) for name in imports}
    return _draw(packages, direct_imports(imports))


def _package(graph: ImportGraph, name: str) -> Package:
    inside = imports_between(graph, f"ssmtui.{name}", subpackage_names(graph, name))
    return Package(name.replace(".", "/"), tuple(map(tuple, layers(inside))))


def _rows(package: Package) -> list[Sequence[str]]:
    return [
        layer[start : start + CHIPS_A_ROW]
        for layer in package.subpackages
        for start in range(0, len(layer), CHIPS_A_ROW)
    ]


def _chip_width(name: str) -> float:
    return len(name) * LETTER + 14


def _draw(packages: Mapping[str, Package], arrows: Imports) -> str:
    plan, legs = _with_lanes(layers(arrows), arrows)
    boxes = [[Box(name, packages[name] if own else None) for name, own in layer] for layer in plan]
    _place(boxes, legs)
    height = boxes[-1][0].top + max(each.height for each in boxes[-1]) + 20
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img">',
            "<title>The packages of ssmtui and their imports</title>",
            f"<style>{STYLE}</style>",
            '<marker id="head" markerWidth="9" markerHeight="9" refX="7" refY="4" orient="auto">'
            '<path class="head" d="M0,0 L8,4 L0,8 z"/></marker>',
            '<rect class="paper" width="100%" height="100%"/>',
            *_lines(boxes, legs),
            *(line for layer in boxes for box in layer if box.package for line in _box(box, box.package)),
            "</svg>",
            "",
        )
    )


Leg = tuple[int, tuple[str, bool], tuple[str, bool]]
"""A piece of an arrow: the number of the layer, the stop there, and the stop on the next layer."""


def _with_lanes(
    package_layers: Sequence[Sequence[str]], arrows: Imports
) -> tuple[list[list[tuple[str, bool]]], set[Leg]]:
    """Return the layers with a lane for each package whose arrows pass a layer, and the arrows in pieces."""
    layer_of = {name: number for number, layer in enumerate(package_layers) for name in layer}
    plan = [[(name, True) for name in layer] for layer in package_layers]
    legs: set[Leg] = set()
    for name, found in sorted(arrows.items()):
        for other in sorted(found):
            way = [(name, True), *((other, False) for _ in range(layer_of[name] + 1, layer_of[other])), (other, True)]
            for number, stop in enumerate(way[1:-1], layer_of[name] + 1):
                if stop not in plan[number]:
                    plan[number].append(stop)
            legs.update((layer_of[name] + number, way[number], way[number + 1]) for number in range(len(way) - 1))
    return plan, legs


def _place(boxes: list[list[Box]], legs: Collection[Leg]) -> None:
    """Put each layer below the previous one, and each box as near as possible to the ends of its arrows."""
    top = 20.0
    for layer in boxes:
        for each in layer:
            each.top = top
        top += max(each.height for each in layer) + BETWEEN
    shortest, best = float("inf"), [list(layer) for layer in boxes]
    for towards in (-1, 1) * ROUNDS:
        for number in range(len(boxes))[::-towards]:
            _arrange(boxes, number, towards, legs)
        length = _sideways(boxes, legs)
        if length < shortest:
            shortest, best = length, [list(layer) for layer in boxes]
    for layer in best:
        _spread(layer)
    boxes[:] = best


def _arrange(boxes: Sequence[list[Box]], number: int, towards: int, legs: Collection[Leg]) -> None:
    """Order a layer by the other ends of its arrows, on the layer above (-1) or below (1)."""
    beside = _found(boxes[number + towards]) if 0 <= number + towards < len(boxes) else {}

    def middle(box: Box) -> float:
        ends = [
            beside[end if towards > 0 else start]
            for layer, start, end in legs
            if layer == (number if towards > 0 else number - 1) and (start if towards > 0 else end) == box.stop
        ]
        return sum(each.middle for each in ends) / len(ends) if ends else box.middle

    boxes[number].sort(key=lambda box: (middle(box), box.name))
    _spread(boxes[number])


def _spread(layer: Sequence[Box]) -> None:
    free = WIDTH - sum(each.width for each in layer)
    gap = min(GAP, free / (len(layer) + 1))
    left = (free - gap * (len(layer) - 1)) / 2
    for each in layer:
        each.left = left
        left += each.width + gap


def _sideways(boxes: Sequence[Sequence[Box]], legs: Collection[Leg]) -> float:
    at = [_found(layer) for layer in boxes]
    return sum(abs(at[number][start].middle - at[number + 1][end].middle) for number, start, end in legs)


def _found(layer: Sequence[Box]) -> dict[tuple[str, bool], Box]:
    return {each.stop: each for each in layer}


def _lines(boxes: Sequence[Sequence[Box]], legs: Collection[Leg]) -> Iterator[str]:
    """Draw the arrows: each has its own place on the border of a package, in the order of the other ends."""
    at = [_found(layer) for layer in boxes]
    leaving: defaultdict[tuple[int, tuple[str, bool]], list[Leg]] = defaultdict(list)
    meeting: defaultdict[tuple[int, tuple[str, bool]], list[Leg]] = defaultdict(list)
    for leg in legs:
        leaving[leg[0], leg[1]].append(leg)
        meeting[leg[0] + 1, leg[2]].append(leg)

    def port(box: Box, legs_there: list[Leg], leg: Leg, far: int) -> float:
        if box.package is None:
            return box.left + box.width / 2
        ordered = sorted(legs_there, key=lambda each: (at[far][each[2] if far > leg[0] else each[1]].left, each))
        return box.left + box.width * (ordered.index(leg) + 1) / (len(ordered) + 1)

    for number, start, end in sorted(legs):
        leg = (number, start, end)
        upper, lower = at[number][start], at[number + 1][end]
        x1 = port(upper, leaving[number, start], leg, number + 1)
        x2 = port(lower, meeting[number + 1, end], leg, number)
        y0, y1 = upper.top + upper.height, upper.top + max(each.height for each in boxes[number])
        y2 = lower.top - (2 if lower.package else 0)
        bend = (y2 - y1) / 2
        head = ' marker-end="url(#head)"' if lower.package else ""
        # Down past the higher boxes of its own layer, and then aside.
        way = f"M{x1:.0f},{y0:.0f} V{y1:.0f} C{x1:.0f},{y1 + bend:.0f} {x2:.0f},{y2 - bend:.0f} {x2:.0f},{y2:.0f}"
        yield f'<path class="arrow" d="{way}"{head}/>'


def _box(box: Box, package: Package) -> Iterator[str]:
    yield (
        f'<rect class="package" x="{box.left:.0f}" y="{box.top:.0f}" width="{box.width:.0f}" height="{box.height:.0f}"'
        ' rx="6"/>'
    )
    x, y = box.left + 12, box.top + 18
    yield f'<text class="name" x="{x:.0f}" y="{y:.0f}">{escape(package.name)}</text>'
    for number, row in enumerate(_rows(package)):
        x, y = box.left + 12, box.top + TITLE + CHIP * number
        for name in row:
            width = _chip_width(name)
            yield f'<rect class="chip" x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{CHIP - 4}" rx="4"/>'
            yield f'<text class="inner" x="{x + 7:.0f}" y="{y + 14:.0f}">{escape(name)}</text>'
            x += width + 8


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
    sys.exit()
