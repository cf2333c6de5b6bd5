#!/bin/sh
# The backup service: a copy a day, and on Sundays a drill with the newest, if KEY_FILE opens it.
set -u
# The first process of a container hears nothing but what it says it listens to
trap 'exit 0' INT TERM
while :; do
    python manage.py backup || echo "BACKUP FAILED" >&2
    if [ "$(date +%u)" = 7 ]; then
        newest=$(ls -t "$BACKUP_DIR"/*.dump "$BACKUP_DIR"/*.age 2>/dev/null | head -n 1)
        case "$newest" in
            *.age) [ -z "${KEY_FILE:-}" ] || python manage.py restore "$newest" --verify --key-file "$KEY_FILE" ;;
            *.dump) python manage.py restore "$newest" --verify ;;
        esac || echo "DRILL FAILED" >&2
    fi
    sleep 86400 & wait $!
done
