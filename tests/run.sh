#!/usr/bin/env bash
# Runs all tests. What they need from the system is installed where that is allowed, and named
# otherwise: software Vulkan for pictures of the window, a virtual display for the real one,
# and a tracer of system calls.
set -euo pipefail
cd "$(dirname "$0")/.."

needed=(libvulkan1 mesa-vulkan-drivers libgl1-mesa-dri libegl1 libxkbcommon-x11-0 libxcursor1 libxi6 libxrandr2 strace xvfb xdotool)
missing=()
if command -v dpkg-query >/dev/null; then
    for package in "${needed[@]}"; do
        dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null | grep -q '^installed$' || missing+=("$package")
    done
fi
if [ ${#missing[@]} -gt 0 ]; then
    install=(apt-get install --yes --no-install-recommends "${missing[@]}")
    if [ "$(id -u)" = 0 ]; then
        apt-get update --quiet && DEBIAN_FRONTEND=noninteractive "${install[@]}"
    elif sudo --non-interactive true 2>/dev/null; then
        sudo apt-get update --quiet && sudo DEBIAN_FRONTEND=noninteractive "${install[@]}"
    else
        echo "The tests need these packages: sudo apt-get install ${missing[*]}" >&2
        exit 1
    fi
fi

if command -v cargo-nextest >/dev/null; then
    cargo nextest run --locked "$@"
else
    cargo test --locked "$@"
fi
