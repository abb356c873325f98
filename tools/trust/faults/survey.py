"""Where each operation is asked: every world is looked at once, and what was asked is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ssmtui.simulator.worlds import names, world
from tools.trust.faults.places import Asked, Place, Way, found, reads
from tools.trust.faults.runs import Bench

KEPT = 4
"""Places of an operation: in the first of them in which it decides a verdict it fails in every way."""

ALONE = {
    "ec2:DescribeRouteTables": "one-way-each",
    "ec2:DescribeVpcEndpoints": "endpoint-admits-the-role",
    "kms:GetKeyPolicy": "caller-allowed-by-key-policy",
    "kms:ListGrants": "caller-allowed-by-grant",
    "s3:GetBucketPolicy": "allowed-by-bucket-policy",
    "s3:HeadBucket": "allowed-by-bucket-key",
}
"""Worlds in which one answer is all that keeps sound nodes from being told to fail."""

BY_OTHER_WAYS = (
    Place("healthy-small", Way.NAMED),
    Place("healthy-small", Way.EVERY_REGION),
    Place("organization", Way.ORGANIZATION),
    Place("healthy-small", Way.FOR_USER),
    Place("log-group-unreadable", Way.SNAPSHOT),
    Place("run-as-by-tag", Way.FOR_USER),
    Place("endpoint-security-group-closed", Way.SNAPSHOT),
    Place("host-management-off", Way.SNAPSHOT),
    Place("log-group-unencrypted", Way.SNAPSHOT),
    Place("bucket-policy-denies", Way.BUCKET_UNSEEN),
    Place("demo", Way.NAMED),
    Place("demo", Way.SNAPSHOT),
    Place("demo", Way.FOR_USER),
)
"""Where operations are asked that no mere check of a world asks."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look at a place asked, and what of it is evidence of something that is wrong."""

    place: Place
    calls: frozenset[str]
    cited: frozenset[str]
    nodes: int


def all_places() -> Sequence[Place]:
    """Wherever is looked."""
    return (*(Place(name) for name in sorted(names())), *BY_OTHER_WAYS)


def looked(bench: Bench, place: Place) -> Looked:
    """A look at a place, nothing failing."""
    told = bench.truth(place)
    cited = {
        part
        for finding in told.findings.values()
        for each in finding["evidence"]
        for part in str(each["source"]).split(", ")
        if finding["status"] in {"fail", "warn"}
    }
    return Looked(place, told.calls, frozenset(cited), len(world(place.world).nodes))


def everywhere(look: Callable[[], Sequence[Looked]]) -> Mapping[str, Asked]:
    """Where each read of the code is asked: as it was found before; of one that is new, by a look at all places."""
    known = found()
    new = [each for each in reads() if each not in known]
    looks = look() if new else ()
    return {**known, **{each: asked_at(looks, each) for each in new}}


def asked_at(looks: Iterable[Looked], operation: str) -> Asked:
    """Where an operation is asked: where it alone allows, then where it is evidence of what is wrong; small worlds."""
    ways = list(Way)
    asked = sorted(
        (each for each in looks if operation in each.calls),
        key=lambda each: (
            ways.index(each.place.way),
            each.place.world != ALONE.get(operation),
            operation not in each.cited,
            each.nodes,
            each.place.world,
        ),
    )
    return Asked(operation, tuple(each.place for each in asked[:KEPT]))
