"""How often in a row each operator's PIN was wrong: on the disk before a guess is tried, so no power cut erases one."""

from __future__ import annotations

from pathlib import Path

from records import canonical
from records.errors import Damaged
from records.files import write_durably

MOST = 10
_VERSION = 1


class Attempts:
    """The counts of one home. Whoever counts holds the home's lock.

    Args:
        path: The file; a missing one counts nothing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def left(self, operator_id: str) -> int:
        """How many tries an operator has left.

        Raises:
            Damaged: The counts cannot be read; they begin anew when the passphrase was used.
        """
        return max(0, MOST - self._read().get(operator_id, 0))

    def count(self, operator_id: str) -> None:
        """One more try, durable when this returns.

        Raises:
            Damaged: See ``left``.
            NotWritable: Nothing was counted, so nothing may be tried.
        """
        counts = self._read()
        self._write({**counts, operator_id: counts.get(operator_id, 0) + 1})

    def take_back(self, operator_id: str) -> None:
        """The last try was none after all.

        Raises:
            Damaged, NotWritable: See ``count``.
        """
        counts = self._read()
        self._write({**counts, operator_id: max(0, counts.get(operator_id, 0) - 1)})

    def forget(self, operator_id: str) -> None:
        """The PIN was right, or is new, or is gone: its next ten tries are the first.

        Raises:
            Damaged, NotWritable: See ``count``.
        """
        counts = self._read()
        if counts.pop(operator_id, None) is not None:
            self._write(counts)

    def forget_all(self) -> None:
        """The passphrase was right: every PIN may be tried again, also where the file was damaged.

        Raises:
            NotWritable: The old counts stay.
        """
        if self._path.exists():
            self._write({})

    def _read(self) -> dict[str, int]:
        try:
            fields = canonical.decode(self._path.read_bytes())
            counts = fields["failures"]
            if fields["v"] != _VERSION or not isinstance(counts, dict):
                raise ValueError("another version")
            return {name: _counted(number) for name, number in counts.items()}
        except FileNotFoundError:
            return {}
        except (OSError, Damaged, KeyError, ValueError) as error:
            raise Damaged("The count of wrong PINs is damaged", "Use the passphrase; then PINs work again.") from error

    def _write(self, counts: dict[str, int]) -> None:
        kept: dict[str, canonical.Value] = {name: number for name, number in counts.items() if number}
        write_durably(self._path, canonical.encode({"v": _VERSION, "failures": kept}))


def _counted(number: canonical.Value) -> int:
    if type(number) is not int or number < 0:
        raise ValueError("not a count")
    return number
