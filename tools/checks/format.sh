#!/usr/bin/env bash
# Checks that C++ files are formatted as .clang-format says. With --fix it formats them.
#
#   tools/checks/format.sh [--fix] [FILE...]      default: all of the project's
set -euo pipefail

mode=(--dry-run -Werror)
if [[ "${1:-}" == --fix ]]; then
  mode=(-i)
  shift
fi
if [[ $# -gt 0 ]]; then
  files=("$@")
else
  cd "$(dirname "${BASH_SOURCE[0]}")/../.."
  mapfile -t files < <(find runtime backends tools tests -name '*.h' -o -name '*.cc' | sort)
fi
if problems=$(clang-format-19 "${mode[@]}" "${files[@]}" 2>&1); then
  echo "format: ${#files[@]} files, 0 problems"
else
  # The first line of each complaint starts with file, line and column.
  grep -oE '^[^ :]+:[0-9]+' <<<"$problems" | sort -u -t: -k1,1 | sed 's/$/: not formatted/' || echo "$problems"
  echo "format: problems above; run tools/checks/format.sh --fix"
  exit 1
fi
