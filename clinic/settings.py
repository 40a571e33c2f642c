"""Where this site keeps its things. The only module that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from records.home import Home


@dataclass(frozen=True, slots=True)
class Settings:
    """What the workstation is told from outside.

    Args:
        home: The folder of the vault, the stores and the lock (``SAUTI_HOME``).
        device_key: The file that every PIN needs beside it (``SAUTI_DEVICE_KEY``): in the home, or on a stick.
    """

    home: Path
    device_key: Path

    @classmethod
    def read(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The home from ``SAUTI_HOME``, else ``XDG_DATA_HOME/sauti``, else ``~/.local/share/sauti``."""
        env = os.environ if environment is None else environment
        home = Path(env["SAUTI_HOME"]) if env.get("SAUTI_HOME") else _among_the_users_data(env) / "sauti"
        device_key = env.get("SAUTI_DEVICE_KEY")
        return cls(home, Path(device_key) if device_key else Home(home).device_key)


def _among_the_users_data(env: Mapping[str, str]) -> Path:
    data = env.get("XDG_DATA_HOME")
    return Path(data) if data else Path.home() / ".local" / "share"
