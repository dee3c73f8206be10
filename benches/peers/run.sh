#!/bin/sh
# Measures other programs that embed the same texts as Semascope: benches/peers/run.sh [--rounds 5]
# [--sets natural,short,full] [--only NAME,…] [--all]. Needs Python 3.11 or later with venv, gcc and
# cargo, Linux on x86-64, and about 6 GB in target/peers. Close everything else first.
set -eu
cd "$(dirname "$0")/../.."
here=benches/peers
build=target/peers
mkdir -p "$build"

if ! cmp -s "$here/requirements.txt" "$build/installed.txt"; then
    python3 -m venv "$build/venv"
    # torch's CPU build is a tenth of the size; where its index cannot be had, PyPI's does the same.
    cpu=https://download.pytorch.org/whl/cpu
    extra=""
    if python3 -c "import urllib.request as u; u.urlopen('$cpu/torch/', timeout=5)" 2>/dev/null; then
        extra="--extra-index-url $cpu"
    fi
    # shellcheck disable=SC2086
    "$build/venv/bin/pip" install --quiet --disable-pip-version-check $extra -r "$here/requirements.txt"
    cp "$here/requirements.txt" "$build/installed.txt"
    rm -f "$build"/*.onnx
fi

cargo build --release --example contender
cargo build --release --manifest-path "$here/candle/Cargo.toml" --target-dir "$build/candle"
gcc -O2 -shared -fPIC -o "$build/avx2.so" "$here/avx2.c"

export PYTHONDONTWRITEBYTECODE=1
python="$build/venv/bin/python"
"$python" "$here/texts.py" "$build/texts" >&2
if ! [ -e "$build/model-int8.onnx" ]; then
    "$python" -W ignore "$here/onnx_runtime.py" export >&2
fi
"$python" "$here/peers.py" "$@"
