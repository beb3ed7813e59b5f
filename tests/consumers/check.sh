#!/usr/bin/env bash
# check.sh WAY BUILD PREFIX: builds main.cpp (or main.c) the way a user does, runs it, and compares what it says with
# expected.txt (or expected_c.txt).
set -euo pipefail
way=$1 build=$2 prefix=$3
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$build"
mkdir -p "$build"
expected=$here/expected.txt
[[ $way != *_c ]] || expected=$here/expected_c.txt

case $way in
    find_package | find_package_c | add_subdirectory)
        cmake -G Ninja -S "$here/$way" -B "$build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix" -DTCONV_WERROR="${TCONV_WERROR:-OFF}"
        cmake --build "$build"
        ;;
    pkg_config | pkg_config_c)
        PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name tconv.pc)")
        export PKG_CONFIG_PATH
        if [[ $way == pkg_config ]]; then
            pkg-config --validate tconv
            # shellcheck disable=SC2046  # flags are words
            "$CXX" -std=c++20 "$here/main.cpp" -o "$build/consumer" $(pkg-config --cflags --libs tconv)
        else
            pkg-config --validate tconv-c
            LD_LIBRARY_PATH=$(pkg-config --variable=libdir tconv-c)
            export LD_LIBRARY_PATH
            # shellcheck disable=SC2046  # flags are words
            "$CC" -std=c99 "$here/main.c" -o "$build/consumer" $(pkg-config --cflags --libs tconv-c)
        fi
        ;;
esac
"$build/consumer" | diff "$expected" -
