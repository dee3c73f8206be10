#!/usr/bin/env bash
# Builds the image of assets/sagemaker around the program given as $1, in a scratch folder $2, and
# runs it until standard input ends. Tells what it does as lines of NAME=VALUE:
#
#   image_bytes    size of the image, unpacked
#   manifest       media type of the manifest, as pushed to a registry
#   labels, user   of the image
#   starting       the container starts now
#   address        where it answers
#   memory         what it used, of what it may use, when standard input ended
#   exit_code      how it ended when it was asked to
#
# Nothing is pulled: the base is made of the C library that this computer has, from its packages.
# Ends with 77, and says why, where there is no engine that could do this.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$1
scratch=$2
mkdir -p "$scratch"
tag=semascope-test-$$
container=
engine=
registry=

skip() {
    echo "$1" >&2
    exit 77
}

clean_up() {
    status=$?
    if [ -n "$container" ]; then docker rm --force "$container" >/dev/null 2>&1 || true; fi
    if [ -n "$registry" ]; then kill "$registry" 2>/dev/null || true; fi
    docker image rm --force "$tag" "$tag-base" >/dev/null 2>&1 || true
    if [ -n "$engine" ]; then
        kill "$engine" 2>/dev/null && wait "$engine" || true
    fi
    rm -rf "$scratch"
    exit $status
}

# An engine of our own, with its files in the scratch folder, that ends with this script.
start_engine() {
    export DOCKER_HOST=unix://$scratch/engine.sock
    dockerd --host "$DOCKER_HOST" --pidfile "$scratch/engine.pid" \
        --data-root "$scratch/data" --exec-root "$scratch/exec" "$@" >"$scratch/engine.log" 2>&1 &
    engine=$!
    for _ in $(seq 100); do
        if docker info >/dev/null 2>&1; then return 0; fi
        if ! kill -0 "$engine" 2>/dev/null; then break; fi
        sleep 0.2
    done
    kill "$engine" 2>/dev/null && wait "$engine" || true
    engine=
    return 1
}

[ "$(uname -sm)" = "Linux x86_64" ] || skip "the image is for Linux on x86-64"
for tool in apt-get dpkg-deb python3; do
    command -v $tool >/dev/null || skip "there is no $tool here, by which the base image is made and checked"
done
trap clean_up EXIT
if ! docker info >/dev/null 2>&1; then
    [ "$(id -u)" = 0 ] || skip "there is no container engine that this user may use"
    if ! command -v dockerd >/dev/null || ! command -v docker >/dev/null; then
        { apt-get update --quiet && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends docker.io; } >&2 ||
            skip "there is no container engine here, and none can be installed"
    fi
    start_engine || start_engine --storage-driver vfs --iptables=false --ip-forward=false ||
        skip "no container engine starts here: $(tail -n 1 "$scratch/engine.log")"
fi

# The C library and nothing else: no shell, no package manager.
base=$scratch/base
mkdir -p "$base/tmp" "$base/etc" "$scratch/packages"
chmod 1777 "$base/tmp"
(cd "$scratch/packages" && chmod 777 . && apt-get download --quiet libc6 libgcc-s1) >&2 ||
    skip "the packages of the C library cannot be had"
for package in "$scratch"/packages/*.deb; do dpkg-deb --extract "$package" "$base"; done
rm -rf "$base/usr/share"
for folder in lib lib64; do
    if [ ! -e "$base/$folder" ]; then ln -s "usr/$folder" "$base/$folder"; fi
done
echo 'root:x:0:0:root:/:/sbin/nologin' >"$base/etc/passwd"
tar --create --directory "$base" --owner 0 --group 0 . | docker import - "$tag-base" >&2

context=$scratch/context
mkdir -p "$context"
cp "$program" "$context/semascope"
if command -v strip >/dev/null; then strip "$context/semascope"; fi
flags=(--platform linux/amd64 --build-arg "BASE_IMAGE=$tag-base" --target binary --tag "$tag" --file assets/sagemaker/Dockerfile)
if docker buildx version >/dev/null 2>&1; then
    docker buildx build --provenance=false --sbom=false --load "${flags[@]}" "$context" >&2
else
    DOCKER_BUILDKIT=0 docker build "${flags[@]}" "$context" >&2
fi
echo "image_bytes=$(docker image inspect --format '{{.Size}}' "$tag")"
echo "labels=$(docker image inspect --format '{{json .Config.Labels}}' "$tag")"
echo "user=$(docker image inspect --format '{{.Config.User}}' "$tag")"

# What a registry is given is what SageMaker is given.
mkfifo "$scratch/registry"
python3 tests/fixtures/deploy/registry.py >"$scratch/registry" &
registry=$!
exec 8<"$scratch/registry"
read -r registry_address <&8
docker tag "$tag" "$registry_address/semascope:test"
docker push --quiet "$registry_address/semascope:test" >&2
read -r manifest <&8
docker image rm "$registry_address/semascope:test" >/dev/null
echo "manifest=$manifest"

echo "starting="
container=$(docker run --detach --read-only --memory 2g --memory-swap 2g --publish 127.0.0.1::8080 "$tag" serve)
echo "address=$(docker port "$container" 8080/tcp | head -n 1)"
while read -r _; do :; done
echo "memory=$(docker stats --no-stream --format '{{.MemUsage}}' "$container")"
docker stop --time 30 "$container" >/dev/null
docker logs "$container" >&2
echo "exit_code=$(docker inspect --format '{{.State.ExitCode}}' "$container")"
