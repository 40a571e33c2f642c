"""Holds a home's lock until its standard input ends, or says why it could not."""

from __future__ import annotations

import sys
from pathlib import Path

from records.errors import RecordsError
from records.home import Home
from tests.records.process import say

try:
    lock = Home(Path(sys.argv[1])).lock("sauti exam")
except RecordsError as error:
    say(type(error).__name__, str(error))
else:
    say("held")
    if len(sys.argv) > 2:
        sys.stdin.read()
