"""Opening a session off the loop: stretching a PIN and opening a store take a second, and the screen goes on meanwhile."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

from clinic.access import Access
from clinic.clock import Clock
from clinic.compose import ProbeChoice
from clinic.passphrase import make_passphrase
from clinic.receipts import Receipt
from clinic.session import Keys, Session
from clinic.site_names import read_site_names, write_site_names
from records.ids import Entropy
from records.model import Operator
from records.vault import Vault

if TYPE_CHECKING:
    from clinic.ui.app import WorkstationApp
