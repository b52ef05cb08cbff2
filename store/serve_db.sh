#!/bin/sh
# 数据库容器的程序 The database's container: makes the cluster once, gives its two logins the passwords it was told,
# and serves. The passwords are set at every start, so .env is the truth about them: change it there, and start anew.
set -eu
umask 077
place=/var/lib/postgresql
cluster=$place/panhuo

need_secret() { # name, value: hexadecimal, so that no word and no example passes; both stand in addresses and in SQL
	case $2 in
	*[!0-9a-f]*) ;;
	????????????????????????????????*) return ;;
	esac
	echo "$1 须为至少 32 位十六进制随机数；make env 可生成。" >&2
	echo "$1 must be at least 32 random hexadecimal digits; make env makes one." >&2
	exit 1
}

alone() { # cluster: runs the statements of the standard input, one a line, while nobody else is connected
	"$bin/postgres" --single -D "$1" -c log_min_error_statement=panic postgres >/dev/null
}

buffers_mb() { # memory for what was read: an eighth of what there is, from 128 MB to 4 GB, as ops/cluster.py says
	bytes=$(awk '/^MemTotal:/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)
	for limit in /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes; do
		[ -r "$limit" ] && most=$(cat "$limit") || continue
		case $most in *[!0-9]*) continue ;; esac
		[ "${#most}" -gt 18 ] || [ "$most" -ge "$bytes" ] || bytes=$most
	done
	echo $((bytes / 8388608)) | awk '{ print ($1 < 128 ? 128 : $1 > 4096 ? 4096 : $1) }'
}

need_secret POSTGRES_PASSWORD "${POSTGRES_PASSWORD:-}"
need_secret SERVICE_PASSWORD "${SERVICE_PASSWORD:-}"
if [ "$POSTGRES_PASSWORD" = "$SERVICE_PASSWORD" ]; then
	echo "POSTGRES_PASSWORD 与 SERVICE_PASSWORD 不可相同。POSTGRES_PASSWORD and SERVICE_PASSWORD must differ." >&2
	exit 1
fi
bin=$(dirname "$(ls -d /usr/lib/postgresql/*/bin/postgres | tail -n 1)")

# Two containers on one volume do not see each other's processes; the lock they do see, and it dies with its holder.
exec 9>"$place/lock"
if ! flock -w 10 9; then
	echo "数据卷正被另一个容器使用。Another container serves this volume." >&2
	exit 1
fi

if [ ! -e "$cluster/PG_VERSION" ]; then
	rm -rf "$cluster.new"
	"$bin/initdb" -D "$cluster.new" -U postgres --locale=C.UTF-8 -E UTF8 --no-instructions \
		--auth-local=peer --auth-host=scram-sha-256 >/dev/null
	echo 'host all all all scram-sha-256' >>"$cluster.new/pg_hba.conf"
	printf '%s\n' 'CREATE DATABASE panhuo' 'CREATE ROLE panhuo_service LOGIN NOINHERIT' | alone "$cluster.new"
	mv "$cluster.new" "$cluster"
fi
rm -f "$cluster/postmaster.pid" # a killed server's note: its number means nothing in a new container
printf "ALTER ROLE %s PASSWORD '%s'\n" postgres "$POSTGRES_PASSWORD" panhuo_service "$SERVICE_PASSWORD" | alone "$cluster"
unset POSTGRES_PASSWORD SERVICE_PASSWORD

exec "$bin/postgres" -D "$cluster" -c listen_addresses='*' -c unix_socket_directories=/tmp \
	-c "shared_buffers=$(buffers_mb)MB" -c max_connections=200 -c synchronous_commit=on -c jit=off -c timezone=UTC
