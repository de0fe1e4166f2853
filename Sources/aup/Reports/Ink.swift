import Glibc

/// Colour for the lines that matter, where the reader is a person: `--color` and NO_COLOR (no-color.org).
struct Ink {
    let isUsed: Bool

    init(_ choice: ColorChoice) {
        switch choice {
        case .always: isUsed = true
        case .never: isUsed = false
        case .auto:
            let refusal = unsafe getenv("NO_COLOR").map { unsafe $0.pointee != 0 } ?? false
            isUsed = !refusal && Printer.drawsOnError
        }
    }

    func failure(_ text: String) -> String { paint(text, "31") }
    func loss(_ text: String) -> String { paint(text, "33") }

    /// `code` is an SGR parameter of ECMA-48.
    private func paint(_ text: String, _ code: String) -> String {
        isUsed ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
