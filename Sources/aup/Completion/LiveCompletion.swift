import AupEngine
import AupSound
import Glibc

/// One word that a shell may put there, and what it says beside it.
struct Offer: Equatable {
    var value: String
    var note = ""

    /// Behind which names of files may stand too.
    static let files = Offer(value: "/")
}

/// `aup ---complete KIND COMMAND OPTION TYPED WORD…`: what a shell's script asks at a TAB.
///
/// No parser is built for it. The answer is a word a line, its note behind a tab, and a single `/` where names of files are
/// right too; the shell leaves out what does not begin, or otherwise match, as what is typed. What is typed only says how far
/// to go: which interface's plugins, which key's values.
enum LiveCompletion {
    static let word = "---complete"

    /// Nothing may take the shell with it; plugins that nobody has looked at yet take seconds, once.
    private static let patienceSeconds: UInt32 = 10

    static func answer(_ words: [String]) {
        guard words.count >= 4, let kind = LiveValues(rawValue: words[0]) else { return }
        _ = alarm(patienceSeconds)
        let question = Question(
            command: words[1], option: words[2], typed: words[3], before: Array(words.dropFirst(4)))
        var text: [UInt8] = []
        for offer in offers(kind, question) where isLine(offer.value) {
            text += line(offer)
        }
        Printer.raw(text, to: .standardOutput)
    }

    struct Question {
        let command: String
        /// The name of the option; for a word without one all options that take a word as their value, with commas between.
        let option: String
        let typed: String
        /// The words of the command before it.
        let before: [String]
    }

    private static func offers(_ kind: LiveValues, _ question: Question) -> [Offer] {
        switch kind {
        case .device: EndpointCompletion.devices(question)
        case .endpoint: EndpointCompletion.endpoints(question)
        case .control: EndpointCompletion.sockets(question.typed)
        case .plugin: ChainCompletion.plugins(question.typed)
        case .chain: ChainCompletion.words(question)
        case .parameter: ChainCompletion.running(question)
        }
    }

    private static func line(_ offer: Offer) -> [UInt8] {
        let value = FileName.bytes(offer.value).dropLast().map { UInt8(bitPattern: $0) }
        let note = offer.note.isEmpty ? [] : [9] + Array(Printer.printable(offer.note).utf8)
        return value + note + [10]
    }

    /// What has a line of its own can be told in one; nobody can type the rest.
    private static func isLine(_ value: String) -> Bool {
        !value.isEmpty && !value.utf8.contains { $0 < 32 || $0 == 127 }
    }
}
