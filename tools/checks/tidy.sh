#!/usr/bin/env bash
# Runs clang-tidy as .clang-tidy says over the project's own sources, with the flags of a build.
#
#   tools/checks/tidy.sh [BUILD_DIR] [PATTERN]     default: build/host, all sources
#
# PATTERN (an extended regular expression) picks sources by path. A source whose text, headers and
# rules have not changed since it was last clean is not analysed again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export build_dir=${1:-build/host} clean_dir=build/tidy-clean
pattern=${2:-.}

[[ -f $build_dir/compile_commands.json ]] || {
  echo "tidy: found no $build_dir/compile_commands.json; configure and build first" >&2
  exit 2
}
# Sources of the compilation database that are in the tree and not generated.
mapfile -t sources < <(
  python3 - "$build_dir" <<'PYTHON' | grep -E -- "$pattern" || true
import json, os, sys
root = os.getcwd()
entries = json.load(open(f"{sys.argv[1]}/compile_commands.json"))
paths = {os.path.relpath(os.path.join(e["directory"], e["file"]), root) for e in entries}
print(*sorted(path for path in paths if not path.startswith(("build/", "../"))), sep="\n")
PYTHON
)
[[ ${#sources[@]} -gt 0 && -n ${sources[0]} ]] || {
  echo "tidy: found no source that matches '$pattern'" >&2
  exit 2
}
mkdir -p "$clean_dir"
headers_digest=$(find runtime backends tools tests \( -name '*.h' -o -name '*.inc' \) -print0 |
  sort -z | xargs -0 cat .clang-tidy | sha256sum | cut -d' ' -f1)
export headers_digest

analyse() {
  local digest
  digest=$({ echo "$headers_digest $1"; cat "$1"; } | sha256sum | cut -d' ' -f1)
  [[ -e $clean_dir/$digest ]] && return
  # GCC's warning options, and what libstdc++ says of its own headers, mean nothing to clang.
  build/venv/bin/clang-tidy --quiet -p "$build_dir" --extra-arg=-Wno-unknown-warning-option \
    --extra-arg=-Wno-deprecated-declarations "$1" 2>/dev/null || return 1
  touch "$clean_dir/$digest"
}
export -f analyse

if printf '%s\0' "${sources[@]}" | xargs -0 -n1 -P"$(nproc)" bash -c 'analyse "$1"' _; then
  echo "tidy: ${#sources[@]} files, 0 problems"
else
  echo "tidy: ${#sources[@]} files, problems above"
  exit 1
fi
