"""Boot the virtual old PC and run tests/oldpc/guest.py in it; 0 if all of it passed. Called by ``make oldpc``.

Needs QEMU; the processor is emulated, so it has only the instructions of its year. Its files are this computer's, read
only. One probe is made inside by the kernel's gadget driver; one hangs on a socket here, so that pulling it is real.
"""

from __future__ import annotations

import argparse
import os
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.oldpc.twin import Served, small  # noqa: E402

LIMIT_S = 240
EXPECTED = 8


class Plug:
    """The far end of QEMU's USB serial device: connected is plugged in."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._twin: Served | None = None

    def plug(self, most: int | None = None) -> None:
        """Plug a new device in; one that may send only so many bytes is pulled behind the last of them."""
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(self._path))
        self._socket.setblocking(False)
        self._twin = Served(self._socket.fileno(), small("BRIDGE01"), most, self._socket.close)

    def pull(self) -> None:
        if self._twin is not None and self._socket is not None:
            self._twin.stop()
            self._socket.close()


def command(folder: Path, processor: str) -> list[str]:
    build = ROOT / "build" / "oldpc"
    words = (
        "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off nokaslr random.trust_cpu=on "
        f"sauti.python={sys.executable} sauti.script={Path(__file__).with_name('guest.py')}"
    )
    return [
        "qemu-system-x86_64", "-M", "pc", "-accel", "tcg,thread=multi", "-cpu", processor, "-smp", "2", "-m", "512",
        "-display", "none", "-nodefaults", "-no-user-config", "-no-reboot", "-kernel", str(build / "vmlinuz"),
        "-initrd", str(build / "disk.gz"), "-append", words, "-serial", "stdio",
        "-chardev", f"socket,id=probe,path={folder / 'probe'},server=on,wait=off", "-device", "piix3-usb-uhci,id=uhci",
        "-device", "usb-serial,chardev=probe,id=p0,bus=uhci.0,serial=BRIDGE01", "-device", "virtio-rng-pci",
        "-virtfs", "local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap",
    ]  # fmt: skip


def run(processor: str) -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plug = Plug(folder / "probe")
        machine = subprocess.Popen(
            command(folder, processor), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        try:
            said = listen(machine, plug)
        finally:
            plug.pull()
            machine.kill()
            machine.wait()
    passed = [line for line in said if line.startswith("@@PASS")]
    clean = "@@END 0" in said and "@@ILLEGAL 0" in said
    end = "" if clean else "; it did not end well"
    sys.stdout.write(f"{len(passed)} of {EXPECTED} passed on a {processor}{end}\n")
    return 0 if clean and len(passed) == EXPECTED else 1


def listen(machine: subprocess.Popen[bytes], plug: Plug) -> list[str]:
    """Serve the guest's requests and print what it says, until it ends or takes too long."""
    assert machine.stdout is not None
    os.set_blocking(machine.stdout.fileno(), False)
    selector = selectors.DefaultSelector()
    selector.register(machine.stdout, selectors.EVENT_READ)
    end, said, rest = time.monotonic() + LIMIT_S, [], b""
    while time.monotonic() < end:
        selector.select(1)
        data = machine.stdout.read()
        if data == b"":
            break
        *lines, rest = (rest + (data or b"")).split(b"\n")
        for line in lines:
            text = line.decode(errors="replace").strip()
            said.append(text)
            if text.startswith("@@PLUG"):
                plug.plug(int(text.split()[1]) if " " in text else None)
            elif text == "@@PULL":
                plug.pull()
            elif text:
                sys.stdout.write(f"{text}\n")
                sys.stdout.flush()
    return said


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpu", default="core2duo", help="as qemu-system-x86_64 -cpu help lists them")
    arguments = parser.parse_args()
    raise SystemExit(run(arguments.cpu))
