from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ssmtui.session.data_channel.conversation import DecryptionError, SessionCipher

KEY = bytes(range(64))
AGENTS = SessionCipher(KEY[32:] + KEY[:32])


@given(st.binary(max_size=2000))
def test_each_side_reads_what_the_other_enciphered(data: bytes) -> None:
    ours = SessionCipher(KEY)
    assert AGENTS.decipher(ours.encipher(data)) == data
    assert ours.decipher(AGENTS.encipher(data)) == data


def test_a_challenge_of_64_bytes_is_one_of_92() -> None:
    assert len(SessionCipher(KEY).encipher(bytes(64))) == 92


@given(st.binary(max_size=200))
def test_any_bytes_are_deciphered_or_undecipherable(data: bytes) -> None:
    with pytest.raises(DecryptionError):
        SessionCipher(KEY).decipher(data)


@given(st.binary(max_size=50), st.data())
def test_what_was_changed_on_its_way_is_undecipherable(plain: bytes, data: st.DataObject) -> None:
    changed = bytearray(AGENTS.encipher(plain))
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DecryptionError):
        SessionCipher(KEY).decipher(bytes(changed))


@pytest.mark.parametrize("size", [0, 32, 63, 65])
def test_a_data_key_has_64_bytes(size: int) -> None:
    with pytest.raises(DecryptionError):
        SessionCipher(bytes(size))
