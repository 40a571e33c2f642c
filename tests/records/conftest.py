"""A site of one's own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from records.queries import Queries
from tests.records.making import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A fresh home with an open clinic store."""
    made = Site(tmp_path / "nyumbani O'Brien ቤት")
    yield made
    made.store.close()


@pytest.fixture
def queries(site: Site) -> Iterator[Queries]:
    """The read side of the site, open beside the writer."""
    opened = site.queries()
    yield opened
    opened.close()
