"""What is made of what is written: the sentences in other languages as gettext reads them, and what causes' files say.

hatchling calls this for every wheel, source distribution and editable installation; the tests, and `make`, do it again
where something was written since. What is made is not committed.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).parent


class Made(BuildHookInterface[BuilderConfig]):
    """Makes it before a build looks for its files."""

    def initialize(self, version: str, build_data: dict[str, object]) -> None:  # noqa: ARG002 # hatchling's signature
        """Make all of the tree that is built."""
        make_all(Path(self.root))


def make_all(tree: Path) -> None:
    """Make what is missing, or older than what it is made of."""
    compile_catalogues(tree)
    keep_front_matters(tree)
    keep_words(tree)


def compile_catalogues(tree: Path) -> None:
    """Write each `.mo` of a tree that is missing, or older than the `.po` beside it."""
    for written in tree.glob("ssmtui/language/*/LC_MESSAGES/*.po"):
        compiled = written.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime > written.stat().st_mtime:
            continue
        with written.open("rb") as file:
            catalogue = read_po(file, locale=written.parents[1].name, domain=written.stem)
        # Babel writes when it was asked, to the minute: two builds of one tree would not be the same.
        catalogue.creation_date = datetime.fromtimestamp(0, UTC)
        _set(catalogue, _module(HERE / "ssmtui" / "language" / "typography.py").set_in_french)
        made = io.BytesIO()
        write_mo(made, catalogue)
        _put_in_place(compiled, made.getvalue())


def _set(catalogue: Catalog, in_its_way: Callable[[str], str]) -> None:
    """Set what its messages say as the language is set; only French is spoken besides English."""
    for message in catalogue:
        if not message.id:  # the head of the catalogue
            continue
        said = message.string
        message.string = in_its_way(said) if isinstance(said, str) else tuple(map(in_its_way, said or ()))


def keep_front_matters(tree: Path) -> None:
    """Read the front matter of each cause and translation, if a file or the reader is newer than the last result."""
    causes = tree / "ssmtui" / "causes"
    reader = causes / "front_matter.py"
    reading = _module(reader)
    kept, written = causes / reading.KEPT, sorted(causes.rglob("*.md"))
    if kept.exists() and all(kept.stat().st_mtime > each.stat().st_mtime for each in (reader, *written)):
        return
    fronts = (reading.split_front_matter(each.read_text(encoding="utf-8"))[0] for each in written)
    read = {front: reading.read_yaml(front) for front in fronts}
    _put_in_place(kept, json.dumps(read, ensure_ascii=False, sort_keys=True).encode())


def keep_words(tree: Path) -> None:
    """Read the words of descriptions, if a file or the reader is newer than the last result."""
    causes = tree / "ssmtui" / "causes"
    reader = causes / "vocabulary.py"
    reading = _module(reader)
    kept, written = causes / reading.KEPT, sorted(causes.glob(f"{reading.WORDS}/*.toml"))
    if kept.exists() and all(kept.stat().st_mtime > each.stat().st_mtime for each in (reader, *written)):
        return
    _put_in_place(kept, reading.kept_words(causes))


def _module(file: Path) -> ModuleType:
    """A module by itself, without the package that it is in: a build has none of what that needs."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _put_in_place(file: Path, content: bytes) -> None:
    """At once: two builds of one tree never see half a file of each other."""
    beside = file.with_name(f"{file.name}.{os.getpid()}.new")
    beside.write_bytes(content)
    beside.replace(file)


if __name__ == "__main__":
    make_all(HERE)
