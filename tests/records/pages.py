"""Reads test vectors out of the reference pages, so that page and code cannot drift apart."""

from __future__ import annotations

import re
from pathlib import Path

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference"
_FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_VECTOR = re.compile(r"^([a-z_0-9]+) +([0-9a-f]+)$", re.MULTILINE)


def page(name: str) -> str:
    """The text of a reference page."""
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def vectors(name: str) -> dict[str, bytes]:
    """All ``name hex`` lines of a page's text blocks."""
    blocks = [body for kind, body in _FENCE.findall(page(name)) if kind == "text"]
    return {key: bytes.fromhex(value) for body in blocks for key, value in _VECTOR.findall(body)}


def json_lines(name: str) -> list[str]:
    """The lines of a page's JSON blocks."""
    return [line for kind, body in _FENCE.findall(page(name)) if kind == "json" for line in body.splitlines()]


def table(name: str, heading: str) -> list[list[str]]:
    """The cells of the first table under a heading of a page, without its head."""
    section = page(name).split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]
