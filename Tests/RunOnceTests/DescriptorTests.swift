import Foundation
import RunOnce
import TestSupport
import Testing

@Suite("Descriptor") struct DescriptorTests {
    @Test("What fails names the system call, the file as it was given, and the error number")
    func failures() async throws {
        try await withTemporaryDirectory { path in
            let missing = path + "/none"
            #expect(
                Reason { () throws(Failure) in _ = try Descriptor.open(CString(missing), O_RDONLY) }
                    == Reason("openat", missing, ENOENT))
            let directory = try Descriptor.open(CString(path), O_RDONLY | O_DIRECTORY)
            #expect(
                Reason { () throws(Failure) in _ = try directory.open("none", O_RDONLY) }
                    == Reason("openat", path, ENOENT))

            let full = try Descriptor.open("/dev/full", O_WRONLY)
            #expect(Reason { () throws(Failure) in try full.write("text") } == Reason("write", "/dev/full", ENOSPC))
            #expect(
                Reason { () throws(Failure) in try Descriptor(owning: 1_000_000, name: "closed").close() }
                    == Reason("close", "closed", EBADF))
        }
    }

    @Test("A descriptor is closed at the end of its life")
    func endOfLife() async throws {
        try await withTemporaryDirectory { path in
            let numbers = try await withOwnDescriptors {
                do {
                    let file = try Descriptor.open(CString(path + "/file"), O_WRONLY | O_CREAT)
                    try file.write("text")
                }
                return descriptors(of: path + "/file")
            }
            #expect(numbers == [])
        }
    }

    @Test("A failure is about its object or, without one, about the system call; its reason is words, or a number")
    func reasons() {
        let failure = Failure("openat", "file", code: ENOENT)
        #expect(failure.operation == "openat")
        #expect(failure.subject == "file")
        #expect(failure.code == ENOENT)
        #expect(reason(failure.code) == "No such file or directory")
        #expect(reason(EPROTO) == "error 071")
        #expect(Failure("fork", code: EAGAIN).subject == "fork")
    }
}

/// The numbers by which this thread has a file open.
private func descriptors(of path: String) -> [Int] {
    let folder = "/proc/thread-self/fd/"
    return (try? names(in: folder))?.compactMap { Int($0) }.filter {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)\($0)")) == path
    } ?? []
}
