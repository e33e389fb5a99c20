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

work=$(mktemp -d)
servers=()
finish() {
    if [ "${#servers[@]}" -gt 0 ]; then
        kill "${servers[@]}" 2>/dev/null || true
        wait "${servers[@]}" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap finish EXIT

install_package() {
    command -v apt-get >/dev/null || return 0
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
    echo "test.sh: installing $1"
    { "${as_root[@]}" apt-get update -qq \
        && "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "$1"; } >/dev/null || true
}

# The reader inside every bundle is Python with NumPy; the tests that run it skip themselves where there is none.
have_numpy() { /usr/bin/python3 -c 'import numpy' 2>/dev/null || python3 -c 'import numpy' 2>/dev/null; }
have_numpy || install_package python3-numpy
have_numpy || echo "test.sh: python3 with numpy is not here: the tests of the bundle's Python reader are skipped"

# Blobs on S3 are tested on s3rver, installed once in the user's cache; BET_TEST_S3 gives the tests its address.
start_s3() {
    local cache="${XDG_CACHE_HOME:-$HOME/.cache}/bet/s3rver"
    local program="$cache/node_modules/s3rver/bin/s3rver.js"
    command -v npm >/dev/null || install_package npm
    command -v npm >/dev/null || return 1
    if [ ! -f "$program" ]; then
        echo "test.sh: installing s3rver in $cache"
        npm install --prefix "$work/s3rver" --ignore-scripts --no-audit --no-fund --loglevel=error \
            s3rver@3.7.1 >/dev/null || return 1
        { rm -rf "$cache" && mkdir -p "${cache%/*}" && mv "$work/s3rver" "$cache"; } || return 1
    fi

    local node=(node) port=""
    # The tokens of its lists are made with a cipher that OpenSSL 3 has in its legacy provider alone.
    if node --openssl-legacy-provider -e '' 2>/dev/null; then node+=(--openssl-legacy-provider); fi
    "${node[@]}" "$program" --directory "$work/s3" --address 127.0.0.1 --port 0 --silent \
        --configure-bucket bet-test >"$work/s3.log" 2>&1 &
    servers+=($!)
    for _ in {1..100}; do
        port=$(sed -n 's/^S3rver listening on .*:\([0-9]*\)$/\1/p' "$work/s3.log")
        if [ -n "$port" ]; then
            export BET_TEST_S3="http://127.0.0.1:$port"
            return 0
        fi
        sleep 0.1
    done
    cat "$work/s3.log" >&2
    return 1
}

dotnet build Bet.sln --verbosity quiet "${build_options[@]}"

# Rows are tested on PostgreSQL too; where there is none, and it cannot be installed, those tests skip themselves.
with_postgres=()
if [ -z "${BET_TEST_POSTGRES:-}" ]; then
    with_postgres=(bench/with-postgres.sh)
    if ! "${with_postgres[@]}" true; then
        echo "test.sh: the tests on PostgreSQL are skipped"
        with_postgres=()
    fi
fi

[ -n "${BET_TEST_S3:-}" ] || start_s3 \
    || echo "test.sh: npm or s3rver is not here: the tests of blobs on S3 are skipped"
status=0
"${with_postgres[@]}" dotnet test Bet.Tests/Bet.Tests.csproj --no-build --configuration Release -nodeReuse:false \
    --logger "trx;LogFileName=results.trx" --logger "console;verbosity=minimal" \
    --results-directory "$work" "$@" || status=$?

counters=""
if [ -f "$work/results.trx" ]; then
    counters=$(grep -o '<Counters [^>]*' "$work/results.trx" | head -n 1 || true)
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
