#!/bin/sh
# Writes docker-compose.pins.yml, which names each image that others made by the digest that it has on this machine:
# what was tried here is what runs, whatever its tag stands for later. How: docs/how-to/deploy.md
set -eu
cd "$(dirname "$0")/.."
digest_of() {
    docker image inspect "$1" >/dev/null 2>&1 || docker pull --quiet "$1" >/dev/null
    docker image inspect --format '{{ index .RepoDigests 0 }}' "$1"
}
base() { sed -n "s/^ARG $1=//p" Dockerfile; }
python=$(digest_of "$(base PYTHON)") debian=$(digest_of "$(base DEBIAN)")
{
    echo "# Written by deploy/pin-images.sh"
    echo "services:"
    # Those of our own have no tag
    awk '/^  [a-z0-9-]+:$/ { name = $1 } /^    image: .*:/ { print name, $2 }' docker-compose.yml |
        while read -r name image; do
            digest=$(digest_of "$image")
            printf '  %s\n    image: %s # %s\n' "$name" "$digest" "$image"
        done
    for name in prepare web web-2 work restore; do
        printf '  %s:\n    build: { args: { PYTHON: "%s" } }\n' "$name" "$python"
    done
    printf '  pooler:\n    build: { args: { DEBIAN: "%s" } }\n' "$debian"
} > docker-compose.pins.new
mv docker-compose.pins.new docker-compose.pins.yml
