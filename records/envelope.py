"""The event envelope in bytes: header, commitment, chain, head. Specified in docs/reference/event-envelope.md.

    header      canonical JSON of the fields of ``Header``
    commitment  SHA-256("sauti.body.1\\0" || salt || body)            16 salt bytes; body is canonical JSON
    hash        SHA-256("sauti.event.1\\0" || previous hash || header)   before the first: 32 zero bytes
    head        "sauti.head.1\\0" || node || epoch || seq (8 bytes, big endian) || hash, signed with ed25519

The chain covers the header and, through the commitment, the body; body and salt can be erased and the chain holds.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from records import canonical
from records.errors import Damaged
from records.hlc import Stamp
from records.ids import is_uuid

VERSION = 1
SALT_BYTES = 16
START = bytes(32)
_BODY_TAG = b"sauti.body.1\0"
_EVENT_TAG = b"sauti.event.1\0"
_HEAD_TAG = b"sauti.head.1\0"
_FIELDS = {
    "v", "node", "epoch", "seq", "id", "hlc", "wall_ms", "actor", "type", "entity", "supersedes", "schema",
    "commitment",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Header:
    """What everyone may see of an event, even after its body was erased.

    Args:
        node: Hex of the first 16 bytes of the SHA-256 of the site's ed25519 public key.
        epoch: Hex of 16 random bytes, new for every database, also after a restore.
        seq: Counts from 1 within (node, epoch).
        id: UUIDv7 of the event.
        hlc: Hybrid logical clock.
        wall_ms: The wall clock beside it, as it stood.
        actor: Id of the operator, or ``system``.
        type: As ``exam.started``.
        entity: Id of what the event is about.
        supersedes: Ids of the events whose values this one replaces.
        schema: Version of the body's form.
        commitment: Hex of the salted digest of the body.
    """

    node: str
    epoch: str
    seq: int
    id: str
    hlc: Stamp
    wall_ms: int
    actor: str
    type: str
    entity: str
    supersedes: tuple[str, ...]
    schema: int
    commitment: str

    def to_bytes(self) -> bytes:
        """The canonical header."""
        return canonical.encode(
            {
                "v": VERSION, "node": self.node, "epoch": self.epoch, "seq": self.seq, "id": self.id,
                "hlc": [self.hlc.ms, self.hlc.counter], "wall_ms": self.wall_ms, "actor": self.actor, "type": self.type,
                "entity": self.entity, "supersedes": list(self.supersedes), "schema": self.schema,
                "commitment": self.commitment,
            }
        )  # fmt: skip

    @classmethod
    def from_bytes(cls, data: bytes) -> Header:
        """Read a header.

        Raises:
            Damaged: Not canonical, a field is missing, unknown or of the wrong form, or another version.
        """
        fields = canonical.decode(data)
        try:
            return cls._from_fields(fields)
        except (KeyError, TypeError, ValueError) as error:
            raise Damaged("An event's header is not in its form", "It was changed or cut; run sauti verify.") from error

    @classmethod
    def _from_fields(cls, fields: dict[str, canonical.Value]) -> Header:
        if set(fields) != _FIELDS or fields["v"] != VERSION:
            raise ValueError("unknown fields or version")
        texts = {key: _text(fields[key]) for key in ("node", "epoch", "id", "actor", "type", "entity", "commitment")}
        if len(bytes.fromhex(texts["node"])) != 16 or len(bytes.fromhex(texts["epoch"])) != 16:
            raise ValueError("node and epoch have 16 bytes")
        if len(bytes.fromhex(texts["commitment"])) != 32 or not is_uuid(texts["id"]):
            raise ValueError("commitment has 32 bytes, id is a UUID")
        hlc, supersedes = fields["hlc"], fields["supersedes"]
        if not isinstance(hlc, list) or len(hlc) != 2 or not isinstance(supersedes, list):
            raise ValueError("hlc is a pair, supersedes a list")
        return cls(
            seq=_count(fields["seq"]), hlc=Stamp(_count(hlc[0]), _count(hlc[1])), wall_ms=_count(fields["wall_ms"]),
            supersedes=tuple(_text(item) for item in supersedes), schema=_count(fields["schema"]), **texts,
        )  # fmt: skip


def commitment(salt: bytes, body: bytes) -> str:
    """Hex of the salted digest of a body."""
    return hashlib.sha256(_BODY_TAG + salt + body).hexdigest()


def chain(previous: bytes, header: bytes) -> bytes:
    """The hash of an event: 32 bytes over the hash before it and its header."""
    return hashlib.sha256(_EVENT_TAG + previous + header).digest()


def head(node: str, epoch: str, seq: int, event_hash: bytes) -> bytes:
    """What is signed after each commit: the end of the chain."""
    return _HEAD_TAG + bytes.fromhex(node) + bytes.fromhex(epoch) + seq.to_bytes(8, "big") + event_hash


def node_of(verify_key: bytes) -> str:
    """The node's name: the first 16 bytes of the SHA-256 of its ed25519 public key, in hex."""
    return hashlib.sha256(verify_key).hexdigest()[:32]


def _text(value: canonical.Value) -> str:
    if not isinstance(value, str):
        raise TypeError("text expected")
    return value


def _count(value: canonical.Value) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("a whole number expected")
    return value
