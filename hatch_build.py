"""The sentences in other languages as gettext reads them, made from those that are written.

hatchling calls this for every wheel, source distribution and editable installation; the tests, and `make`, do it again
where a sentence was written since. What is made is not committed.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Sentences(BuildHookInterface[BuilderConfig]):
    """Compiles the catalogues before a build looks for its files."""

    def initialize(self, version: str, build_data: dict[str, object]) -> None:  # noqa: ARG002 # hatchling's signature
        """Compile every catalogue of the tree that is built."""
        compile_catalogues(Path(self.root))


def compile_catalogues(tree: Path) -> None:
    """Write each `.mo` of a tree that is missing, or older than the `.po` beside it."""
    for written in tree.glob("ssmtui/language/*/LC_MESSAGES/*.po"):
        compiled = written.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime > written.stat().st_mtime:
            continue
        with written.open("rb") as file:
            catalogue = read_po(file, locale=written.parents[1].name, domain=written.stem)
        made = io.BytesIO()
        write_mo(made, catalogue)
        # Put in place at once: two builds of one tree never see half a file of each other.
        beside = compiled.with_suffix(".mo.new")
        beside.write_bytes(made.getvalue())
        beside.replace(compiled)


if __name__ == "__main__":
    compile_catalogues(Path(__file__).parent)
