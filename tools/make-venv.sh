#!/bin/sh
# Makes the virtual environment that `make run` and `make test` work in. Debian and Ubuntu split `venv` off their
# Python; where it is missing it is installed if that needs no password, and named plainly if it does.
set -eu
venv=$1
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Sinetti needs Python 3.11 or newer; $("$python" --version) was found. Try: make PYTHON=python3.12 run" >&2
    exit 1
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        apt-get update -qq && apt-get install -y -qq "$package"
    elif command -v apt-get >/dev/null && sudo -n true 2>/dev/null; then
        sudo apt-get update -qq && sudo apt-get install -y -qq "$package"
    else
        echo "Python's venv module is missing. Install it and try again: sudo apt-get install $package" >&2
        exit 1
    fi
fi
"$python" -m venv "$venv"
