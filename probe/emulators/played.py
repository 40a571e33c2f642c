"""A recording of an EOP/1 device as a device: it answers a host anew and plays the recorded film, over and over.

The answers of a recording carry the sequence numbers of the recorded requests, so bytes alone would satisfy no other
host. What the device says of itself, its settings and its frames are the recorded ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from probe import messages
from probe.assembly import Unwrapper
from probe.emulators.outbox import Outbox
from probe.errors import NotUnderstood, RecordingError
from probe.sprobe.container import RecordKind, Sprobe
from probe.wire import SESSION_SHIFT, Decoder, Flag, Header, Message, MessageType

_DRIVER = "eop1"
STATUS_NS = 1_000_000_000
_MOST_WAITING = 4
_FILM = (MessageType.LINES, MessageType.FRAME_END)
_ID_MODULUS, _TIME_MODULUS = 1 << 32, 1 << 64
_KEPT_STATUS = ("battery_percent", "temperature_c")


@dataclass(frozen=True, slots=True)
class Film:
    """What a recording holds of one device in one state of its settings.

    Args:
        capabilities: Body of CAPS.
        settings: Body of APPLIED.
        items: (nanoseconds after the first, message) of the live frames, numbered from 0 on.
        status: What the last STATUS said of battery and temperature.
    """

    capabilities: messages.Body
    settings: messages.Body
    items: tuple[tuple[int, Message], ...]
    status: messages.Body

    @property
    def frames(self) -> int:
        """One more than the last frame's number."""
        return self.items[-1][1].header.frame_id + 1

    @property
    def duration_ns(self) -> int:
        """From the first message to where it may begin again: one frame's time after the last."""
        last = self.items[-1][0]
        return last + max(last // max(1, self.frames - 1), 1_000_000)

    @classmethod
    def of(cls, recording: Sprobe) -> Film:
        """The film of a recording; other settings end it.

        Raises:
            RecordingError: It holds no live frame of an EOP/1 device.
        """
        if recording.header.driver != _DRIVER:
            spoken = recording.header.driver or "no driver"
            raise RecordingError(f"A recording made with {spoken} cannot be played", f"Play one made with {_DRIVER}.")
        parts = _Parts()
        decoder = Decoder()
        for record in recording.records:
            if record.kind == RecordKind.RECEIVED:
                for message in decoder.feed(record.payload):
                    parts.take(record.time_ns, message)
        if parts.capabilities is None or parts.settings is None or not parts.items:
            raise RecordingError("The recording holds no live picture", "Record a probe while it shows a picture.")
        start = parts.items[0][0]
        items = tuple((time_ns - start, message) for time_ns, message in parts.items)
        return cls(parts.capabilities, parts.settings, items, parts.status)


class _Parts:
    """What is gathered while a recording is read; damaged bodies are passed over."""

    def __init__(self) -> None:
        self.capabilities: messages.Body | None = None
        self.settings: messages.Body | None = None
        self.items: list[tuple[int, Message]] = []
        self.status: messages.Body = {}
        self._ended = False
        self._numbers = Unwrapper(32)
        self._greeted = True
        self._offset, self._last = 0, -1

    def take(self, time_ns: int, message: Message) -> None:
        """One message of the recorded device."""
        header, payload = message
        if header.type in _FILM and not header.flags & Flag.FETCHED:
            self._take_film(time_ns, message)
            return
        try:
            body = messages.decode(payload)
        except NotUnderstood:
            return
        if header.type == MessageType.CAPS:
            self.capabilities = self.capabilities or body
            # after a new greeting the device may count from anywhere
            self._numbers, self._greeted = Unwrapper(32), True
        elif header.type == MessageType.APPLIED:
            self._take_settings(body)
        elif header.type == MessageType.STATUS:
            self.status = {key: body[key] for key in _KEPT_STATUS if body.get(key) is not None}

    def _take_settings(self, body: messages.Body) -> None:
        same = self.settings is None or _without_numbers(body) == _without_numbers(self.settings)
        if not self.items:
            self.settings = body
        elif not same:
            self._ended = True

    def _take_film(self, time_ns: int, message: Message) -> None:
        if self._ended or self.settings is None:
            return
        number = self._numbers.unwrap(message.header.frame_id)
        if self._greeted or number + self._offset < self._last:
            self._offset, self._greeted = self._last + 1 - number, False
        self._last = number + self._offset
        header = message.header._replace(
            frame_id=self._last % _ID_MODULUS, flags=message.header.flags % (1 << SESSION_SHIFT)
        )
        self.items.append((time_ns, Message(header, message.payload)))


class PlayedDevice:
    """The other end of a link, as recorded.

    Args:
        film: What to play.
        fast: As fast as it is read, instead of at the recorded pace.
        loop: Begin again at the end, with frame numbers that go on.
        as_recorded: Say what the recorded device said of ``simulated``. Else it is simulated: no transducer is here
            now, and an exam on a recording must never reach the real records.
    """

    def __init__(self, film: Film, *, fast: bool = False, loop: bool = True, as_recorded: bool = False) -> None:
        self._film = film
        self._fast = fast
        self._loop = loop
        self._said = film.capabilities if as_recorded else film.capabilities | {"simulated": True}
        self._decoder = Decoder()
        self._outbox = Outbox()
        self._answers: dict[int, Callable[[Header], None]] = {
            MessageType.HELLO: self._on_hello,
            MessageType.SET: self._on_set,
            MessageType.START: self._on_start,
            MessageType.STOP: self._on_stop,
            MessageType.FETCH: self._on_fetch,
        }
        self._next = self._rounds = 0
        self._now_ns = self._began_ns = self._status_ns = 0
        self._streaming = self._greeted = False

    @property
    def over(self) -> bool:
        """The film is at its end, and all of it was sent."""
        return self._next >= len(self._film.items) and not self._loop

    def feed(self, data: bytes, now_ns: int) -> None:
        """Bytes from the host."""
        self._now_ns = now_ns
        for header, _ in self._decoder.feed(data):
            answer = self._answers.get(header.type)
            if answer is not None and (self._greeted or header.type == MessageType.HELLO):
                answer(header)

    def poll(self, now_ns: int, room: int = 1 << 20) -> bytes:
        """At most ``room`` bytes of what is due."""
        self._now_ns = now_ns
        if self._streaming:
            self._play(now_ns)
        if self._greeted and now_ns - self._status_ns >= STATUS_NS:
            self._status_ns = now_ns
            state = "streaming" if self._streaming else "idle"
            self._send(
                MessageType.STATUS, {"armed": self._streaming, "dropped": 0, "state": state, **self._film.status}
            )
        return self._outbox.take(room)

    def disconnect(self, now_ns: int) -> None:
        """The host closed its end."""
        self._outbox.clear()
        self._decoder = Decoder()
        self._streaming = self._greeted = False

    def _play(self, now_ns: int) -> None:
        film = self._film
        while self._outbox.live_waiting() < _MOST_WAITING:
            if self._next >= len(film.items):
                if not self._loop:
                    return
                self._next, self._rounds = 0, self._rounds + 1
                self._began_ns += film.duration_ns
            due_ns, message = film.items[self._next]
            if not self._fast and self._began_ns + due_ns > now_ns:
                return
            self._next += 1
            self._push(message)

    def _push(self, message: Message) -> None:
        """One message of the film; in later rounds its number and its time go on."""
        header = message.header
        number = (header.frame_id + self._rounds * self._film.frames) % _ID_MODULUS
        t_us = (header.t_us + self._rounds * self._film.duration_ns // 1000) % _TIME_MODULUS
        changed = header._replace(frame_id=number, t_us=t_us)
        payload = message.payload
        if header.type == MessageType.FRAME_END:
            payload = _renumbered(payload, number)
        self._outbox.push(Message(changed, payload), frame=number)

    def _on_hello(self, header: Header) -> None:
        self._outbox.restart()
        self._greeted, self._streaming, self._status_ns = True, False, self._now_ns
        self._send(MessageType.CAPS, self._said | {"re": header.seq})

    def _on_set(self, header: Header) -> None:
        self._send(MessageType.APPLIED, self._film.settings | {"re": header.seq})

    def _on_start(self, header: Header) -> None:
        if not self._streaming:
            self._streaming = True
            at_ns = self._film.items[self._next][0] if self._next < len(self._film.items) else self._film.duration_ns
            self._began_ns = self._now_ns - at_ns
        self._acknowledge(header, "START", {"ok": True})

    def _on_stop(self, header: Header) -> None:
        self._streaming = False
        self._outbox.drop_live()
        self._acknowledge(header, "STOP", {"ok": True})

    def _on_fetch(self, header: Header) -> None:
        gone = {"ok": False, "code": "gone", "text": "A recording has no other form of its frames"}
        self._acknowledge(header, "FETCH", gone)

    def _acknowledge(self, header: Header, name: str, body: messages.Body) -> None:
        self._send(MessageType.ACK, {"re": header.seq, "request": name} | body)

    def _send(self, type: MessageType, body: messages.Body) -> None:
        self._outbox.push(Message(Header(type), messages.encode(body)))


def _without_numbers(body: messages.Body) -> messages.Body:
    return {key: value for key, value in body.items() if key not in ("re", "ignored")}


def _renumbered(payload: bytes, number: int) -> bytes:
    try:
        return messages.encode(messages.decode(payload) | {"frame": number})
    except NotUnderstood:
        return payload
