#!/bin/sh
# The backup service: a backup a day, and on Sundays a drill with it, if KEY_FILE opens it.
# After a failure it tries again soon; the file `failed` tells metrics and `manage.py doctor`.
set -u
# The first process of a container hears nothing but what it says it listens to
trap 'exit 0' INT TERM
drill() {
    case "$1" in
        *.age) [ -z "${KEY_FILE:-}" ] || python manage.py restore "$1" --verify --key-file "$KEY_FILE" ;;
        *) python manage.py restore "$1" --verify ;;
    esac || echo "DRILL FAILED" >&2
}
while :; do
    if said=$(python manage.py backup); then
        echo "$said"
        pause=86400
        [ "$(date +%u)" != 7 ] || drill "${said%%: *}"
    else
        pause=900
        touch "$BACKUP_DIR/failed"
        echo "BACKUP FAILED: next try in $pause seconds" >&2
    fi
    sleep "$pause" & wait $!
done
