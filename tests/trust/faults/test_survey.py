"""Which reads the matrix tries: those of the code, whoever has added one."""

from __future__ import annotations

from unittest.mock import patch

from ssmtui.evidence.facts.sources import all_reads
from tools.trust.faults.matrix import Looked, everywhere
from tools.trust.faults.places import Place, found, reads

NEW = ("kms", "GetKeyRotationStatus")


def test_a_read_that_somebody_adds_is_tried_where_it_is_asked() -> None:
    looks = [
        Looked(Place("healthy-small"), frozenset({"kms:DescribeKey"}), frozenset(), 2),
        Looked(Place("demo"), frozenset({"kms:GetKeyRotationStatus"}), frozenset(), 200),
        Looked(Place("key-disabled"), frozenset({"kms:GetKeyRotationStatus"}), frozenset(), 2),
    ]
    with patch("tools.trust.faults.places.all_reads", lambda: {**all_reads(), NEW: "kms:GetKeyRotationStatus"}):
        tried = everywhere(lambda: looks)
        assert set(tried) >= set(reads())
    assert tried["kms:GetKeyRotationStatus"].places == (Place("key-disabled"), Place("demo"))


def test_every_read_of_the_code_has_a_place_where_it_is_asked() -> None:
    assert [each for each in reads() if not found()[each].places] == []
