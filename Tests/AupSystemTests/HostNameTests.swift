import Testing

@testable import AupSystem

@Suite struct `The names of a machine` {
    @Test(arguments: [
        ("studio", ["studio", "studio.local"]),
        ("studio.example.org", ["studio.example.org", "studio", "studio.local"]),
        ("", []), ("localhost", []), ("localhost.localdomain", []),
    ])
    func `are its own, in short, and as it is announced`(name: String, names: [String]) {
        #expect(hostNames(of: name) == names)
    }

    @Test func `are of this one what it says of itself`() {
        #expect(hostNames().allSatisfy { !$0.isEmpty })
    }
}
