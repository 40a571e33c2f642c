"""EOP/1 framing: whole messages out of any chunks, any damage, any garbage."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.wire import HEADER_SIZE, MAX_PAYLOAD, SYNC, Decoder, Header, Message, MessageType, pack

CHUNKS = (1, 2, 63, 64, 65, 4096)

headers = st.builds(
    Header,
    type=st.integers(0, 255),
    flags=st.integers(0, 0xFFFF),
    seq=st.integers(0, 2**32 - 1),
    frame_id=st.integers(0, 2**32 - 1),
    line=st.integers(0, 0xFFFF),
    lines_in_frame=st.integers(0, 0xFFFF),
    t_us=st.integers(0, 2**64 - 1),
    time_zero_ns=st.integers(-(2**31), 2**31 - 1),
    samples=st.integers(0, 0xFFFF),
    format=st.integers(0, 255),
    lines_in_block=st.integers(0, 255),
)
messages = st.builds(Message, headers, st.binary(max_size=300))


def feed_in_chunks(decoder: Decoder, data: bytes, chunk: int) -> list[Message]:
    return [m for i in range(0, len(data), chunk) for m in decoder.feed(data[i : i + chunk])]


@given(st.lists(messages, max_size=8), st.sampled_from(CHUNKS))
def test_every_message_comes_out_of_any_chunks(sent: list[Message], chunk: int) -> None:
    decoder = Decoder()
    assert feed_in_chunks(decoder, b"".join(map(pack, sent)), chunk) == sent
    assert decoder.messages == len(sent)
    assert (decoder.skipped_bytes, decoder.pending) == (0, 0)


@given(st.lists(st.one_of(messages, st.binary(max_size=200)), max_size=10), st.sampled_from(CHUNKS))
def test_garbage_between_messages_costs_no_message(parts: list[Message | bytes], chunk: int) -> None:
    stream = b"".join(p if isinstance(p, bytes) else pack(p) for p in parts)
    decoder = Decoder()
    assert feed_in_chunks(decoder, stream, chunk) == [p for p in parts if not isinstance(p, bytes)]


@pytest.mark.parametrize("end", [SYNC[:1], SYNC[:2], SYNC[:3], SYNC])
@pytest.mark.parametrize("chunk", [1, 48, 4096])
def test_a_payload_that_ends_like_a_sync_is_used_once(end: bytes, chunk: int) -> None:
    """Found by make fuzz: its last bytes were kept as the beginning of another message, and could become one."""
    whole = pack(Message(Header(MessageType.LINES), b"samples" + end))
    overlapping = pack(Message(Header(MessageType.LOG, seq=5), b"{}"))[len(end) :]
    decoder = Decoder()
    assert len(feed_in_chunks(decoder, whole, chunk)) == 1
    assert (decoder.pending, decoder.skipped_bytes) == (0, 0)
    assert feed_in_chunks(decoder, overlapping, chunk) == []
    real = Message(Header(MessageType.PING), b"{}")
    assert feed_in_chunks(decoder, pack(real), chunk) == [real]


@given(st.binary(max_size=3000), st.integers(1, 700))
def test_any_bytes_are_taken_without_complaint(data: bytes, chunk: int) -> None:
    decoder = Decoder()
    found = feed_in_chunks(decoder, data, chunk)
    assert decoder.bytes == len(data)
    assert sum(HEADER_SIZE + len(m.payload) for m in found) + decoder.skipped_bytes + decoder.pending == len(data)


@given(st.binary(max_size=60).map(lambda tail: SYNC + b"\x01" + tail), st.integers(0, 5))
def test_a_false_sync_does_not_hide_the_message_behind_it(false: bytes, repeats: int) -> None:
    real = Message(Header(MessageType.PING, seq=7), b"{}")
    assert Decoder().feed(false * repeats + pack(real)) == [real]


@given(messages, st.data())
def test_one_damaged_byte_costs_one_message(message: Message, data: st.DataObject) -> None:
    after = Message(Header(MessageType.STATUS, seq=9), b"after")
    stream = bytearray(pack(message))
    place = data.draw(st.integers(0, len(stream) - 1))
    stream[place] ^= 1 << data.draw(st.integers(0, 7))
    decoder = Decoder()
    assert decoder.feed(bytes(stream) + pack(after)) == [after]
    assert decoder.skipped_bytes == len(stream)
    in_sync = place < 4
    false_syncs = message.payload.count(SYNC)
    assert (0 if in_sync else 1) <= decoder.header_errors + decoder.payload_errors <= 1 + false_syncs


def test_a_message_cut_at_any_byte_costs_only_itself() -> None:
    cut = pack(Message(Header(MessageType.LINES, seq=1), bytes(range(150))))
    after = [Message(Header(MessageType.STATUS, seq=n), b"x" * 40) for n in range(6)]
    tail = b"".join(map(pack, after))
    for length in range(len(cut)):
        decoder = Decoder()
        found = decoder.feed(cut[:length] + tail)
        found += decoder.abandon() if decoder.pending else []
        assert found == after, length


def test_a_header_without_its_payload_is_abandoned_on_demand() -> None:
    header = pack(Message(Header(MessageType.LINES), bytes(5000)))[:HEADER_SIZE]
    hidden = Message(Header(MessageType.STATUS, seq=3), b"{}")
    decoder = Decoder()
    assert decoder.feed(header + pack(hidden)) == []
    assert decoder.abandon() == [hidden]
    assert decoder.payload_errors == 1
    assert decoder.abandon() == []


def test_no_more_than_two_payloads_are_held() -> None:
    header = pack(Message(Header(MessageType.LINES), bytes(MAX_PAYLOAD)))[:HEADER_SIZE]
    decoder = Decoder()
    most = 0
    for _ in range(40):
        decoder.feed(header + bytes(10_000))
        most = max(most, decoder.pending)
    assert most <= 2 * (HEADER_SIZE + MAX_PAYLOAD)


@pytest.mark.parametrize(("offset", "value"), [(4, 2), (8, 0xFF), (44, 0)])
def test_another_version_or_an_absurd_length_is_no_message(offset: int, value: int) -> None:
    stream = bytearray(pack(Message(Header(MessageType.PING))))
    stream[offset] = value
    if offset == 8:
        stream[8:12] = (MAX_PAYLOAD + 1).to_bytes(4, "little")
    decoder = Decoder()
    assert decoder.feed(bytes(stream)) == []
    assert decoder.header_errors == 1


def test_skipped_bytes_are_shown_in_order() -> None:
    seen: list[bytes] = []
    decoder = Decoder(on_skipped=seen.append)
    decoder.feed(b"?\n" + pack(Message(Header(MessageType.PING))) + b"AT\r\xa5")
    decoder.feed(b"x")
    assert b"".join(seen) == b"?\nAT\r\xa5x"


@pytest.mark.parametrize("message", [Message(Header(1, seq=2**32)), Message(Header(1), bytes(MAX_PAYLOAD + 1))])
def test_what_does_not_fit_is_not_packed(message: Message) -> None:
    with pytest.raises(ValueError, match=r"fit|limit"):
        pack(message)
