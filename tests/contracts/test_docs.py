"""The documents are part of the program: links resolve, every page is near, examples run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from tests.contracts.house import ROOT, name_of, project_files

PAGES = [path for path in project_files() if path.suffix == ".md"]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
EXAMPLE = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
ROOMS = ("probe", "imaging", "records", "clinic", "packaging", "tests", "docs", "bench")
STEPS_FROM_THE_DOOR = 2


def _links(page: Path) -> list[str]:
    prose = FENCE.sub("", page.read_text(encoding="utf-8"))
    return [target for target in LINK.findall(prose) if not re.match(r"[a-z]+:", target)]


def _target(page: Path, link: str) -> Path:
    path = link.partition("#")[0]
    return (page.parent / path).resolve() if path else page


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ +(.*)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path) -> None:
    broken = [link for link in _links(page) if not _resolves(page, link)]
    assert broken == []


def _resolves(page: Path, link: str) -> bool:
    target, anchor = _target(page, link), link.partition("#")[2]
    if not target.exists():
        return False
    return not anchor or target.suffix != ".md" or anchor in _anchors(target)


def _within_reach() -> set[Path]:
    near = {ROOT / "README.md"}
    for _ in range(STEPS_FROM_THE_DOOR):
        pages = [page for page in near if page.suffix == ".md"]
        near |= {_target(page, link) for page in pages for link in _links(page)}
    return near


def test_every_page_is_two_steps_from_the_readme() -> None:
    near = _within_reach()
    assert [name_of(page) for page in PAGES if page not in near] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_is_two_steps_from_the_readme(room: str) -> None:
    near = _within_reach()
    assert any(path == ROOT / room or path == ROOT / room / "README.md" for path in near)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_examples_run(page: Path) -> None:
    examples = EXAMPLE.findall(page.read_text(encoding="utf-8"))
    for text in examples:
        compile(
            re.sub(r"^(>>> |\.\.\. )", "", text, flags=re.MULTILINE) if ">>>" not in text else "", name_of(page), "exec"
        )
    talk = "\n".join(text for text in examples if ">>>" in text)
    test = doctest.DocTestParser().get_doctest(talk, {}, name_of(page), str(page), 0)
    heard: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=heard.append)
    assert heard == []
