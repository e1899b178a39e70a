import Orchestrator
import RunLogic

/// A length of time as kubectl takes it: `90s`, `5m`, `1h30m`, or a number of seconds.
///
/// - Parameter option: whose value it is.
/// - Throws: `Refusal.usage` where it is none, or less than a second, or more than a year.
func seconds(_ text: String, of option: String) throws(Refusal) -> Seconds {
    let wrong = Refusal.usage("--\(option): from 1s to 8760h, such as 90s, 5m, 1h30m, and not '\(text)'")
    var total = 0
    var number = ""
    var lastUnit = Int.max
    for character in text {
        if character.isASCII, character.isNumber, number.count < 9 {
            number.append(character)
            continue
        }
        let units: [Character: Int] = ["h": 3600, "m": 60, "s": 1]
        guard let unit = units[character], unit < lastUnit, let count = Int(number) else { throw wrong }
        total += count * unit
        lastUnit = unit
        number = ""
    }
    if !number.isEmpty {
        guard lastUnit == .max, let count = Int(number) else { throw wrong }
        total = count
    }
    guard (1...31_536_000).contains(total) else { throw wrong }
    return Seconds(total)
}
