"""``make fuzz``: coverage-guided fuzzing of every decoder with atheris; writes build/fuzz.md.

Each target runs in a process of its own until it has taken its bytes. Exit code 1 when anything was found; the input
lies in build/fuzz/findings/, and ``--replay FILE --only TARGET`` meets it again without atheris.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import io
import json
import os
import re
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
# atheris keeps the result of every comparison of arrays: a process that has grown so far is followed by a fresh one
MOST_MB, TOO_LARGE = 600, 75
HEAD = "| target | bytes | executions | edges | seconds | findings |\n|---|---:|---:|---:|---:|---|"


def main() -> int:
    """Run, print, write the table."""
    arguments = _arguments()
    if arguments.replay is not None:
        return _replay(arguments)
    with tempfile.TemporaryDirectory(dir=_in_memory()) as tempfile.tempdir:
        return _fuzz_all(arguments)


def _fuzz_all(arguments: argparse.Namespace) -> int:
    catalogue = _instrumented()
    chosen = [target for target in catalogue() if re.search(arguments.only, target.name)]
    for target in chosen:
        shutil.rmtree(_place(arguments, target.name), ignore_errors=True)
    rows, waiting, running = {}, list(chosen), {}
    print(HEAD, flush=True)
    while waiting or running:
        while waiting and len(running) < arguments.jobs:
            target = waiting.pop(0)
            running[_begin(target, arguments)] = target
        child, status = os.wait()
        target, code = running.pop(child), os.waitstatus_to_exitcode(status)
        if code == TOO_LARGE:
            waiting.insert(0, target)
            continue
        rows[target.name] = _row(_place(arguments, target.name), target.name, code)
        print(rows[target.name], flush=True)
    table = [HEAD, *(rows[target.name] for target in chosen)]
    arguments.table.parent.mkdir(parents=True, exist_ok=True)
    arguments.table.write_text("\n".join(table) + "\n", encoding="utf-8")
    found = [name for name, row in rows.items() if not row.endswith("| 0 |")]
    print(f"fuzz: {len(rows)} targets, {len(found)} with findings{': ' + ', '.join(found) if found else ''}")
    return 1 if found else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=float, default=1e7, help="for each target (default 1e7)")
    parser.add_argument("--executions", type=float, default=3_000, help="and at least so many (default 3000)")
    parser.add_argument("--only", default="", metavar="PATTERN", help="targets in whose name this is found")
    parser.add_argument("--jobs", type=int, default=2, help="targets at a time (default 2)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", type=Path, default=ROOT / "build" / "fuzz.md")
    parser.add_argument("--work", type=Path, default=ROOT / "build" / "fuzz", help="where logs and findings go")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="one input again, through the one target of --only")
    return parser.parse_args()


def _instrumented():
    """The catalogue, with our packages' branches counted."""
    try:
        import atheris
    except ImportError:
        sys.exit(
            "atheris is not installed here (it has wheels for x86-64 Linux, CPython 3.11 and later): use make fuzz"
        )
    # atheris names each module on standard error
    with contextlib.redirect_stderr(io.StringIO()), atheris.instrument_imports(include=["probe", "imaging"]):
        from tests.fuzz.catalogue import catalogue

        for target in catalogue():
            target.seeds()
    return catalogue


def _begin(target, arguments) -> int:
    """A child that fuzzes; its process id."""
    child = os.fork()
    if child:
        return child
    try:
        _fuzz(target, arguments)
    except BaseException:
        traceback.print_exc()
    os._exit(70)


def _fuzz(target, arguments) -> None:
    import atheris

    from tests.fuzz.mutation import Mutator
    from tests.fuzz.target import LONGEST, dictionary

    place = _place(arguments, target.name)
    log = os.open(place / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    words, seeds = dictionary(target), target.seeds()
    corpus, told = place / "corpus", _told(place)
    corpus.mkdir(exist_ok=True)
    for number, seed in enumerate(seeds):
        (corpus / str(number)).write_bytes(seed[:LONGEST])
    (place / "words").write_text("".join(map(_entry, words)))
    mutate = Mutator(seeds, words)
    began = time.monotonic() - told["seconds"]

    def tell() -> None:
        told["seconds"] = time.monotonic() - began
        (place / "told").write_text(json.dumps(told))

    def one(data: bytes) -> None:
        told["executions"] += 1
        try:
            told["bytes"] += target.run(data) or len(data)
        except BaseException:
            tell()
            found = arguments.work / "findings"
            found.mkdir(parents=True, exist_ok=True)
            (found / place.name).write_bytes(data)
            raise
        if told["bytes"] >= arguments.bytes and told["executions"] >= arguments.executions:
            tell()
            os._exit(0)
        if told["executions"] % 100 == 0:
            gc.collect()
            tell()
            if _resident_mb() > MOST_MB:
                os._exit(TOO_LARGE)

    options = [
        f"-max_len={LONGEST}", "-len_control=0", f"-seed={arguments.seed + told['executions']}", "-timeout=60",
        "-rss_limit_mb=4096",
        f"-artifact_prefix={place}/", *([f"-dict={place / 'words'}"] if words else []),
    ]  # fmt: skip
    gc.freeze()
    atheris.Setup(
        ["fuzz", *options, str(corpus)], one,
        custom_mutator=lambda data, limit, seed: mutate(data, limit, seed, atheris.Mutate),
    )  # fmt: skip
    atheris.Fuzz()


def _told(place: Path) -> dict:
    """What a target has had so far."""
    file = place / "told"
    return json.loads(file.read_text()) if file.exists() else {"bytes": 0, "executions": 0, "seconds": 0.0}


def _resident_mb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") >> 20


def _in_memory() -> str | None:
    """Where files cost no disk."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _entry(word: bytes) -> str:
    """A word as libFuzzer's dictionaries have it."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in word) + '"\n'


def _row(place: Path, name: str, code: int) -> str:
    told = _told(place)
    log = (place / "log").read_text(errors="replace") if (place / "log").exists() else ""
    edges = re.findall(r"cov: (\d+)", log)
    found = "0" if code == 0 else f"exit {code}: {_reason(log)}"
    return (
        f"| `{name}` | {told['bytes']} | {told['executions']} | {max(map(int, edges), default=0)} "
        f"| {told['seconds']:.0f} | {found} |"
    )


def _reason(log: str) -> str:
    told = [line for line in log.splitlines() if re.match(r"[\w.]*(Error|Broken|Exception|Interrupt)\b", line)]
    return (told[-1] if told else log.strip().rpartition("\n")[2])[:160].replace("|", "/")


def _place(arguments: argparse.Namespace, name: str) -> Path:
    place = arguments.work / re.sub(r"\W+", "-", name)
    place.mkdir(parents=True, exist_ok=True)
    return place


def _replay(arguments: argparse.Namespace) -> int:
    from tests.fuzz.catalogue import catalogue

    [target] = [target for target in catalogue() if re.search(arguments.only, target.name)]
    target.run(arguments.replay.read_bytes())
    print(f"{target.name} keeps its promise on {arguments.replay}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
