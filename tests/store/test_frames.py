from __future__ import annotations

import threading

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.store.frames import compress, decompress


@given(st.binary())
def test_what_goes_in_comes_out(data):
    assert decompress(compress(data)) == data


def test_any_thread_may_decompress_what_another_one_compressed():
    found = []
    data = compress(b"x" * 100_000)
    threads = [threading.Thread(target=lambda: found.append(decompress(data))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [b"x" * 100_000] * 4


def test_anything_else_is_an_error():
    with pytest.raises(zstandard.ZstdError):
        decompress(b"not a frame")
