"""What a command says while it works: sentences for a person, or one JSON object per line for a program.

An event is said after it is true. Each line is flushed at once, so that a reader on a pipe sees it even if the
power fails right after.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from io import StringIO, TextIOWrapper
from typing import TextIO

from clinic.errors import BadRequest

Field = str | int | float | bool | None | list[str] | dict[str, str]


@dataclass(frozen=True, slots=True)
class Console:
    """Says events.

    Args:
        as_json: One JSON object per line on ``out``, with the event's name under ``event``.
        out: Where to say it.
    """

    as_json: bool
    out: TextIO

    @classmethod
    def standard(cls, *, as_json: bool = False) -> Console:
        """On standard output; letters that it cannot show are written as numbers, and a closed one hears nothing."""
        out = sys.stdout
        if isinstance(out, TextIOWrapper):
            out.reconfigure(errors="backslashreplace")
        return cls(as_json, out or StringIO())

    def say(self, event: str, sentence: str, **fields: Field) -> None:
        """Say that something happened.

        Args:
            event: Its name, in snake case.
            sentence: The same for a person; empty when a person need not be told.
            fields: What a program wants to know.

        Raises:
            BrokenPipeError: Whoever listened has gone.
            BadRequest: It cannot be written, as to a full disk.
        """
        line = json.dumps({"event": event, **fields}, ensure_ascii=False) if self.as_json else sentence
        if not line:
            return
        try:
            self.out.write(line + "\n")
            self.out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            raise BadRequest("What Sauti says cannot be written", f"{error.strerror}: standard output.") from error
