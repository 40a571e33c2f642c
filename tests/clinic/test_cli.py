"""The command line: its table is true, and what goes wrong is one sentence and an exit code."""

from __future__ import annotations

import argparse
from importlib import import_module

import pytest

from clinic import cli
from clinic.errors import BadRequest


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_exists_and_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = import_module(cli.COMMANDS[name][0])
    command.add_arguments(argparse.ArgumentParser())
    with pytest.raises(SystemExit) as left:
        cli.run([name, "--help"])
    assert left.value.code == 0
    assert f"sauti {name}" in capsys.readouterr().out


def test_without_words_it_lists_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in cli.COMMANDS)


def test_an_unknown_command_is_refused() -> None:
    with pytest.raises(SystemExit) as left:
        cli.run(["frobnicate"])
    assert left.value.code == 2


def _command(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    class Fails:
        def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

        def run(self, arguments: argparse.Namespace) -> int:
            raise error

    monkeypatch.setattr(cli, "import_module", lambda name: Fails())


def test_an_error_with_a_title_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _command(monkeypatch, BadRequest("The file is gone", "Look for it."))
    assert cli.run(["doctor"]) == 1
    assert capsys.readouterr().err == "sauti: The file is gone. Look for it.\n"


def test_an_interruption_is_no_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _command(monkeypatch, KeyboardInterrupt())
    assert cli.run(["doctor"]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_a_defect_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    _command(monkeypatch, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        cli.run(["doctor"])
