#!/bin/sh
# Makes two roles that are no superusers, and a database that one of them owns. Runs as `postgres`:
# once when a container makes its cluster (docker-entrypoint-initdb.d), or by install-on-debian.sh.
# The passwords come in OWNER_PASSWORD and APPLICATION_PASSWORD, else from the secrets of a container.
set -eu
# By standard input: arguments of a program can be seen by others
psql --set=ON_ERROR_STOP=1 --quiet --no-psqlrc --username postgres <<SQL
\\set owner '${OWNER_PASSWORD:-$(cat /run/secrets/database-password)}'
\\set application '${APPLICATION_PASSWORD:-$(cat /run/secrets/application-password)}'
CREATE ROLE ledger LOGIN PASSWORD :'owner';
CREATE ROLE ledger_application LOGIN PASSWORD :'application';
CREATE DATABASE ledger OWNER ledger ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
-- What the program tells its connections itself does not pass through PgBouncer
ALTER ROLE ledger_application SET statement_timeout = '60s';
ALTER ROLE ledger_application SET lock_timeout = '2s';
ALTER ROLE ledger_application SET idle_in_transaction_session_timeout = '10s';
ALTER ROLE ledger_application SET jit = off;
REVOKE CONNECT ON DATABASE ledger FROM PUBLIC;
GRANT CONNECT ON DATABASE ledger TO ledger_application;
SQL
