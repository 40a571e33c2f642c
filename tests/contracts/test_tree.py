"""The shape of the tree: sizes, names, docstrings, and the traps of our folder names."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.contracts.house import PACKAGES, ROOT, fresh_python, module_of, name_of, project_files, python_files

LONGEST_FILE_LINES = 400
MEDIAN_FILE_LINES = 150
FORBIDDEN_STEMS = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "tools", "stuff"}
WRITTEN_BY_HAND = {".py", ".c", ".h", ".sh", ".md", ".toml", ".tcss", ".js", ".html"}
EXPECTED = (
    "README.md CHANGELOG.md LICENSE SUPPORTED.md Makefile pyproject.toml .ci/run requirements.lock"
    " requirements-dev.lock bench/requirements.lock packaging/requirements.lock tests/fuzz/requirements.lock"
    " docs/README.md docs/benchmarks.md"
    " docs/explanation/architecture.md docs/explanation/glossary.md"
)


@pytest.mark.parametrize("name", EXPECTED.split())
def test_the_file_is_there(name: str) -> None:
    assert (ROOT / name).is_file()


def test_no_file_is_longer_than_a_reader_has_patience_for() -> None:
    sizes = {name_of(path): _lines(path) for path in project_files() if path.suffix in WRITTEN_BY_HAND}
    assert {name: lines for name, lines in sizes.items() if lines > LONGEST_FILE_LINES} == {}


def test_the_median_product_file_is_small() -> None:
    sizes = sorted(_lines(path) for path in python_files(*PACKAGES) if path.name != "__init__.py")
    assert sizes[len(sizes) // 2] <= MEDIAN_FILE_LINES


def test_no_file_is_named_after_nothing() -> None:
    assert [name_of(path) for path in python_files() if path.stem in FORBIDDEN_STEMS] == []


def test_packaging_and_tests_are_plain_folders() -> None:
    """With an __init__.py, packaging/ hides the library of that name and tests/records/ hides our records."""
    markers = [name_of(path) for path in python_files("packaging", "tests", "bench") if path.name == "__init__.py"]
    assert markers == []


def test_import_packaging_finds_the_library() -> None:
    assert "site-packages" in fresh_python("import packaging.version; print(packaging.version.__file__)")


def test_every_folder_of_a_package_is_a_package() -> None:
    folders = {path.parent for path in python_files(*PACKAGES)}
    assert [name_of(folder) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


@pytest.mark.parametrize("path", python_files(*PACKAGES), ids=module_of)
def test_public_names_say_what_they_are(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "the module has no docstring"
    kinds = (ast.ClassDef, ast.FunctionDef)
    silent = [node.name for node in tree.body if isinstance(node, kinds) and _public(node) and not _says(node)]
    assert silent == []


def _public(node: ast.ClassDef | ast.FunctionDef) -> bool:
    return not node.name.startswith("_")


def _says(node: ast.ClassDef | ast.FunctionDef) -> bool:
    return bool(ast.get_docstring(node))


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")
