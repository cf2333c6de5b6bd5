#!/bin/sh
# What the entry point of the official image of PostgreSQL does, so far as docker-compose.yml asks it.
set -eu
if [ "$(id -u)" = 0 ]; then
    chmod 700 "$PGDATA"
    chown -R postgres "$PGDATA" /var/run/postgresql
    exec gosu postgres "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    # shellcheck disable=SC2086 # several words
    initdb --username=postgres --pwfile="$POSTGRES_PASSWORD_FILE" --auth-local=trust --auth-host=scram-sha-256 \
        $POSTGRES_INITDB_ARGS --pgdata="$PGDATA"
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    pg_ctl --wait --options="-c listen_addresses=''" start
    for script in /docker-entrypoint-initdb.d/*.sh; do
        echo "running $script"
        "$script"
    done
    pg_ctl --wait --mode=fast stop
fi
exec "$@"
