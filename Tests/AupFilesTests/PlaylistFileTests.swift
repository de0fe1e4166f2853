import AupSound
import Foundation
import TestSupport
import Testing

@testable import AupFiles

@Suite struct `An m3u playlist` {
    private func entries(_ text: String, folder: String = "music") -> [PlaylistFile.Entry] {
        PlaylistFile(Array(text.utf8), folder: folder).entries
    }

    @Test func `lists paths from its own folder on, and absolute ones as they are`() {
        let list = entries("CD 1/01.flac\n/srv/02.mp3\n../03.wav\n")
        #expect(list.map(\.path) == ["music/CD 1/01.flac", "/srv/02.mp3", "music/../03.wav"])
        #expect(entries("a.wav", folder: "").map(\.path) == ["a.wav"])
    }

    @Test func `comments, empty lines, a byte order mark and any ends of lines change nothing`() {
        let list = entries("\u{FEFF}#EXTM3U\r\n# a remark\r\n\r\n  a.flac \r#EXTGRP:x\nb.flac")
        #expect(list.map(\.path) == ["music/a.flac", "music/b.flac"])
    }

    @Test func `a title belongs to the next entry and to no other`() {
        let list = entries(
            "#EXTINF:215,Some One - A, B\na.flac\nb.flac\n#EXTINF:-1 tvg-name=\"x,y\",Radio\nc.flac\n#EXTINF:3\nd.flac")
        #expect(list.map(\.title) == ["Some One - A, B", nil, "Radio", nil])
    }

    @Test func `names that are no UTF-8 are read as Latin-1`() {
        let list = PlaylistFile([0x66, 0xFC, 0x72, 0x2E, 0x77, 0x61, 0x76], folder: "").entries
        #expect(list.map(\.path) == ["für.wav"])
        #expect(list.map(\.pathAsWritten) == [FileName.text([0x66, 0xFC, 0x72, 0x2E, 0x77, 0x61, 0x76])])
        let coded = PlaylistFile(Array("file:///a/%FC.wav\n%FC.wav\nfile:///%C3%BC.wav".utf8), folder: "m").entries
        #expect(coded.map(\.path) == ["/a/ü.wav", "m/%FC.wav", "/ü.wav"])
        #expect(coded.map { $0.pathAsWritten.map(FileName.readable) } == [#"/a/\xFC.wav"#, nil, nil])
    }

    @Test func `addresses of files become paths, others are remote`() {
        let list = entries("file:///srv/a%20b.flac\nfile://localhost/c%2.wav\nhttp://radio.example/live\nC:notes.wav")
        #expect(list.map(\.path) == ["/srv/a b.flac", "/c%2.wav", "http://radio.example/live", "music/C:notes.wav"])
        #expect(list.map(\.isRemote) == [false, false, true, false])
    }

    @Test func `backslashes of another system are slashes`() {
        #expect(entries("CD1\\01.wav").map(\.path) == ["music/CD1/01.wav"])
        #expect(entries("odd/na\\me.wav").map(\.path) == ["music/odd/na\\me.wav"])
    }

    @Test func `a network stream's list of segments is told apart`() {
        #expect(
            PlaylistFile(Array("#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\ns.ts\n".utf8), folder: "").isSegmentList)
    }

    @Test func `lines too long for a path are counted, and the rest is read`() {
        let list = PlaylistFile(Array((String(repeating: "x", count: 5000) + "\na.wav").utf8), folder: "")
        #expect(list.entries.map(\.path) == ["a.wav"])
        #expect(list.refusedLines == 1)
    }

    @Test func `any bytes make a list`() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let bytes = (0..<300).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let list = PlaylistFile(bytes, folder: "f")
            #expect(list.entries.count <= 300)
        }
    }

    @Test func `is known by its name`() {
        #expect(PlaylistFile.isNamed("a/b.M3U8") && PlaylistFile.isNamed("x.m3u"))
        #expect(!PlaylistFile.isNamed("a.m3u/b.wav") && !PlaylistFile.isNamed(".m3u"))
    }
}

@Suite struct `A folder of sound` {
    @Test func `numbers are sorted by value, letters without case`() {
        let names = ["track 10.flac", "Track 2.flac", "track 1.flac", "a.wav", "B.wav", "track 02b.flac"]
        #expect(
            names.shuffled().sorted(by: naturallyBefore)
                == ["a.wav", "B.wav", "track 1.flac", "Track 2.flac", "track 02b.flac", "track 10.flac"])
    }

    @Test func `the order is one, whatever the names`() {
        let names = ["1", "01", "001", "a1", "A1", "a", "", "10", "9", "1a", "1 a", "é2", "é10"]
        for first in names {
            #expect(!naturallyBefore(first, first))
            for second in names where first != second {
                #expect(naturallyBefore(first, second) != naturallyBefore(second, first))
                for third in names where naturallyBefore(first, second) && naturallyBefore(second, third) {
                    #expect(naturallyBefore(first, third), "\(first) \(second) \(third)")
                }
            }
        }
    }

    @Test func `files come before folders, hidden names and other things not at all, and links in a circle end`() throws
    {
        let scratch = try Scratch()
        for name in ["CD 2/1.flac", "CD 1/10.flac", "CD 1/9.flac", "z.wav", "cover.jpg", ".x.wav", "all.m3u"] {
            let file = scratch.folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: file)
        }
        try FileManager.default.createSymbolicLink(
            atPath: scratch.path("CD 1/round"), withDestinationPath: scratch.folder.path)
        let found = SoundFolder(scratch.folder.path + "/")
        let base = scratch.folder.path + "/"
        #expect(
            found.files.map { String($0.dropFirst(base.count)) } == [
                "z.wav", "CD 1/9.flac", "CD 1/10.flac", "CD 2/1.flac",
            ])
        #expect(found.unread.isEmpty)
    }
}
