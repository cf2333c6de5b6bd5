#!/bin/sh
# Makes stand-ins for the images that the Dockerfile and docker-compose.yml are built on, under their names, of
# Debian's packages: for try-compose.sh where no registry of images is reached. As root, with Docker and
# mmdebstrap. What runs on them proves our files, not the official images.
set -eu
cd "$(dirname "$0")/../.."
base() { sed -n "s/^ARG $1=//p" Dockerfile; }
image() { sed -n "s#^    image: \($1:.*\)#\1#p" docker-compose.yml | head -n 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
has() { docker image inspect "$1" >/dev/null 2>&1; }
# What was made before stays
build() { has "$1" || docker build --quiet --tag "$1" --file - "$folder"; }

cp deploy/try/postgres-entry.sh "$folder"
# What this machine needs to reach the networks, images need as well
cp /etc/ssl/certs/ca-certificates.crt "$folder"
has ledger-try/debian || {
    mmdebstrap --quiet --variant=minbase --include=ca-certificates trixie "$folder/root.tar"
    docker import "$folder/root.tar" ledger-try/debian >/dev/null
    rm "$folder/root.tar"
}
build "$(base DEBIAN)" <<END
FROM ledger-try/debian
COPY ca-certificates.crt /etc/ssl/certs/
END
# Their Python is in /usr/local, with pip
build "$(base PYTHON)" <<END
FROM $(base DEBIAN)
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends python3 python3-venv \
    && python3 -m venv /opt/python && rm -rf /var/lib/apt/lists/*
ENV PATH=/opt/python/bin:\$PATH PIP_CERT=/etc/ssl/certs/ca-certificates.crt
END
build "$(image postgres)" <<END
FROM $(base DEBIAN)
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends postgresql-17 gosu \
    && rm -rf /var/lib/apt/lists/* /var/lib/postgresql/* \
    && install -d -m 1777 -o postgres -g postgres /var/lib/postgresql/data
COPY postgres-entry.sh /usr/local/bin/docker-entrypoint.sh
ENV PATH=/usr/lib/postgresql/17/bin:\$PATH PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
STOPSIGNAL SIGINT
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["postgres"]
END
build "$(image nginx)" <<END
FROM $(base DEBIAN)
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends nginx wget \
    && rm -rf /var/lib/apt/lists/* && useradd --system nginx
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "daemon off;"]
END
build "$(image prom/prometheus)" <<END
FROM $(base DEBIAN)
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends prometheus \
    && rm -rf /var/lib/apt/lists/* && install -d -o nobody -g nogroup /prometheus
USER nobody
ENTRYPOINT ["prometheus"]
END

# Images have digests once a registry has seen them
build ledger-try/registry <<END
FROM $(base DEBIAN)
RUN apt-get -qq update && apt-get -qq install -y --no-install-recommends docker-registry \
    && printf '{version: 0.1, storage: {filesystem: {rootdirectory: /tmp}}, http: {addr: ":5000"}}' > /etc/try.yml
CMD ["docker-registry", "serve", "/etc/try.yml"]
END
registry=$(docker run --detach --rm --publish 127.0.0.1:5000:5000 ledger-try/registry)
trap 'docker stop "$registry" >/dev/null; rm -rf "$folder"' EXIT
sleep 2
for each in "$(base DEBIAN)" "$(base PYTHON)" "$(image postgres)" "$(image nginx)" "$(image prom/prometheus)"; do
    has "127.0.0.1:5000/$each" && continue
    docker tag "$each" "127.0.0.1:5000/$each"
    docker push --quiet "127.0.0.1:5000/$each"
done
