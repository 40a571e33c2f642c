"""Puts the repository before this folder on the path, so that the script imaging.py does not hide the package imaging.

Every benchmark imports it before the other modules of this folder.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
