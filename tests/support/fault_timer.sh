# shellcheck shell=bash
# Measures how long recovery from a fault takes and whether a process is ready during it, and prints both in the form that scripts/faults.sh
# collects. To be sourced.

# fault_ends <name>: starts the measurement. The name is the fault's name in docs/FAULTS.md.
fault_ends() { _fault_name=$1 _fault_begun=${EPOCHREALTIME/./}; }

# fault_recovered: prints the time since fault_ends. To be called after the first call that succeeds again.
fault_recovered() {
  local hundredths=$(((${EPOCHREALTIME/./} - _fault_begun + 5000) / 10000))
  printf 'fault: %s: recovered in %d.%02d s\n' "$_fault_name" $((hundredths / 100)) $((hundredths % 100))
}

# fault_health <name> ready|"not ready" <command...>: whether a process is ready during the fault. The command checks its health. "not ready": it
# must fail within 12 s. "ready": it must succeed for 10 s, the time within which a check that fails would count.
fault_health() {
  local name=$1 expected=$2 end=$((SECONDS + 11)) is=ready
  shift 2
  while ((SECONDS <= end)); do
    "$@" >/dev/null 2>&1 || { is="not ready"; break; }
    sleep 0.2
  done
  [[ $is == "$expected" ]] || { echo "during the fault \"$name\" the process is $is"; return 1; }
  printf 'fault: %s: health %s\n' "$name" "$is"
}
