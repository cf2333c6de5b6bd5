#!/bin/sh
# PgBouncer in transaction mode, for the application's role alone.
#   pgbouncer.sh                                     writes park-ledger.ini to a new folder and starts it
#   pgbouncer.sh --write FOLDER PASSWORD-FILE HOST   only writes it: for the service of the system, whose own file
#                                                    includes it
set -eu
umask 077
if [ "${1:-}" = --write ]; then
    folder=$2 password=$(cat "$3") database=$4 address=127.0.0.1
else
    folder=$(mktemp -d) password=$(cat /run/secrets/application-password)
    database=${DATABASE_HOST:-database} address='*'
fi
printf '"ledger_application" "%s"\n' "$password" > "$folder/users.txt"
cat > "$folder/park-ledger.ini" <<INI
; Settings that precede this [pgbouncer] section in another file do not count.
[databases]
ledger = host=$database port=5432 dbname=ledger
[pgbouncer]
listen_addr = $address
listen_port = 6432
unix_socket_dir =
auth_type = scram-sha-256
auth_file = $folder/users.txt
pool_mode = transaction
default_pool_size = ${POOL_SIZE:-20}
max_client_conn = 500
query_wait_timeout = 5
server_connect_timeout = 3
server_login_retry = 1
ignore_startup_parameters = extra_float_digits,options
INI
[ "${1:-}" = --write ] || exec pgbouncer "$folder/park-ledger.ini"
