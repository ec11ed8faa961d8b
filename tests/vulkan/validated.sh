#!/usr/bin/env bash
# Runs a command with Vulkan's validation layer and synchronisation validation, and fails when the
# layer said anything, or was never loaded.
#
#   tests/vulkan/validated.sh COMMAND...
#
# The command's output is its own; messages follow on standard error. Exit status: the command's if
# that is not 0; else 1 with messages.
set -euo pipefail

[[ $# -gt 0 ]] || {
  echo "usage: tests/vulkan/validated.sh COMMAND..." >&2
  exit 2
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The layer truncates its log file whenever an instance is made, also by another process: a pipe
# keeps all. It is held open here, so that it does not end between two instances.
mkfifo "$work/pipe"
exec {pipe}<>"$work/pipe"
cat <"$work/pipe" >"$work/log" {pipe}>&- &
reader=$!
cat >"$work/vk_layer_settings.txt" <<SETTINGS
khronos_validation.enables = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT
khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG
khronos_validation.report_flags = error,warn,perf,info
khronos_validation.log_filename = $work/pipe
SETTINGS

status=0
env VK_INSTANCE_LAYERS=VK_LAYER_KHRONOS_validation \
  VK_LAYER_SETTINGS_PATH="$work/vk_layer_settings.txt" "$@" {pipe}>&- || status=$?
exec {pipe}>&-
wait "$reader"

# At each instance the layer says that it is there, and what is switched on; that is no complaint.
loaded=$(grep -c 'Enables: .*SYNCHRONIZATION_VALIDATION' "$work/log" || true)
awk '/\([A-Z]+ \/ [A-Z]+\): msgNum/ { information = /\(INFO \/ / } !information' "$work/log" \
  >"$work/messages"
if [[ -s $work/messages ]]; then
  echo "validated: found $(wc -l <"$work/messages") lines of messages, allowed none:" >&2
  head -100 "$work/messages" >&2
elif [[ $loaded -eq 0 ]]; then
  echo "validated: the layer said nothing at all: found no sign that it was loaded" >&2
else
  echo "validated: the layer was loaded $loaded times and found nothing" >&2
  exit "$status"
fi
[[ $status -ne 0 ]] || status=1
exit "$status"
