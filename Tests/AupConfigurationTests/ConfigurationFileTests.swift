import Foundation
import TestSupport
import Testing

@testable import AupConfiguration

/// Where files lie, and which are trusted.
@Suite struct `A file of configuration` {
    private let scratch: Scratch
    private let path: String

    init() throws {
        scratch = try Scratch()
        path = scratch.path("config.toml")
    }

    private func write(_ mode: Int) throws {
        try Data("[defaults]\ncolor = \"never\"\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    @Test func `lies at home and in the machine's folder`() {
        func paths(_ variables: [String: String]) -> [String] { ConfigurationFile.paths { variables[$0] } }
        #expect(paths(["HOME": "/h"]) == ["/h/.config/aup/config.toml", "/etc/aup/config.toml"])
        #expect(paths(["HOME": "/h", "XDG_CONFIG_HOME": "/x"]) == ["/x/aup/config.toml", "/etc/aup/config.toml"])
        // A relative one is to be ignored.
        #expect(paths(["HOME": "/h", "XDG_CONFIG_HOME": "x"]).first == "/h/.config/aup/config.toml")
        #expect(paths([:]) == ["/etc/aup/config.toml"])
        #expect(paths(["HOME": "", "XDG_CONFIG_HOME": ""]) == ["/etc/aup/config.toml"])
        #expect(paths(["AUP_CONFIG": "a:/b", "HOME": "/h"]) == ["a", "/b"])
        #expect(paths(["AUP_CONFIG": "", "HOME": "/h"]) == [])
    }

    @Test func `need not be there, unless it is asked for`() throws {
        #expect(try Configuration.reading([path])?.paths == nil)
        #expect(try Configuration.reading([scratch.path("no/folder"), "/dev/null/x"])?.paths == nil)
        #expect(throws: ConfigurationMistake(.file(path: path, line: 0), "there is no such file, or no way to it")) {
            try Configuration.reading([path], mustExist: true)
        }
    }

    @Test(arguments: [0o600, 0o644, 0o444]) func `is read where only its owner may write it`(mode: Int) throws {
        try write(mode)
        #expect(try Configuration.reading([path])?.settings.count == 1)
    }

    @Test(arguments: [0o666, 0o664, 0o622]) func `is refused where others may`(mode: Int) throws {
        try write(mode)
        #expect {
            try Configuration.reading([path])
        } throws: { error in
            (error as? ConfigurationMistake)?.line.hasSuffix("chmod go-w it") == true
        }
    }

    @Test func `belongs to its user or to root`() {
        #expect(ConfigurationFile.objection(owner: 1000, mode: 0o644, user: 1000) == nil)
        #expect(ConfigurationFile.objection(owner: 0, mode: 0o644, user: 1000) == nil)
        #expect(ConfigurationFile.objection(owner: 1001, mode: 0o600, user: 1000) != nil)
        #expect(ConfigurationFile.objection(owner: 1000, mode: 0o600, user: 0) != nil)
    }

    @Test func `is a regular one, and nothing that is waited for`() throws {
        try #require(unsafe mkfifo(path, 0o600) == 0)
        for place in [path, scratch.folder.path, "/dev/null"] {
            #expect(throws: ConfigurationMistake(.file(path: place, line: 0), "this is no regular file")) {
                try Configuration.reading([place])
            }
        }
    }
}
