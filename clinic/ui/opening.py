"""Opening a session off the loop: stretching a PIN and opening a store take a second, and the screen goes on meanwhile.

A thread is born for one opening and ends with it. Birth: a screen asks. Death: the receipt is kept or fails.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path
from threading import Thread

from clinic.access import Access
from clinic.clock import Clock
from clinic.events import Post
from clinic.receipts import Receipt
from clinic.session import Keys, Session, choose_probe
from clinic.site_names import read_site_names, write_site_names
from imaging.warmup import warm_up
from probe import discovery
from records.home import Home
from records.ids import Entropy
from records.model import Operator
from records.slots import Stretching
from records.vault import Vault


class Opening:
    """Makes sessions of one home, one after the other. It holds the home's lock while no session does.

    Args:
        home: The site's folder.
        device_key: File of the device key.
        probe: Address asked for; empty takes what is plugged in, else the practice probe.
        driver: Protocol of that address; empty takes what is known of it.
        clock: The machine's clock.
        entropy: Gives random bytes.
        version: Of the program.
        stretching: Cost of new PINs and passphrases; None takes the vault's own.

    Raises:
        HomeInUse, NotWritable: Another program works in this home, or nothing can be written there.
    """

    def __init__(
        self,
        home: Home,
        device_key: Path,
        probe: str,
        driver: str,
        clock: Clock,
        entropy: Entropy,
        version: str,
        stretching: Stretching | None = None,
    ) -> None:
        self._home = home
        self._device_key = device_key
        self._probe = probe
        self._driver = driver
        self._clock = clock
        self.entropy = entropy
        self._version = version
        self._stretching = stretching or Stretching()
        self._lock = home.lock("the workstation")

    @property
    def access(self) -> Access:
        """The ways into the home."""
        return Access(self._home, self._lock, self._device_key, self.entropy, self._stretching)

    def lock_again(self) -> None:
        """After a session: hold the lock ourselves.

        Raises:
            HomeInUse: Another program was faster.
        """
        if not self._lock.held:
            self._lock = self._home.lock("the workstation")

    def close(self) -> None:
        """Let the home go, if no session holds it."""
        self._lock.release()

    def found(
        self, institution_name: str, operators_name: str, pin: str, passphrase: str, post: Post
    ) -> Receipt[Session]:
        """The first start."""

        def work() -> Session:
            write_site_names(self._home, institution_name, platform.node())
            vault, operator = self.access.found_site(passphrase, operators_name, pin, self._clock.wall_ms())
            return self._open(vault, operator, post)

        return _in_a_thread(work)

    def sign_in(self, operator: Operator, pin: str, post: Post) -> Receipt[Session]:
        """With a PIN."""
        return _in_a_thread(lambda: self._open(self.access.sign_in(operator.operator_id, pin), operator, post))

    def unlock(
        self, passphrase: str, operator: Operator | None, operators_name: str, pin: str, post: Post
    ) -> Receipt[Session]:
        """With the passphrase; the operator, or somebody new by this name, has this PIN from now on."""

        def work() -> Session:
            access = self.access
            vault = access.unlock_with_passphrase(passphrase)
            if operator is None:
                return self._open(vault, access.add_operator(vault, operators_name, pin, self._clock.wall_ms()), post)
            access.set_pin(vault, operator, pin)
            return self._open(vault, operator, post)

        return _in_a_thread(work)

    def reopen(self, keys: Keys, post: Post) -> Receipt[Session]:
        """The same operator at another probe."""
        return _in_a_thread(lambda: self._open(keys.vault, keys.operator, post))

    def _open(self, vault: Vault, operator: Operator, post: Post) -> Session:
        warm_up()  # before the first frame, and here, where somebody waits anyway
        names = read_site_names(self._home)
        chosen = choose_probe(self._probe, self._driver, discovery.find(), self._clock)
        keys = Keys(self._home, self._lock, vault, operator, names.institution_name, names.station_name)
        try:
            return Session(keys, chosen, self._clock, post, self._version)
        except BaseException:
            self.lock_again()
            raise


def _in_a_thread(work: Callable[[], Session]) -> Receipt[Session]:
    receipt: Receipt[Session] = Receipt()

    def run() -> None:
        try:
            session = work()
        except Exception as error:  # noqa: BLE001  (whatever it is belongs to whoever asked)
            receipt.fail(error)
            return
        receipt.keep(session)

    Thread(target=run, name="opening", daemon=True).start()
    return receipt
