"""The C device and the Python twin answer the same requests in the same way: one specification, two readers of it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probe.emulators.eop1 import Eop1Device
from probe.wire import Decoder, Header, Message, MessageType, pack

T = MessageType
# no small frame number is in either ring
FAR = 1_000_000
KEYS = (
    "format", "lines", "samples", "rate_hz", "first_sample_ns", "frame_interval_us", "gain_db", "centre_hz",
    "log_range_db", "max_bytes_s", "armed", "frame", "blocks", "bytes", "versions", "tgc", "",
)  # fmt: skip
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, 2, 33, 34, 256, 1024, 1025, 32768, 32769, 200, -200, 201, 2**31 - 1, 2**31, 2**32, 10**30]),
    st.integers(-(2**40), 2**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=4),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=2),
    max_leaves=4,
)
objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=6).map(json.dumps)
windows = st.fixed_dictionaries(
    {
        "samples": st.sampled_from([0, 1, 50, 9999]),
        "rate_hz": st.sampled_from([0, 4_000_000]),
        "first_sample_ns": scalars,
    }
).map(json.dumps)
good = st.sampled_from(
    [
        '{"armed":true}',
        "",
        "{}",
        '{"format":33}',
        '{"frame":3,"format":1}',
        '{"blocks":2,"bytes":50}',
        '{"versions":[1]}',
    ]
)
broken = st.tuples(
    objects, st.integers(0, 40), st.sampled_from(["", "{", "}", '"', ",", "0", "e", "[", " \n", ":"])
).map(lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :])
requests = st.lists(
    st.tuples(
        st.sampled_from([T.HELLO, T.SET, T.SET, T.START, T.STOP, T.FETCH, T.PING, T.TESTPATTERN]),
        st.one_of(good, objects, windows, broken),
    ),
    min_size=1,
    max_size=12,
)


def verdicts(messages: list[Message]) -> list[tuple[object, ...]]:
    """Per answer: to which request, and how it was answered."""
    found: list[tuple[object, ...]] = []
    for header, payload in messages:
        if header.type not in (T.CAPS, T.APPLIED, T.ACK):
            continue
        body = json.loads(payload)
        kind = body.get("code") or ("ok" if header.type == T.ACK else T(header.type).name)
        found.append((body["re"], kind, body.get("request"), sorted(body.get("ignored", []))))
    return found


class Pipe:
    """The example behind two pipes."""

    def __init__(self, program: Path) -> None:
        self.process = subprocess.Popen(
            [str(program), "--frame", str(FAR)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def answers(self, data: bytes, last: int) -> list[Message]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()
        decoder, found = Decoder(), []
        while not any(m.header.type == T.ACK and f'"re":{last},' in m.payload.decode() for m in found):
            found += decoder.feed(os.read(self.process.stdout.fileno(), 65536))
        return found


@pytest.fixture(scope="module")
def pipe(synthetic: Path) -> Iterator[Pipe]:
    board = Pipe(synthetic)
    yield board
    board.process.kill()
    board.process.communicate()


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests)
def test_both_answer_alike(tiny_source, pipe: Pipe, asked: list[tuple[MessageType, str]]) -> None:
    hello = pack(Message(Header(T.HELLO, seq=900), b'{"versions":[1]}'))
    stream = [pack(Message(Header(kind, seq=seq), text.encode())) for seq, (kind, text) in enumerate(asked)]
    stop = pack(Message(Header(T.STOP, seq=901)))
    source = tiny_source()
    source.full_scale = 400  # so that it fetches the packed formats too
    twin = Eop1Device(source, first_frame=FAR)
    told = bytearray()
    for request in (hello, *stream, stop):
        twin.feed(request, 1)
        told += twin.poll(1, 1 << 24)
    assert verdicts(pipe.answers(hello + b"".join(stream) + stop, 901)) == verdicts(Decoder().feed(bytes(told)))
