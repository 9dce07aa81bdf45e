#!/bin/sh
# What is to be measured where there is a GPU or a TPU, in about ten minutes: sh benchmarks/on_accelerator.sh FILE
#
# Each line is bounded, appends to FILE, and goes on where one before it failed.
set -u
out=${1:?the file of results, such as benchmarks/results/2026-12-01-h100.jsonl}
bench() {
    timeout "$1" python -m jaxplay.cli.main bench "$2" --out "$out" $3 || echo "bench $2 $3: status $?" >&2
}
kind=$(python -c "import jax; print(jax.default_backend())") || exit 2
[ "$kind" != cpu ] || { echo "JAX sees no GPU and no TPU here, only a CPU" >&2; exit 2; }
bench 60 machine "--repeats 5"
bench 120 kernels "--games connect_four"
bench 150 search "--peers --repeats 3 --seconds 0.1"
bench 100 selfplay "--games connect_four --peers --repeats 3 --seconds 0.1"
bench 90 train "--games connect_four --repeats 3"
bench 60 deep "--repeats 3 --seconds 0.1"
bench 60 env "--games connect_four,go,chess --repeats 3 --seconds 0.1"
