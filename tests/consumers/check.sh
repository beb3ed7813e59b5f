#!/usr/bin/env bash
# check.sh WAY BUILD PREFIX: builds main.cpp the way a user does, runs it, and compares what it says with expected.txt.
set -euo pipefail
way=$1 build=$2 prefix=$3
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$build"
mkdir -p "$build"

case $way in
    find_package | add_subdirectory)
        cmake -G Ninja -S "$here/$way" -B "$build" -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix"
        cmake --build "$build"
        ;;
    pkg_config)
        PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name tconv.pc)")
        export PKG_CONFIG_PATH
        pkg-config --validate tconv
        # shellcheck disable=SC2046  # flags are words
        "$CXX" -std=c++20 "$here/main.cpp" -o "$build/consumer" $(pkg-config --cflags --libs tconv)
        ;;
esac
"$build/consumer" | diff "$here/expected.txt" -
