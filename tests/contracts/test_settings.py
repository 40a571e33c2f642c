"""The settings of the tools that others rely on: pytest, mypy, ruff, the one-command scripts."""

from __future__ import annotations

import os
import re
import socket
import tomllib
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path

import pytest
import pytest_socket

from tests.contracts.house import PACKAGES, ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TOOLS = PROJECT["tool"]
LICENCE_IN_A_FILE_ONLY = {"sqlcipher3"}  # zlib


def test_pytest_is_strict() -> None:
    settings = TOOLS["pytest"]["ini_options"]
    assert "error" in settings["filterwarnings"]
    assert all(
        word in settings["addopts"] for word in ("--import-mode=importlib", "--disable-socket", "--strict-markers")
    )
    assert settings["timeout"] <= 300


def test_sockets_are_off() -> None:
    with pytest.raises((pytest_socket.SocketBlockedError, UserWarning)):  # it warns first, and warnings are errors
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)


def test_nothing_of_the_developer_reaches_a_test() -> None:
    assert "no-home-was-asked-for" in os.environ["SAUTI_HOME"]
    assert not Path(os.environ["SAUTI_HOME"]).exists()


def test_the_home_fixture_names_an_absent_folder(home: Path) -> None:
    assert os.environ["SAUTI_HOME"] == str(home)
    assert not home.exists()


def test_types_and_style_are_strict() -> None:
    assert TOOLS["mypy"]["strict"] is True
    assert set(PACKAGES) <= set(TOOLS["mypy"]["packages"])
    assert TOOLS["ruff"]["lint"]["mccabe"]["max-complexity"] <= 8
    assert {"time.time", "datetime.datetime.now", "random"} <= set(
        TOOLS["ruff"]["lint"]["flake8-tidy-imports"]["banned-api"]
    )


def test_all_four_packages_are_under_import_contracts() -> None:
    assert set(TOOLS["importlinter"]["root_packages"]) == set(PACKAGES)
    assert all(contract["name"] for contract in TOOLS["importlinter"]["contracts"])


def test_the_pipeline_calls_check_and_test() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"^make check$", script, re.MULTILINE)
    assert "make test" in script
    assert "CI=true" in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_command_is_declared() -> None:
    assert PROJECT["project"]["scripts"] == {"sauti": "clinic.__main__:main"}
    assert find_spec("clinic.__main__")


@pytest.mark.parametrize("requirement", PROJECT["project"]["dependencies"])
def test_what_ships_has_a_permissive_licence(requirement: str) -> None:
    name = re.split(r"[<>=!~\[; ]", requirement)[0]
    metadata = distribution(name).metadata
    words = [metadata["License-Expression"], metadata["License"], *metadata.get_all("Classifier", [])]
    text = " ".join(word for word in words if word and ("License ::" in word or "::" not in word))[:2000]
    assert text or name in LICENCE_IN_A_FILE_ONLY
    assert not re.search(r"(?<!L)GPL|GNU (Affero )?General", text)
