"""The door: first start, PIN, wrong PIN, the passphrase as the way back, and a home that is in use."""

from __future__ import annotations

import os

import pytest

from clinic.clock import SystemClock
from clinic.ui.opening import Opening
from clinic.ui.screens.first_start import FirstStartScreen
from clinic.ui.screens.patients import PatientsScreen
from clinic.ui.screens.sign_in import SignInScreen
from records.errors import HomeInUse
from tests.clinic.ui.nurse import CHEAP, PIN, Nurse, Station


async def first_start(nurse: Nurse) -> None:
    await nurse.found_site()


def test_later_starts_ask_for_the_pin(station: Station) -> None:
    station.run(first_start)

    async def later(nurse: Nurse) -> None:
        await nurse.until(lambda: isinstance(nurse.app.screen, SignInScreen))
        assert "Amina Juma" in str(nurse.app.screen.query_one("#who").get_option_at_index(0).prompt)
        await nurse.sign_in()
        await nurse.until(lambda: isinstance(nurse.app.screen, PatientsScreen))
        assert "Amina Juma" in nurse.app.screen.banner.text

    station.run(later)


def test_a_wrong_pin_is_said_counted_and_closes(station: Station) -> None:
    station.run(first_start)

    async def wrong(nurse: Nurse) -> None:
        for left in range(9, 0, -1):
            await nurse.sign_in("402816")
            await nurse.until(lambda left=left: f"{left} tr" in nurse.says)
        await nurse.sign_in("402816")
        await nurse.until(lambda: "closed" in nurse.says)
        await nurse.sign_in(PIN)
        await nurse.until(lambda: "closed after 10 wrong tries" in nurse.says)
        assert isinstance(nurse.app.screen, SignInScreen)

    station.run(wrong)


def test_the_passphrase_gives_a_new_pin(station: Station) -> None:
    written: list[str] = []

    async def first(nurse: Nurse) -> None:
        await nurse.until(lambda: nurse.app.screen.query("#institution"))
        for line in ("Kituo cha Afya", "Amina Juma", PIN, PIN):
            await nurse.type(line)
        written.append(str(nurse.app.screen.query_one("#sentence").render()))
        await nurse.press("enter")
        await nurse.until(lambda: isinstance(nurse.app.screen, PatientsScreen))

    station.run(first)

    async def forgotten(nurse: Nurse) -> None:
        await nurse.until(lambda: isinstance(nurse.app.screen, SignInScreen))
        await nurse.press("f2")
        for line in ("not those words at all", "628147", "628147"):
            await nurse.type(line)
        await nurse.until(lambda: "passphrase is not right" in nurse.says)
        for line in (written[0].strip(), "628147", "628147"):
            await nurse.type(line)
        await nurse.until(lambda: isinstance(nurse.app.screen, PatientsScreen))
        await nurse.press("l")
        await nurse.until(lambda: isinstance(nurse.app.screen, SignInScreen))
        await nurse.sign_in(PIN)
        await nurse.until(lambda: "not right" in nurse.says)
        await nurse.sign_in("628147")
        await nurse.until(lambda: isinstance(nurse.app.screen, PatientsScreen))

    station.run(forgotten)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (("Kituo", "Amina", "111111", "111111"), "Too many people take this PIN"),
        (("Kituo", "Amina", "73915", "73915"), "PIN"),
        (("Kituo", "Amina", PIN, "739155"), "not the same"),
        (("Kituo", " ", PIN, PIN), "operator has no name"),
    ],
)
def test_the_first_start_takes_nothing_by_halves(station: Station, lines: tuple[str, ...], sentence: str) -> None:
    async def journey(nurse: Nurse) -> None:
        await nurse.until(lambda: nurse.app.screen.query("#institution"))
        for line in lines:
            await nurse.type(line)
        assert sentence in nurse.says
        assert isinstance(nurse.app.screen, FirstStartScreen)

    station.run(journey)
    assert not station.home.vault.exists()


def test_the_words_are_shown_before_anything_is_made(station: Station) -> None:
    async def journey(nurse: Nurse) -> None:
        await nurse.until(lambda: nurse.app.screen.query("#institution"))
        for line in ("Kituo", "Amina", PIN, PIN):
            await nurse.type(line)
        assert len(str(nurse.app.screen.query_one("#sentence").render()).split()) == 6
        assert not station.home.vault.exists()
        await nurse.press("escape")
        assert nurse.app.screen.query_one("#form").display

    station.run(journey)
    assert not station.home.vault.exists()


def test_a_home_in_use_is_refused_before_a_screen(station: Station) -> None:
    with station.home.lock("sauti exam"):
        clock = SystemClock()
        with pytest.raises(HomeInUse, match="sauti exam"):
            Opening(station.home, station.home.device_key, "", "", clock, os.urandom, "test", CHEAP)
