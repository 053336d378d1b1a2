#!/bin/sh
# Starts the Sentinel of this pod. Its file is written again at each start: it learns replicas and other Sentinels from the master.
set -eu
port=${REDIS_PORT:-6379} sentinel_port=${SENTINEL_PORT:-26379}
secrets=${SECRETS:-/run/redis-password} run=${RUN:-/tmp}
self=${SELF:-$(hostname).redis.idea.svc}
peers=${PEERS:-redis-0.redis.idea.svc redis-1.redis.idea.svc redis-2.redis.idea.svc}
first=${peers%% *}

digest() { printf %s "$(cat "$secrets/$1")" | sha256sum | cut -d ' ' -f 1; }
master="$first $port"
for peer in $peers; do
  [ "$peer" != "$self" ] || continue
  answer=$(REDISCLI_AUTH=$(cat "$secrets/password") timeout 3 redis-cli -h "$peer" -p "$sentinel_port" --user idea \
    sentinel get-master-addr-by-name idea 2>/dev/null || true)
  if [ "$(printf '%s\n' "$answer" | wc -l)" = 2 ]; then master=$(printf '%s\n' "$answer" | tr '\n' ' '); break; fi
done

umask 077
cat >"$run/sentinel-users.acl" <<END
user default off
user idea on #$(digest password) -@all +ping +auth +hello +sentinel|get-master-addr-by-name +sentinel|sentinels +sentinel|masters
user replication on #$(digest replication) &* +@all
END
cat >"$run/sentinel.conf" <<END
port $sentinel_port
bind ${BIND:-* -::*}
dir $run
protected-mode no
aclfile $run/sentinel-users.acl
sentinel sentinel-user replication
sentinel sentinel-pass $(cat "$secrets/replication")
sentinel resolve-hostnames yes
sentinel announce-hostnames yes
sentinel announce-ip $self
sentinel announce-port $sentinel_port
sentinel monitor idea $master 2
sentinel auth-user idea replication
sentinel auth-pass idea $(cat "$secrets/replication")
sentinel down-after-milliseconds idea 5000
sentinel failover-timeout idea 30000
sentinel parallel-syncs idea 1
END
exec redis-sentinel "$run/sentinel.conf"
