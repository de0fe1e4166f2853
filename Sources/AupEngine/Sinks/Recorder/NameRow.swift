import AupFiles
import Glibc

/// The names of a recording's files, one after the other; none is ever given that is taken.
///
/// - Thread: transport.
struct NameRow {
    private let template: NameTemplate
    private let zone: CalendarZone
    private let avoidsTaken: Bool
    private var lastName = ""
    private var lastCounter = 0
    /// Of the file that was named last, from 1.
    private(set) var number = 0

    /// - Parameter avoidsTaken: whether a taken name gets a counter; else it is given as it is, and whoever opens it
    ///   complains.
    init(_ template: NameTemplate, zone: CalendarZone, avoidsTaken: Bool) {
        self.template = template
        self.zone = zone
        self.avoidsTaken = avoidsTaken
    }

    /// The name of the file that begins at a moment, its folders made.
    mutating func next(at nanoseconds: Int64) throws(SessionFailure) -> String {
        let name = template.name(at: nanoseconds, zone: zone, number: number + 1)
        if avoidsTaken {
            let code = makeFolders(for: name)
            guard code == 0 else {
                throw .sink(.failed("\(name): its folder cannot be made: \(unsafe String(cString: strerror(code)))"))
            }
        }
        return planned(at: nanoseconds)
    }

    /// The same name without its folders being made.
    mutating func planned(at nanoseconds: Int64) -> String {
        number += 1
        let name = template.name(at: nanoseconds, zone: zone, number: number)
        guard avoidsTaken else { return name }
        // From the last counter on, because a thousand files of one name would be a million looks.
        lastCounter = name == lastName ? lastCounter + 1 : 0
        lastName = name
        while isNameTaken(NameTemplate.name(name, counter: lastCounter)) { lastCounter += 1 }
        return NameTemplate.name(name, counter: lastCounter)
    }
}
