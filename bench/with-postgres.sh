#!/usr/bin/env bash
# Runs a command with a PostgreSQL server of its own and ends the server afterwards:
#   bench/with-postgres.sh COMMAND [ARGUMENT...]
# The server listens on a free loopback port, keeps its data in a temporary folder and runs without privileges. The
# command finds in BET_TEST_POSTGRES how to reach it, as Npgsql reads it, and in BET_POSTGRES_CONTROL a command that takes
# "stop" and "start". Installs PostgreSQL on Debian where it is not there; exit status 69 where that fails.
set -euo pipefail

find_programs() {
    command -v initdb >/dev/null && { dirname "$(readlink -f "$(command -v initdb)")"; return; }
    find /usr/lib/postgresql -path '*/bin/initdb' -printf '%h\n' 2>/dev/null | sort -V | tail -n 1
}

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
programs=$(find_programs)
if [ -z "$programs" ] && command -v apt-get >/dev/null; then
    echo "with-postgres: installing postgresql" >&2
    # The package would start a server of its own, which nobody needs.
    { "${as_root[@]}" mkdir -p /etc/postgresql-common \
        && echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf \
        && "${as_root[@]}" apt-get update -qq \
        && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends postgresql; } >/dev/null 2>&1 || true
    programs=$(find_programs)
fi
if [ -z "$programs" ]; then
    echo "with-postgres: PostgreSQL is not here and could not be installed" >&2
    exit 69
fi

folder=$(mktemp -d)
as_user=()
if [ "$(id -u)" -eq 0 ]; then
    # PostgreSQL refuses to run as root; its package brings a user.
    as_user=(setpriv --reuid=postgres --regid=postgres --clear-groups)
    chown postgres "$folder"
fi
chmod 755 "$folder"
cat >"$folder/control" <<CONTROL
#!/usr/bin/env bash
# start or stop
cd /
case "\$1" in
    start) exec ${as_user[*]} "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w -s start >/dev/null ;;
    stop) exec ${as_user[*]} "$programs/pg_ctl" -D "$folder/data" -w -s -m fast stop >/dev/null ;;
    *) echo "start or stop" >&2; exit 2 ;;
esac
CONTROL
chmod 755 "$folder/control"
end() {
    "$folder/control" stop 2>/dev/null || true
    rm -rf "$folder"
}
trap end EXIT

(cd / && "${as_user[@]}" "$programs/initdb" -D "$folder/data" -U bet -A trust -E UTF8 --no-locale >/dev/null)
# A port that is free now; the server is told so once, and keeps it through stops and starts.
port=$(/usr/bin/env python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])' 2>/dev/null \
    || echo $((20000 + RANDOM % 20000)))
cat >>"$folder/data/postgresql.conf" <<CONFIGURATION
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 200
CONFIGURATION
"$folder/control" start

export BET_TEST_POSTGRES="Host=127.0.0.1;Port=$port;Database=postgres;Username=bet"
export BET_POSTGRES_CONTROL="$folder/control"
status=0
"$@" || status=$?
exit "$status"
