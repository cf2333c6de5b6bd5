#!/bin/sh
# Makes a bundle, and installs and runs it as docs/how-to/deploy.md says, where no network is reached: in a
# namespace without a route. As root on Debian 13, with python3-venv, make and curl; with Docker and Compose its
# images, too, in an engine that has none (BASES=debian: see try-compose.sh).
set -eu
cd "$(dirname "$0")/.."
export PORT="${PORT:-8799}"
. deploy/try/compose-checks.sh
fail() { echo "FAILED: $*" >&2; exit 1; }
[ "${BASES:-}" != debian ] || sh deploy/try/bases.sh
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

if [ -f installed/images.tar ]; then
    say "deploy.md: the images, in an empty engine"
    cat > engine.sh <<'END'
test -z "$(ip route)"
ip link set lo up
dockerd --data-root "$PWD/engine" --exec-root "$PWD/run" --pidfile "$PWD/pid" --host "unix://$PWD/socket" > engine.log 2>&1 &
export DOCKER_HOST="unix://$PWD/socket" COMPOSE_PROJECT_NAME=ledger-bundle
for _second in $(seq 60); do docker info >/dev/null 2>&1 && break; sleep 1; done
test -z "$(docker images --quiet)"
cd installed
sh deploy/make-secrets.sh
docker load --input images.tar
docker compose up --detach
for _second in $(seq 300); do curl --silent http://127.0.0.1:$PORT/readyz | grep -q ready && break; sleep 1; done
curl --silent --fail "http://127.0.0.1:$PORT/readyz"
curl --silent --fail "http://127.0.0.1:$PORT/api/v1/projects?limit=1&count=exact" | grep '"count"'
docker compose ps
docker compose down --volumes
END
    unshare --net --pid --mount-proc --fork --kill-child sh -ex engine.sh || { cat engine.log; fail "images"; }
fi
say "Installed and asked without a network."
