#!/usr/bin/env bash
# Builds BET and runs its tests; sets up what they need on a fresh Debian machine that has the .NET SDK.
# Arguments go to `dotnet test`: ./test.sh --filter FullyQualifiedName~Bet.Tests.Search
# The last line is "N passed, N failed, N skipped"; the exit status is 0 only where a test ran and none failed.
set -euo pipefail
exec </dev/null
cd "$(dirname "${BASH_SOURCE[0]}")"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1
build_options=(--configuration Release -nodeReuse:false -p:UseSharedCompilation=false)

if ! command -v dotnet >/dev/null; then
    echo "test.sh: dotnet was not found: install the .NET 10 SDK first" >&2
    exit 1
fi

# The reader inside every bundle is Python with NumPy; the tests that run it skip themselves where there is none.
have_numpy() { /usr/bin/python3 -c 'import numpy' 2>/dev/null || python3 -c 'import numpy' 2>/dev/null; }
if ! have_numpy && command -v apt-get >/dev/null; then
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
    echo "test.sh: installing python3-numpy"
    { "${as_root[@]}" apt-get update -qq \
        && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends python3-numpy; } >/dev/null || true
fi
have_numpy || echo "test.sh: python3 with numpy is not here: the tests of the bundle's Python reader are skipped"

dotnet build Bet.sln --verbosity quiet "${build_options[@]}"

# Rows are tested on PostgreSQL too; where there is none, and it cannot be installed, those tests skip themselves.
with_postgres=(bench/with-postgres.sh)
if [ -z "${BET_TEST_POSTGRES:-}" ] && ! "${with_postgres[@]}" true; then
    echo "test.sh: the tests on PostgreSQL are skipped"
    with_postgres=()
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
status=0
"${with_postgres[@]}" dotnet test Bet.Tests/Bet.Tests.csproj --no-build --configuration Release -nodeReuse:false \
    --logger "trx;LogFileName=results.trx" --logger "console;verbosity=minimal" \
    --results-directory "$results" "$@" || status=$?

counters=""
if [ -f "$results/results.trx" ]; then
    counters=$(grep -o '<Counters [^>]*' "$results/results.trx" | head -n 1 || true)
fi
count() {
    local value
    value=$(sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters")
    echo "${value:-0}"
}
total=$(count total)
executed=$(count executed)
passed=$(count passed)
failed=$((executed - passed))
if [ "$status" -eq 0 ] && { [ "$failed" -gt 0 ] || [ "$executed" -eq 0 ]; }; then status=1; fi
if [ "$executed" -eq 0 ]; then echo "test.sh: no test ran" >&2; fi
echo "$passed passed, $failed failed, $((total - executed)) skipped"
exit "$status"
