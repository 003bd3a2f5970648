#!/bin/sh
# Sees to it that the browser tests have a Chromium: where none is found, Debian's package is installed if that needs
# no password. Without one the tests are skipped and say why, so this never fails.
# usage: install-browser.sh PYTHON
set -eu
python=$1

"$python" -m tests.browser.chromium 2>/dev/null && exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    as_root='sudo -n'
fi
if command -v apt-get >/dev/null && $as_root true 2>/dev/null; then
    echo "Installing the package chromium for the browser tests" >&2
    $as_root apt-get update -qq >&2 || true
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends chromium >/dev/null || true
fi
"$python" -m tests.browser.chromium || echo "The browser tests will be skipped." >&2
