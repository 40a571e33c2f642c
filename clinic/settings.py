"""Where this site keeps its things. The only module that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """What the workstation is told from outside.

    Args:
        home: The folder of the vault, the stores and the lock (``SAUTI_HOME``).
    """

    home: Path

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """From ``SAUTI_HOME``, else ``XDG_DATA_HOME/sauti``, else ``~/.local/share/sauti``."""
        env = os.environ if environment is None else environment
        if home := env.get("SAUTI_HOME"):
            return cls(Path(home))
        data = env.get("XDG_DATA_HOME")
        return cls((Path(data) if data else Path.home() / ".local" / "share") / "sauti")
