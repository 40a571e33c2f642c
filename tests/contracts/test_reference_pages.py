"""The pages on verbs, errors and benchmark rows are true: what they name is there, and does what they say."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from dataclasses import asdict, fields
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType

import pytest

from clinic.workstation.workstation import Workstation
from tests.contracts.house import PACKAGES, ROOT

REFERENCE = ROOT / "docs" / "reference"
MOST_ERROR_CLASSES = 7
VERB = re.compile(r"`(\w+)\.(\w+)\(")


def _page(name: str) -> str:
    return (REFERENCE / f"{name}.md").read_text(encoding="utf-8")


def _cells(table: str) -> list[list[str]]:
    rows = [line for line in table.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[1:]]


def _nouns() -> dict[str, type]:
    """The workstation's verbs by noun: what its constructor gives each of its public names."""
    module = inspect.getmodule(Workstation)
    source = inspect.getsource(Workstation.__init__)
    made = dict(re.findall(r"self\.([a-z]+) = ([A-Z]\w+)\(", source))
    made |= dict(re.findall(r"(\w+): (Scanning)", source))
    return {noun: getattr(module, name) for noun, name in made.items()}


def test_each_verb_of_the_page_is_a_verb_and_gives_a_receipt() -> None:
    nouns = _nouns()
    listed = [pair for row in _cells(_page("workstation").partition("## Threads")[0]) for pair in VERB.findall(row[0])]
    assert len(listed) > 6
    for noun, verb in listed:
        given = inspect.signature(getattr(nouns[noun], verb)).return_annotation
        assert given.startswith("Receipt["), f"{noun}.{verb} gives {given}"


@pytest.mark.parametrize("package", PACKAGES)
def test_errors_are_one_tree_as_drawn(package: str) -> None:
    module = importlib.import_module(f"{package}.errors")
    classes = [
        value for value in vars(module).values() if inspect.isclass(value) and value.__module__ == module.__name__
    ]
    root, *rest = classes
    drawn = re.findall(r"^    (?:\+-- )?(\w+)", module.__doc__ or "", re.MULTILINE)
    assert [one.__name__ for one in classes] == drawn
    assert len(classes) <= MOST_ERROR_CLASSES
    assert all(issubclass(one, root) for one in rest)
    assert root.__name__ in _page("workstation")
    for one in classes:
        error = one("The disk is full", "Free some space.")
        assert (error.title, error.advice, str(error)) == (
            "The disk is full",
            "Free some space.",
            "The disk is full. Free some space.",
        )


@pytest.fixture(scope="module")
def rows() -> ModuleType:
    """``bench/rows.py``; the folder is no package."""
    spec = spec_from_file_location("bench_rows", ROOT / "bench" / "rows.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_a_row_has_the_keys_of_its_page(rows: ModuleType) -> None:
    listed = re.findall(r"`(\w+)`", " ".join(row[0] for row in _cells(_page("benchmark-rows"))))
    assert sorted(listed) == sorted(field.name for field in fields(rows.Row))


def test_the_row_of_the_page_is_what_its_figures_give(rows: ModuleType) -> None:
    given, row = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", _page("benchmark-rows"), re.DOTALL))
    assert asdict(rows.less_is_better(given["name"], given["ours"], given["peer"], given["unit"])) == row


def _of_known(works: set[str], known: dict[str, str]) -> set[str]:
    """The listed work that each work of the table is, or is a kind of."""
    found = {work: [one for one in known if work == one or work.startswith(f"{one}-")] for work in works}
    assert all(len(ones) == 1 for ones in found.values()), found
    return {ones[0] for ones in found.values()}


def test_every_benchmark_is_in_the_table_and_every_row_is_of_one(rows: ModuleType) -> None:
    table = (ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8")
    works = {name.partition("/")[0] for name, *_ in _cells(table.partition("## What")[0])}
    known = {work: name for name, listed in rows.BENCHMARKS.items() for work in listed}
    # a work may have kinds: parse-rf, level/chain-x86-64
    shown = {known[work] for work in _of_known(works, known)}
    # rows of quality need the recordings
    assert shown | {"quality"} == set(rows.BENCHMARKS)
    for name in rows.BENCHMARKS:
        assert (ROOT / "bench" / f"{name}.py").is_file()
        assert f"- `{name}`: " in table
