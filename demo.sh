#!/usr/bin/env bash
# The main job end to end over real HTTP: builds BET, starts a server on this machine, uploads a data set, searches for
# the best table under a budget, shows what was found beside full size and uniform sizes, and leaves the bundle.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: ./demo.sh [--data FOLDER] [--effort quick|standard|thorough] [--backbone lightgcn|mf]
                 [--sparsity 0.9] [--seed 1] [--port PORT] [--out demo-out]

  --data FOLDER   a folder with train.* (and test.*), ratings.* or interactions.* (txt, csv, tsv, dat; also .gz);
                  without it a data set of 6,000 users and 4,000 items is generated
  --effort        how much work the search may be (default: quick)
  --backbone      the recommender (default: lightgcn)
  --sparsity      the share of the full table that must go (default: 0.9)
  --seed          the same seed gives the same table (default: 1)
  --port          the server's port on 127.0.0.1 (default: a free one)
  --out           where the bundle goes (default: ./demo-out)
TEXT
}

fail() {
    echo "demo.sh: $1" >&2
    exit 2
}

data="" effort=quick backbone=lightgcn sparsity=0.9 seed=1 port=0 out=demo-out
while [ $# -gt 0 ]; do
    case "$1" in
        --help | -h)
            usage
            exit 0
            ;;
        --data | --effort | --backbone | --sparsity | --seed | --port | --out)
            [ $# -ge 2 ] || fail "$1 needs a value; --help shows how"
            declare "${1#--}=$2"
            shift 2
            ;;
        *) fail "there is no option '$1'; --help lists them" ;;
    esac
done
case "$effort" in quick | standard | thorough) ;; *) fail "--effort is quick, standard or thorough, not '$effort'" ;; esac
case "$port" in '' | *[!0-9]*) fail "--port is a number, not '$port'" ;; esac
[ -z "$data" ] || [ -d "$data" ] || fail "--data: there is no folder '$data'"
command -v dotnet >/dev/null || fail "dotnet was not found: install the .NET 10 SDK first"

[ -z "$data" ] || data=$(realpath "$data")
mkdir -p "$out"
out=$(realpath "$out")
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_USE_MSBUILD_SERVER=0 MSBUILDDISABLENODEREUSE=1

echo "building"
for project in Bet.Api Bet.Bench; do
    dotnet build "$project" --configuration Release --verbosity quiet -nodeReuse:false -p:UseSharedCompilation=false \
        >"$out/build.log" 2>&1 || { cat "$out/build.log"; exit 1; }
done

folder=$(mktemp -d)
server=""
cleanup() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$folder"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

dotnet Bet.Api/bin/Release/net10.0/Bet.Api.dll --urls "http://127.0.0.1:$port" --data "$folder" >"$out/server.log" 2>&1 &
server=$!
url=""
for _ in $(seq 100); do
    url=$(sed -n 's/.*Now listening on: \(http:[^ ]*\).*/\1/p' "$out/server.log" | head -n 1)
    [ -z "$url" ] || break
    kill -0 "$server" 2>/dev/null || break
    sleep 0.2
done
if [ -z "$url" ]; then
    echo "demo.sh: the server did not start; it said:" >&2
    cat "$out/server.log" >&2
    exit 1
fi
echo "server at $url (Swagger UI at $url/swagger while the demo runs)"

arguments=(--url "$url" --effort "$effort" --backbone "$backbone" --sparsity "$sparsity" --seed "$seed" --out "$out")
[ -z "$data" ] || arguments+=(--data "$data")
dotnet Bet.Bench/bin/Release/net10.0/Bet.Bench.dll demo "${arguments[@]}"
