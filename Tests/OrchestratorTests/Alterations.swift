import FoundationEssentials
import Testing

@testable import Orchestrator

@Suite("What the cluster makes of what is created") struct Alterations {
    private let asked: JSON = [
        "spec": [
            "template": [
                "spec": [
                    "containers": [
                        [
                            "name": "task", "command": ["/run-once/run-once", "--"],
                            "readinessProbe": ["periodSeconds": 1],
                            "resources": ["limits": ["cpu": "1", "memory": "64Mi"]], "tty": false,
                        ]
                    ],
                    "volumes": [["name": "state", "emptyDir": ["sizeLimit": "1024Mi"]]],
                    "tolerations": [["operator": "Exists"]],
                ]
            ]
        ]
    ]

    /// The same where a pod's fields are these.
    private func made(_ change: (inout JSON) -> Void) -> JSON {
        var made = asked
        var pod = made["spec"]["template"]["spec"]
        change(&pod)
        made["spec"]["template"]["spec"] = pod
        return made
    }

    private func task(_ change: (inout JSON) -> Void) -> JSON {
        made { pod in
            var task = pod["containers"].elements[0]
            change(&task)
            pod["containers"] = [task]
        }
    }

    @Test("What is added, left out as empty, or written in another way is no change")
    func same() {
        let more = made { pod in
            pod["containers"].elements.insert(["name": "sidecar"], at: 0)
            pod["containers"].elements[1]["tty"] = .null
            pod["containers"].elements[1]["env"] = [["name": "A"]]
            pod["volumes"] = [["name": "token"], ["name": "state", "emptyDir": ["sizeLimit": "1Gi"]]]
            pod["tolerations"].elements.append(["key": "x"])
            pod["schedulerName"] = "default"
        }
        #expect(asked.alterations(in: more) == [])
    }

    @Test("That the cluster removes what the task depends on is told")
    func ofMoment() throws {
        let without = made { $0["tolerations"] = .null }
        #expect(
            try Remarks(asked.alterations(in: without)).lines == [
                #"spec.template.spec.tolerations is asked to be [{"operator":"Exists"}], and the cluster removes it"#
            ])
    }

    @Test("What is asked as 0 or false, and is something else, is a change")
    func zero() {
        let asked: JSON = ["spec": ["parallelism": 0, "suspend": false]]
        #expect(asked.alterations(in: ["spec": ["parallelism": 1]]).map(\.path) == ["spec.parallelism"])
        #expect(asked.alterations(in: ["spec": ["suspend": true]]).map(\.path) == ["spec.suspend"])
        #expect(asked.alterations(in: ["spec": [:]]) == [])
    }

    @Test("What a policy does to resources and labels is its own affair")
    func resources() throws {
        let removed = task { $0["resources"]["limits"]["cpu"] = .null }
        let path = "spec.template.spec.containers[task].resources.limits.cpu"
        #expect(asked.alterations(in: removed).map(\.path) == [path])
        #expect(try Remarks(asked.alterations(in: removed)) == Remarks())
        let lowered = task { $0["resources"]["limits"]["memory"] = "32Mi" }
        #expect(try Remarks(asked.alterations(in: lowered)) == Remarks())
    }

    @Test("A field that is dropped may be one that an API server does not know, but not a key of a map")
    func unknown() {
        var asked = asked
        asked["spec"]["minReadySecond"] = 5
        asked["metadata"]["annotations"] = ["x": "y"]
        var taken = self.asked
        taken["metadata"]["annotations"] = ["z": "y"]
        #expect(asked.alterations(in: taken).filter(\.mayBeUnknown).map(\.path) == ["spec.minReadySecond"])
        #expect(asked.alterations(in: taken).count == 2)
    }

    @Test("What was told of a rehearsal is not told of the creation again")
    func once() throws {
        var remarks = try Remarks([], warnings: ["a", "b"])
        let more = try Remarks([], warnings: ["b", #"would violate PodSecurity "restricted""#])
        #expect(remarks.take(more) == [#"the cluster warns: would violate PodSecurity "restricted""#])
        #expect(remarks.lines.count == 3 && remarks.violatesPodSecurity)
    }
}
