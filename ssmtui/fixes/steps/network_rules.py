"""The entries that a network ACL needs for HTTPS out and its answers back, numbered so that they come to bear."""

from __future__ import annotations

from collections.abc import Iterator

from ssmtui.model.network import NetworkAcl
from ssmtui.model.steps import word

_ANYWHERE = "0.0.0.0/0"
_USUAL = 90
_HTTPS, _ANSWERS = (443, 443), (1024, 65535)


def entries_for(acl_id: str, acl: NetworkAcl | None, region: str) -> Iterator[str]:
    """The commands; an ACL that is not to be seen gets a number that is usually free."""
    for egress, (low, high) in ((True, _HTTPS), (False, _ANSWERS)):
        number = free_number(acl, egress=egress) if acl is not None else _USUAL
        yield (
            f"aws ec2 create-network-acl-entry --region {region} --network-acl-id {word(acl_id, 'NETWORK_ACL_ID')} \\\n"
            f"  --rule-number {number or 'RULE_NUMBER'} --protocol 6 --port-range From={low},To={high} \\\n"
            f"  --cidr-block {_ANYWHERE} --rule-action allow {'--egress' if egress else '--ingress'}"
        )


def free_number(acl: NetworkAcl, *, egress: bool) -> int:
    """A number before every entry that denies, that no entry of that direction has; 0 where there is none."""
    own = [each for each in acl.entries if each.egress is egress]
    before = min((each.number for each in own if not each.allow), default=_USUAL + 1)
    taken = {each.number for each in own}
    return next((number for number in range(min(before, _USUAL + 1) - 1, 0, -1) if number not in taken), 0)
