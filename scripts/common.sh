# Sourced by the scripts beside it: strict mode, the repository root as working directory, messages.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
build=${BASEWISE_BUILD:-build/release}
jobs=${BASEWISE_JOBS:-$(nproc)}

say() { printf '== %s\n' "$*"; }
fail() { # fail CODE MESSAGE...
  local code=$1
  shift
  printf 'basewise: %s\n' "$@" >&2
  exit "$code"
}
