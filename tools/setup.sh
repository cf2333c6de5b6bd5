#!/bin/sh
# tools/setup.sh REQUIREMENTS: installs them into .venv, which is made if need be.
set -eu

python=.venv/bin/python
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    base=$(tools/find_python.sh)
    echo "Making .venv with $("$base" --version)"
    rm -rf .venv
    "$base" -m venv .venv
fi
echo "Installing $1 into .venv"
"$python" tools/install.py "$1" || {
    echo "pip could not install $1: it needs a package index (PyPI, or your mirror by PIP_INDEX_URL)." >&2
    exit 1
}
