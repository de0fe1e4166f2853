import AupSystem
import Foundation
import TestSupport
import Testing

@Suite struct `A file that is replaced` {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scratch.folder.path).sorted()
    }

    @Test func `is there whole each time, and nothing beside it`() throws {
        let path = scratch.path("numbers.prom")
        for text in ["one\n", "two, and longer\n", ""] {
            try replaceFile(path, with: Array(text.utf8))
            #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
            #expect(try names() == ["numbers.prom"])
        }
    }

    @Test func `takes the place of what a killed process of the same number left`() throws {
        let path = scratch.path("numbers.prom")
        try Data("old".utf8).write(to: URL(filePath: path + ".\(ProcessInfo.processInfo.processIdentifier)"))
        try replaceFile(path, with: Array("new".utf8))
        #expect(try names() == ["numbers.prom"])
    }

    @Test func `that is to be new leaves the one that is there, and says so`() throws {
        let path = scratch.path("picture.svg")
        try replaceFile(path, with: Array("old".utf8), isNew: true, mode: 0o600)
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        let error = #expect(throws: SystemError.self) { try replaceFile(path, with: [1], isNew: true) }
        #expect(error?.isTaken == true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        #expect(try names() == ["picture.svg"])
    }

    @Test func `is never a link, a folder or a device`() throws {
        let target = scratch.path("target")
        try Data("kept".utf8).write(to: URL(filePath: target))
        let link = scratch.path("link.prom")
        try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: target)
        let error = #expect(throws: SystemError.self) { try replaceFile(link, with: [1], isNew: true) }
        // Nobody is told to overwrite what is never overwritten.
        #expect(error?.isTaken == false && error?.reason.contains("a link, a folder or a device") == true)
        #expect(throws: SystemError.self) { try replaceFile(link, with: [1]) }
        #expect(try String(contentsOfFile: target, encoding: .utf8) == "kept")
        #expect(throws: SystemError.self) { try replaceFile(scratch.folder.path, with: [1]) }
        #expect(throws: SystemError.self) { try replaceFile("/dev/null", with: [1]) }
        #expect(throws: SystemError.self) { try replaceFile(scratch.path("nowhere/x.prom"), with: [1]) }
        #expect(try names() == ["link.prom", "target"])
    }
}
