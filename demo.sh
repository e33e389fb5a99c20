#!/usr/bin/env bash
# Starts the service on this machine, searches a table over HTTP, shows what was found and stops the service again.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
    cat <<'TEXT'
Usage: ./demo.sh [options]
  --data FOLDER      train.txt and test.txt, or ratings.* or interactions.*, of click data clicks.* too (also .gz);
                     default: generated data
  --effort E         quick (default), standard or thorough
  --backbone B       lightgcn (default), ngcf, ncf or mf; dlrm or dcn for click data
  --sparsity S       share of the table that must go, at least 0 and below 1; default 0.9
  --seed N           default 1
  --port N           of the service on 127.0.0.1; default: any free one
  --label COLUMN     of click data that are not Criteo's, 0 or 1; default label
  --ignore COLUMNS   of click data: not looked at, separated by commas
  --numbers COLUMNS  of click data: numbers, separated by commas; default none, all others are categories
  --out FOLDER       what was found; default ./demo-out
  --results FILE     gets a line added: what the search took, from the upload to the bundle, and found
  --help             this text
TEXT
}

fail() {
    echo "demo.sh: $1" >&2
    exit 2
}

# shellcheck disable=SC2034 # label, ignore, numbers and results are read by their names
data="" effort=quick backbone=lightgcn sparsity=0.9 seed=1 port=0 out=demo-out label="" ignore="" numbers="" results=""
while [ $# -gt 0 ]; do
    case $1 in
        --help | -h) usage; exit 0 ;;
        --data | --effort | --backbone | --sparsity | --seed | --port | --out | --label | --ignore | --numbers | --results)
            [ $# -ge 2 ] || fail "$1 needs a value; see --help"
            [ -n "$2" ] || fail "$1 needs a value that is not empty; see --help"
            printf -v "${1#--}" '%s' "$2"
            shift 2 ;;
        *) fail "there is no option '$1'; see --help" ;;
    esac
done

case $effort in quick | standard | thorough) ;; *) fail "--effort $effort: give quick, standard or thorough" ;; esac
clicks=""
case $backbone in
    lightgcn | ngcf | ncf | mf) ;;
    dlrm | dcn) clicks=yes ;;
    *) fail "--backbone $backbone: give lightgcn, ngcf, ncf or mf, or dlrm or dcn for click data" ;;
esac
extra=()
for option in label ignore numbers; do
    if [ -n "${!option}" ]; then
        [ -n "$clicks" ] || fail "--$option: it is of click data; give --backbone dlrm or dcn with it"
        extra+=("--$option" "${!option}")
    fi
done
if [ -n "$results" ]; then
    { mkdir -p "$(dirname "$results")" && : >>"$results"; } 2>/dev/null || fail "--results $results: the file cannot be written; give another"
    extra+=(--results "$results")
fi
[[ $sparsity =~ ^(0?\.[0-9]+|0)$ ]] || fail "--sparsity $sparsity: give a number of at least 0 and below 1, such as 0.9"
[[ $seed =~ ^[0-9]{1,19}$ ]] || fail "--seed $seed: give a whole number of at least 0"
[[ $port =~ ^[0-9]{1,5}$ && $((10#$port)) -le 65535 ]] || fail "--port $port: give a number of at most 65535"
if [ -n "$data" ]; then
    [ -d "$data" ] || fail "--data $data: there is no such folder"
    [ -n "$(ls -A "$data")" ] || fail "--data $data: the folder is empty"
fi
command -v dotnet >/dev/null || fail "dotnet was not found: install the .NET 10 SDK first"
mkdir -p "$out" 2>/dev/null || fail "--out $out: the folder cannot be made"

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_USE_MSBUILD_SERVER=0
work=$(mktemp -d)
server=""
# shellcheck disable=SC2317 # the trap calls it
stop() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

echo "building"
for project in Bet.Api Bet.Bench; do
    dotnet build "$here/$project" --configuration Release --verbosity quiet -nologo -nodeReuse:false \
        -p:UseSharedCompilation=false </dev/null >"$work/build.log" || { cat "$work/build.log" >&2; exit 1; }
done
bench=("dotnet" "$here/Bet.Bench/bin/Release/net10.0/Bet.Bench.dll")

if [ -z "$data" ]; then
    data=$work/generated
    "${bench[@]}" generate --out "$data" --seed "$seed" ${clicks:+--clicks} >/dev/null
fi

log=$work/server.log
dotnet "$here/Bet.Api/bin/Release/net10.0/Bet.Api.dll" --urls "http://127.0.0.1:$port" --data "$work/bet" \
    >"$log" 2>&1 </dev/null &
server=$!

# With port 0 the system chooses one, which the log tells.
url=""
if [ "$((10#$port))" -ne 0 ]; then url=http://127.0.0.1:$port; fi
for _ in $(seq 150); do
    if ! kill -0 "$server" 2>/dev/null; then
        server=""
        cat "$log" >&2
        echo "demo.sh: the service did not start" >&2
        exit 1
    fi
    if grep -q 'listening on' "$log"; then
        if [ -z "$url" ]; then url=$(grep -o 'http://127\.0\.0\.1:[0-9]*' "$log" | head -n 1); fi
        break
    fi
    sleep 0.2
done
if [ -z "$url" ]; then
    cat "$log" >&2
    echo "demo.sh: the service did not say where it listens" >&2
    exit 1
fi
echo "service at $url"

status=0
"${bench[@]}" demo --url "$url" --data "$data" --out "$out" --backbone "$backbone" --effort "$effort" \
    --sparsity "$sparsity" --seed "$seed" "${extra[@]}" || status=$?
if [ "$status" -eq 1 ]; then
    echo "demo.sh: the service's last lines:" >&2
    tail -n 20 "$log" >&2
fi
exit "$status"
