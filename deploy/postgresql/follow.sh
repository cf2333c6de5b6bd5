#!/bin/sh
# The standby of docker-compose.yml: copies the database once, then follows it. Runs as `postgres`.
set -eu
umask 077
chmod 700 "$PGDATA"
if [ ! -e "$PGDATA/copied" ]; then
    # What is there is of a copy that was not finished
    find "$PGDATA" -mindepth 1 -delete
    PGPASSWORD=$(cat /run/secrets/replication-password)
    export PGPASSWORD
    pg_basebackup --write-recovery-conf --checkpoint=fast --pgdata="$PGDATA" \
        --dbname="host=database user=replicator application_name=standby"
    touch "$PGDATA/copied"
fi
exec postgres -c config_file=/etc/postgresql/postgresql.conf
