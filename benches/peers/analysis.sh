#!/bin/sh
# Measures the analysis beside other programs: benches/peers/analysis.sh [--rounds 3]
# [--only neighbors,pca,kmeans,umap,tsne,tiles,search] [--most 100000]. Needs Python 3.11 or later with
# venv, cargo, Linux, and about 2 GB in target/peers. Takes about half an hour. Close everything
# else first.
set -eu
cd "$(dirname "$0")/../.."
here=benches/peers
build=target/peers
mkdir -p "$build"

if ! cmp -s "$here/analysis_requirements.txt" "$build/analysis_installed.txt"; then
    python3 -m venv "$build/analysis-venv"
    "$build/analysis-venv/bin/pip" install --quiet --disable-pip-version-check \
        -r "$here/analysis_requirements.txt"
    cp "$here/analysis_requirements.txt" "$build/analysis_installed.txt"
fi

cargo build --release --example contender_analysis

# Both sides get two threads.
for name in OMP OPENBLAS MKL NUMBA RAYON; do
    export "${name}_NUM_THREADS=2"
done
# The peers choose their kernels themselves; a choice made for some older release would slow them.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
export PYTHONDONTWRITEBYTECODE=1
"$build/analysis-venv/bin/python" -W ignore "$here/analysis.py" "$@"
