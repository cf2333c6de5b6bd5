#!/bin/sh
# Makes the secrets of docker-compose.yml in secrets/, unless they are there.
set -eu
mkdir -p -m 700 secrets
for name in secret-key superuser-password database-password application-password replication-password; do
    [ -s "secrets/$name" ] || openssl rand -hex 32 > "secrets/$name"
done
# Containers read them as users of their own; the folder keeps others of this machine out.
chmod 644 secrets/*
