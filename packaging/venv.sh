#!/bin/sh
# Makes or renews a virtual environment from a lock, and installs the project into it as an editable.
# Usage: packaging/venv.sh FOLDER LOCK    (from the repository's root; PYTHON names the interpreter, default python3)
# Doing it twice costs nothing: what is installed is remembered in FOLDER/installed.lock.
set -eu
folder=$1
lock=$2
python=${PYTHON:-python3}

say() { echo "sauti: $*" >&2; }

recent() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

choose_python() { # the one asked for, else any newer one of this machine
    recent "$python" && return
    for other in python3.13 python3.12 python3.11; do
        if recent "$other"; then
            say "$python is missing or older than 3.11; using $other."
            python=$other
            return
        fi
    done
    say "Python 3.11 or later is needed, and $python is missing or older. Name one with: make PYTHON=/path/to/python3.11"
    exit 1
}

need_ensurepip() { # Debian keeps it in a package of its own
    "$python" -c 'import ensurepip, venv' 2>/dev/null && return
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing python3-venv, which Debian keeps apart from Python."
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-venv >/dev/null || true
    fi
    "$python" -c 'import ensurepip, venv' 2>/dev/null && return
    say "this Python cannot make virtual environments yet. Run: sudo apt-get install python3-venv    and try again."
    exit 1
}

install() { "$folder/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --no-deps "$@"; }

alive() { "$folder/bin/python" -m pip --version >/dev/null 2>&1 && recent "$folder/bin/python"; }

if ! alive; then
    choose_python
    need_ensurepip
    rm -rf "$folder"
    "$python" -m venv "$folder"
fi
if ! cmp -s "$lock" "$folder/installed.lock"; then
    say "installing the packages of $lock into $folder (once)"
    # The lock is complete, so nothing is left to resolve: --no-deps takes it to the letter. wget, which zea in the
    # benchmarks' lock asks for, exists as source only.
    install --only-binary :all: --no-binary wget --require-hashes -r "$lock"
    cp "$lock" "$folder/installed.lock"
fi
install --no-build-isolation --editable .
