#!/usr/bin/env python3
"""Checks with nm that objects of the core call nothing that prints, throws, ends the process or makes threads.

Usage: check_promises.py --nm NM OBJECT... | --nm NM --self-test COMPILER

Accepted, because the standard library's own templates bring them: operator new (std::bad_alloc where memory is out),
std::__throw_length_error and its kin from vector and string, and __cxa_rethrow from their clean-up; and clang's guard of
noexcept functions (__clang_call_terminate). An object of runtime/ may create threads.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

FORBIDDEN = {
    "prints": r"v?f?d?w?printf|__v?f?w?printf_chk|f?putw?s|f?putw?c|putchar|_IO_putc|fwrite|perror|psignal|write|writev"
              r"|stdout|stderr|_ZSt\d(w?cout|w?cerr|w?clog)|_ZNSt8ios_base4InitC1Ev|_ZNSo.*|_ZStlsI.*|syslog",
    "reads a terminal or file": r"f?scanf|__isoc99_f?scanf|fgets|f?getw?c|getchar|stdin|_ZSt[34]w?cin|fopen(64)?",
    "throws": r"__cxa_throw|__cxa_allocate_exception|_ZSt17rethrow_exception.*|_ZSt21__glibcxx_assert_fail.*",
    "ends the process": r"abort|exit|_exit|_Exit|quick_exit|_ZSt9terminatev|_ZSt10unexpectedv|__assert_fail|raise|kill"
                        r"|longjmp|__longjmp_chk",
    "starts a process": r"fork|vfork|system|popen|exec[vl]p?e?|posix_spawnp?",
    "changes the host's state": r"signal|sigaction|setlocale|setenv|putenv|unsetenv|srand|srandom|chdir",
    "makes threads": r"pthread_create|thrd_create|_ZNSt6thread15_M_start_thread.*",
}
PATTERNS = {what: re.compile(pattern) for what, pattern in FORBIDDEN.items()}


def undefined_symbols(nm, path):
    listing = subprocess.run([nm, "--format=posix", path], capture_output=True, text=True, check=True)
    symbols = [line.split() for line in listing.stdout.splitlines() if not line.endswith(":")]
    names = {name.split("@")[0] for name, kind, *_ in symbols if kind in "Uw"}
    if any(name == "__clang_call_terminate" for name, *_ in symbols):
        names.discard("_ZSt9terminatev")
    return sorted(names)


def check(nm, objects):
    """The list of complaints about objects."""
    complaints = []
    for path in objects:
        for symbol in undefined_symbols(nm, path):
            for what, pattern in PATTERNS.items():
                if pattern.fullmatch(symbol) and not (what == "makes threads" and "tconv_runtime.dir" in str(path)):
                    complaints.append(f"{path}: {what} ({symbol})")
    return complaints


BAD = {
    "prints": ['#include <cstdio>\nvoid f(int x) { std::printf("%d", x); }', '#include <cstdio>\nvoid f() { std::puts("x"); }',
               '#include <iostream>\nvoid f(int x) { std::cout << x; }', '#include <iostream>\nvoid f() { std::cerr << "x"; }',
               '#include <cstdio>\nvoid f(char* p) { std::fwrite(p, 1, 2, stdout); }', "#include <iostream>\nint x;"],
    "reads a terminal or file": ['#include <cstdio>\nvoid* f() { return std::fopen("x", "r"); }'],
    "throws": ["void f() { throw 1; }", '#include <stdexcept>\nvoid f() { throw std::runtime_error("x"); }'],
    "ends the process": ["#include <cstdlib>\nvoid f() { std::abort(); }", "#include <cstdlib>\nvoid f() { std::exit(1); }",
                         "#include <exception>\nvoid f() { std::terminate(); }",
                         "#undef NDEBUG\n#include <cassert>\nvoid f(int x) { assert(x); }"],
    "starts a process": ['#include <cstdlib>\nint f() { return std::system("x"); }'],
    "changes the host's state": ['#include <clocale>\nvoid f() { std::setlocale(LC_ALL, ""); }'],
    "makes threads": ["#include <thread>\nvoid f() { std::thread([] {}).detach(); }"],
}
GOOD = """#include <charconv>
#include <string>
#include <vector>
std::string f(std::vector<std::string> v, int n) { v.push_back(std::to_string(n)); v.resize(9); return v.at(1) + "x"; }
"""


def self_test(nm, compiler):
    """Compiles one object for each forbidden thing, and one of plain library code: the first must fail, the last pass."""
    cases = [(what, text) for what, texts in BAD.items() for text in texts] + [(None, GOOD)]
    complaints = [f"self-test: nothing tries '{what}'" for what in FORBIDDEN if what not in BAD]
    with tempfile.TemporaryDirectory() as folder:
        source, built = pathlib.Path(folder, "case.cpp"), pathlib.Path(folder, "case.o")
        for what, text in cases:
            source.write_text(text)
            subprocess.run([compiler, "-std=c++20", "-O2", "-c", source, "-o", built], check=True)
            found = check(nm, [built])
            if not any(what in complaint for complaint in found) if what else found:
                complaints.append(f"self-test: {what or 'good'}: {found}\n{text}")
    return complaints


def main(arguments):
    if len(arguments) < 3 or arguments[0] != "--nm":
        sys.exit(__doc__)
    nm, rest = arguments[1], arguments[2:]
    complaints = self_test(nm, rest[1]) if rest[0] == "--self-test" else check(nm, rest)
    print("\n".join(complaints) or "promises: nothing prints, throws, ends the process or makes threads")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
