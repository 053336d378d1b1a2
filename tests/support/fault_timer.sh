# shellcheck shell=bash
# Measures how long recovery from a fault takes, and prints it in the form that scripts/faults.sh collects. To be sourced.

# fault_ends <name>: starts the measurement. The name is the fault's name in docs/FAULTS.md.
fault_ends() { _fault_name=$1 _fault_begun=${EPOCHREALTIME/./}; }

# fault_recovered: prints the time since fault_ends. To be called after the first call that succeeds again.
fault_recovered() {
  local hundredths=$(((${EPOCHREALTIME/./} - _fault_begun + 5000) / 10000))
  printf 'fault: %s: recovered in %d.%02d s\n' "$_fault_name" $((hundredths / 100)) $((hundredths % 100))
}
