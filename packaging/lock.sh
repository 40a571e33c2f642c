#!/bin/sh
# Writes every lock: exact versions with hashes for all platforms, and not one address.
# Usage: packaging/lock.sh UV [OPTION...]   (from the repository's root; UV is the uv program, options go to every resolution)
set -eu
uv=$1
shift

resolve() { # resolve OUTPUT ARGUMENT...
    output=$1
    shift
    # pip is in every environment already, and pip refuses to replace itself with a hashed one: sqlite-utils asks for it.
    "$uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header \
        --no-config --no-emit-package pip --output-file "$output" "$@" >/dev/null
    echo "wrote $output"
}

resolve requirements.lock --group build "$@"
resolve requirements-dev.lock --constraints requirements.lock --group build --group dev "$@"
resolve bench/requirements.lock --constraints requirements.lock --group build --group bench "$@"
# the fuzzer comes on top of the test environment, 134 MB that only `make fuzz` needs
"$uv" pip compile --group pyproject.toml:fuzz --quiet --universal --python-version 3.11 --generate-hashes --no-header \
    --no-config --output-file tests/fuzz/requirements.lock "$@" >/dev/null
echo "wrote tests/fuzz/requirements.lock"
resolve packaging/requirements.lock --constraints requirements.lock --group build --group release "$@"
