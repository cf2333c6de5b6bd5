#!/bin/sh
# Makes var/bundle/park-ledger-VERSION-ARCH.tar.gz, from which a machine without internet installs the ledger: the
# code of the newest commit, the wheels that it needs, static files, and, where there is a Docker engine of that
# architecture, its images. How: docs/how-to/deploy.md
#   sh deploy/make-bundle.sh [amd64|arm64] [PYTHON], such as 3.13, Debian's
set -eu
cd "$(dirname "$0")/.."
arch=${1:-amd64} python=${2:-3.13}
case $arch in amd64) machine=x86_64 ;; arm64) machine=aarch64 ;; *) echo "amd64 or arm64?" >&2; exit 2 ;; esac
version=$(sed -n 's/^__version__ = "\(.*\)"/\1/p' config/__init__.py)
name=park-ledger-$version-$arch
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/$name" var/bundle
git archive HEAD | tar -x -C "$stage/$name"
platforms=
for glibc in 2_17 2_26 2_27 2_28 2_31 2_34; do platforms="$platforms --platform manylinux_${glibc}_$machine"; done
# shellcheck disable=SC2086 # several options
.venv/bin/python -m pip download --quiet --disable-pip-version-check --only-binary :all: --implementation cp \
    --python-version "$python" $platforms --platform "manylinux2014_$machine" \
    --dest "$stage/$name/wheels" --requirement requirements.txt
(
    export SECRET_KEY=a-key-only-while-the-bundle-is-built STATIC_ROOT="$stage/$name/static" VAR_DIR="$stage/var" DATABASE_URL='' ENV_FILE=/dev/null
    .venv/bin/python manage.py collectstatic --no-input --verbosity 0
    .venv/bin/python manage.py build_openapi
)
if [ "$(docker version --format '{{ .Server.Arch }}' 2>/dev/null)" = "$arch" ]; then
    docker compose --profile '*' build --quiet
    docker compose --profile '*' pull --quiet --ignore-buildable --policy missing
    # shellcheck disable=SC2046 # several images
    docker save --output "$stage/$name/images.tar" $(docker compose --profile '*' config --images | sort -u)
fi
tar -czf "var/bundle/$name.tar.gz" -C "$stage" "$name"
(cd var/bundle && sha256sum "$name.tar.gz" > "$name.tar.gz.sha256")
echo "var/bundle/$name.tar.gz, for Python $python: $(find "$stage/$name/wheels" -name '*.whl' | wc -l) wheels"
