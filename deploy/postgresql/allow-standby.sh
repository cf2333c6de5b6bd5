#!/bin/sh
# Lets a standby copy and follow this cluster. Runs when a container makes its cluster, and again by
#   docker compose exec --user postgres database sh /docker-entrypoint-initdb.d/allow-standby.sh
# after the password was changed, or in a cluster that was made before there was this script.
set -eu
line='host replication replicator all scram-sha-256'
grep -qxF "$line" "$PGDATA/pg_hba.conf" || echo "$line" >> "$PGDATA/pg_hba.conf"
# By standard input: arguments of a program can be seen by others
psql --set=ON_ERROR_STOP=1 --quiet --no-psqlrc --username postgres <<SQL
\\set replicator '$(cat /run/secrets/replication-password)'
SELECT 'CREATE ROLE replicator' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'replicator') \\gexec
ALTER ROLE replicator REPLICATION LOGIN PASSWORD :'replicator';
SELECT pg_reload_conf() \\g /dev/null
SQL
