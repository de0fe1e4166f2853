import Foundation
import TestSupport
import Testing

/// The house as it stands.
@Suite struct `The house` {
    private static let files = try! SourceFile.tracked()
    private static let layers = try! Layers(document: Repository.text("docs/ARCHITECTURE.md"))
    private var files: [SourceFile] { Self.files }
    private var layers: Layers { Self.layers }

    @Test func `imports only what is drawn`() { expectNone(Laws.undrawnImports(files, layers)) }

    @Test func `has arrows that point down and no circle`() { expectNone(Laws.arrowsUp(layers) + Laws.circles(files)) }

    @Test func `is drawn as it is built`() throws {
        expectNone(Laws.differences(layers, Manifest(text: try Repository.text("Package.swift"))))
    }

    @Test func `speaks only where it has a voice`() { expectNone(Laws.voices(files, layers)) }

    @Test func `has one importer for each C library`() { expectNone(Laws.secondImporters(files, layers)) }

    @Test func `has no Foundation under the roof`() { expectNone(Laws.slowImports(files)) }

    @Test func `tells one story a file`() { expectNone(Laws.longFiles(files)) }

    @Test func `leaves nothing unfinished`() { expectNone(Laws.unfinishedWork(files)) }

    @Test func `names things by their trade`() { expectNone(Laws.emptyNames(files)) }

    @Test func `promises on the audio thread`() { expectNone(Laws.unpromised(files)) }

    @Test func `stands on no particular machine`() { expectNone(Laws.workplacePaths(files)) }

    @Test func `is formatted`() throws {
        let places = ["Package.swift", "Sources", "Tests", "plugins", "examples"].filter {
            FileManager.default.fileExists(atPath: Repository.root.appending(path: $0).path)
        }
        let run = try ToolRun(
            "swift", ["format", "lint", "--strict", "--recursive", "--parallel"] + places, in: Repository.root)
        #expect(run.status == 0, "run make format; \(run.errors)")
    }

    private func expectNone(_ complaints: [String], _ location: SourceLocation = #_sourceLocation) {
        for complaint in complaints { Issue.record("\(complaint)", sourceLocation: location) }
    }
}
