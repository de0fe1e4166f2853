import Testing

/// Each law against a snippet that breaks it: a check that finds nothing anywhere would keep every house standing.
@Suite struct `The laws of the house` {
    private let drawing = """
        Prose.
        ```layers
        roof aup     imports AupTop
        3    AupTop  imports AupLow AupRoom
        2    AupRoom imports AupLow CDoor
        1    AupLow
        0    CDoor   imports CCellar opens door/door.h
        cellar CCellar
        ```
        ```voices
        print Sources/aup/Reports/
        exit  Sources/aup/Exit.swift
        ```
        """
    private var layers: Layers { get throws { try Layers(document: drawing) } }

    private func file(_ path: String, _ text: String) -> SourceFile { SourceFile(path: path, text: text) }

    @Test func `an import that is not drawn is found, however it is written`() throws {
        for line in [
            "import AupRoom", "public import AupRoom", "@testable import AupRoom", "  internal import AupRoom",
            "import struct AupRoom.Packet", "@preconcurrency @_spi(Inside) package import AupRoom",
        ] {
            let complaints = Laws.undrawnImports(
                [file("Sources/AupLow/A.swift", "import Glibc\n\(line)\n")], try layers)
            #expect(complaints.count == 1 && complaints[0].hasPrefix("Sources/AupLow/A.swift:2:"), "\(line)")
        }
        let prose = "// import AupRoom\nlet text = \"\"\"\n    import AupRoom\n    \"\"\"\n"
        #expect(Laws.undrawnImports([file("Sources/AupLow/A.swift", prose)], try layers).isEmpty)
        #expect(Laws.undrawnImports([file("Sources/AupTop/A.swift", "import AupRoom")], try layers).isEmpty)
        #expect(!Laws.undrawnImports([file("Sources/AupAttic/A.swift", "")], try layers).isEmpty)
    }

    @Test func `Foundation is found`() {
        for module in Laws.slow {
            #expect(Laws.slowImports([file("Sources/aup/A.swift", "internal import \(module)")]).count == 1)
        }
        #expect(Laws.slowImports([file("Tests/A/A.swift", "import Foundation")]).isEmpty)
    }

    @Test func `an arrow that points up or sideways is found`() throws {
        for name in ["AupTop", "AupLow"] {
            let crooked = drawing.replacing("AupLow\n0", with: "AupLow imports \(name)\n0")
            #expect(Laws.arrowsUp(try Layers(document: crooked)).count == 1)
        }
        let upstairs = drawing.replacing("cellar CCellar", with: "cellar CCellar imports CDoor")
        #expect(Laws.arrowsUp(try Layers(document: upstairs)).count == 1)
        #expect(Laws.arrowsUp(try layers).isEmpty)
    }

    @Test func `a circle is found`() {
        let circle = [
            file("Sources/A/A.swift", "import B"), file("Sources/B/B.swift", "import C"),
            file("Sources/C/C.swift", "import A"), file("Sources/D/D.swift", "import A"),
        ]
        #expect(Laws.circles(circle) == ["a circle of imports: A → B → C → A"])
        #expect(Laws.circles(Array(circle[..<2]) + [circle[3]]).isEmpty)
        #expect(Laws.circles([file("Sources/A/A.swift", "import A")]).count == 1)
    }

    @Test func `a second importer of a door and a second opener of its library are found`() throws {
        let first = file("Sources/AupRoom/A.swift", "import CDoor")
        #expect(Laws.secondImporters([first, first], try layers).isEmpty)
        #expect(Laws.secondImporters([first, file("Sources/AupTop/B.swift", "import CDoor")], try layers).count == 1)
        let opener = file("Sources/COther/other.c", "#include <door/door.h>\n")
        #expect(Laws.secondImporters([first, opener], try layers).count == 1)
        #expect(Laws.secondImporters([file("Sources/CDoor/door.c", "#include <door/door.h>\n")], try layers).isEmpty)
    }

    @Test func `a drawing that is not the building is found`() throws {
        let manifest = """
            .target(name: "CCellar", cSettings: door),
            .target(name: "CDoor", dependencies: ["CCellar"], cSettings: door),
            .target(name: "AupLow"),
            .target(
                name: "AupRoom", dependencies: ["AupLow", "CDoor"]),
            .target(name: "AupTop", dependencies: ["AupLow", "AupRoom"]),
            .executableTarget(name: "aup", dependencies: ["AupTop"]),
            .target(name: "TestSupport", path: "Tests/TestSupport"),
            .testTarget(name: "AupLowTests", dependencies: ["AupLow"]),
            """
        func differences(_ wrong: String, _ right: String) throws -> [String] {
            Laws.differences(try layers, Manifest(text: manifest.replacing(wrong, with: right)))
        }
        #expect(try differences("", "").isEmpty)
        #expect(try differences("[\"AupLow\", \"CDoor\"]", "[\"AupLow\"]").count == 1)
        #expect(try differences(", dependencies: [\"CCellar\"]", "").count == 1)
        #expect(try differences("[\"AupTop\"]", "[\"AupTop\", \"AupLow\"]").count == 1)
        #expect(try differences("\"AupLow\"),\n.target(\n", "\"AupNew\"),\n.target(\n").count >= 2)
        let order = manifest.split(separator: "\n").map(String.init)
        let swapped = ([order[1], order[0]] + order[2...]).joined(separator: "\n")
        #expect(Laws.differences(try layers, Manifest(text: swapped)).count == 1)
    }

    @Test func `a product of another package counts as its name`() {
        let manifest = Manifest(
            text: ".executableTarget(name: \"a\", dependencies: [\"B\", .product(name: \"C\", package: \"p-q\")])")
        #expect(manifest.targets == [Manifest.Target(name: "a", dependencies: ["B", "C"])])
    }

    @Test func `print and exit under the roof are found`() throws {
        for line in ["print(1)", "  debugPrint(x)", "printf(\"a\");", "exit(1)", "{ abort() }", "fatalError()"] {
            #expect(Laws.voices([file("Sources/AupLow/A.swift", line)], try layers).count == 1, "\(line)")
            #expect(Laws.voices([file("Sources/aup/Capture.swift", line)], try layers).count == 1, "\(line)")
            #expect(Laws.voices([file("Sources/CDoor/a.c", line)], try layers).count == 1, "\(line)")
        }
        for line in [
            "fingerprint(1)", "// print(1)", "let a = \"exit(1)\"", "_exit(1)", "report.print(1)", "func exit() {}",
        ] {
            #expect(Laws.voices([file("Sources/AupLow/A.swift", line)], try layers).isEmpty, "\(line)")
        }
        #expect(Laws.voices([file("Sources/aup/Reports/Lines.swift", "print(1)")], try layers).isEmpty)
        #expect(Laws.voices([file("Sources/aup/Reports/Lines.swift", "exit(1)")], try layers).count == 1)
        #expect(Laws.voices([file("Sources/aup/Exit.swift", "exit(1)")], try layers).isEmpty)
    }

    @Test func `a long file is found`() {
        let line = "let a = 1\n"
        #expect(Laws.longFiles([file("Sources/A/a.c", String(repeating: line, count: 501))]).count == 1)
        #expect(Laws.longFiles([file("Sources/A/a.c", String(repeating: line, count: 500))]).isEmpty)
    }

    @Test func `unfinished work is found`() {
        for word in Laws.unfinished { #expect(Laws.unfinishedWork([file("docs/a.md", "\n \(word) later")]).count == 1) }
    }

    @Test func `empty names are found`() {
        for name in ["DeviceManager", "StringHelpers", "BaseRing", "AudioCore", "Context", "PluginContextPool"] {
            #expect(Laws.emptyNames([file("Sources/A/a.swift", "public final class \(name) {}")]).count == 1, "\(name)")
        }
        for name in ["Encore", "BasementTapes", "Codec", "Commons"] {
            #expect(Laws.emptyNames([file("Sources/A/a.swift", "struct \(name) {}")]).isEmpty, "\(name)")
        }
    }

    @Test func `paths of one machine are found`() {
        for place in Laws.workplaces {
            #expect(Laws.workplacePaths([file("docs/a.md", "see \(place)x")]).count == 1)
            #expect(Laws.workplacePaths([file("docs/a.md", "https://a.example\(place)x")]).isEmpty)
        }
    }

    @Test func `a function of the audio thread without a promise is found`() {
        func complaints(_ below: String) -> [String] {
            let above = "func prepare() {}\n"
            return Laws.unpromised([file("Sources/A/a.swift", above + Laws.audioMark + "\n" + below)])
        }
        for broken in [
            "func read() {}", "  public mutating func read() {}", "@inline(__always)\nfunc read() {}",
            "@_noLocks func a() {}\n\nfunc read() {}", "init(a: Int) {}", "// @_noLocks\nfunc read() {}",
        ] {
            #expect(complaints(broken).count == 1, "\(broken)")
        }
        for kept in [
            "@_noLocks func read() {}", "@_noLocks\n@inline(__always)\nfunc read() {}", "// a func is meant\n",
            "@_noLocks\ninit() {}", "let a = 1", "// MARK: - Control\nfunc stop() {}",
        ] {
            #expect(complaints(kept).isEmpty, "\(kept)")
        }
        #expect(Laws.unpromised([file("Sources/A/a.swift", "func read() {}")]).isEmpty)
    }

    @Test func `a drawing that cannot be read is an error`() {
        for text in [
            "nothing", "```layers\nroof\n```\n```voices\n```", "```layers\n9 A exports B\n```\n```voices\n```",
        ] {
            #expect(throws: Layers.Malformed.self) { try Layers(document: text) }
        }
    }

    @Test func `comments and quotes are no code`() {
        let text = "a // b\nc /* d\ne */ f \"g \\\" h\" i\n\"\"\"\nj\n\"\"\" k\n"
        #expect(file("a.swift", text).code.map { $0.trimmed } == ["a", "c", "f  i", "", "", "k", ""])
        #expect(file("a.c", "'\"' a '\\'' b").code == ["  a  b"] || file("a.c", "'\"' a").code[0].trimmed == "a")
    }
}
