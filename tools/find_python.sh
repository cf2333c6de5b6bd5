#!/bin/sh
# Prints a Python of at least 3.11 that can make virtual environments: $PYTHON, if set, else the
# first that will do. Says in one line what is missing otherwise.
set -eu

version_of() {
    "$1" -c 'import sys; print(*sys.version_info[:2], sep="."); sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

old=
bare=
for python in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if ! version=$(version_of "$python"); then
        [ -z "$version" ] || old="$python is $version"
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        bare=${bare:-$version}
    else
        command -v "$python"
        exit
    fi
done

if [ -n "$bare" ]; then
    echo "Python $bare has no venv module: install it (Debian: sudo apt-get install python$bare-venv)." >&2
elif [ -n "$old" ]; then
    echo "Python 3.11 or later is needed, but $old: install one, or name one: PYTHON=/path/to/python3.13 make ..." >&2
else
    echo "No ${PYTHON:-python3} found: install Python 3.11 or later (Debian: sudo apt-get install python3 python3-venv)." >&2
fi
exit 1
