import Orchestrator
import RunLogic

/// A length of time as kubectl takes it: `90s`, `5m`, `1h30m`, or a number of seconds.
///
/// - Parameter option: whose value it is.
/// - Throws: `Refusal.usage` where it is none, or less than a second, or more than a year.
func seconds(_ text: String, of option: String) throws(Refusal) -> Seconds {
    let parts = text.wholeMatch(of: /(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?/)
    func number(_ digits: Substring??) -> Int { digits.flatMap(\.self).flatMap { Int($0) } ?? 0 }
    let isNumber = text.wholeMatch(of: /[0-9]{1,9}/) != nil
    let total = isNumber ? number(text[...]) : number(parts?.1) * 3600 + number(parts?.2) * 60 + number(parts?.3)
    guard (1...31_536_000).contains(total) else {
        throw .usage("--\(option): from 1s to 8760h, such as 90s, 5m, 1h30m, and not '\(text)'")
    }
    return Seconds(total)
}
