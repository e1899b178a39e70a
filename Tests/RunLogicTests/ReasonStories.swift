import Foundation
@testable import RunLogic
import Testing

@Suite("Reasons") struct ReasonStories {
    @Test("What a warning says holds as long as the pod says nothing, to the end; not a harmless one, or a bare word")
    func warnings() {
        var story = Story(wanting: 2, timeout: 30)
        story.unfollowed = [starting("a"), starting("b")]
        story.at(4, .warning(about: "uid-of-b", "MissingClusterDNS", "falling back to Default policy"))
        story.at(4, .warning(about: "uid-of-a", "Failed", "Error: ErrImagePull"))
        story.at(4, .warning(about: "uid-of-a", "FailedMount", "no such file"))
        story.at(25, .pod(starting("a")))
        story.at(31)
        #expect(
            story.told == [
                "a: FailedMount: no such file", "timed out after 30 s", "not done: a: FailedMount: no such file",
                "not done: b: not started",
            ])
    }

    @Test("What keeps pods from starting is told once, soon, with all its nodes")
    func once() {
        var story = Story(wanting: 5)
        let message = #"Back-off pulling image "no&image""#
        for node in ["c", "a", "b"] { story.at(1, .pod(stuck(node, "ImagePullBackOff", message))) }
        story.at(1, .pod(starting("d")), .pod(unscheduled("e", "too many pods")))
        story.at(
            3.5, .warning(about: "uid-of-d", "FailedMount", "it's no <volume>"),
            .warning(about: "uid-of-e", "FailedMount", "not why it waits"))
        story.at(60, .pod(stuck("a", "ImagePullBackOff", message)))
        #expect(
            story.told == [
                #"a, b, c: ImagePullBackOff: Back-off pulling image "no&image""#, "e: Unschedulable: too many pods",
                "d: FailedMount: it's no <volume>",
            ])
        #expect(story.told("ImagePullBackOff") == 3, "when nothing has happened for 3 s")
    }

    @Test("That a pull is paused is no news: why it failed says more")
    func backOff() {
        var story = Story(wanting: 2, timeout: 30)
        for node in ["a", "b"] { story.at(1, .pod(stuck(node, "ErrImagePull", "no such image"))) }
        story.at(12, .pod(stuck("a", "ImagePullBackOff", "Back-off pulling image")))
        story.at(31)
        #expect(
            story.told == [
                "a, b: ErrImagePull: no such image", "timed out after 30 s",
                "not done: a, b: ErrImagePull: no such image",
            ])
        story = Story(wanting: 1, timeout: 30)
        story.at(1, .pod(stuck("a", "ErrImagePull", "no such image")))
        story.at(12, .pod(stuck("a", "ImagePullBackOff", "Back-off pulling image")))
        story.at(22, .pod(stuck("a", "Unschedulable", "no room")))
        story.at(31)
        #expect(story.told.last == "not done: a: Unschedulable: no room")
    }

    @Test("A late node's reason is told although other nodes end all the time")
    func meanwhile() {
        var story = Story(wanting: 50)
        story.at(1, .pod(stuck("a", "ErrImagePull", "no such image")))
        for second in 2...30 { story.at(Double(second), .pod(done("node-\(second)"))) }
        #expect(story.told == ["a: ErrImagePull: no such image"])
        #expect(story.told("ErrImagePull") == 20)
    }

    @Test("A reason that is over before it is told is not told, and one that comes back is")
    func over() {
        var story = Story(wanting: 2)
        story.at(1, .pod(stuck("a", "ErrImagePull", "no")), .pod(running("b")))
        story.at(2, .pod(starting("a")))
        story.at(10)
        #expect(story.told == [])
        story.at(11, .pod(stuck("a", "ErrImagePull", "no")))
        story.at(15)
        #expect(story.told == ["a: ErrImagePull: no"])
    }

    @Test("A reason that many nodes have is told in one line that counts them")
    func many() {
        var story = Story(wanting: 30, timeout: 60)
        for number in 10..<40 { story.at(1, .pod(stuck("node-\(number)", "ErrImagePull", "no"))) }
        story.at(60)
        #expect(
            story.told == [
                "node-[10-39] (30 nodes): ErrImagePull: no", "timed out after 60 s",
                "not done: node-[10-39] (30 nodes): ErrImagePull: no",
            ])
    }

    @Test("An image that can't be pulled is one reason, whatever addresses and tries the messages hold")
    func image() {
        var story = Story(wanting: 3, timeout: 60)
        let cause = { (port: Int) in
            #"failed to pull and unpack image "r.example/x:1": failed to do request: Head "https://r.example/v2/x": "#
                + "dial tcp: lookup r.example on 10.0.0.10:53: read udp 10.244.0.5:\(port)->10.0.0.10:53: i/o timeout"
        }
        let tried = { (port: Int) in "rpc error: code = Unknown desc = " + cause(port) }
        story.at(1, .pod(stuck("a", "ErrImagePull", tried(40_001))), .pod(stuck("b", "ErrImagePull", tried(40_002))))
        let paused = #"Back-off pulling image "r.example/x:1": ErrImagePull: "# + tried(40_003)
        story.at(1, .pod(stuck("c", "ImagePullBackOff", paused)))
        story.at(60)
        let line =
            #"a, b, c: ErrImagePull: failed to do request: Head "https://r.example/v2/x": "#
            + "dial tcp: lookup r.example on 10.0.0.10:53: read udp: i/o timeout"
        #expect(story.told == [line, "timed out after 60 s", "not done: \(line)"])
        #expect(story.progress.last?.text == "0 of 3 nodes done, 3 starting: a, b, c (ErrImagePull)")
    }

    @Test("An image that is being pulled is why a pod waits, until the cluster warns of something else")
    func pulling() {
        var story = Story(wanting: 2, timeout: 60)
        story.at(1, .pod(starting("a")), .pod(starting("b")))
        let pull = #"Pulling image "busybox:stable""#
        story.at(4, .warning(about: "uid-of-a", "Pulling", pull), .warning(about: "uid-of-b", "Pulling", pull))
        story.at(12)
        #expect(story.told == ["a, b: pulling image busybox:stable"])
        #expect(story.count(of: .mention("a, b: pulling image busybox:stable")) == 1, "with -q it is not")
        #expect(story.progress.last?.text == "0 of 2 nodes done, 2 starting: a, b (pulling image busybox:stable)")
        story.at(13, .pod(running("a")), .warning(about: "uid-of-b", "Failed", "no room"))
        story.at(15)
        #expect(story.told.last == "b: Failed: no room")
        #expect(story.count(of: .tell("b: Failed: no room")) == 1, "with -q it is said")
        #expect(story.progress.last?.text == "0 of 2 nodes done, 1 running, 1 starting: a, b (Failed: no room)")
    }

    @Test("Hundreds of different reasons don't flood the terminal while it waits, and are all told at the end")
    func flood() {
        var story = Story(wanting: 100, timeout: 60)
        for number in 100..<200 { story.at(1, .pod(stuck("node-\(number)", "ErrImagePull", "port \(number)"))) }
        story.at(59)
        #expect(story.told.count == 21 && story.told.last == "other nodes wait for other reasons, told at the end")
        for number in 100..<200 { story.at(59, .pod(stuck("node-\(number)", "ErrImagePull", "port \(number + 100)"))) }
        story.at(60)
        #expect(story.told.count == 21 + 1 + 100)
    }

    @Test("The same cause is the same reason on all nodes, although messages hold the pod's name and UID")
    func names() {
        var story = Story(wanting: 4)
        for node in ["a", "b"] {
            let uid = "uid-of-\(node)"
            let message = "/var/lib/kubelet/pods/\(uid)/volumes of task-\(uid)"
            story.at(1, .pod(stuck(node, "CreateContainerError", message)))
        }
        for node in ["c", "d"] {
            story.at(
                1, .pod(starting(node)),
                .warning(
                    about: "uid-of-\(node)", "FailedCreatePodSandBox", "no sandbox for task-uid-of-\(node)"))
        }
        story.at(5)
        #expect(
            story.told == [
                "a, b: CreateContainerError: /var/lib/kubelet/pods/UID/volumes of POD",
                "c, d: FailedCreatePodSandBox: no sandbox for POD",
            ])
    }

    @Test("A message of many lines is told whole, with the later lines indented")
    func lines() {
        var story = Story(wanting: 1)
        story.at(1, .pod(failed("a", 3, "\nfirst\n\tsecond &\n\n third\n\n")))
        #expect(story.told == ["a: failed with exit code 3: first\n    \tsecond &\n    \n     third"])
        #expect(story.reason(of: "a") == "first\n\tsecond &\n\n third", "programs get it as it was")
    }

    @Test(
        "Messages are shown as they were written, without what could play tricks on a terminal",
        arguments: [
            #""it's" <a> & b=c, 100% $HOME `x` %s"#: #""it's" <a> & b=c, 100% $HOME `x` %s"#,
            #"C:\new\u000A \\ \""#: #"C:\new\u000A \\ \""#,
            "größer, 日本語, 🙂, a\u{301}": "größer, 日本語, 🙂, a\u{301}",
            "waits for  two spaces ": "waits for  two spaces",
            "\u{1b}[2J\u{1b}]0;title\u{7}red": "[2J]0;titlered",
            "50 %\r100 %\u{8}\u{9b}31m\u{7f}\0": "50 %100 %31m",
            "carriage\r\nreturn": "carriage\n    return",
            "Error": "Error",
        ])
    func verbatim(message: String, told: String) {
        var story = Story(wanting: 1)
        story.at(1, .pod(failed("a", 1, message)))
        #expect(story.told == ["a: failed with exit code 1: \(told)"])
    }

    @Test("A pod's own reason is told rather than warnings about it, also when it comes later")
    func ownReason() {
        var story = Story(wanting: 1, timeout: 30)
        story.at(1, .pod(starting("a")), .warning(about: "uid-of-a", "FailedMount", "at first"))
        story.at(2, .pod(stuck("a", "ErrImagePull", "then")), .warning(about: "uid-of-a", "FailedMount", "late"))
        story.at(30)
        #expect(story.told == ["a: ErrImagePull: then", "timed out after 30 s", "not done: a: ErrImagePull: then"])
    }

    @Test(
        "A warning counts for the pod that it is about, while that has not started",
        arguments: [
            "uid-of-somebody-else", "uid-of-running", "uid-of-old", "uid-of-done", Story.daemonSetUID,
        ])
    func otherWarnings(uid: String) {
        var story = Story(wanting: 3)
        story.at(1, .pod(running("running")), .pod(done("done")))
        let old = starting("replaced", uid: "uid-of-old")
        story.at(1, .pod(old), .podRemoved(old.leaving))
        story.at(2, .pod(starting("replaced")), .warning(about: uid, "Unhealthy", "said of somebody else"))
        story.at(30)
        #expect(story.told == [])
    }

    @Test("A failure is told at once; those of the same second are told together, by cause")
    func failures() {
        var story = Story(wanting: 6)
        story.at(1, .pod(running("f")), .pod(failed("c", 1, "no")))
        #expect(story.told == ["c: failed with exit code 1: no"])
        story.at(1.1, .pod(failed("b", 1, "no")), .pod(failed("d", 2, "yes")), .pod(failed("a", 1, "no")))
        #expect(story.told.count == 1)
        story.at(3)
        #expect(story.told.dropFirst() == ["a, b: failed with exit code 1: no", "d: failed with exit code 2: yes"])
    }

    @Test("Failures of the last second are told before the end")
    func lastFailures() {
        var story = Story(wanting: 2)
        story.at(1, .pod(failed("a", 1, "x")))
        story.at(1.1, .pod(failed("b", 2, "y")))
        #expect(story.verdict == .failed && story.end == 1.1)
        #expect(story.told == ["a: failed with exit code 1: x", "b: failed with exit code 2: y"])
    }
}

@Suite("Pods that the cluster rejects") struct RejectionStories {
    let quota = #"Error creating: pods "task-x7k2p" is forbidden: exceeded quota: q"#

    @Test("When the cluster rejects the pods the run ends after ten seconds, each cause told once, without names")
    func rejected() {
        var story = Story(wanting: 2)
        story.at(3.5, .warning(about: Story.daemonSetUID, "FailedCreate", quota))
        let another = quota.replacing("x7k2p", with: "9wq4d")
        story.at(3.5, .warning(about: Story.daemonSetUID, "FailedCreate", another))
        story.at(3.5, .warning(about: Story.daemonSetUID, "FailedCreate", "Error creating: no account"))
        story.at(3.5, .warning(about: "uid-of-another", "FailedCreate", "of another DaemonSet"))
        story.at(9)
        #expect(story.verdict == nil)
        story.at(10)
        #expect(story.verdict == .refused && story.end == 10)
        #expect(
            story.told == [
                "the cluster rejects pods: Error creating: pods is forbidden: exceeded quota: q",
                "the cluster rejects pods: Error creating: no account",
                "not done: 2 of 2 nodes: no pod has started",
            ])
    }

    @Test("A recorded rejection is told in the cluster's words, of many similar events")
    func recorded() throws {
        struct Recorded: Decodable {
            struct Involved: Decodable { let uid: String }
            let involvedObject: Involved
            let reason: String
            let message: String
        }
        let event = try JSONDecoder().decode(Recorded.self, from: recordedData("event-failed-create.json"))
        var story = Story(name: "cat-etc-hosts")
        story.at(0, .wants(3, has: 0))
        story.at(3.5, .warning(about: Story.daemonSetUID, event.reason, event.message))
        story.at(20)
        #expect(story.verdict == .refused)
        #expect(
            story.told.first == """
                the cluster rejects pods: Error creating: pods is forbidden: exceeded quota: q, requested: pods=1, \
                used: pods=0, limited: pods=0
                """)
    }

    @Test(
        "Only what the cluster made up is taken out of its words",
        arguments: [
            (#"pods "task-bcdfg" is forbidden"#, "pods is forbidden"),
            ("resource Pod/default/task-bb2d9 was blocked", "resource Pod/default/POD was blocked"),
            (#"serviceaccount "task-sa" not found"#, #"serviceaccount "task-sa" not found"#),
            (#"serviceaccount "task-runner" not found"#, #"serviceaccount "task-runner" not found"#),
            (#"serviceaccount "task-admin" not found"#, #"serviceaccount "task-admin" not found"#),
            ("a task-x7k2p and a task-x7k2q", "a POD and a POD"),
            ("webhook denied it:\n\n  line two", "webhook denied it:\n    \n      line two"),
            ("task-", "task-"),
        ])
    func names(message: String, told: String) {
        var story = Story(wanting: 1)
        story.at(1, .warning(about: Story.daemonSetUID, "FailedCreate", message))
        story.at(5)
        #expect(story.told == ["the cluster rejects pods: \(told)"])
    }

    @Test("What Pod Security forbids is told with the advice first")
    func podSecurity() {
        var story = Story(wanting: 1)
        let message = #"pods "task-bcdfg" is forbidden: violates PodSecurity "baseline:latest": hostPID=true"#
        story.at(1, .warning(about: Story.daemonSetUID, "FailedCreate", message))
        story.at(5)
        #expect(
            story.told == [
                "run it in a namespace at the Pod Security level privileged, with -n: the cluster rejects pods: "
                    + #"pods is forbidden: violates PodSecurity "baseline:latest": hostPID=true"#
            ])
    }

    @Test(
        "Who may not see why no pod comes, and was warned of Pod Security, is told so after ten seconds: exit 3",
        arguments: [true, false])
    func warnedOfPodSecurity(isWarned: Bool) {
        var plan = Story.plan()
        plan.violatesPodSecurity = isWarned
        var story = Story(plan)
        story.at(0, .wants(2, has: 0))
        story.at(15)
        #expect(story.verdict == (isWarned ? .refused : nil))
        let advice =
            "run it in a namespace at the Pod Security level privileged, with -n: the cluster makes no pod here"
        #expect(story.told.first == (isWarned ? advice : nil))
    }

    @Test("A warning about Pod Security ends no run whose pods come")
    func onlyWarned() {
        var plan = Story.plan()
        plan.violatesPodSecurity = true
        var story = Story(plan)
        story.at(0, .wants(1, has: 1))
        story.at(20, .pod(done("a")))
        #expect(story.verdict == .done)
    }

    @Test(
        "A webhook that is away is told and waited for; what rejects pods for good besides ends the run",
        arguments: [
            "Internal error occurred: failed calling webhook \"x\": Post \"https://x.y.svc\": connect: connection refused",
            "Internal error occurred: failed calling webhook \"x\": context deadline exceeded",
        ])
    func webhookAway(message: String) {
        var story = Story(wanting: 1)
        story.at(
            1, .wants(1, has: 0), .warning(about: Story.daemonSetUID, "FailedCreate", "Error creating: \(message)"))
        story.at(60)
        #expect(story.verdict == nil)
        #expect(story.told == ["the cluster rejects pods: Error creating: \(message); it tries again"])
        story.at(61, .wants(1), .pod(done("a")))
        #expect(story.verdict == .done)

        story = Story(wanting: 1)
        story.at(1, .wants(1, has: 0), .warning(about: Story.daemonSetUID, "FailedCreate", message))
        story.at(2, .warning(about: Story.daemonSetUID, "FailedCreate", quota))
        story.at(20)
        #expect(story.verdict == .refused)
    }

    @Test("That somebody changes a DaemonSet while it runs is told once")
    func changedDaemonSet() {
        func wants(_ generation: Int) -> Event {
            .daemonSet(uid: Story.daemonSetUID, DaemonSetStatus(isObserved: true, wanted: 1, generation: generation))
        }
        let told = ["somebody changed what daemonset/task asks for: pods that are made from now on are other ones"]
        var story = Story()
        story.at(0, wants(1))
        story.at(1, .pod(running("a")))
        #expect(story.told == [])
        story.at(2, wants(2))
        story.at(3, wants(2))
        #expect(story.told == told)
        // Somebody was faster than the first look at it.
        story = Story()
        story.at(0, wants(2))
        #expect(story.told == told)
        // Who only looks does not know what it was.
        story = Story(lookingFrom: 10)
        story.at(11, wants(2), .podsListed([running("a")]))
        #expect(story.told == [])
    }

    @Test(
        "A name may have dots, and a long one is cut where the API server cuts it",
        arguments: ["my.task", String(repeating: "n", count: 60)])
    func longName(name: String) {
        var story = Story(name: name)
        story.at(
            1, .wants(1, has: 0),
            .warning(
                about: Story.daemonSetUID, "FailedCreate", #"pods "\#((name + "-").prefix(58))x7k2p" is forbidden"#))
        story.at(5)
        #expect(story.told == ["the cluster rejects pods: pods is forbidden"])
    }

    @Test("Nodes that have pods are waited for first, and their results come")
    func some() {
        var story = Story(wanting: 2)
        story.at(1, .pod(running("a")), .warning(about: Story.daemonSetUID, "FailedCreate", quota))
        story.at(100)
        #expect(story.verdict == nil)
        story.at(101, .pod(done("a")))
        story.at(110)
        #expect(story.verdict == nil, "the controller may have another go")
        story.at(111)
        #expect(story.verdict == .refused && story.results == ["a"])
    }

    @Test("A rejection that is over when the pods come changes nothing")
    func over() {
        var story = Story(wanting: 1)
        story.at(1, .warning(about: Story.daemonSetUID, "FailedCreate", quota))
        story.at(9, .pod(running("a")))
        story.at(100, .pod(done("a")))
        #expect(story.verdict == .done)
    }

    @Test("A rejection that is over is not why a node is given up that is not ready")
    func overAndNotReady() {
        var story = Story(wanting: 1)
        story.at(1, .warning(about: Story.daemonSetUID, "FailedCreate", quota))
        story.at(2, .pod(starting("a")), .nodesNotReady(["a"]))
        story.at(60)
        #expect(story.verdict == .failed)
    }

    @Test("A rejection that is heard of when the pods are there is not told")
    func late() {
        var story = Story(wanting: 1)
        story.at(1, .pod(running("a")))
        story.at(5, .warning(about: Story.daemonSetUID, "FailedCreate", quota))
        story.at(60)
        #expect(story.told == [])
    }

    @Test("A change of how many nodes are meant gives the controller another ten seconds")
    func changed() {
        var story = Story(wanting: 1)
        story.at(4, .warning(about: Story.daemonSetUID, "FailedCreate", quota))
        story.at(8, .wants(2))
        story.at(17)
        #expect(story.verdict == nil)
        story.at(18)
        #expect(story.verdict == .refused)
    }

    @Test("Without a rejection, pods that don't come are waited for to the timeout")
    func none() {
        var story = Story(wanting: 1)
        story.at(1, .warning(about: Story.daemonSetUID, "SelectingAll", "of another kind"))
        story.at(299)
        #expect(story.verdict == nil && story.told == [])
        story.at(300)
        #expect(story.verdict == .timedOut)
    }
}
