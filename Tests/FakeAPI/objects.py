"""The objects of the API server for tests: what may be done to them, and their history, which is what watches tell."""
import itertools, json, marshal, random, re, threading, time

SETTINGS = {
    "namespaces": ["default"],   # those that there are
    "prefix": "",                # of every path, as behind a gateway: /k8s/clusters/c-1
    "controller": "works",       # "sleeps": it sees no DaemonSet; "rejected": no pod may be made, and events say why
    "rejection": 'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0',
    "desired": -1,               # another number: the lie that the controller tells
    "stopSeconds": 0.02,         # how long a pod takes to stop; -1: it does not
    "replaceSeconds": 1,         # until the controller replaces a pod that failed
    "gates": True,               # False: schedulingGates are unknown, and dropped without a word, as before 1.27
    "version": "v1.36.2",
    "rights": None,              # what the user may do, as the rules of a Role; None: everything
    "padding": 0,                # how many bytes more each pod has, in an annotation
    "policies": {},              # a resource: what is made of each that is created, a strategic merge patch as text
    "clockSeconds": 0,           # by how much the server's clock is ahead of this machine's
}
# resource: group and version, kind, in a namespace?, fields that can be selected by
FIELDS = ["metadata.name", "metadata.namespace"]
RESOURCES = {
    "daemonsets": ("apps/v1", "DaemonSet", True, FIELDS),
    "jobs": ("batch/v1", "Job", True, FIELDS + ["status.successful"]),
    "pods": ("v1", "Pod", True, FIELDS + ["spec.nodeName", "status.phase", "status.podIP", "spec.restartPolicy"]),
    "events": ("v1", "Event", True, FIELDS + ["type", "reason", "source"] + [
        "involvedObject." + key for key in ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion")]),
    "secrets": ("v1", "Secret", True, FIELDS + ["type"]),
    "configmaps": ("v1", "ConfigMap", True, FIELDS),
    "nodes": ("v1", "Node", False, ["metadata.name", "spec.unschedulable"]),
    "namespaces": ("v1", "Namespace", False, ["metadata.name", "status.phase"]),
}


class Refusal(Exception):
    """An answer that is a Status."""
    def __init__(self, code, reason, message, **details):
        self.code = code
        self.status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
                       "reason": reason, "details": details, "code": code}


def not_found(resource, name):
    return Refusal(404, "NotFound", f'{in_full(resource)} "{name}" not found', name=name, kind=resource)


def in_full(resource):
    group = RESOURCES[resource][0].rpartition("/")[0]
    return f"{resource}.{group}" if group else resource


def now(seconds=0):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + SETTINGS["clockSeconds"] + seconds))


def copied(value):
    """A copy of what is JSON, all the way down: made as bytes, in a tenth of the time that `copy.deepcopy` takes."""
    return marshal.loads(marshal.dumps(value))


def at(value, path):
    """What is at a.b.c, else nothing."""
    for key in path.split("."):
        value = (value or {}).get(key)
    return "" if value is None else value


world = threading.Condition(threading.RLock())  # held by whoever reads or changes anything below
objects = {}                                    # (resource, namespace, name): an object, which nobody changes in place
history = []                                    # (version, resource, the object before, the object after)
on_change = []                                  # functions that are called when an object has changed
version = {"latest": 1000}


def store(resource, obj, before=None):
    version["latest"] += 1
    obj["metadata"]["resourceVersion"] = str(version["latest"])
    objects[key_of(resource, obj)] = obj
    history.append((version["latest"], resource, before, obj))
    world.notify_all()
    for function in on_change:
        function()
    return obj


def remove(resource, obj):
    if objects.pop(key_of(resource, obj), None) is None:
        return
    version["latest"] += 1
    gone = copied(obj)
    gone["metadata"]["resourceVersion"] = str(version["latest"])
    history.append((version["latest"], resource, gone, None))
    world.notify_all()
    for function in on_change:
        function()


def update(resource, obj, change):
    """Has `change` change a copy of an object, and stores it where that makes a difference."""
    before = objects.get(key_of(resource, obj))
    if before is None or before["metadata"]["uid"] != obj["metadata"]["uid"]:
        return None
    after = copied(before)
    change(after)
    if after == before:
        return before
    if after.get("spec") != before.get("spec") and "generation" in after["metadata"]:
        after["metadata"]["generation"] += 1
    return store(resource, after, before)


def key_of(resource, obj):
    return resource, obj["metadata"].get("namespace", ""), obj["metadata"]["name"]


def all_of(resource, namespace=None):
    return [obj for (kind, space, _), obj in sorted(objects.items())
            if kind == resource and namespace in (None, "", space)]


def create(resource, namespace, obj, dry_run=False):
    """Stores a new object, or only says what it would be."""
    api_version, kind, namespaced, _ = RESOURCES[resource]
    obj = copied(obj)
    meta = obj.setdefault("metadata", {})
    obj.update(apiVersion=api_version, kind=kind)
    if "name" not in meta and "generateName" in meta:
        endings = ("".join(random.choices("bcdfghjklmnpqrstvwxz2456789", k=5)) for _ in itertools.count())
        names = (meta["generateName"] + ending for ending in endings)
        meta["name"] = next(name for name in names if (resource, namespace, name) not in objects)
    if not meta.get("name"):
        raise Refusal(422, "Invalid", f'{kind} "" is invalid: metadata.name: Required value: name or generateName is '
                      "required")
    if namespaced:
        if meta.setdefault("namespace", namespace) != namespace:
            raise Refusal(400, "BadRequest", "the namespace of the provided object does not match the namespace sent "
                          "on the request")
        if not dry_run and namespace not in SETTINGS["namespaces"]:
            raise not_found("namespaces", namespace)
    if resource in SETTINGS["policies"]:
        obj = merge_patch(obj, json.loads(SETTINGS["policies"][resource]), by_name=True)
        meta = obj["metadata"]
    if key_of(resource, obj) in objects:
        raise Refusal(409, "AlreadyExists", f'{in_full(resource)} "{meta["name"]}" already exists',
                      name=meta["name"], kind=resource)
    meta.update(uid="%08x-0000-4000-8000-%012x" % (random.getrandbits(32), version["latest"]), creationTimestamp=now())
    if resource == "daemonsets":
        template = obj["spec"]["template"]
        if not SETTINGS["gates"]:
            template["spec"].pop("schedulingGates", None)
        selected = at(obj, "spec.selector.matchLabels") or {}
        if not selected or not selected.items() <= template["metadata"].get("labels", {}).items():
            raise Refusal(422, "Invalid", f'DaemonSet.apps "{meta["name"]}" is invalid: spec.template.metadata.labels: '
                          "Invalid value: `selector` does not match template `labels`")
        meta["generation"] = 1
        meta.setdefault("annotations", {})["deprecated.daemonset.template.generation"] = "1"
        template["spec"].setdefault("restartPolicy", "Always")
        template["spec"].setdefault("terminationGracePeriodSeconds", 30)
        obj["status"] = dict.fromkeys(
            ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady"), 0)
    if resource == "jobs":
        obj.setdefault("status", {})
    if not dry_run:
        store(resource, obj)
    return obj


TERMS = re.compile(r"(?:[^,(]|\([^)]*\))+")
TERM = re.compile(r"\s*(!?)([\w./-]+)\s*(?:(==?|!=|\bin\b|\bnotin\b)\s*\(?([^)]*)\)?)?\s*")
FIELD = re.compile(r"([^=!]*)(!=|==?)(.*)")


def matcher(resource, query):
    """Whether an object is selected by labelSelector and fieldSelector."""
    tests = []
    for term in TERMS.findall(query.get("labelSelector", "")):
        parts = TERM.fullmatch(term)
        if not parts:
            raise Refusal(400, "BadRequest", f"unable to parse requirement: {term}")
        absent, key, operator, values = parts.groups()
        values = [value.strip() for value in (values or "").split(",")]
        if not operator:
            tests.append(lambda labels, _, key=key, absent=absent: (key not in labels) == bool(absent))
        elif operator in ("=", "==", "in"):
            tests.append(lambda labels, _, key=key, values=values: labels.get(key) in values)
        else:
            tests.append(lambda labels, _, key=key, values=values: labels.get(key) not in values)
    for term in filter(None, query.get("fieldSelector", "").split(",")):
        field, operator, value = FIELD.fullmatch(term).groups()
        if field not in RESOURCES[resource][3]:
            raise Refusal(400, "BadRequest", f'field label not supported: {field}')
        same = operator != "!="
        tests.append(lambda _, obj, field=field, value=value, same=same: (str(at(obj, field)) == value) == same)
    return lambda obj: all(test(obj["metadata"].get("labels") or {}, obj) for test in tests)


# What fieldValidation=Strict knows; {} takes anything.
META = dict.fromkeys("""
    name generateName namespace labels annotations ownerReferences finalizers creationTimestamp""".split(), {})
CONTAINER = dict.fromkeys("""
    name image imagePullPolicy command args env envFrom ports resources tty stdin volumeMounts readinessProbe
    livenessProbe startupProbe lifecycle workingDir securityContext terminationMessagePolicy terminationMessagePath
    restartPolicy""".split(), {})
POD = dict.fromkeys("""
    volumes restartPolicy terminationGracePeriodSeconds dnsPolicy nodeSelector automountServiceAccountToken
    securityContext schedulerName tolerations enableServiceLinks affinity hostNetwork hostPID hostIPC imagePullSecrets
    priorityClassName schedulingGates serviceAccountName shareProcessNamespace""".split(), {})
KNOWN = {"apiVersion": {}, "kind": {}, "metadata": META, "status": {}, "spec": {
    "selector": {}, "updateStrategy": {}, "revisionHistoryLimit": {}, "minReadySeconds": {}, "template": {
        "metadata": META, "spec": dict(POD, containers=[CONTAINER], initContainers=[CONTAINER])}}}


def unknown_fields(value, known, path):
    if isinstance(known, list):
        for index, item in enumerate(value or []):
            yield from unknown_fields(item, known[0], f"{path}[{index}]")
    elif known and isinstance(value, dict):
        for key, item in value.items():
            field = f"{path}.{key}" if path else key
            if key not in known:
                yield field
            else:
                yield from unknown_fields(item, known[key], field)


def merge_patch(value, change, by_name=False):
    """RFC 7396; `by_name` a strategic one: names tell elements of lists apart, and $patch: delete takes one out."""
    if by_name and isinstance(change, list) and all(isinstance(item, dict) and "name" in item for item in change):
        result = {item["name"]: item for item in value or []}
        for item in change:
            if item.get("$patch") == "delete":
                result.pop(item["name"], None)
            else:
                result[item["name"]] = merge_patch(result.get(item["name"]), item, by_name)
        return list(result.values())
    if not isinstance(change, dict):
        return change
    result = dict(value) if isinstance(value, dict) else {}
    for key, item in change.items():
        if item is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), item, by_name)
    return result
