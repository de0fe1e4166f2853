import AupPlugins
import AupRealtime
import AupSound
import AupSystem
import Foundation
import TestSupport
import Testing

@testable import AupEngine

/// A control socket with a chain behind it that is never run: what is said and what is set can be looked at exactly.
@Suite(.serialized) struct `A control socket` {
    /// A server, its chain, and where it listens.
    private final class Rig {
        let scratch: Scratch
        let path: String
        let desk: ChainDesk
        let chain: PluginChain
        let server: ControlServer

        /// - Parameter hasEcho: besides a gain, a plugin of other kinds of parameters.
        init(hasEcho: Bool = true) throws {
            scratch = try Scratch()
            path = scratch.path("control")
            let gain = Repository.root.appending(path: "plugins/gain/gain.so").path
            let echo = PluginSpec(TestGuest.path("echo"), [.init(key: "lag", value: "3")])
            desk = ChainDesk([PluginSpec(gain)] + (hasEcho ? [echo] : []))
            chain = try desk.make(ChainDesk.Setup(rate: 48_000, channels: 2, isOffline: true))
            desk.seat(chain)
            server = try ControlServer(path: path, desk: desk, events: EventQueue(bell: Doorbell()))
            try server.start()
        }

        deinit { server.stop() }
    }

    /// Sends bytes in pieces, hangs up for writing, and takes all that is answered.
    private func talk(_ path: String, _ bytes: [UInt8], piece: Int = 1 << 20) throws -> [String] {
        let socket = try LocalSocket.connect(path)
        var sent = 0
        var answer: [UInt8] = []
        var space = [UInt8](repeating: 0, count: 1 << 16)
        var isOver = false
        while !isOver {
            if sent < bytes.count {
                let part = Array(bytes[sent..<min(sent + piece, bytes.count)])
                if case .bytes(let count) = unsafe part.withUnsafeBytes({ unsafe socket.sendNow($0) }) { sent += count }
                if sent == bytes.count { shutdown(socket.number, Int32(SHUT_WR)) }
            }
            guard socket.waitReadable(milliseconds: sent < bytes.count ? 0 : 20_000) else {
                if sent < bytes.count { continue }
                Issue.record("nothing was answered for 20 seconds")
                break
            }
            switch unsafe space.withUnsafeMutableBytes({ unsafe socket.readNow($0) }) {
            case .bytes(let count): answer += space[..<count]
            case .later: continue
            case .over: isOver = true
            }
        }
        return String(decoding: answer, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    private func talk(_ rig: Rig, _ text: String) throws -> [String] { try talk(rig.path, Array(text.utf8)) }

    @Test func `values are told and set, in the parameter's unit`() throws {
        let rig = try Rig()
        #expect(
            try talk(rig, "get gain.gain\nset gain.gain -6dB\nget gain\necho.feedback=0.25\nget\n") == [
                "gain.gain=0 dB", "ok", "ok", "gain.gain=-6 dB", "ok", "ok", "gain.gain=-6 dB", "echo.feedback=0.25",
                "echo.time=100", "echo.lag=3", "echo.level=-200 dB", "ok",
            ])
        #expect(try rig.chain.value(plugin: 0, key: "gain") == -6)
        #expect(try talk(rig, "list\n")[0] == "gain.gain=-6 dB\t-90 dB to 24 dB\tGain")
        #expect(
            try talk(rig, #"{"command":"get","parameter":"gain.gain","id":1}"#)
                == [#"{"id":1,"ok":true,"values":{"gain.gain":-6.0}}"#])
    }

    @Test func `every refusal says why`() throws {
        let rig = try Rig()
        for (line, why) in [
            ("set gain.gain 99", "-90 dB to 24 dB"), ("set gain.gain 3Hz", "unit"),
            ("set gian.gain 3", "did you mean 'gain'"),
            ("set gain.gian 3", "gian"), ("set nothing 3", "no plugin of the chain"),
            ("set echo.level 3", "cannot be set"),
            ("set echo.lag 3", "fixed while it runs"), ("bypass gian on", "gian"), ("reload", "--watch"),
            ("frob", "help"),
            (#"{"command":"set","parameter":"gain.gain","value":"loud"}"#, "not a number"),
        ] {
            let said = try talk(rig, line + "\n")
            #expect(said.count == 1 && (said[0].hasPrefix("error ") || said[0].contains("\"ok\":false")), "\(said)")
            #expect(said[0].contains(why), "\(said)")
        }
        #expect(try rig.chain.value(plugin: 0, key: "gain") == 0)
    }

    @Test func `a plugin is gone by and taken in again`() throws {
        let rig = try Rig()
        #expect(try talk(rig, "bypass gain on\n") == ["ok"])
        #expect(rig.chain.isBypassed(plugin: 0) && !rig.chain.isBypassed(plugin: 1))
        #expect(try talk(rig, "bypass\n") == ["ok"])
        #expect(rig.chain.isBypassed(plugin: 0) && rig.chain.isBypassed(plugin: 1))
        #expect(try talk(rig, "bypass\n") == ["ok"])
        #expect(!rig.chain.isBypassed(plugin: 0) && !rig.chain.isBypassed(plugin: 1))
    }

    @Test func `readings come to whoever asked for them`() throws {
        let rig = try Rig()
        let socket = try LocalSocket.connect(rig.path)
        let words = Array("subscribe every=10ms\n".utf8)
        _ = unsafe words.withUnsafeBytes { unsafe socket.sendNow($0) }
        var text = ""
        var space = [UInt8](repeating: 0, count: 4096)
        while text.split(separator: "\n").count < 5, socket.waitReadable(milliseconds: 20_000) {
            guard case .bytes(let count) = unsafe space.withUnsafeMutableBytes({ unsafe socket.readNow($0) }) else {
                break
            }
            text += String(decoding: space[..<count], as: UTF8.self)
        }
        let lines = text.split(separator: "\n")
        #expect(lines.first == "ok")
        #expect(lines.dropFirst().allSatisfy { $0 == "reading echo.level=-200 dB" } && lines.count >= 5)
    }

    @Test func `more clients than there is room for are told so`() throws {
        let rig = try Rig()
        let sockets = try (0..<ControlServer.clientLimit).map { _ in try LocalSocket.connect(rig.path) }
        // All of them are in when the last one has its answer.
        for socket in sockets {
            let words = Array("get gain\n".utf8)
            _ = unsafe words.withUnsafeBytes { unsafe socket.sendNow($0) }
            #expect(socket.waitReadable(milliseconds: 20_000))
        }
        #expect(try talk(rig, "") == ["error \(ControlServer.clientLimit) clients are connected already"])
        withExtendedLifetime(sockets) {}
    }

    @Test func `long lines are refused and what follows is heard`() throws {
        let rig = try Rig()
        let long = String(repeating: "x", count: ControlRequest.lineBytes * 5)
        for piece in [100, 4096, 1 << 20] {
            let said = try talk(rig.path, Array("\(long)\nget gain\n".utf8), piece: piece)
            #expect(said == ["error a line is longer than \(ControlRequest.lineBytes) bytes", "gain.gain=0 dB", "ok"])
        }
    }

    @Test func `a flood is answered line by line`() throws {
        let rig = try Rig()
        let said = try talk(rig, String(repeating: "set gain -3\nget gain\nwhat\n", count: 20_000))
        #expect(said.count == 80_000)
        #expect(said.filter { $0 == "ok" }.count == 40_000)
        #expect(said.filter { $0.hasPrefix("error ") }.count == 20_000)
    }

    @Test func `a thousand changes in each second of sound are heard, every one from its frame on`() throws {
        let rig = try Rig(hasEcho: false)
        let socket = try LocalSocket.connect(rig.path)
        // 48 frames a change are a thousand changes in a second of 48 kHz.
        let frames = 48
        let input = PlanarBuffer(channels: 2, frames: frames)
        let output = PlanarBuffer(channels: 2, frames: frames)
        for frame in 0..<frames { for channel in 0..<2 { unsafe input.planes[channel][frame] = 0.5 } }
        var applied = 0
        var failures = 0
        for step in 0..<3000 {
            let decibels = -Double(step % 240) / 10
            let said = try ask(socket, "set gain.gain=\(decibels) ramp=0f\n")
            try #require(said == "ok\n")
            // Under RealtimeSanitizer whatever the socket's thread does, the sound neither waits nor allocates for it.
            RealtimeSection.enter()
            let status = unsafe rig.chain.process(input: input.planes, output: output.planes, frames: frames)
            RealtimeSection.exit()
            if case .failed = status { failures += 1 }
            let wanted = 0.5 * pow(10, decibels / 20)
            let isHeard = (0..<frames).allSatisfy { frame in
                (0..<2).allSatisfy { abs(Double(unsafe output.planes[$0][frame]) - wanted) < 1e-6 }
            }
            if isHeard { applied += 1 }
        }
        #expect(applied == 3000)
        #expect(failures == 0)
    }

    /// Sends a line and takes the line that is answered.
    private func ask(_ socket: borrowing Descriptor, _ line: String) throws -> String {
        let bytes = Array(line.utf8)
        guard case .bytes(bytes.count) = unsafe bytes.withUnsafeBytes({ unsafe socket.sendNow($0) }) else { return "" }
        var answer = ""
        var space = [UInt8](repeating: 0, count: 4096)
        while !answer.hasSuffix("\n"), socket.waitReadable(milliseconds: 20_000) {
            guard case .bytes(let count) = unsafe space.withUnsafeMutableBytes({ unsafe socket.readNow($0) }) else {
                break
            }
            answer += String(decoding: space[..<count], as: UTF8.self)
        }
        return answer
    }

    @Test func `random bytes harm nobody`() throws {
        let rig = try Rig()
        var random = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let bytes = (0..<Int.random(in: 1..<20_000, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            let said = try talk(rig.path, bytes, piece: Int.random(in: 1...5000, using: &random))
            let areRefusals = said.allSatisfy { $0.hasPrefix("error ") || $0.contains("\"ok\":false") }
            #expect(areRefusals)
        }
        #expect(try talk(rig, "get gain\n") == ["gain.gain=0 dB", "ok"])
    }

    @Test func `whoever hangs up in the middle harms nobody`() throws {
        let rig = try Rig()
        for text in ["get", "list\nlist\n", "subscribe every=10ms\n", String(repeating: "list\n", count: 5000)] {
            let socket = try LocalSocket.connect(rig.path)
            let bytes = Array(text.utf8)
            _ = unsafe bytes.withUnsafeBytes { unsafe socket.sendNow($0) }
        }
        #expect(try talk(rig, "get gain") == ["gain.gain=0 dB", "ok"])
    }

    @Test func `the socket goes with the server and a second one is refused`() throws {
        let path: String
        do {
            let rig = try Rig()
            path = rig.path
            #expect(throws: SessionFailure.self) {
                try ControlServer(path: path, desk: rig.desk, events: EventQueue(bell: Doorbell()))
            }
            #expect(FileManager.default.fileExists(atPath: path))
            rig.server.stop()
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }
}
