"""Kernels: rules that their source keeps, and one answer however they are compiled."""

from __future__ import annotations

import ast
import inspect
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from imaging import compiled, native
from imaging.errors import NoKernels
from imaging.kernels.registry import KERNELS, Kernel
from imaging.warmup import warm_up
from tests.imaging.kernel_cases import CASES, Case

ALLOWED_CALLS = {"range", "int", "min", "max", "abs"}


def _fresh(case: str) -> Case:
    return CASES[case][1](np.random.default_rng(5))


def _written(name: str, arguments: Case) -> list[np.ndarray]:
    return [value for kind, value in zip(KERNELS[name].arguments, arguments, strict=True) if kind.written]


def _results(name: str, arguments: Case) -> list[np.ndarray]:
    """What is written and not called scratch in the docstring."""
    function = KERNELS[name].function()
    scratch = {
        word
        for line in re.findall(r"^ +([a-z, ]+): .*scratch", function.__doc__ or "", re.MULTILINE)
        for word in line.split(", ")
    }
    kinds = zip(inspect.signature(function).parameters, KERNELS[name].arguments, arguments, strict=True)
    return [value for word, kind, value in kinds if kind.written and word not in scratch]


def _assert_same(name: str, one: Case, other: Case) -> None:
    for expected, got in zip(_written(name, one), _written(name, other), strict=True):
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(got, expected, rtol=2e-5, atol=1e-3)
        else:
            np.testing.assert_array_equal(got, expected)


def test_every_kernel_has_a_case() -> None:
    assert {name for name, _ in CASES.values()} == set(KERNELS)


@pytest.mark.parametrize("case", CASES)
def test_the_jit_does_what_python_does(case: str, jit: compiled.Kernels) -> None:
    name, python, fast = CASES[case][0], _fresh(case), _fresh(case)
    KERNELS[name].function()(*python)
    jit.call(name)(*fast)
    _assert_same(name, python, fast)
    assert any(array.any() for array in _written(name, fast))


@pytest.mark.parametrize("case", CASES)
def test_the_libraries_do_what_the_jit_does(case: str, jit: compiled.Kernels, library: native.NativeKernels) -> None:
    name, fast, ahead = CASES[case][0], _fresh(case), _fresh(case)
    jit.call(name)(*fast)
    library.call(name)(*ahead)
    _assert_same(name, fast, ahead)


@pytest.mark.parametrize("case", CASES)
def test_any_row_range_gives_the_same_rows(case: str, jit: compiled.Kernels) -> None:
    name, whole, parts = CASES[case][0], _fresh(case), _fresh(case)
    jit.call(name)(*whole)
    rows = int(parts[-1])  # type: ignore[arg-type]
    for row in reversed(range(rows)):
        jit.call(name)(*parts[:-2], row, row + 1)
    results = _results(name, whole)
    assert results
    for one, other in zip(results, _results(name, parts), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_libraries_refuse_wrong_arrays(library: native.NativeKernels) -> None:
    arguments = _fresh("pack_quads")
    polar = np.asarray(arguments[0])
    for wrong in (polar.astype(np.int8), polar[:, ::2], polar[0]):
        with pytest.raises(TypeError):
            library.call("pack_quads")(wrong, *arguments[1:])
    arguments[2].flags.writeable = False  # type: ignore[union-attr]
    with pytest.raises(TypeError):
        library.call("pack_quads")(*arguments)
    with pytest.raises(TypeError):
        library.call("pack_quads")(*arguments[:-1])
    with pytest.raises(TypeError):
        library.bind("pack_quads", polar)


@pytest.mark.parametrize("kernel", KERNELS.values(), ids=lambda kernel: kernel.name)
def test_the_source_keeps_the_rules(kernel: Kernel) -> None:
    source = Path(inspect.getsourcefile(kernel.function()) or "").read_text(encoding="utf-8")
    tree = ast.parse(source)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert imported == {"numpy"}
    (function,) = (node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == kernel.name)
    for node in ast.walk(function):
        assert not isinstance(node, ast.Raise | ast.Slice | ast.ListComp | ast.List | ast.Dict | ast.Try | ast.With)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id in ALLOWED_CALLS
    names = [argument.arg for argument in function.args.args]
    assert names[-2:] == ["lo", "hi"]
    assert len(names) == len(kernel.arguments)
    assert not kernel.arguments[0].written
    assert all(f"{name}:" in source or f"{name}, " in source for name in names)


@pytest.mark.parametrize("word", ["u9", "i16[:,:,:]", "f32!", "f32[:]*", "i64  i64", ""])
def test_a_signature_outside_the_grammar_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="no argument"):
        _ = Kernel("x", "imaging.kernels.x:x", word, 1).arguments


def test_no_library_needs_python(library_folder: Path) -> None:
    for path in library_folder.glob("*.so"):
        listed = subprocess.run(["nm", "-D", str(path)], capture_output=True, text=True, check=True).stdout
        undefined = [line.split()[-1] for line in listed.splitlines() if " U " in line]
        assert all(name.endswith("@GLIBC_2.2.5") for name in undefined), undefined
        exported = {line.split()[-1] for line in listed.splitlines() if " T " in line}
        assert exported == {"sauti_level"} | {f"k_{name}" for name in KERNELS}


def test_the_base_level_is_for_every_processor(library_folder: Path) -> None:
    if shutil.which("objdump") is None:
        pytest.skip("no objdump here to look into the libraries")
    code = {
        level: subprocess.run(
            ["objdump", "-d", str(library_folder / native.library_name(level))],
            capture_output=True, text=True, check=True,
        ).stdout
        for level in native.LEVELS
    }  # fmt: skip
    assert "xmm" in code["x86-64"]
    assert "ymm" not in code["x86-64"]
    assert "zmm" not in code["x86-64"]
    assert "ymm" in code["x86-64-v3"]
    assert "zmm" not in code["x86-64-v3"]
    assert "zmm" in code["x86-64-v4"]


def test_libraries_of_other_sources_are_not_used(library_folder: Path, tmp_path: Path) -> None:
    shutil.copytree(library_folder, tmp_path / "kernels")
    manifest = tmp_path / "kernels" / native.MANIFEST
    text = manifest.read_text(encoding="ascii")
    assert native.load_from(tmp_path / "kernels") is not None
    for digest in (native.source_digest(), native.registry_digest(), "{"):
        manifest.write_text(text.replace(digest, "0" * 64), encoding="ascii")
        assert native.load_from(tmp_path / "kernels") is None
    manifest.write_text(text, encoding="ascii")
    for path in (tmp_path / "kernels").glob("*.so"):
        half = path.read_bytes()[:9000]
        path.unlink()  # it is loaded by now
        path.write_bytes(half)
    assert native.load_from(tmp_path / "kernels") is None
    assert native.load_from(tmp_path) is None


@pytest.mark.parametrize("way", ["fortran", "native:x86-64-v9"])
def test_a_way_that_is_not_here_is_one_sentence(way: str) -> None:
    with pytest.raises(NoKernels) as caught:
        compiled.kernels(way)
    assert caught.value.title
    assert caught.value.advice


def test_no_way_at_all_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "load", lambda level: None)
    monkeypatch.setitem(sys.modules, "imaging.jit", None)
    compiled._kernels.cache_clear()
    for way in ("", "jit", "native"):
        with pytest.raises(NoKernels) as caught:
            compiled.kernels(way)
        assert caught.value.advice
    compiled._kernels.cache_clear()


def test_the_best_way_is_chosen(library_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    best = native.load_from(library_folder)
    monkeypatch.setattr(native, "load", lambda level: best)
    compiled._kernels.cache_clear()
    assert compiled.kernels().way == best.way
    compiled._kernels.cache_clear()


def test_a_processor_gets_what_it_can_run(library_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "_runs_here", lambda level, base: level == "x86-64")
    assert native.load_from(library_folder).way == "native:x86-64"
    assert native.load_from(library_folder, "x86-64-v3") is None


@pytest.mark.parametrize(("found", "best"), [(1, "x86-64"), (3, "x86-64-v3"), (4, "x86-64-v4")])
def test_the_level_that_the_processor_says_is_the_best_one(
    library_folder: Path, monkeypatch: pytest.MonkeyPatch, found: int, best: str
) -> None:
    base = native._listed(library_folder)["x86-64"]
    monkeypatch.setattr(native.ctypes, "CDLL", lambda path: SimpleNamespace(sauti_level=lambda: found))
    assert [level for level in native.LEVELS if native._runs_here(level, base)][-1] == best


def test_the_environment_can_force_a_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAUTI_KERNELS", "python")
    assert compiled.kernels().way == "python"
    assert compiled.kernels("jit").way == "jit"


def test_warming_up_names_each_kernel(jit: compiled.Kernels) -> None:
    seen: list[tuple[str, int, int]] = []
    assert warm_up(lambda *step: seen.append(step), jit) == "jit"
    assert seen == [(name, done, len(KERNELS)) for done, name in enumerate(KERNELS)]
