#!/usr/bin/env bash
# The one entry to the project: ./do help lists the words.
set -euo pipefail
cd "$(dirname "$0")"

packages=(git cmake ninja-build g++ ccache python3 libfmt-dev libcli11-dev libtomlplusplus-dev nlohmann-json3-dev
          zlib1g-dev libeigen3-dev libsodium-dev libgtest-dev librapidcheck-dev libbenchmark-dev)
style_packages=(clang-format clang-tidy)  # for ./do format and ./do check only
fuzz_packages=(clang libclang-rt-14-dev)  # for ./do fuzz only
count_packages=(valgrind)                 # for ./do bench instructions only

say() { printf '%s\n' "$*" >&2; }
cores() { nproc; }

# Installs what is missing, or prints the one line that would and stops with 2.
need() {
  local missing=() package
  for package in "$@"; do
    dpkg -s "$package" 2>/dev/null | grep -q '^Status: .* installed$' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  local install="apt-get install -y --no-install-recommends ${missing[*]}" as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      say "Packages are missing and neither root nor passwordless sudo is there. Run this, then ./do again:"
      say "  sudo $install"
      exit 2
    fi
    as_root=(sudo -n)
  fi
  say "installing: ${missing[*]}"
  local quiet=(env DEBIAN_FRONTEND=noninteractive)
  "${as_root[@]}" "${quiet[@]}" $install >/dev/null 2>&1 && return  # lists may be fresh already
  "${as_root[@]}" apt-get update -q >/dev/null || true
  "${as_root[@]}" "${quiet[@]}" $install >/dev/null || { say "could not install; try: sudo $install"; exit 2; }
}

configure() {  # configure PRESET
  export CMAKE_CXX_COMPILER_LAUNCHER=${CMAKE_CXX_COMPILER_LAUNCHER-ccache}
  export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1  # checkouts beside each other share what they compiled
  local output
  output=$(cmake --preset "$1" 2>&1) || { say "$output"; exit 1; }
}

compile() {  # compile FOLDER TARGET...: progress on a terminal, only failures elsewhere
  local folder=$1
  shift
  local quiet=(--quiet)
  [ -t 2 ] && quiet=()
  ninja -C "$folder" -j "$(cores)" "${quiet[@]}" "$@" >&2
}

build() {
  need "${packages[@]}"
  say "building the optimized engine (the first time takes some minutes)"
  configure release
  compile build lotwright
}

demo() {
  build
  say ""
  say "== lotwright run examples/book --out out/book"
  build/lotwright run examples/book --out out/book
  say ""
  say "== lotwright check examples/dirty: ten accounts with one faulty row each"
  build/lotwright check examples/dirty || true
  say ""
  say "== lotwright run examples/dirty --out out/dirty: the faulty ones are held, the others are decided"
  build/lotwright run examples/dirty --out out/dirty
  say ""
  say "The files are in out/book and out/dirty; README.md says what is in them."
}

# Unit tests of one preset; the last line of ctest says how many.
unit_tests() {  # unit_tests PRESET FOLDER [PREFIX...]
  local preset=$1 folder=$2
  shift 2
  configure "$preset"
  compile "$folder" unit_tests
  "$@" ctest --test-dir "$folder" --output-on-failure --no-tests=error -j "$(cores)" >&2
}

test_all() {
  local preset=release
  [ "${1-}" = --preset ] && preset=${2-}
  need "${packages[@]}"
  case $preset in
    release)
      configure release
      say "building the engine and its tests"
      compile build lotwright unit_tests
      tests/all.py ;;
    debug) unit_tests debug build-debug; say "debug (address and undefined-behavior sanitizers): all passed" ;;
    tsan)
      local fixed_layout=()
      command -v setarch >/dev/null && setarch -R true 2>/dev/null && fixed_layout=(setarch -R)
      unit_tests tsan build-tsan "${fixed_layout[@]}"
      say "tsan: all passed" ;;
    *) say "no preset $preset: release, debug or tsan"; exit 2 ;;
  esac
}

# The same bytes must come from wider instructions: a second build, and whole books run by both.
wide() {
  need "${packages[@]}"
  grep -qw avx2 /proc/cpuinfo || { say "this processor has no AVX2"; exit 2; }
  build
  configure avx2
  compile build-avx2 lotwright
  tests/end_to_end.py
}

sources() { git ls-files --cached --others --exclude-standard '*.h' '*.cc'; }
changed_sources() {
  { git diff --name-only --diff-filter=d main...HEAD 2>/dev/null || true; git diff --name-only --diff-filter=d HEAD; } |
    grep -E '\.(h|cc)$' | sort -u || true
}

check() {
  need "${packages[@]}" "${style_packages[@]}"
  local failed=0 files
  files=$(changed_sources)
  [ -z "$files" ] || clang-format --dry-run -Werror $files || failed=1
  tools/tidy/tidy.py || failed=1
  if [ "${1-}" = --clang-tidy ]; then
    configure release
    [ -n "$files" ] || files=$(sources)
    printf '%s\n' $files | grep '\.cc$' | xargs -r -P "$(cores)" -n 1 clang-tidy --quiet -p build || failed=1
  fi
  return $failed
}

format() {
  need "${style_packages[@]}"
  sources | xargs clang-format -i
}

bench() {
  need "${packages[@]}"
  configure release
  local what=${1-}
  [ $# -eq 0 ] || shift
  case $what in
    "")
      compile build lotwright csv_bench
      build/csv_bench
      tests/bench.py ;;
    solver)  # with flags the table alone; without any the pieces after it
      compile build solver_bench solver_pieces
      build/solver_bench "$@"
      [ $# -gt 0 ] || build/solver_pieces ;;
    faults)
      compile build lotwright
      bench/faults.py "$@" ;;
    instructions)
      need "${count_packages[@]}"
      compile build counted_decisions
      bench/instructions.py "$@" ;;
    *) say "nothing to bench is called $what: solver, faults, instructions, or nothing"; exit 2 ;;
  esac
}

# The Python packages of bench/compare, in a folder of their own that git does not see.
peers() {
  local folder=build/compare/python wanted=bench/compare/requirements.txt
  cmp -s "$wanted" "$folder/installed.txt" && return
  say "installing the solvers to compare with into $folder"
  python3 -m venv --clear "$folder" >/dev/null 2>&1 || { need python3-venv; python3 -m venv --clear "$folder"; }
  if ! "$folder/bin/pip" install --quiet --disable-pip-version-check -r "$wanted" >&2; then
    say "the packages of $wanted could not be installed: nothing to compare with"
    exit 2
  fi
  cp "$wanted" "$folder/installed.txt"
}

# Beside PIQP, Clarabel, OSQP and HiGHS, and beside every combination: ./do compare [--quick] [--instances N] [SECTION].
compare() {
  need "${packages[@]}"
  peers
  configure release
  compile build lotwright dump_problem solution_test
  build/compare/python/bin/python bench/compare/compare.py "$@"
}

# Random households by the thousand: ./do properties [--runs N] [--seed N] [TEST].
properties() {
  local runs=2000 seed=$RANDOM filter='*'
  while [ $# -gt 0 ]; do
    case $1 in
      --runs) runs=$2; shift 2 ;;
      --seed) seed=$2; shift 2 ;;
      *) filter=$1; shift ;;
    esac
  done
  need "${packages[@]}"
  configure release
  compile build run_test
  say "properties: $runs households each, seed $seed"
  RC_PARAMS="max_success=$runs max_size=100 seed=$seed" \
    build/run_test --gtest_brief=1 --gtest_filter="Properties.$filter"
}

# The tax ledger beside its second opinion, history by history: ./do ledger [HISTORIES] [SEED] [--only NUMBER].
ledger() {
  build
  tests/ledger_twin/compare.py "${@:-100000}"
}

# Strange accounts by the thousand: ./do stress [--accounts N] [--seed N] [--only KIND:SEED].
stress() {
  need "${packages[@]}"
  configure release
  compile build stress
  build/stress "$@"
}

# libFuzzer on one target or on each in turn: ./do fuzz [--seconds N] [TARGET]. What it finds lies in build-fuzz/found.
fuzz() {
  local seconds=60 targets=()
  while [ $# -gt 0 ]; do
    case $1 in
      --seconds) seconds=$2; shift 2 ;;
      *) targets+=("$1"); shift ;;
    esac
  done
  need "${packages[@]}" "${fuzz_packages[@]}"
  [ ${#targets[@]} -gt 0 ] || targets=($(ls tests/fuzz/corpus))
  configure fuzz
  compile build-fuzz "${targets[@]/#/fuzz_}"
  local target
  for target in "${targets[@]}"; do
    mkdir -p "build-fuzz/corpus/$target" "build-fuzz/found"
    say "fuzzing $target for $seconds seconds"
    "build-fuzz/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=4096 \
      -print_final_stats=1 -verbosity=0 -artifact_prefix="build-fuzz/found/$target-" \
      "build-fuzz/corpus/$target" "tests/fuzz/corpus/$target"
  done
}

help() {
  cat <<'WORDS'
./do demo               build, run the example books, print what a desk would want to know
./do build              the optimized program: build/lotwright
./do test               everything: unit tests, style, end to end; the last line is `N passed, N failed`
./do test --preset P    unit tests under debug (ASan and UBSan) or tsan
./do properties         what must hold of every run, on random households; --runs N, --seed N, TEST
./do ledger             random histories through the tax ledger and its second opinion; HISTORIES, SEED, --only NUMBER
./do stress             degenerate and adversarial accounts through the whole decision; --accounts N, --only KIND:SEED
./do fuzz               libFuzzer on every reader and on the settlement; --seconds N, TARGET
./do wide               the engine built for AVX2 gives the same bytes on whole books (slow)
./do check              formatting of changed files, style; --clang-tidy for the slow one
./do format             clang-format on every source
./do bench              readers and the example book scaled up
./do bench solver       time and proof of an account by size and setting; --quick, --only TITLE, --book, --help
./do bench faults       faults of data injected into invented books: found, falsely asked about; --seed, --books, --json
./do bench instructions counted for three fixed accounts, kept in bench/history.csv; --show, --date
./do compare            beside PIQP, Clarabel, OSQP, HiGHS and every combination of modes; --quick, --help for more
WORDS
}

word=${1-help}
[ $# -gt 0 ] && shift
case $word in
  demo | build | wide | check | properties | ledger | stress | fuzz | format | bench | compare | help) "$word" "$@" ;;
  test) test_all "$@" ;;
  *) say "no such word: $word"; help >&2; exit 2 ;;
esac
