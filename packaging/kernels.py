"""Compile the kernels ahead of time: one small shared library per processor level, called with ctypes.

    python packaging/kernels.py [--output build/kernels]

Each level is compiled in a process of its own, where numba is told to be that processor. Numba's optimised code of a
kernel is called through a C function of plain pointers and sizes, generated from the kernel's signature. Reference
counting is off, so a kernel that allocates does not compile; what else would need Python fails at the link.
See docs/reference/kernels.md and decision 0022.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from imaging.kernels.registry import KERNELS, Kernel  # noqa: E402
from imaging.native import LEVELS, MANIFEST, library_name, registry_digest, source_digest  # noqa: E402

CPU_CHECK = ROOT / "packaging" / "kernels" / "cpu.c"
BYTES = {"u8": 1, "i8": 1, "u16": 2, "i16": 2, "u32": 4, "i32": 4, "f32": 4, "i64": 8, "f64": 8}
NUMBERS = {"i64": "int64_t", "f32": "float", "f64": "double"}
# what LLVM is told beside a level's name: left alone it takes half of what a processor with v4 does at a time
TUNING = {"x86-64-v4": "-prefer-256-bit"}
FLAGS = ("-O2", "-fPIC", "-shared", "-s", "-fvisibility=hidden", "-Wl,--no-undefined", "-Wl,--build-id=none")


def main() -> None:
    """Build every level, write the manifest, say what came out."""
    parser = argparse.ArgumentParser(description="compile the kernels ahead of time")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "kernels")
    parser.add_argument(
        "--object", nargs=2, metavar=("LEVEL", "FILE"), help="(internal) compile one level's object code"
    )
    arguments = parser.parse_args()
    if arguments.object:
        write_object(arguments.object[0], Path(arguments.object[1]))
        return
    build(arguments.output)


def build(output: Path) -> None:
    """All levels into a folder."""
    output.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    # each level is a process of its own, so they may as well run side by side
    with ThreadPoolExecutor() as executor:
        libraries = dict(zip(LEVELS, executor.map(lambda level: build_level(level, output), LEVELS), strict=True))
    files = {}
    for level, library in libraries.items():
        files[level] = {"file": library.name, "sha256": hashlib.sha256(library.read_bytes()).hexdigest()}
        print(f"{library.name}: {library.stat().st_size} bytes")
    print(f"built in {time.monotonic() - started:.1f} s")
    manifest = {"levels": files, "registry": registry_digest(), "sources": source_digest()}
    (output / MANIFEST).write_text(json.dumps(manifest, sort_keys=True, indent=1) + "\n", encoding="ascii")


def build_level(level: str, output: Path) -> Path:
    """One library: object code by numba, doors by the C compiler, nothing undefined but libc."""
    code, doors, library = output / f"{level}.o", output / f"{level}.c", output / f"{level}.so"
    cache, features = str(output / "cache"), TUNING.get(level, "")
    # features must be empty and not absent: with a name alone numba still uses all that the building machine has
    pinned = {**os.environ, "NUMBA_CPU_NAME": level, "NUMBA_CPU_FEATURES": features, "NUMBA_CACHE_DIR": cache}
    run([sys.executable, __file__, "--object", level, str(code)], pinned)
    doors.write_text(doors_source(), encoding="ascii")
    sources = [str(doors), str(CPU_CHECK), str(code)]
    run(["gcc", *FLAGS, f"-march={level}", "-o", str(library), *sources])
    refuse_foreign_symbols(library)
    for scratch in (code, doors):
        scratch.unlink()
    # a rename, because a program may have the old library open
    return library.replace(output / library_name(level))


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run a program; end with its own words where it fails."""
    if subprocess.run(command, env=environment, check=False).returncode:
        raise SystemExit(f"failed: {' '.join(command)}")


def refuse_foreign_symbols(library: Path) -> None:
    """Stop at a symbol that would have to come from Python or numba."""
    listed = subprocess.run(["nm", "-D", "--undefined-only", str(library)], capture_output=True, text=True, check=True)
    names = [line.split()[-1] for line in listed.stdout.splitlines() if line.strip()]
    foreign = [name for name in names if name.startswith(("Py", "_Py", "NRT", "numba"))]
    if foreign:
        raise SystemExit(f"{library.name} needs {', '.join(foreign)}: a kernel allocates, raises or uses Python")


def write_object(level: str, path: Path) -> None:
    """The object code of all kernels, under the names that the doors call."""
    import llvmlite.binding as llvm
    import numba

    features = TUNING.get(level, "")
    if (level, features) != (numba.config.CPU_NAME, numba.config.CPU_FEATURES):
        raise SystemExit(f"numba is not pinned to {level}")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple()
    machine = target.create_target_machine(cpu=level, features=features, opt=3, reloc="pic", codemodel="default")
    whole = llvm.parse_assembly("")
    whole.triple = machine.triple
    for kernel in KERNELS.values():
        whole.link_in(_module(kernel, machine))
    path.write_bytes(machine.emit_object(whole))


def _module(kernel: Kernel, machine: object) -> object:
    """A kernel's optimised code with everything else taken out."""
    import llvmlite.binding as llvm
    import numba

    from imaging.jit import options, signature

    compiled = numba.njit(signature(kernel), _nrt=False, **options(kernel))(kernel.function())
    (result,) = compiled.overloads.values()
    module = llvm.parse_assembly(result.library.get_llvm_str())
    for part in [*module.functions, *module.global_variables]:
        if not part.is_declaration:
            part.linkage = "external" if part.name == result.fndesc.llvm_func_name else "internal"
    function = module.get_function(result.fndesc.llvm_func_name)
    function.name, function.visibility = f"code_{kernel.name}", "hidden"
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3)))
    return module


def doors_source() -> str:
    """C: for each kernel, a function of pointers and sizes that calls numba's, whose arrays have seven fields."""
    parts = ["#include <stdint.h>", '#define DOOR __attribute__((visibility("default")))']
    parts.append("DOOR int sauti_level(void);\nextern int sauti_processor_level(void);")
    parts.append("DOOR int sauti_level(void) { return sauti_processor_level(); }")
    parts += [_door(kernel) for kernel in KERNELS.values()]
    return "\n".join(parts) + "\n"


def _door(kernel: Kernel) -> str:
    taken, types, passed = [], ["void *", "void *"], ["&nothing", "&error"]
    for number, argument in enumerate(kernel.arguments):
        name = f"a{number}"
        if argument.dimensions == 0:
            taken.append(f"{NUMBERS[argument.type]} {name}")
            types.append(NUMBERS[argument.type])
            passed.append(name)
            continue
        size = BYTES[argument.type]
        sizes = [f"{name}_{dimension}" for dimension in range(argument.dimensions)]
        strides = [" * ".join([*sizes[dimension + 1 :], str(size)]) for dimension in range(argument.dimensions)]
        taken += [f"void *{name}", *(f"int64_t {each}" for each in sizes)]
        types += ["void *", "void *", "int64_t", "int64_t", "void *", *["int64_t"] * (2 * argument.dimensions)]
        # memory info, parent, items, item size, data, shape, strides
        passed += ["0", "0", " * ".join(sizes), str(size), name, *sizes, *strides]
    return (
        f"int32_t code_{kernel.name}({', '.join(types)});\n"
        f"DOOR void k_{kernel.name}({', '.join(taken)})\n"
        f"{{ void *nothing = 0, *error = 0; code_{kernel.name}({', '.join(passed)}); }}"
    )


if __name__ == "__main__":
    main()
