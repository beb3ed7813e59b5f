#!/usr/bin/env bash
# Times tconv and its rivals on the zoo, in turn, and writes bench/results/MACHINE-DATE-THREADSt[-PASS].json.
#
#   bench/run_race.sh [PASS…]        scatter (default), gather, weight_grad
#
# Needs a release build (./dev build), the race itself (race.py and rival.py, in $TCONV_SHARED/bench), and a Python with
# torch, onnxruntime, onnx, openvino, ncnn, MNN and numpy. Then `python3 tools/performance_tables.py` puts the numbers
# into docs/performance.md. Leave the machine alone meanwhile: it takes a quarter of an hour for each thread count.
#
#   RIVALS_PYTHON=python3            where the rivals' packages are
#   RIVALS=torch,torch_cl,ort,…      which of them race
#   THREADS='1 2'                    one race for each
#   ROUNDS=9 ONLY=                   rounds; only layers whose names contain one of these words (dcgan,unet)
#   TCONV=build/release/tconv        the program
#   TCONV_SHARED=../shared           the folder that holds bench/race.py
set -euo pipefail

cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
python=${RIVALS_PYTHON:-python3}
rivals=${RIVALS:-torch,torch_cl,ort,openvino,ncnn,mnn}
tconv=${TCONV:-build/release/tconv}
race=${TCONV_SHARED:-../shared}/bench/race.py
[[ -x $tconv ]] || { printf '%s: there is no program; ./dev build makes it\n' "$tconv" >&2; exit 3; }
[[ -f $race ]] || { printf '%s: there is no race; set TCONV_SHARED\n' "$race" >&2; exit 3; }
[[ $# -gt 0 ]] || set -- scatter

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p bench/results
for pass; do
    for threads in ${THREADS:-1 2}; do
        printf '\n== %s, threads: %s\n' "$pass" "$threads"
        "$python" "$race" --tconv "$tconv bench --serve" --rivals "$rivals" --threads "$threads" --pass "$pass" \
            --rounds "${ROUNDS:-9}" --only "${ONLY-}" --json "$folder/race.json"
        # The limits of the same layers, at the same time.
        "$tconv" bench --zoo --pass "$pass" --threads "$threads" --json >"$folder/bench.json"
        python3 bench/join_results.py "$folder/race.json" "$folder/bench.json" --python "$python"
    done
done
