"""The head of a WAV file: what it says of the sound, and what it ought to say.

Asterisk writes the length into the head when it closes the file; until then, and for ever where it
was killed, the length there is 0 though the samples follow.
"""

import struct

import msgspec

HEAD_BYTES = 44  # of a plain file, as Asterisk writes it
_PLAIN = struct.Struct("<4sI4s4sIHHIIHH4sI")
_CHUNK = struct.Struct("<4sI")
_FORMAT = struct.Struct("<HHIIHH")
_PCM = 1


class Sound(msgspec.Struct, frozen=True):
    """What a head says of the samples: how many a second, channels, bytes of each.

    They `begin` at a byte of the file, and are `declared` to be so many bytes.
    """

    rate: int
    channels: int
    width: int
    begin: int
    declared: int

    @property
    def frame(self) -> int:
        """Bytes of one instant."""
        return self.channels * self.width

    def seconds(self, length: int) -> float:
        """How long that many bytes of samples last."""
        return length // self.frame / self.rate

    def is_closed(self, size: int) -> bool:
        """Whether the head fits a file of that many bytes, as it does once the file is closed."""
        actual = size - self.begin
        return self.declared > 0 and self.declared <= actual <= self.declared + 1

    def whole(self, size: int) -> int:
        """Bytes of whole frames in a file of that many bytes."""
        return max(0, size - self.begin) // self.frame * self.frame


def read_head(head: bytes) -> Sound | None:
    """Read the first bytes of a file; None where they are not a WAV file of plain samples."""
    if len(head) < _CHUNK.size + 4 or head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return None
    at, form = 12, None
    while at + _CHUNK.size <= len(head):
        name, length = _CHUNK.unpack_from(head, at)
        at += _CHUNK.size
        if name == b"data":
            return _sound(form, at, length)
        if name == b"fmt " and at + _FORMAT.size <= len(head):
            form = _FORMAT.unpack_from(head, at)
        at += length + length % 2
    return None


def _sound(form: tuple[int, ...] | None, begin: int, declared: int) -> Sound | None:
    if form is None:
        return None
    kind, channels, rate, _, _, bits = form
    if kind != _PCM or not channels or not rate or bits not in (8, 16):
        return None
    return Sound(rate, channels, bits // 8, begin, declared)


def write_head(sound: Sound, length: int) -> bytes:
    """The head of a plain file with that many bytes of such samples."""
    per_second = sound.rate * sound.frame
    return _PLAIN.pack(
        *(b"RIFF", length + HEAD_BYTES - 8, b"WAVE"),
        *(b"fmt ", _FORMAT.size, _PCM, sound.channels, sound.rate, per_second),
        *(sound.frame, 8 * sound.width, b"data", length),
    )
