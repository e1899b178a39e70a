#!/bin/sh
# Run a task once on every node of a Kubernetes cluster and print the results.
#
# Usage: run-once-daemonset.sh [OPTIONS]
#        run-once-daemonset.sh [OPTIONS] --image IMAGE -- COMMAND [ARG...]
#
# Creates the DaemonSet of a manifest, waits until its pods are Ready, which means
# that their task is done, prints what each of them wrote, and deletes it again.
# With a COMMAND the task is that command in that image, and the manifest is
# Examples/any-command.yaml. Nodes that wrote the same are shown together. Results
# go to standard output, everything else to standard error.
#
#   -f, --filename FILE       the manifest of one DaemonSet, - for standard input
#                             (default: daemonset.yaml beside this script)
#   -n, --namespace NAME      where to create it
#       --context NAME        the kubeconfig context to use
#       --kubeconfig FILE     the kubeconfig file to use
#   -i, --image IMAGE         run this image instead of the manifest's
#   -l, --selector KEY=VALUE  only nodes with this label; several with commas
#   -t, --timeout DURATION    give up after this long: 90, 90s, 5m, 1h (default: 5m)
#       --fail-fast           stop when the first node fails
#   -o, --output-dir DIR      also write each node's result to DIR/NODE.log, and
#                             what became of each node to DIR/summary.json
#       --keep                do not delete the DaemonSet
#       --dry-run             print the manifest that would be created, and stop
#       --local               use no cluster: this machine is the only node
#   -h, --help                print this
#
# Needs kubectl 1.20 or later. With curl 7.75 or later it fetches the results of
# many nodes at a time.
#
# Exit status: 0 every node is done; 1 a node failed, or could not be reached;
# 2 wrong usage; 3 the cluster refused, or can't be reached; 124 timed out;
# 129, 130, 143 stopped by SIGHUP, SIGINT, SIGTERM.

# shellcheck disable=SC2317 # finish and what it calls run from a trap
set -eu
unset CDPATH

# All that a run creates carries this label, with a value of the run's own. So a
# run counts its own pods only and deletes nothing but what it created.
label='run-once-daemonset/run'
# kubectl is a Go program: on one processor, and collecting garbage less often, it takes a fifth less CPU time.
export GOGC="${GOGC:-400}" GOMAXPROCS="${GOMAXPROCS:-1}"
tab=$(printf '\t')
us=$(printf '\037') # ASCII's unit separator: kubectl turns tabs into spaces

main() {
  exec 3>&2 # for say, which a signal may call in the middle of a command whose errors go elsewhere
  trap 'finish $?' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap '' PIPE # a reader that leaves must not keep the DaemonSet from being deleted
  parse_options "$@"
  shift $(($# - command_words))
  make_work_directory
  if [ -n "$local" ]; then
    run_here "$@"
  else
    find_tools
    prepare_manifest "$@"
    [ -z "$dry_run" ] || exit 0
    create_daemonset
    wait_for_nodes
  fi
  exit "$(verdict)"
}

# ---- Command line ------------------------------------------------------------

parse_options() {
  here=$(cd "$(dirname "$0")" && pwd)
  file='' namespace='' context='' kubeconfig='' image='' selector='' timeout=5m output='' fail_fast='' keep='' dry_run='' local='' command_words=0
  while [ $# -gt 0 ]; do
    case $1 in
      --)
        command_words=$(($# - 1))
        [ "$command_words" -gt 0 ] || usage_error "-- needs a command"
        break
        ;;
      --*=*) # the same as two arguments
        option=${1%%=*} value=${1#*=}
        shift
        set -- "$option" "$value" "$@"
        ;;
    esac
    case $1 in
      -h | --help)
        sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
      --fail-fast) fail_fast=yes ;;
      --keep) keep=yes ;;
      --dry-run) dry_run=yes ;;
      --local) local=yes ;;
      -f | --filename | -n | --namespace | --context | --kubeconfig | -i | --image | \
        -l | --selector | -t | --timeout | -o | --output-dir)
        [ -n "${2:-}" ] || usage_error "$1 needs a value"
        case $1 in
          -f | --filename) file=$2 ;;
          -n | --namespace) namespace=$2 ;;
          --context) context=$2 ;;
          --kubeconfig) kubeconfig=$2 ;;
          -i | --image) image=$2 ;;
          -l | --selector) selector=$2 ;;
          -t | --timeout) timeout=$2 ;;
          -o | --output-dir) output=$2 ;;
        esac
        shift
        ;;
      *) usage_error "unknown argument: $1" ;;
    esac
    shift
  done
  limit=$(to_seconds "$timeout")
  case $image in
    *[!A-Za-z0-9._/:@-]*) usage_error "--image: not the name of an image: $image" ;;
  esac
  if [ -n "$selector" ]; then
    pair='[A-Za-z0-9][A-Za-z0-9._/-]*=[A-Za-z0-9._-]*'
    printf '%s' "$selector" | tr '\n' '?' | grep -Eqx "$pair(,$pair)*" ||
      usage_error "--selector: not KEY=VALUE[,KEY=VALUE...]: $selector"
  fi
  if [ -n "$local" ] && [ -n "$file$namespace$context$kubeconfig$image$selector$fail_fast$keep$dry_run" ]; then
    usage_error "--local uses no cluster: it goes with --timeout and --output-dir only"
  fi
  if [ "$command_words" -gt 0 ] && [ -z "$local" ]; then
    [ -z "$file" ] || usage_error "a COMMAND has a manifest of its own: leave out --filename"
    [ -n "$image" ] || usage_error "a COMMAND needs an --image to run in"
  fi
}

to_seconds() { # DURATION
  number=$(printf '%s' "$1" | sed 's/[smh]$//; s/^0*\([0-9]\)/\1/')
  case $number in
    '' | *[!0-9]* | ????????*) usage_error "--timeout: not a duration such as 90s, 5m or 1h: $1" ;;
  esac
  case $1 in
    *h) echo $((number * 3600)) ;;
    *m) echo $((number * 60)) ;;
    *) echo "$number" ;;
  esac
}

say() {
  hide_progress
  printf 'run-once-daemonset: %s\n' "$*" >&3
}

usage_error() {
  say "$(printf '%s' "$*" | tr '\n' ' ') (see --help)"
  exit 2
}

refuse() {
  say "$*"
  exit 3
}

# ---- Set-up ------------------------------------------------------------------

make_work_directory() {
  if [ -n "$output" ]; then
    mkdir -p -- "$output" 2>/dev/null || usage_error "--output-dir: can't be made: $output"
    results=$(cd -- "$output" && pwd)
    [ -w "$results" ] || usage_error "--output-dir: can't be written to: $output"
    for old in "$results"/*.log; do
      [ ! -e "$old" ] || usage_error "--output-dir: holds the results of an earlier run, name another: $output"
    done
  fi
  digest=sha256sum
  command -v sha256sum >/dev/null || digest='shasum -a 256' # macOS
  command -v "${digest%% *}" >/dev/null || refuse "neither sha256sum nor shasum is on PATH"
  work=$(mktemp -d "${TMPDIR:-/tmp}/run-once.XXXXXX" 2>/dev/null) ||
    refuse "no temporary directory can be made in ${TMPDIR:-/tmp}: set TMPDIR to one that can be written to"
  run=$(basename "$work" | tr '[:upper:]' '[:lower:]')-$(date +%s)
  started=$(date +%s)
  if [ -z "$output" ]; then
    results=$work/results
    mkdir "$results"
  fi
  n_fetched=0
  for list in nodes notready said told fetched unfetched left daemonset.seen pods.seen pending.seen warnings.seen; do
    : >"$work/$list"
  done
}

find_tools() {
  command -v kubectl >/dev/null ||
    refuse "kubectl is not on PATH: install it, or run on this machine alone with --local"
  has_curl=$(curl --version 2>/dev/null |
    awk 'NR == 1 { split($2, version, "."); if (version[1] * 1000 + version[2] >= 7075) print "yes" }')
}

# kubectl, for the chosen cluster and namespace. kubectl_instead takes the place of the shell that calls it,
# so that in the background $! is kubectl itself.
kube() { (kubectl_instead "$@"); }

kubectl_instead() {
  exec kubectl ${kubeconfig:+"--kubeconfig=$kubeconfig"} ${context:+"--context=$context"} \
    ${namespace:+"--namespace=$namespace"} "$@"
}

# What kubectl said last, as one line.
kubectl_said() { # FILE
  grep -v '^[EWI][0-9]\{4\} ' "$1" | tail -n 1 | sed 's/^error: //'
}

# ---- Manifest ----------------------------------------------------------------

# Checks the manifest, and writes the one to create: with the run's label, the image, the command, the selector.
prepare_manifest() { # [COMMAND [ARG...]]
  [ $# -eq 0 ] || file=$here/Examples/any-command.yaml
  file=${file:-$here/daemonset.yaml}
  if [ "$file" = - ]; then
    cat >"$work/standard-input"
    file=$work/standard-input
  fi
  labels="{\"labels\":{\"$label\":\"$run\"}}"
  nodes=$(printf '%s' "$selector" | sed 's/\([^=,]*\)=\([^,]*\)/"\1":"\2"/g')
  change_manifest "$file" merge \
    "{\"metadata\":$labels,\"spec\":{\"template\":{\"metadata\":$labels,\"spec\":{\"nodeSelector\":{$nodes}}}}}"
  grep -q '^{' "$work/objects" || refuse "kubectl 1.20 or later is needed: this one is older"
  objects=$(awk 'NR % 2 { printf "%s%s %s", comma, $1, $2; comma = ", " }' "$work/objects")
  [ "$objects" = 'apps/v1 DaemonSet' ] ||
    usage_error "$file: must hold one DaemonSet of apps/v1 and nothing else, but holds: $objects"
  read -r _ _ name own_namespace <"$work/objects"
  namespace=${namespace:-$own_namespace}

  change=''
  [ -z "$image" ] || change='{"op":"add","path":"/spec/template/spec/containers/0/image","value":"'$image'"}'
  if [ $# -gt 0 ]; then
    # kubectl writes the list; Kubernetes reads $$ as $, and $(NAME) as a variable.
    words=$(kubectl create job task --image=task --dry-run=client \
      -o jsonpath='{.spec.template.spec.containers[0].command}' -- "$@" | sed 's/\$/$$/g')
    change=$change',{"op":"add","path":"/spec/template/spec/containers/0/args","value":'$words'}'
  fi
  [ -z "$change" ] || change_manifest "$work/manifest.json" json "[$change]"
  [ -z "$dry_run" ] || kubectl patch --local -f "$work/manifest.json" --type=merge -p '{}' -o yaml
}

# Has kubectl write two lines for each object: what it is, and all of it as JSON.
change_manifest() { # FILE TYPE PATCH
  kubectl patch --local -f "$1" --type="$2" -p "$3" \
    -o jsonpath='{.apiVersion} {.kind} {.metadata.name} {.metadata.namespace}{"\n"}{@}{"\n"}' \
    >"$work/objects" 2>"$work/errors" ||
    usage_error "$file: not the manifest of a DaemonSet: $(kubectl_said "$work/errors")"
  tail -n 1 "$work/objects" >"$work/manifest.json"
}

create_daemonset() {
  may_exist=yes
  created=$(kube create -f "$work/manifest.json" --request-timeout=30s \
    -o jsonpath='{.metadata.namespace} {.metadata.uid} {.metadata.name} {.spec.template.spec.containers[0].name}' \
    2>"$work/errors") || explain_refusal
  cat "$work/errors" >&2 # warnings, such as those of PodSecurity
  # shellcheck disable=SC2086 # four words
  set -- $created
  namespace=$1 uid=$2 name=$3 container=$4
  say "created daemonset/$name in namespace $namespace"
}

explain_refusal() {
  refusal=$(kubectl_said "$work/errors" | sed 's/^Error from server ([A-Za-z]*): //; s/^error when creating "[^"]*": //')
  if grep -q '(AlreadyExists)' "$work/errors"; then
    may_exist=''
    refuse "daemonset/$name exists already and was left alone: another run is under way, or one was kept;" \
      "to remove it: kubectl delete daemonset $name${namespace:+ --namespace=$namespace}"
  elif kube get --raw /version --request-timeout=10s >/dev/null 2>"$work/errors" ||
    grep -q 'Error from server' "$work/errors"; then
    refuse "the cluster refused $file: $refusal"
  fi
  may_exist=''
  refuse "no cluster can be reached: $(kubectl_said "$work/errors");" \
    "to run on this machine alone, without a cluster: $0 --local"
}

# ---- Following the cluster ---------------------------------------------------

# Follows the DaemonSet and its pods with one request each, whatever their number. What happens to a pod before
# its container starts is left out: it is many changes, which matter only when a node is late.
follow_the_run() {
  follow daemonset daemonset_line daemonsets -l "$label=$run"
  follow pods pod_line pods -l "$label=$run" --field-selector 'status.phase!=Pending'
  [ -z "$has_curl" ] || keep_proxy
}

follow_the_late() {
  follow pending pod_line pods -l "$label=$run" --field-selector 'status.phase=Pending'
  follow warnings warning_line events --field-selector type=Warning
}

# Keeps a kubectl running that appends a line to $work/NAME.seen for each object that is there, and for
# each change of one, unless the user may not look. A line counts once its last field, a dot, is there.
# Where no cluster can be reached kubectl ends at once, and is started again once a second.
follow() { # NAME LINE GET-ARGUMENT...
  if is_running "$work/$1.pid" || is_forbidden "$1" || grep -qx "$elapsed" "$work/$1.since" 2>/dev/null; then return; fi
  [ ! -e "$work/$1.pid" ] || was_cut_off=yes
  followed=$1 line=$("$2")
  shift 2
  echo "$elapsed" >"$work/$followed.since"
  echo >>"$work/$followed.seen" # ends a line that was cut off
  kubectl_instead get "$@" --watch -o "$line" >>"$work/$followed.seen" 2>"$work/$followed.errors" &
  echo "$!" >"$work/$followed.pid"
}

is_forbidden() { # NAME
  [ -s "$work/$1.errors" ] && grep -q Forbidden "$work/$1.errors"
}

# Keeps a way to the API open for curl, through a socket that only this user can reach.
keep_proxy() {
  if is_running "$work/proxy.pid"; then return; fi
  rm -f "$work/proxy"
  kubectl_instead proxy --unix-socket="$work/proxy" >"$work/proxy.log" 2>&1 &
  echo "$!" >"$work/proxy.pid"
}

is_running() { # PID-FILE
  [ -s "$1" ] && read -r pid <"$1" && kill -0 "$pid" 2>/dev/null
}

# The format of a line with these fields, a unit separator after each, and a dot.
line_of() { # JSONPATH...
  printf 'jsonpath='
  printf '{%s}\037' "$@"
  printf ".{'\\\\n'}"
}

# Generation, the generation that the controller has seen, the number of nodes it wants.
daemonset_line() {
  line_of .metadata.generation .status.observedGeneration .status.desiredNumberScheduled
}

# The pod, its node, the node it is meant for, since when it is being deleted, whether it is Ready, how often
# the task's container was restarted; then, each with its words, why the pod was rejected, why it is not
# scheduled, what its containers wait for, how its init containers failed, how the task ended.
pod_line() {
  task=".status.containerStatuses[?(@.name=='$container')]"
  terms=.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms
  line_of "'pod'" .metadata.name .spec.nodeName "${terms}[0].matchFields[0].values[0]" .metadata.deletionTimestamp \
    ".status.conditions[?(@.type=='Ready')].status" "$task.restartCount" .status.reason .status.message \
    ".status.conditions[?(@.type=='PodScheduled')]" \
    '.status.initContainerStatuses[?(@.state.waiting.message)].state.waiting' \
    '.status.containerStatuses[?(@.state.waiting.message)].state.waiting' \
    '.status.initContainerStatuses[?(@.lastState.terminated.exitCode!=0)].lastState.terminated' \
    '.status.initContainerStatuses[?(@.state.terminated.exitCode!=0)].state.terminated' \
    "$task.lastState.terminated" "$task.state.terminated"
}

# The object's name and uid, the reason, the message.
warning_line() {
  cat <<EOF
go-template={{.involvedObject.name}}$us{{.involvedObject.uid}}$us{{.reason}}$us{{js .message}}$us.{{"\n"}}
EOF
}

# Writes $work/nodes, a line for each node: the node, its state, its pod, whether the container was
# restarted since it was done, the exit code, the reason; with tabs between. Done and failed are final:
# Kubernetes takes Ready back when a node is lost, and a task that failed is not run again.
survey() {
  awk -F "$us" -v numbers="$work/numbers" '
    function either(text, other) { return text != "" ? text : other }
    # What a field of a JSON object holds, with the escapes that a string has.
    function field(json, name) {
      if (!match(json, "\"" name "\":(\"([^\"\\\\]|\\\\.)*\"|[0-9]+)")) return ""
      value = substr(json, RSTART + length(name) + 3, RLENGTH - length(name) - 3)
      return value ~ /^"/ ? substr(value, 2, length(value) - 2) : value
    }
    BEGIN { generation = 1 } # until one is seen, which the controller has not acted on
    kind == "notready" { notready[$1]; next }
    $NF != "." { next }
    kind == "daemonset" { generation = $1; observed = $2; wanted = $3; if (wanted > most) most = wanted; next }
    kind == "warning" {
      gsub(/\\\047/, "\047", $4) # the one escape that JSON does not know
      if ($3 ~ /^Failed|NotReady/) warning[$1] = $3 ": " $4
      next
    }
    $1 != "pod" { next } # the rest of a message of two lines
    { name = $2; node = either($3, $4); deleted = $5 != ""; ready = $6 == "True"; restarts = $7 + 0 }
    kind == "pods" { started[name] }
    # A pod that starts leaves those that have not, and counts for more than one that is still to start.
    kind == "pending" && (name in started || (pod[node] in started && state[node] != "gone")) { next }
    node == "" || state[node] == "failed" { next }
    state[node] == "done" { if (name == pod[node] && restarts > restarted[node]) again[node] = 1; next }
    deleted && pod[node] != "" && pod[node] != name { next }
    { state[node] = "waiting"; pod[node] = name; restarted[node] = restarts; why[node] = "" }
    # A container that was restarted is Ready only if the task was done before.
    ready { state[node] = "done"; again[node] = restarts > 0; next }
    deleted { state[node] = "gone"; why[node] = "its pod was deleted before its task was done"; next }
    $8 $9 != "" { gsub(/["\\]/, "\\\\&", $9); why[node] = $8 ": " $9 }
    { waits = either($12, either($11, $10)); ended = either(either($13, $14), either($15, $16)) }
    field(waits, "reason") != "" { why[node] = field(waits, "reason") ": " field(waits, "message") }
    ended != "" {
      state[node] = "failed"; code[node] = field(ended, "exitCode")
      why[node] = either(field(ended, "message"), field(ended, "reason"))
    }
    END {
      for (n in state) {
        if (state[n] == "waiting" && why[n] == "") why[n] = warning[pod[n]]
        if (state[n] == "waiting" && n in notready) { state[n] = "unreachable"; why[n] = "the node is not ready" }
        printf "%s\t%s\t%s\t%d\t%s\t%s\n", n, state[n], pod[n], again[n], code[n], why[n]
        count[state[n]]++; all++
      }
      print all + 0, count["done"] + 0, count["failed"] + 0, count["unreachable"] + 0, count["gone"] + 0, \
        count["waiting"] + 0, generation + 0, observed + 0, wanted + 0, most + 0 >numbers
    }
  ' kind=notready "$work/notready" kind=daemonset "$work/daemonset.seen" kind=warning "$work/warnings.seen" \
    kind=pods "$work/pods.seen" kind=pending "$work/pending.seen" | sort >"$work/survey"
  mv "$work/survey" "$work/nodes"
  read -r n_nodes n_done n_failed n_unreachable n_gone n_waiting generation observed wanted most_wanted <"$work/numbers"
}

# ---- Waiting -----------------------------------------------------------------

# Returns when every node has ended and its result is here, or when no more can be expected.
wait_for_nodes() {
  while :; do
    look_at_clock
    follow_the_run
    survey
    tell_failures
    fetch_results
    look_for_the_late
    if all_ended || is_hopeless; then break; fi
    if [ -n "$fail_fast" ] && [ "$n_failed" -gt 0 ]; then break; fi
    tell_progress
    if [ "$elapsed" -ge "$limit" ]; then
      timed_out=yes
      say "timed out after $limit s"
      break
    fi
    pause "$(until_next_look)"
  done
  fetch_the_rest
  tell_unfinished
}

# Looking costs little while the nodes are few, and is in vain while nothing happens.
until_next_look() {
  if [ $((n_nodes + wanted)) -le 100 ] && [ "$idle" -lt 10 ]; then echo 0.2; else echo 2; fi
}

# Sets elapsed to the seconds since the start.
look_at_clock() { elapsed=$(($(date +%s) - started)); }

# Some seconds, which a signal cuts short; a sleep that knows no fractions takes one.
pause() { # SECONDS
  { sleep "$1" 2>/dev/null || sleep 1; } &
  wait "$!" || :
}

# Every node that the DaemonSet's controller wants has a pod, all have ended, and the results are here.
all_ended() {
  [ "$observed" -ge "$generation" ] && [ "$wanted" -gt 0 ] && [ $((n_nodes - n_gone)) -ge "$wanted" ] &&
    [ $((n_waiting + n_unreachable)) -eq 0 ] && [ "$n_fetched" -eq "$n_done" ] && none_was_lost
}

# The controller no longer counts a node that was lost, whose pod may not have started.
none_was_lost() {
  if [ "$wanted" -eq "$most_wanted" ]; then return; fi
  unstarted=$(kube get pods -l "$label=$run" --field-selector status.phase=Pending -o name --request-timeout=10s \
    2>"$work/errors") && [ -z "$unstarted" ] && return
  follow_the_late
  return 1
}

# Sets idle to the seconds since the last node ended, and looks for what keeps those that are late.
look_for_the_late() {
  news="$wanted $n_done $n_failed $n_gone $n_fetched"
  [ "$news" = "${last_news:-}" ] || last_change=$elapsed
  last_news=$news
  idle=$((elapsed - last_change))
  [ "$n_waiting" -eq 0 ] || last_hope=$elapsed
  is_late || return 0
  follow_the_late
  if [ "$elapsed" -ge "${ask_next:-0}" ]; then
    ask_next=$((elapsed + 10))
    ask_about_nodes
  fi
}

# Nodes that have not ended are late when nothing happens, or else when it has taken a while.
is_late() { [ "$idle" -ge 3 ] || [ "$elapsed" -ge 20 ]; }

ask_about_nodes() {
  if kube get nodes --no-headers --request-timeout=10s >"$work/all-nodes" 2>"$work/errors"; then
    awk '$2 ~ /^(NotReady|Unknown)/ { print $1 }' "$work/all-nodes" >"$work/notready"
  elif grep -q Forbidden "$work/errors"; then
    say "you may not list nodes: a node that is not ready is waited for like any other"
    ask_next=$limit
  fi
}

# Nothing more can be expected: the user may not look, no node is meant, the pods are rejected, or nothing
# happened for half a minute and all that is missing can't be reached, as far back as the last two looks at it.
is_hopeless() {
  for followed in pods daemonset; do
    if is_forbidden "$followed"; then refuse "the cluster refused: $(kubectl_said "$work/$followed.errors")"; fi
  done
  if [ "$observed" -ge "$generation" ] && [ $((wanted + n_nodes)) -eq 0 ]; then
    refuse "no node matches: look at the node selector and the affinity in $file${selector:+, and at --selector $selector}"
  fi
  [ "$n_waiting" -eq 0 ] || return 1
  # The controller does not say how many nodes it wants before it could create the first pods.
  if [ "$idle" -ge 10 ] && { [ "$observed" -lt "$generation" ] || [ $((n_nodes - n_gone)) -lt "$wanted" ]; }; then
    if tell_rejection; then
      rejected=yes
      return 0
    fi
  fi
  [ "$idle" -ge 30 ] && [ $((elapsed - ${last_hope:-0})) -ge 20 ] && [ $((n_unreachable + n_done - n_fetched)) -gt 0 ]
}

# ---- Progress ----------------------------------------------------------------

tell_progress() {
  if [ "$wanted" -eq 0 ] && [ "$n_nodes" -eq 0 ]; then
    progress="waiting for the first pod"
  else
    total=$((n_nodes > wanted ? n_nodes : wanted))
    progress="nodes: $n_done of $total done, $n_failed failed, $((total - n_done - n_failed)) to go"
  fi
  if [ -t 3 ]; then
    [ -z "${printed_progress:-}" ] || printf '\r\033[K' >&3
    printf '%s (%d s)' "$progress" "$elapsed" >&3
    printed_progress=yes
  elif [ "$progress" != "${printed_progress:-}" ]; then
    printf '%s\n' "$progress" >&3
    printed_progress=$progress
  fi
  if is_late; then tell_reasons; fi
}

hide_progress() {
  [ -t 3 ] && [ -n "${printed_progress:-}" ] || return 0
  printf '\r\033[K' >&3
  printed_progress=''
}

# Why nodes are still waiting, and what keeps kubectl from following them.
tell_reasons() {
  tell_rejection || :
  group_reasons waiting unreachable | while IFS="$tab" read -r why names; do
    say_once "$why" "$names: $(printf '%s' "$why" | plain)"
  done
  sed '/^[EWI][0-9]\{4\} /d; /^$/d' "$work"/*.errors | sort -u | while read -r trouble; do
    say_once "$trouble" "kubectl says: $trouble"
  done
}

# Says why the DaemonSet's controller may not create pods; fails where it has not said so.
tell_rejection() {
  rejection=$(awk -F "$us" -v uid="$uid" '$2 == uid && $3 == "FailedCreate" && $NF == "." { why = $4 } END { print why }' \
    "$work/warnings.seen" | sed 's/^(combined from similar events): //; s/ \\"'"$name"'-[a-z0-9]*\\"//')
  [ -n "$rejection" ] && say_once "$rejection" "the cluster rejects pods: $(printf '%s' "$rejection" | plain)"
}

say_once() { # WHAT-IDENTIFIES-IT TEXT
  if ! grep -Fqx -e "$1" "$work/said"; then
    printf '%s\n' "$1" >>"$work/said"
    say "$2"
  fi
}

# The reasons of the nodes in these states, a line for each: the reason, a tab, the nodes.
group_reasons() { # STATE...
  awk -F '\t' -v states=" $* " '
    index(states, " " $2 " ") && $6 != "" { names[$6] = names[$6] (names[$6] == "" ? "" : ", ") $1 }
    END { for (why in names) print why "\t" names[why] }
  ' "$work/nodes" | sort
}

# Turns escapes of JSON and JavaScript into what they stand for; further lines are indented.
plain() {
  awk '{
    gsub(/\\\\/, "\001"); gsub(/\\u000A/, "\\n"); sub(/(\\n)+$/, ""); gsub(/\\n/, "\n    "); gsub(/\\t|\\u0009/, "\t")
    gsub(/\\u003[Cc]/, "<"); gsub(/\\u003[Ee]/, ">"); gsub(/\\u0026/, "\\&"); gsub(/\\u003D/, "=")
    gsub(/\\\047/, "\047"); gsub(/\\"/, "\""); gsub("\001", "\\")
    print
  }'
}

# Nodes in this state that are not in the list yet: a line of $work/nodes for each.
not_yet_in() { # LIST STATE
  awk -F '\t' -v state="$2" '
    listed { have[$1]; next }
    $2 == state && !($1 in have)
  ' listed=1 "$work/$1" listed= "$work/nodes"
}

tell_failures() {
  [ "$n_failed" -gt 0 ] || return 0
  not_yet_in told failed | while IFS="$tab" read -r node _ _ _ code why; do
    say "$node: failed with exit code $code: $(printf '%s' "$why" | plain)"
    printf '%s\t%s\n' "$node" "$elapsed" >>"$work/told"
  done
}

# What was not done, and why, when the waiting is over.
tell_unfinished() {
  group_reasons waiting unreachable gone | while IFS="$tab" read -r why names; do
    say "not done: $names: $(printf '%s' "$why" | plain)"
  done
  quiet=$(awk -F '\t' '$2 == "waiting" && $6 == "" { printf "%s%s", comma, $1; comma = ", " }' "$work/nodes")
  [ -z "$quiet" ] || say "not done: $quiet: still running"
  not_yet_in fetched 'done' | while IFS="$tab" read -r node _ pod _; do
    say "$node: done, but its result can't be fetched:" \
      "$(awk -F '\t' -v node="$node" '$1 == node { print $2 }' "$work/unfetched" | tail -n 1) (pod $pod)"
  done
}

# ---- Results -----------------------------------------------------------------

# Fetches the results of the nodes that are done since the last time; what fails is tried again the next time.
# While nodes are at work that is once in three seconds at most: many at once cost less.
fetch_results() {
  if [ "$n_fetched" -eq "$n_done" ]; then return; fi
  if [ "$n_waiting" -gt 0 ] && [ "$elapsed" -lt "${fetch_next:-0}" ]; then return; fi
  fetch_next=$((elapsed + 3))
  if [ -n "$has_curl" ]; then fetch_with fetch_many; else fetch_with fetch_one_by_one; fi
}

# What could not be fetched until now gets a last try, after which kubectl gives the reason.
fetch_the_rest() {
  if [ "$n_fetched" -lt "$n_done" ]; then fetch_with fetch_one_by_one; fi
}

fetch_with() { # FUNCTION
  not_yet_in fetched 'done' >"$work/batch"
  "$1"
  n_fetched=$(wc -l <"$work/fetched")
}

# One curl for all of them.
fetch_many() {
  path=http://localhost/api/v1/namespaces/$namespace/pods
  awk -F '\t' -v path="$path" -v query="container=$container" '{
    printf "url = \"%s/%s/log?%s%s\"\noutput = \"%s.log\"\n", path, $3, query, $4 ? "&previous=true" : "", $1
  }' "$work/batch" >"$work/urls"
  while read -r node _; do : >"$results/$node.log"; done <"$work/batch" # curl makes no file of nothing
  (
    cd "$results"
    exec curl --config "$work/urls" --unix-socket "$work/proxy" --noproxy '*' --globoff \
      --parallel --silent --fail --max-time 120 --write-out '%{exitcode} %{http_code} %{filename_effective}\n'
  ) >"$work/fetching" 2>/dev/null &
  echo "$!" >"$work/curl.pid"
  wait "$!" || :
  awk -v time="$elapsed" '$1 == 0 && $2 == 200 { sub(/\.log$/, "", $3); print $3 "\t" time }' \
    "$work/fetching" >>"$work/fetched"
}

fetch_one_by_one() {
  last_start=$((elapsed + 30))
  while IFS="$tab" read -r node _ pod again _; do
    look_at_clock
    if [ "$elapsed" -ge "$last_start" ]; then break; fi
    previous=''
    [ "$again" -eq 0 ] || previous=--previous
    if kube logs "$pod" --container="$container" ${previous:+"$previous"} --request-timeout=60s \
      >"$results/$node.log" 2>"$work/errors"; then
      printf '%s\t%s\n' "$node" "$elapsed" >>"$work/fetched"
    else
      printf '%s\t%s\n' "$node" "$(kubectl_said "$work/errors")" >>"$work/unfetched"
    fi
  done <"$work/batch"
}

# Removes what was only partly fetched when the run was stopped.
drop_partial_results() {
  not_yet_in fetched 'done' | while read -r node _; do rm -f "$results/$node.log"; done
}

# Nodes with the same result are shown once.
print_results() {
  [ -s "$work/fetched" ] || return 0
  (
    cd "$results"
    # shellcheck disable=SC2086 # a command and its options
    cut -f 1 "$work/fetched" | sed 's/$/.log/' | xargs $digest | sort | awk '
      $1 != sum { if (n) print n "\t" first "\t" names; sum = $1; first = $2; names = ""; n = 0 }
      { sub(/\.log$/, "", $2); names = names (n++ ? ", " : "") $2 }
      END { if (n) print n "\t" first "\t" names }
    ' | sort -k 1,1nr -k 2,2 | {
      while IFS="$tab" read -r _ first names; do
        printf '%s==> %s <==\n' "${between:-}" "$names" && cat "$first" || exit 1
        last=$first
        between='
'
      done
      [ -z "${last:-}" ] || [ -z "$(tail -c 1 "$last" | tr '\000' '?')" ] || echo
    }
  )
}

# ---- The end -----------------------------------------------------------------

verdict() {
  if [ -n "${timed_out:-}" ]; then
    echo 124
  elif [ -n "${rejected:-}" ]; then
    echo 3
  elif [ "$n_fetched" -eq "$n_nodes" ]; then
    echo 0
  else
    echo 1
  fi
}

# Runs on every way out, once.
finish() { # EXIT-STATUS
  status=$1
  trap - EXIT
  trap 'abandon' HUP INT TERM
  set +e
  if [ -n "${work:-}" ]; then
    hide_progress
    stop_child "$work/curl.pid"
    drop_partial_results
    if ! print_results 2>/dev/null; then
      say "the results could not be written to standard output"
      [ "$status" -ne 0 ] || status=1
    fi
    delete_daemonset
    stop_children
    recap
    rm -rf "$work"
  fi
  exit "$status"
}

# A second Ctrl-C.
abandon() {
  trap '' HUP INT TERM
  [ -z "${may_exist:-}" ] || say "stopped; to remove what may be left: $(delete_command)"
  stop_children
  rm -rf "$work"
  exit "$((status ? status : 130))"
}

stop_children() {
  for pid_file in "$work"/*.pid; do stop_child "$pid_file"; done
}

stop_child() { # PID-FILE
  if is_running "$1"; then
    kill "$pid"
    wait "$pid"
  fi 2>/dev/null
  rm -f "$1"
}

delete_command() {
  echo "kubectl delete daemonsets,pods -l $label=$run${namespace:+ --namespace=$namespace}"
}

# Deletes the DaemonSet and its pods and waits for up to a minute until they are gone.
delete_daemonset() {
  [ -n "${may_exist:-}" ] || return
  if [ -n "$keep" ]; then
    say "kept daemonset/$name; to remove it: $(delete_command)"
    return
  fi
  stop_children
  look_at_clock
  give_up=$((elapsed + 60))
  until deleted=$(kube delete daemonsets -l "$label=$run" --wait=false --request-timeout=10s -o name 2>"$work/errors"); do
    look_at_clock
    if [ -z "${uid:-}" ] || [ "$elapsed" -ge "$give_up" ]; then
      [ -z "${uid:-}" ] || say "can't delete daemonset/$name: $(kubectl_said "$work/errors"); to remove it: $(delete_command)"
      return
    fi
    pause 1
  done
  [ -n "$deleted${uid:-}" ] || return
  # A controller that was cut off as well may not know yet that the DaemonSet is gone, and would make its pods
  # anew. The garbage collector, which shares what it knows, deletes them when it does.
  [ -n "${was_cut_off:-}" ] || delete_pods
  until pods_are_gone; do
    look_at_clock
    if [ "$elapsed" -ge "$give_up" ] || only_dead_nodes_are_left; then
      left=$(awk '{ printf "%s%s on %s", comma, $1, $2 == "" ? "no node" : $2; comma = ", " }' "$work/left")
      say "deleted, but still there: ${left:-its pods, as far as is known: $(kubectl_said "$work/errors")};" \
        "to remove them: $(delete_command) --force --grace-period=0"
      return
    fi
    if [ -s "$work/left" ] && ! grep -q startedAt "$work/left"; then
      # All containers have ended: do not wait until the last kubelet finds the time to say goodbye.
      delete_pods '&gracePeriodSeconds=0' || pause 0.2
    else
      pause 0.2
    fi
  done
}

# One request for all pods; whoever may not make it leaves them to the garbage collector, which takes longer.
delete_pods() { # [FURTHER-PARAMETER]
  [ -z "$namespace" ] ||
    kube delete --raw "/api/v1/namespaces/$namespace/pods?labelSelector=run-once-daemonset%2Frun%3D$run${1:-}" \
      --request-timeout=30s >/dev/null 2>&1
}

# Writes $work/left, a line for each pod that is left: the pod, its node, since when its containers run.
pods_are_gone() {
  kube get pods -l "$label=$run" --request-timeout=10s -o jsonpath="$(left_line)" >"$work/listed" 2>"$work/errors" &&
    mv "$work/listed" "$work/left" && [ ! -s "$work/left" ]
}

left_line() {
  printf %s '{range .items[*]}{.metadata.name} {.spec.nodeName} {.status.initContainerStatuses[*].state.running}' \
    '{.status.containerStatuses[*].state.running}{"\n"}{end}'
}

# After ten seconds: whether all pods that are left are on nodes that are not ready.
only_dead_nodes_are_left() {
  [ "$elapsed" -ge $((give_up - 50)) ] || return 1
  ask_about_nodes
  [ -s "$work/notready" ] && [ -s "$work/left" ] && ! cut -d ' ' -f 2 "$work/left" | grep -Fqvx -f "$work/notready"
}

# What became of the nodes: in one line for people, with -o in a file for programs.
recap() {
  [ "${n_nodes:-0}" -gt 0 ] || return
  look_at_clock
  say "nodes: $n_done of $n_nodes done, $n_failed failed, $n_unreachable not reached," \
    "$((n_waiting + n_gone)) not done, in $elapsed s"
  [ -z "$output" ] || awk -F '\t' '
    !table { seconds[$1] = $2; fetched[$1] = kind == "fetched"; next }
    {
      printf "%s{\"node\": \"%s\", \"state\": \"%s\", \"exitCode\": %s, \"reason\": \"%s\", \"seconds\": %s}", \
        comma, $1, $2 == "done" && !fetched[$1] ? "unfetched" : $2, \
        $5 == "" ? "null" : $5, $6, $1 in seconds ? seconds[$1] : "null"
      comma = ",\n "
    }
    BEGIN { printf "[" }
    END { print "]" }
  ' kind=fetched "$work/fetched" kind=told "$work/told" table=1 "$work/nodes" >"$results/summary.json"
}

# ---- Without a cluster -------------------------------------------------------

# The same job with this machine as the only node.
run_here() { # [COMMAND [ARG...]]
  program='run-once'
  if [ $# -eq 0 ]; then
    program='cat-etc-hosts'
    set -- /etc/hosts
  fi
  command -v swift >/dev/null ||
    refuse "swift is not on PATH, and --local builds the agent: install Swift from https://www.swift.org/install"
  node=$(uname -n)
  say "building the agent"
  mkdir "$work/build" # where swift leaves temporary files
  TMPDIR=$work/build swift build --package-path "$here" --product "$program" >"$work/build.log" 2>&1 || {
    cat "$work/build.log" >&2
    refuse "the agent does not build"
  }
  agent=$(TMPDIR=$work/build swift build --package-path "$here" --show-bin-path)/$program
  n_nodes=1 n_done=0 n_failed=0 n_unreachable=0 n_gone=0 n_waiting=1
  mkdir "$work/state"
  "$agent" --state-dir "$work/state" -- "$@" >"$results/$node.log" 2>"$work/errors" 3>&- &
  echo "$!" >"$work/agent.pid"
  while :; do
    look_at_clock
    if "$agent" --ready --state-dir "$work/state"; then break; fi
    if ! is_running "$work/agent.pid"; then
      code=0
      wait "$(cat "$work/agent.pid")" || code=$?
      reason=$(awk '{ gsub(/["\\]/, "\\\\&"); gsub("\t", "\\t"); printf "%s\\n", $0 }' "$work/errors")
      printf '%s\tfailed\t-\t0\t%s\t%s\n' "$node" "$code" "$reason" >"$work/nodes"
      n_failed=1 n_waiting=0
      tell_failures
      return
    fi
    if [ "$elapsed" -ge "$limit" ]; then
      printf '%s\twaiting\t-\t0\t\tstill running\n' "$node" >"$work/nodes"
      timed_out=yes
      say "timed out after $limit s"
      tell_unfinished
      return
    fi
    pause 1
  done
  printf '%s\tdone\t-\t0\t\t\n' "$node" >"$work/nodes"
  printf '%s\t%s\n' "$node" "$elapsed" >"$work/fetched"
  n_done=1 n_waiting=0 n_fetched=1
}

main "$@"
