"""What a cluster does for the API server for tests: the controllers, the scheduler, and the nodes' kubelets."""
import base64, heapq, itertools, time

from objects import *
from results import is_sealed, kept, raw, seal

agenda = []  # (due, sequence, function, arguments)
sequence = itertools.count()
tidying = False
deadlines = set()  # the uids of Jobs whose deadline is on the agenda


def later(seconds, function, *arguments):
    with world:
        heapq.heappush(agenda, (time.monotonic() + seconds, next(sequence), function, arguments))
        world.notify_all()


def work():
    while True:
        with world:
            while not agenda or agenda[0][0] > time.monotonic():
                world.wait(agenda[0][0] - time.monotonic() if agenda else None)
            _, _, function, arguments = heapq.heappop(agenda)
            function(*arguments)


def tidy_up_soon():
    global tidying
    if not tidying:
        tidying = True
        later(0.01, tidy_up)


def tidy_up():
    """What the controllers do when something has changed."""
    global tidying
    tidying = False
    uids = {obj["metadata"]["uid"] for obj in objects.values()}
    for (resource, _, _), obj in sorted(objects.items()):  # the garbage collector
        owners = obj["metadata"].get("ownerReferences", [])
        if owners and not is_going(obj) and not any(owner["uid"] in uids for owner in owners):
            delete(resource, obj)
        if obj["metadata"].get("finalizers") == ["foregroundDeletion"]:
            for kind, dependent in dependents(obj):
                if not is_going(dependent):
                    delete(kind, dependent)
            if not dependents(obj):
                remove(resource, obj)
    for job in all_of("jobs"):
        if "activeDeadlineSeconds" in job["spec"] and job["metadata"]["uid"] not in deadlines:
            deadlines.add(job["metadata"]["uid"])
            later(job["spec"]["activeDeadlineSeconds"], end_job, job)
    pods = {}
    for pod in all_of("pods"):
        for owner in pod["metadata"].get("ownerReferences", []):
            pods.setdefault(owner["uid"], {}).setdefault(node_of(pod), []).append(pod)
    for daemonset in all_of("daemonsets"):
        if SETTINGS["controller"] != "sleeps" and not is_going(daemonset):
            control(daemonset, pods.get(daemonset["metadata"]["uid"], {}))


def delete(resource, obj, policy="Background", grace=None):
    """Begins or completes a deletion."""
    if resource == "pods":
        return delete_pod(obj, grace)
    if policy == "Foreground" and dependents(obj):
        def begin(o):
            o["metadata"].setdefault("deletionTimestamp", now())
            o["metadata"]["finalizers"] = ["foregroundDeletion"]
        return update(resource, obj, begin)
    if policy == "Orphan":
        for kind, dependent in dependents(obj):
            update(kind, dependent, lambda o: o["metadata"].update(ownerReferences=[
                owner for owner in o["metadata"]["ownerReferences"] if owner["uid"] != obj["metadata"]["uid"]]))
    remove(resource, obj)
    return obj


def delete_pod(pod, grace):
    if grace is None:
        grace = pod["spec"].get("terminationGracePeriodSeconds", 30)
    if grace == 0 or not pod["spec"].get("nodeName") or pod["status"]["phase"] in ("Failed", "Succeeded"):
        remove("pods", pod)
        return pod

    def begin(o):
        o["metadata"].setdefault("deletionTimestamp", now(grace))
        o["metadata"]["deletionGracePeriodSeconds"] = grace
    pod = update("pods", pod, begin)
    if SETTINGS["stopSeconds"] >= 0:
        later(SETTINGS["stopSeconds"], stop_pod, pod)
    return pod


def is_going(obj):
    return "deletionTimestamp" in obj["metadata"]


def dependents(owner):
    return [(resource, obj) for (resource, _, _), obj in sorted(objects.items())
            if any(o["uid"] == owner["metadata"]["uid"] for o in obj["metadata"].get("ownerReferences", []))]


def control(daemonset, pods):
    """The DaemonSet controller."""
    template = daemonset["spec"]["template"]["spec"]
    wanted = [node["metadata"]["name"] for node in all_of("nodes") if is_meant(node, template)]
    for node in wanted:
        if not pods.get(node):
            if SETTINGS["controller"] == "works":
                pods[node] = [make_pod(daemonset, node)]
            else:
                warn("daemonsets", daemonset, "FailedCreate", "Error creating: " + SETTINGS["rejection"])
    current = [pods[node][-1] for node in wanted if pods.get(node)]
    ready = sum(condition(pod, "Ready") == "True" for pod in current)
    desired = len(wanted) if SETTINGS["desired"] < 0 else SETTINGS["desired"]
    status = {"currentNumberScheduled": len(current), "numberMisscheduled": 0, "desiredNumberScheduled": desired,
              "numberReady": ready, "observedGeneration": daemonset["metadata"]["generation"],
              "updatedNumberScheduled": len(current), "numberAvailable": ready, "numberUnavailable": desired - ready}
    update("daemonsets", daemonset, lambda o: o.update(status={
        key: value for key, value in status.items() if value or not key.endswith("vailable")}))


def is_meant(node, spec):
    name, labels = node["metadata"]["name"], node["metadata"]["labels"]
    fits = {"In": lambda value, values: value in values, "NotIn": lambda value, values: value not in values,
            "Exists": lambda value, _: value is not None, "DoesNotExist": lambda value, _: value is None}
    terms = at(spec, "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms") or [{}]
    tolerated = [t.get("key") for t in spec.get("tolerations", []) if t.get("effect") in (None, "NoSchedule")]
    return (spec.get("nodeSelector", {}).items() <= labels.items()
            and any(all(fits[e["operator"]](labels.get(e["key"]), e.get("values"))
                        for e in term.get("matchExpressions", []))
                    and all(fits[e["operator"]](name, e["values"]) for e in term.get("matchFields", []))
                    for term in terms)
            and all(t["key"] in tolerated or None in tolerated for t in node["spec"].get("taints", [])))


def make_pod(daemonset, node):
    template, meta = copied(daemonset["spec"]["template"]), daemonset["metadata"]
    template["spec"].setdefault("affinity", {}).setdefault("nodeAffinity", {})[
        "requiredDuringSchedulingIgnoredDuringExecution"] = {"nodeSelectorTerms": [
            {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [node]}]}]}
    gated = bool(template["spec"].get("schedulingGates"))
    annotations = dict(template["metadata"].get("annotations", {}))
    if SETTINGS["padding"]:
        annotations["padding"] = "x" * SETTINGS["padding"]
    pod = create("pods", meta["namespace"], {
        "metadata": {
            "generateName": meta["name"] + "-", **({"annotations": annotations} if annotations else {}),
            "labels": dict(template["metadata"]["labels"], **{
                "controller-revision-hash": "6c66b97f94", "pod-template-generation": "1"}),
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "DaemonSet", "name": meta["name"], "uid": meta["uid"],
                                 "controller": True, "blockOwnerDeletion": True}]},
        "spec": template["spec"],
        "status": {"phase": "Pending", "qosClass": "Burstable", "conditions": [] if not gated else [{
            "type": "PodScheduled", "status": "False", "lastProbeTime": None, "lastTransitionTime": now(),
            "reason": "SchedulingGated", "message": "Scheduling is blocked due to non-empty scheduling gates"}]}})
    if not gated:
        later(0, schedule, pod)
    return pod


def schedule(pod):
    """The scheduler, and the node's kubelet, which sees the pod and plays what the test wants."""
    node, containers = node_of(pod), pod["spec"]["containers"]
    bound = update("pods", pod, lambda o: (o["spec"].update(nodeName=node), o["status"].update(conditions=[
        {"type": "PodScheduled", "status": "True", "lastProbeTime": None, "lastTransitionTime": now()}])))
    if not bound:
        return
    kind = pod["metadata"]["ownerReferences"][0]["uid"], node
    turn = pods_made[kind] = pods_made.get(kind, -1) + 1
    plays = scripts.get(node) or [[]]
    play(bound, [{"state": "created"}] + plays[min(turn, len(plays) - 1)])


def warn(resource, obj, reason, message):
    """Has an event happen, once."""
    api_version, kind, _, _ = RESOURCES[resource]
    name = f'{obj["metadata"]["name"]}.{reason.lower()}'
    if ("events", obj["metadata"]["namespace"], name) not in objects:
        involved = {key: obj["metadata"][key] for key in ("namespace", "name", "uid", "resourceVersion")}
        create("events", obj["metadata"]["namespace"], {
            "metadata": {"name": name}, "involvedObject": dict(involved, kind=kind, apiVersion=api_version),
            "reason": reason, "message": message, "source": {"component": "daemonset-controller"},
            "firstTimestamp": now(), "lastTimestamp": now(), "count": 1, "type": "Warning", "eventTime": None})


def end_job(job):
    """The Job controller: a deadline has passed, and the Job goes once its TTL has."""
    update("jobs", job, lambda o: o.update(status={"conditions": [{
        "type": "Failed", "status": "True", "reason": "DeadlineExceeded",
        "message": "Job was active longer than specified deadline"}]}))
    if "ttlSecondsAfterFinished" in job["spec"]:
        later(job["spec"]["ttlSecondsAfterFinished"], delete, "jobs", job)


scripts = {}    # node: what becomes of its first pod, its second, ...: lists of steps
pods_made = {}  # (DaemonSet's uid, node): how many before the last
logs = {}       # (pod's uid, container): [that of the container before, that of the container now]
begun = {}      # (pod's uid, container): the time of the log's first line, in the zone of its node


def node_of(pod):
    """The node a pod of a DaemonSet is meant for."""
    terms = at(pod, "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms")
    return pod["spec"].get("nodeName") or (terms[0]["matchFields"][0]["values"][0] if terms else "")


def condition(obj, kind):
    return next((c["status"] for c in at(obj, "status.conditions") or [] if c["type"] == kind), "")


def is_lost(node):
    found = objects.get(("nodes", "", node))
    return found is None or condition(found, "Ready") != "True"


def play(pod, steps):
    """Plays steps one after the other, each some time after the one before."""
    for number, step in enumerate(steps):
        if step.get("after"):
            return later(step["after"], play, pod, [dict(step, after=0)] + steps[number + 1:])
        if step["state"] == "deleted":
            delete("pods", objects.get(key_of("pods", pod), pod))
        elif not is_lost(node_of(pod)):
            update("pods", pod, lambda o, step=step: take_step(o, step))


def take_step(pod, step):
    """Changes a pod, and its container's log, to what comes of a step."""
    status, state = pod["status"], step["state"]
    containers, helpers = pod["spec"]["containers"], pod["spec"].get("initContainers", [])
    if state == "created":
        status.update(phase="Pending", startTime=now(), hostIP="192.0.2.2", containerStatuses=[
            container(c, waiting("PodInitializing" if helpers else "ContainerCreating")) for c in containers])
        if helpers:
            status["initContainerStatuses"] = [container(c, waiting("PodInitializing")) for c in helpers]
        return set_conditions(pod)
    name = step.get("container", containers[0]["name"])
    ours = logs.setdefault((pod["metadata"]["uid"], name), [None, b""])
    if "log64" in step or "log" in step:
        ours[1] = base64.b64decode(step["log64"]) if "log64" in step else step["log"].encode()
        begun[pod["metadata"]["uid"], name] = now(step.get("begins", 0) + 7200)[:-1] + ".123456789+02:00"
    if "seal" in step or is_sealing(pod, name):
        keep(pod["metadata"]["uid"], name, ours, step)
    if state in ("evicted", "rejected"):
        reason = step.get("reason", "Evicted" if state == "evicted" else "OutOfcpu")
        message = step.get("message", "The node was low on resource: memory.")
        status.update(phase="Failed", reason=reason, message=message)
        for one in status["containerStatuses"] + status.get("initContainerStatuses", []):
            if "running" in one["state"]:
                one.update(ready=False, started=False, state=ended(137, "Error"))
        if state == "rejected":
            status.pop("containerStatuses"), status.pop("initContainerStatuses", None), status.pop("conditions")
        set_conditions(pod)
        return later(SETTINGS["replaceSeconds"], delete, "pods", pod)
    if "lines" in step:
        later(0, write_line, pod, name, 1, step)
    if state == "log":
        return
    helper = any(c["name"] == name for c in helpers)
    everyone = {one["name"]: one for one in status["containerStatuses"] + status.get("initContainerStatuses", [])}
    one = everyone[name]
    if not helper:
        for c in helpers:  # ended well, or beside it as a sidecar
            stays = c.get("restartPolicy") == "Always"
            if not everyone[c["name"]]["ready"]:
                everyone[c["name"]].update(
                    ready=True, started=stays, state=running() if stays else ended(0, "Completed"))
    if not helper and state != "waiting":
        for c in containers:
            if c["name"] != name and "waiting" in everyone[c["name"]]["state"]:
                everyone[c["name"]].update(ready="readinessProbe" not in c, started=True, state=running())
        status["phase"] = "Running"
    if state == "running":
        one.update(ready=False, started=True, state=running())
    elif state == "done":
        is_helper_done = helper and next(c for c in helpers if c["name"] == name).get("restartPolicy") != "Always"
        one.update(ready=True, started=not is_helper_done, state=ended(0, "Completed") if is_helper_done else
                   one["state"] if "running" in one["state"] else running())
    elif state == "waiting":
        reason = step.get("reason", "ContainerCreating")
        one.update(ready=False, started=False, state=waiting(reason, step.get("message")))
    elif state == "failed":
        code = step.get("exitCode", 1)
        end = ended(code, step.get("reason", "Completed" if code == 0 else "Error"), step.get("message"))
        one.update(ready=False, started=False, state=end)
        if step.get("restarted", True):
            # A sealing agent writes what it keeps once more.
            ours[:] = [ours[1], ours[1] if is_sealing(pod, name) else b""]
            one.update(started=True, state=running(), lastState=end, restartCount=one["restartCount"] + 1)
    else:
        raise Refusal(400, "BadRequest", f"no such state of a step: {state}")
    set_conditions(pod)


def write_line(pod, name, number, step):
    """Has a task write a line, and the next one some time later."""
    uid = pod["metadata"]["uid"]
    written = raw(uid, name) + f"{number} {time.time():.3f}\n".encode()
    logs[uid, name][1] = seal(uid, name, written, {"unsealed": True})
    if number < step["lines"]:
        later(step["every"], write_line, pod, name, number + 1, step)
    else:
        play(objects.get(key_of("pods", pod), pod), [{"state": "done"}])


def is_running(pod, name):
    statuses = at(pod, "status.containerStatuses") or []
    return any("running" in one["state"] for one in statuses if name in (None, one["name"]))


def is_sealing(pod, name):
    """Whether the words of a container, before those of its command, ask an agent for a seal."""
    spec = next(c for c in pod["spec"]["containers"] + pod["spec"].get("initContainers", []) if c["name"] == name)
    words = spec.get("command", []) + spec.get("args", [])
    return "--seal" in words[:words.index("--") if "--" in words else None]


def keep(uid, name, ours, step):
    """Has an agent keep what its task wrote, and seal it when the task has ended by itself."""
    wrote, code = "log64" in step or "log" in step, step.get("exitCode", 1)
    has_ended = step["state"] == "done" or step["state"] == "failed" and 0 < code < 128
    if "seal" in step:
        ours[1] = seal(uid, name, ours[1], step["seal"])
    elif wrote or has_ended and not is_sealed(uid, name):
        ours[1] = seal(uid, name, ours[1] if wrote else raw(uid, name), {
            "exitStatus": code if step["state"] == "failed" else 0, "unsealed": not has_ended})
    else:  # it keeps nothing yet
        kept.setdefault((uid, name), (b"", None))


def container(spec, state):
    return {"name": spec["name"], "image": spec["image"], "imageID": "", "ready": False, "started": False,
            "restartCount": 0, "state": state, "lastState": {}}


def waiting(reason, message=None):
    return {"waiting": {"reason": reason, **({"message": message} if message else {})}}


def running():
    return {"running": {"startedAt": now()}}


def ended(code, reason, message=None):
    return {"terminated": {"exitCode": code, "reason": reason, "startedAt": now(), "finishedAt": now(),
                           **({"message": message} if message else {})}}


def set_conditions(pod):
    status = pod["status"]
    if status["phase"] == "Failed" and not status.get("conditions"):
        return
    unready = [one["name"] for one in status["containerStatuses"] if not one["ready"]]
    uninitialized = [one["name"] for one in status.get("initContainerStatuses", []) if not one["ready"]]
    for kind, names, reason, words in (("Initialized", uninitialized, "ContainersNotInitialized", "incomplete"),
                                       ("ContainersReady", unready, "ContainersNotReady", "unready"),
                                       ("Ready", unready, "ContainersNotReady", "unready")):
        set_condition(status, kind, not names, **({} if not names else {
            "reason": reason, "message": f"containers with {words} status: [{' '.join(names)}]"}))


def set_condition(status, kind, holds, **more):
    value = "True" if holds else "False"
    status["conditions"] = [c for c in status["conditions"] if c["type"] != kind] + [
        {"type": kind, "status": value, "lastProbeTime": None, "lastTransitionTime": now(), **more}]


def stop_pod(pod):
    pod = objects.get(key_of("pods", pod))
    if not pod or is_lost(node_of(pod)):
        return  # nobody is there to stop it

    def stop(o):
        o["status"]["phase"] = "Succeeded"
        for one in o["status"]["containerStatuses"]:
            one.update(ready=False, started=False, state=ended(0, "Completed"))
        set_conditions(o)
    remove("pods", update("pods", pod, stop))


def log_of(pod, query):
    """The bytes that GET …/log answers with."""
    names = [c["name"] for c in pod["spec"]["containers"] + pod["spec"].get("initContainers", [])]
    name, me = query.get("container"), pod["metadata"]["name"]
    if not name and len(pod["spec"]["containers"]) > 1:
        raise Refusal(400, "BadRequest", f"a container name must be specified for pod {me}, "
                      f"choose one of: [{' '.join(names)}]")
    name = name or names[0]
    if name not in names:
        raise Refusal(400, "BadRequest", f"container {name} is not valid for pod {me}")
    if is_lost(node_of(pod)):
        url = f'https://192.0.2.2:10250/containerLogs/{pod["metadata"]["namespace"]}/{me}/{name}'
        raise Refusal(500, "InternalError", f'Get "{url}": '
                      "dial tcp 192.0.2.2:10250: connect: no route to host")
    one = next((one for one in at(pod, "status.containerStatuses") or [] if one["name"] == name), None)
    before, now_ = logs.get((pod["metadata"]["uid"], name), [None, b""])
    if query.get("previous") in ("true", "1"):
        if before is None:
            raise Refusal(400, "BadRequest", f'previous terminated container "{name}" in pod "{me}" not found')
        return before
    if one and "waiting" in one["state"] and not one["lastState"]:
        reason = one["state"]["waiting"]["reason"]
        raise Refusal(400, "BadRequest", f'container "{name}" in pod "{me}" is waiting to start: {reason}')
    if query.get("timestamps") == "true" and now_:
        now_ = begun.get((pod["metadata"]["uid"], name), now()).encode() + b" " + now_
    return now_[:int(query.get("limitBytes", len(now_)))]


def join(node):
    """A node joins the cluster, or changes."""
    name = node["name"]
    if "pods" in node:
        scripts[name] = node["pods"]
    before = objects.get(("nodes", "", name))
    if not before:
        before = create("nodes", "", {
            "metadata": {"name": name, "labels": {
                "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}},
            "spec": {}, "status": {"nodeInfo": {"kubeletVersion": SETTINGS["version"]}, "conditions": []}})

    def change(o):
        o["metadata"]["labels"].update(node.get("labels", {}))
        o["status"].setdefault("images", []).extend({"names": names} for names in node.get("images", []))
        ready = node.get("ready", condition(o, "Ready") != "Unknown")
        said = {"message": node["message"]} if "message" in node else {}
        o["status"]["conditions"] = [{**said,"type": "Ready", "status": "True" if ready else "Unknown", "reason":
                                      "KubeletReady" if ready else "NodeStatusUnknown", "lastTransitionTime": now()}]
        o["spec"]["taints"] = [] if ready else [
            {"key": "node.kubernetes.io/unreachable", "effect": effect} for effect in ("NoSchedule", "NoExecute")]
    update("nodes", before, change)
    for pod in all_of("pods"):
        if pod["spec"].get("nodeName") == name and "ready" in node:
            if not node["ready"]:  # the node controller takes Ready back, and leaves the containers as they were
                update("pods", pod, lambda o: set_condition(o["status"], "Ready", False))
            else:
                update("pods", pod, set_conditions)
                if pod["metadata"].get("deletionTimestamp"):
                    later(0, stop_pod, pod)


def leave(name):
    for pod in [p for p in all_of("pods") if node_of(p) == name]:  # also one that is not scheduled yet
        later(0.1, lambda pod=pod: remove("pods", objects.get(key_of("pods", pod), pod)))
    if ("nodes", "", name) in objects:
        remove("nodes", objects["nodes", "", name])


on_change.append(tidy_up_soon)
