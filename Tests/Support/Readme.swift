import Foundation
import Testing

/// What README tells its readers to type.
public enum Readme {
    /// A command under the heading "Recipes".
    public struct Recipe: Sendable, CustomTestStringConvertible {
        /// The comment before the command, without what comes after a colon.
        public let title: String
        /// The command, as it is printed.
        public let command: String

        public var testDescription: String { title }
    }

    /// All of README.
    public static let text: String = {
        // A test that needs it fails where it is not there: nothing is found in it.
        (try? String(contentsOfFile: repositoryRoot + "/README.md", encoding: .utf8)) ?? ""
    }()

    /// The recipes: in a block of commands, each with a comment before it, and an empty line between them.
    public static let recipes: [Recipe] = blocks(in: section("Recipes")).flatMap { block in
        block.components(separatedBy: "\n\n").map { paragraph in
            let lines = paragraph.split(separator: "\n", omittingEmptySubsequences: false)
            let comments = lines.prefix { $0.hasPrefix("#") }
            let title = comments.first?.drop { "# ".contains($0) }.prefix { $0 != ":" } ?? ""
            return Recipe(title: String(title), command: lines.dropFirst(comments.count).joined(separator: "\n"))
        }
    }

    private static func section(_ heading: String) -> String {
        let sections = text.components(separatedBy: "\n## ")
        return sections.first { $0.hasPrefix(heading + "\n") } ?? ""
    }

    private static func blocks(in text: String) -> [String] {
        text.components(separatedBy: "\n```sh\n").dropFirst().map { $0.components(separatedBy: "\n```")[0] }
    }
}
