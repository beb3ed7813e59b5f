#!/usr/bin/env python3
"""Checks with nm and objdump that instruction sets stay in their units of kernels (src/kernels/kernel_units.inc).

Usage: check_units.py --nm NM --objdump OBJDUMP OBJECT... | --nm NM --objdump OBJDUMP --self-test COMPILER

A unit's object NAME.cpp.o defines its two accessors and nothing else that a linker sees. An inline function would be a
weak symbol: the linker keeps one of all objects' copies, and so a program for any CPU could come to run this unit's
instructions. On x86-64, NAME also says which registers there are: matrix tiles in amx only, zmm there and in avx512, ymm
there and in avx2; that AVX's forms of older instructions are in these three only, and instructions of SSE3 to SSE4 in no
unit but them and sse4.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

LOOKUP = "kernel_list"  # in the same room, and no unit
WIDEST = {"amx": "zmm", "avx512": "zmm", "avx2": "ymm"}  # others: xmm
AVX_FORM = re.compile(r"\t(v[a-z0-9]+)\s")
# Those that compilers and Highway use for arithmetic, shuffles and conversions.
SSE4 = re.compile(r"\t(movs[hl]dup|movddup|lddqu|haddp[sd]|pshufb|palignr|pabs[bwd]|p?blendv?[pbw][sdb]?w?|round[ps][sd]"
                  r"|insertps|extractps|pinsr[bdq]|pextr[bdq]|pmulld|pm(?:ax|in)(?:sb|sd|uw|ud)|pmov[sz]x\w\w|ptest"
                  r"|pcmpeqq|pcmpgtq|packusdw|dpp[sd])\s")


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def check_symbols(nm, path, unit):
    listing = output_of(nm, "--defined-only", "--extern-only", "--format=posix", path)
    defined = {line.split()[0]: line.split()[1] for line in listing.splitlines() if not line.endswith(":")}
    accessors = {f"_ZN5tconv7kernels{len(unit) + 4}{unit}_{dtype}Ev" for dtype in ("f32", "f64")}
    complaints = [f"{path}: {symbol} ({kind}) leaves the unit" for symbol, kind in defined.items()
                  if symbol not in accessors or kind != "T"]
    return complaints + [f"{path}: no accessor {symbol}" for symbol in sorted(accessors - set(defined))]


def check_registers(objdump, path, unit):
    code = output_of(objdump, "-d", "--no-show-raw-insn", path)
    if "x86-64" not in code:
        return []
    registers = set(re.findall(r"%([xyz]mm)", code))
    widest = WIDEST.get(unit, "xmm")
    complaints = [f"{path}: uses {register} registers" for register in sorted(registers) if register > widest]
    if ("%tmm" in code) != (unit == "amx"):
        complaints.append(f"{path}: uses {'tmm' if '%tmm' in code else 'no tmm'} registers")
    if unit in WIDEST:
        return complaints + ([] if widest in registers else [f"{path}: uses no {widest} registers"])
    complaints += [f"{path}: uses AVX ({name})" for name in sorted(set(AVX_FORM.findall(code)))]
    newer = sorted(set(SSE4.findall(code)))
    if unit == "sse4":
        return complaints + ([] if newer or complaints else [f"{path}: uses nothing newer than SSE2"])
    return complaints + [f"{path}: uses SSE3 to SSE4 ({name})" for name in newer]


def check(nm, objdump, objects):
    """The list of complaints about objects."""
    complaints = []
    for path in objects:
        unit = pathlib.Path(path).name.split(".")[0]
        if unit != LOOKUP:
            complaints += check_symbols(nm, path, unit) + check_registers(objdump, path, unit)
    return complaints


UNIT = """extern const float numbers[1024];
namespace tconv::kernels {
static int greatest() { int m = 0; for (float x : numbers) m = m > int(x) ? m : int(x); return m; }
static float sum() { float s = 0; for (int i = 0; i < 1024; ++i) s += numbers[i] * numbers[i]; return s; }
float NAME_f32() noexcept { return sum(); }
float NAME_f64() noexcept { return sum() + static_cast<float>(greatest()) + OTHER; }
}
"""
# unit, flags, what stands for OTHER, what comes before the unit, and what has to be found (None: nothing).
CASES = [
    ("portable", [], "0", "", None),
    ("portable", [], "f(1)", "[[gnu::noinline]] static int f(int x) { return x; }", None),
    ("portable", [], "f(1)", "[[gnu::noinline]] inline int f(int x) { return x; }", "(W) leaves the unit"),
    ("portable", [], "f(1)", "template <class T> [[gnu::noinline]] T f(T x) { return x; }", "(W) leaves the unit"),
    ("portable", [], "f(1)", "[[gnu::noinline]] int f(int x) { return x; }", "(T) leaves the unit"),
    ("portable", [], "0", "#define portable_f32 static portable_f32", "no accessor"),
]
SSE4_FLAGS, AVX2, AVX512 = ["-msse4.2"], ["-mavx2"], ["-mavx512f", "-mprefer-vector-width=512"]
TILE = "[[gnu::noinline]] static int f(int x) { asm volatile(\"tilezero %tmm0\"); return x; }"
X86_CASES = [
    ("avx2", AVX2, "0", "", None),
    ("avx2", [], "0", "", "uses no ymm"),
    ("avx2", AVX512, "0", "", "uses zmm"),
    ("avx512", AVX512, "0", "", None),
    ("avx512", AVX512, "f(1)", TILE, "uses tmm"),
    ("amx", AVX512, "f(1)", TILE, None),
    ("amx", AVX512, "0", "", "uses no tmm"),
    ("portable", AVX2, "0", "", "uses"),
    ("portable", ["-mavx", "-mprefer-vector-width=128"], "0", "", "uses"),
    ("portable", SSE4_FLAGS, "0", "", "uses SSE3 to SSE4 ("),
    ("sse4", SSE4_FLAGS, "0", "", None),
    ("sse4", [], "0", "", "nothing newer than SSE2"),
    ("sse4", ["-mavx", "-mprefer-vector-width=128"], "0", "", "uses AVX"),
]


def self_test(nm, objdump, compiler):
    """Compiles a small unit for each case: what is wrong in it has to be found, and only that."""
    complaints = []
    is_x86 = output_of(compiler, "-dumpmachine").startswith("x86_64")
    with tempfile.TemporaryDirectory() as folder:
        for unit, flags, other, first, wanted in CASES + (X86_CASES if is_x86 else []):
            source, built = pathlib.Path(folder, "case.cpp"), pathlib.Path(folder, f"{unit}.cpp.o")
            source.write_text(first + "\n" + UNIT.replace("OTHER", other).replace("NAME", unit))
            subprocess.run([compiler, "-std=c++20", "-O3", "-ffast-math", *flags, "-c", source, "-o", built], check=True)
            found = check(nm, objdump, [built])
            if not found if wanted else found:
                complaints.append(f"self-test: {unit} {flags} '{first}': {found or 'nothing was found'}")
            complaints += [f"self-test: {unit} {flags} '{first}': {one}" for one in found if wanted and wanted not in one]
    return complaints


def main(arguments):
    if len(arguments) < 5 or arguments[0] != "--nm" or arguments[2] != "--objdump":
        sys.exit(__doc__)
    nm, objdump, rest = arguments[1], arguments[3], arguments[4:]
    complaints = self_test(nm, objdump, rest[1]) if rest[0] == "--self-test" else check(nm, objdump, rest)
    print("\n".join(complaints) or "units: every instruction set stays in its unit")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
