#!/bin/sh
# Starts the Redis of this pod: as a replica of the master that the Sentinels name or, before there is one, of the first pod.
set -eu
port=${REDIS_PORT:-6379} sentinel_port=${SENTINEL_PORT:-26379}
secrets=${SECRETS:-/run/redis-password} data=${DATA:-/data} run=${RUN:-/tmp}
self=${SELF:-$(hostname).redis.idea.svc}
peers=${PEERS:-redis-0.redis.idea.svc redis-1.redis.idea.svc redis-2.redis.idea.svc}
first=${peers%% *}

digest() { printf %s "$(cat "$secrets/$1")" | sha256sum | cut -d ' ' -f 1; }
# The services log in as idea and may use only the keys of the queue; replicas and Sentinels log in as replication. Other users may do nothing.
# The passwords are stored as digests.
cat >"$run/users.acl" <<END
user default off
user idea on #$(digest password) ~idea:events* +ping +select +@transaction +get +set +del +sadd +smembers +xadd +xread +xinfo +xtrim +role
user replication on #$(digest replication) ~* &* +@all
END

master=""
for peer in $peers; do
  answer=$(REDISCLI_AUTH=$(cat "$secrets/password") timeout 3 redis-cli -h "$peer" -p "$sentinel_port" --user idea \
    sentinel get-master-addr-by-name idea 2>/dev/null || true)
  if [ "$(printf '%s\n' "$answer" | wc -l)" = 2 ]; then master=$(printf '%s\n' "$answer" | tr '\n' ' '); break; fi
done
[ -n "$master" ] || master="$first $port"

umask 077
cat >"$run/redis.conf" <<END
port $port
bind ${BIND:-* -::*}
dir $data
appendonly yes
maxmemory ${MAXMEMORY:-384mb}
maxmemory-policy noeviction
protected-mode no
aclfile $run/users.acl
masteruser replication
masterauth $(cat "$secrets/replication")
replica-announce-ip $self
replica-announce-port $port
END
case $master in
  "$self $port" | "$self $port ") ;;
  *) echo "replicaof $master" >>"$run/redis.conf" ;;
esac
# A file damaged by a full disk is removed: the services fill the queue again from their event logs.
manifest=$data/appendonlydir/appendonly.aof.manifest
if [ -s "$manifest" ] && ! redis-check-aof "$manifest" >/dev/null; then rm -r "$data/appendonlydir"; fi
exec redis-server "$run/redis.conf"
