#!/bin/sh
# Makes a bundle, and installs and runs it as docs/how-to/deploy.md prints it, where no network is reached: in a
# namespace without a route. As root on Debian 13, with python3-venv, make and curl.
set -eu
cd "$(dirname "$0")/.."
export PORT="${PORT:-8799}"
. deploy/try/compose-checks.sh
fail() { echo "FAILED: $*" >&2; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
arch=$(dpkg --print-architecture)
printed deploy "Without internet" > "$folder/all.sh"
say "deploy.md: the bundle"
head -n 1 "$folder/all.sh" | sed "s/amd64/$arch/" > "$folder/typed.sh"
sh -ex "$folder/typed.sh"
cp var/bundle/park-ledger-*-"$arch".tar.gz* "$folder"

say "deploy.md: installed without a network"
sed -e 1d -e "s/amd64/$arch/g" -e "s#/srv/park-ledger#$folder/installed#" "$folder/all.sh" > "$folder/typed.sh"
cat >> "$folder/typed.sh" <<'END'
test -z "$(ip route)"
ip link set lo up
cd installed
PYTHON=/usr/bin/python3 make setup
PYTHON=/usr/bin/python3 make run > ../run.log 2>&1 &
for _second in $(seq 900); do curl --silent http://127.0.0.1:$PORT/readyz | grep -q ready && break; sleep 1; done
curl --silent --fail "http://127.0.0.1:$PORT/api/v1/projects?limit=1&count=exact" | grep '"count"' || { cat ../run.log; exit 1; }
curl --silent --fail "http://127.0.0.1:$PORT/api/v1/projects.xlsx" | head -c 2 | grep PK
.venv/bin/python manage.py check
END
cd "$folder"
unshare --net --pid --fork --kill-child sh -ex typed.sh || fail "not installed"
say "Installed and asked without a network."
