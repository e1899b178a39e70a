#!/bin/sh
# Runs the task of a DaemonSet once on every node, prints what each of them wrote, and deletes it again.
#
# Usage: run-once-daemonset.sh [OPTION...]
#   -f, --filename FILE    the manifest of one DaemonSet, - for standard input (default: daemonset.yaml)
#   -n, --namespace NAME   where to create it; this, --context NAME and --kubeconfig FILE are as in kubectl
#   -t, --timeout SECONDS  give up after this long (default: 300)
#       --local            (no other option) use no cluster: print this machine's /etc/hosts with the same agent
#
# A task is done when three looks in a row show its container Ready; it has failed when that ends. Its container is the
# only one, or the one named by the annotation kubectl.kubernetes.io/default-container. Needs kubectl 1.20 or later.
# Results go to standard output. Exit status: 0 every node it selects is done; 1 a node failed; 2 wrong usage or a bad
# manifest; 3 the cluster refused, can't be reached, or not all was deleted; 124 timed out; 129, 130, 131, 143 stopped.

set -eu
main() {
  here=$(dirname "$0") file=$here/daemonset.yaml namespace='' context='' config='' seconds=300 created='' agent=''
  tmp=$(mktemp -d) || fail 3 "no folder for temporary files can be made: set TMPDIR to one that can be written to"
  trap finish EXIT && trap 'exit 129' HUP && trap 'exit 130' INT && trap 'exit 131' QUIT && trap 'exit 143' TERM
  trap '' PIPE # a reader that leaves must not keep the DaemonSet from being deleted
  if [ "$*" = --local ]; then run_here; else parse_options "$@"; check_manifest; run_on_nodes; fi
}

parse_options() {
  while [ $# -gt 0 ]; do
    case $1 in --*=*) option=${1%%=*} value=${1#*=} && shift && set -- "$option" "$value" "$@" ;; esac
    case $1 in
      -h | --help) sed -n '2,/^$/s/^# \{0,1\}//p' "$0" && exit ;;
      -f | --filename) file=${2:-} ;;
      -n | --namespace) namespace=${2:-} ;;
      --context) context=${2:-} ;;
      --kubeconfig) config=${2:-} && export KUBECONFIG="$config"
        [ -z "$config" ] || [ -r "$config" ] || fail 2 "--kubeconfig: can't be read: $config (see --help)" ;;
      -t | --timeout) seconds=${2:-} ;;
      *) fail 2 "unknown argument: $1 (see --help)" ;;
    esac
    if [ -n "${2:-}" ]; then shift 2; else fail 2 "$1 needs a value (see --help)"; fi
  done
  case $seconds in *[!0-9]* | ???????*) fail 2 "--timeout: not a number of seconds: $seconds (see --help)" ;; esac
}
say() { printf 'run-once-daemonset: %s\n' "$*" >&2 || :; }
tell() { [ "$1" = "$told" ] || say "waiting: $1"; told=$1; } # only what is new
fail() { say "$2" && exit "$1"; }
has() { case " $1 " in *" $2 "*) ;; *) return 1 ;; esac; } # LIST WORD
past() { now=$(date +%s) && [ $((now - $1)) -ge "$2" ]; } # START SECONDS
kube() { kubectl ${context:+"--context=$context"} ${namespace:+"--namespace=$namespace"} --request-timeout=20s "$@"; }
patched() { KUBECONFIG=/dev/null kubectl patch --local --type=merge -f "$1" -p "$2" -o "$3"; } # with no cluster
facts() { patched "$tmp/manifest" '{}' "jsonpath=$(printf '%s{"\\n"}' "$@")" >"$tmp/facts" || :; } # a line for each

# A label of this run keeps all else from being counted or deleted; OnDelete keeps a change from running a task again.
check_manifest() {
  command -v kubectl >/dev/null || fail 3 "kubectl is not on PATH: install it, or use no cluster: $0 --local"
  id=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n') run=run-once-daemonset/run=${id:?od is needed}
  label="\"metadata\":{\"labels\":{\"${run%=*}\":\"$id\"}}" once='"type":"OnDelete","rollingUpdate":null'
  patched "$file" "{$label,\"spec\":{\"updateStrategy\":{$once},\"template\":{$label}}}" json >"$tmp/manifest" ||
    fail 2 "$file: not the manifest of a DaemonSet"
  facts '{.metadata.name}' '{.metadata.namespace}' '{.spec.template.spec.containers[*].name}' \
    '{.spec.template.metadata.annotations.kubectl\.kubernetes\.io/default-container}' '{.apiVersion} {.kind}'
  { read -r name; read -r own; read -r names; read -r task; kind=$(grep .); } <"$tmp/facts" || : # kind: all the rest
  [ "${name:+$kind}" = 'apps/v1 DaemonSet' ] || fail 2 "$file: must hold one DaemonSet with a name, nothing else"
  context=${context:-$(kube config current-context 2>/dev/null || :)} # fixed: the current ones may change
  namespace=${namespace:-${own:-$(kube config view --minify -o jsonpath='{..context.namespace}' 2>/dev/null || :)}}
  where="${namespace:+ -n $namespace}${context:+ --context $context}${config:+ --kubeconfig $config}"
  task=${task:-$names} container=".spec.template.spec.containers[?(@.name==\"$task\")]"
  case $task in *' '*) fail 2 "$file: needs the annotation kubectl.kubernetes.io/default-container: $task" ;; esac
  facts "{$container.tty}" "{$container.readinessProbe}"; { read -r tty; read -r probe; } <"$tmp/facts" || :
  [ -n "$probe" ] || fail 2 "$file: no container $task with a readiness probe"
  [ "$tty" != true ] || fail 2 "$file: container $task has tty: true, which cuts its output"
}

run_on_nodes() {
  created=yes began=$(date +%s) ready='' before='' told='' seen='' finished='' failed='' # last three: nodes
  uid=$(kube create -f "$tmp/manifest" -o jsonpath='{.metadata.uid}') || { # perhaps only the answer was lost
    remove >/dev/null 2>&1 || name="-l $run"
    created='' && fail 3 "not created (is it there? kubectl get daemonset $name$where; no cluster? $0 --local)"
  }
  until every_node_has_ended; do
    sleep 1; past "$began" "$seconds" || nothing_comes || continue
    kube get events --field-selector="involvedObject.uid=$uid,type=Warning" -o jsonpath="{..message}{'\n'}" >&2 || :
    ! nothing_comes || fail 3 "no node has a pod: none matches, or see above"
    fail 124 "timed out after $seconds s; not done:$(not_done)"
  done
  [ -z "$(not_done)" ] || fail 1 "not done:$(not_done)" # some failed, or had a pod that was deleted
}

# Prints what has ended, for good. A line per pod (matchFields: its node, even unscheduled); one failed and restarted:
#   node-2|cat-etc-hosts-7k4qm|            |false |                        |Error 1                |Running
#   node  |name               |deleted when|ready?|why it failed as a whole|how its container ended|what it waits for
every_node_has_ended() {
  s=".status.containerStatuses[?(@.name==\"$task\")]" pods=0 last='' waiting='' older=$before before=$ready ready=''
  kube get pods -l "$run" -o jsonpath="{range .items[*]}{.spec..matchFields[0].values[0]}|{.metadata.name}|\
{.metadata.deletionTimestamp}|{$s.ready}|{.status.reason}|{$s.state.terminated['reason','exitCode']} \
{$s.lastState.terminated['reason','exitCode']}|{.status.conditions[?(@.type==\"PodScheduled\")].reason} \
{.status.initContainerStatuses..waiting.reason} {$s.state.waiting.reason} {.status.phase}{'\n'}{end}" \
    >"$tmp/answer" 2>"$tmp/errors" || waiting=", $(tail -n 1 "$tmp/errors")"
  sed 's/| */|/g' "$tmp/answer" | LC_ALL=C sort >"$tmp/pods" # by bytes: other orders mix the pods of a-1 and a.1
  while IFS='|' read -r node pod deleted is_ready evicted ended why; do
    if [ -z "$node" ] || [ -n "$deleted" ]; then continue; fi
    [ "$node" = "$last" ] || { pods=$((pods + 1)) && last=$node; } # a node counts once, also with an evicted pod more
    has "$seen" "$node" || seen="$seen $node"
    ! has "$finished $failed" "$node" || continue
    [ "$is_ready" != true ] || ready="$ready $pod"
    if [ -z "$evicted$ended" ] && { ! has "$ready" "$pod" || ! has "$before" "$pod" || ! has "$older" "$pod"; }; then
      waiting="$waiting, $node ${why%% *}" # a kubelet that restarts calls all ready for a while
    elif past $((began + 60)) "$seconds"; then waiting="$waiting, $node" && break # each log may take 20 s
    elif [ -n "$evicted$ended" ]; then
      failed="$failed $node" && { show_failure >&2 || :; }
    elif ! first_log; then
      waiting="$waiting, $node (done, but its log can't be fetched: $(tail -n 1 "$tmp/errors"))"
    else
      show || fail 1 "the results can't be written to standard output"; finished="$finished $node"
    fi
  done <"$tmp/pods"
  [ -z "$waiting" ] || { tell "${waiting#, }" && return 1; }
  wanted=$(kube get daemonset "$name" --ignore-not-found -o jsonpath='{.status.desiredNumberScheduled}') || return 1
  [ -n "$wanted" ] || fail 3 "somebody else has deleted daemonset $name"
  if [ "$pods" -lt "$wanted" ] || [ "$wanted" -eq 0 ]; then tell "$pods of $wanted pods are there"; return 1; fi
}
nothing_comes() { [ -z "$seen" ] && limit=${waiting:+60} && past "$began" "${limit:-15}"; } # 60: no list came
not_done() { for node in $seen; do has "$finished" "$node" || printf ' %s' "$node"; done; }
log() { kube logs "$pod" -c "$task" --tail=-1 --timestamps=false --prefix=false "$@" >"$tmp/log" 2>"$tmp/errors"; }
remove() { echo y | kube delete daemonsets -l "$run" --cascade=foreground --timeout=30s; } # y, --tail: despite a kuberc
first_log() { log && [ "$(kube get pod "$pod" -o jsonpath="{$s.restartCount}" 2>"$tmp/errors")" = 0 ]; } # the only one
show() { printf '==> %s <==\n' "$node" && cat "$tmp/log" && { [ "$(tail -c 1 "$tmp/log" | wc -l)" -eq 1 ] || echo; }; }
show_failure() {
  reason=${ended%% *} code=${ended#* } && say "$node: failed: ${evicted:-$reason, exit code ${code%% *}}"
  first_log || log --previous || : >"$tmp/log"
  [ -s "$tmp/log" ] || kube get pod "$pod" -o jsonpath="{$s..message}{.status.message}{'\n'}" >"$tmp/log" || :
  show
}

run_here() {
  command -v swift >/dev/null || fail 3 "swift is not on PATH, and --local builds the agent: install it from swift.org"
  TMPDIR=$tmp swift build --package-path "$here" --product cat-etc-hosts >&2 || fail 3 "the agent does not build"
  node=$(uname -n) program=$(TMPDIR=$tmp swift build --package-path "$here" --show-bin-path)/cat-etc-hosts
  "$program" --state-dir "$tmp" /etc/hosts >"$tmp/log" & agent=$!
  "$program" --ready --wait "$seconds" --state-dir "$tmp" & wait "$!" || fail 1 "$node: failed"
  show || fail 1 "the results can't be written to standard output"
}

finish() {
  status=$? && set +eu && trap '' HUP INT QUIT TERM && since=$(date +%s) # another Ctrl-C does not stop this
  for process in $agent ${!:-}; do { kill -9 "$process" && wait "$process"; } 2>/dev/null; done # TERM can be lost
  until [ -z "$created" ] || remove >"$tmp/errors" 2>&1; do
    { sleep 1 && past "$since" 60; } || continue
    say "not all is deleted: $(tail -n 1 "$tmp/errors")" && kube get pods -l "$run" -o wide >&2
    say "to remove it: kubectl delete daemonsets,pods -l $run --force$where"; [ "$status" != 0 ] || status=3; break
  done; rm -rf "$tmp"; exit "$status"
}
main "$@"
