import Foundation
import TestSupport
import Testing

/// What a service manager hears of a recorder, on a real socket.
@Suite(.realTime, .serialized) struct `A recorder that is a service` {
    /// Runs a recorder whose service manager wants to hear of it every 0.4 s; what that one heard, from the first word on.
    private func heard(
        _ command: String, at socket: String, _ scratch: Scratch, during: String = "",
        environment: [String: String] = [:]
    ) throws -> (run: Pipeline, lines: [String]) {
        let script = scratch.path("listen.py")
        try ServiceListener.program.write(toFile: script, atomically: true, encoding: .utf8)
        let heard = scratch.path("heard")
        let run = try Pipeline.run(
            ["env NOTIFY_SOCKET='\(socket)' WATCHDOG_USEC=400000 \(command)", "cat"],
            before: "python3 \(script) '\(socket)' > \(heard) & while [ ! -s \(heard) ]; do sleep 0.05; done",
            during: during, environment: environment)
        let lines = try String(contentsOfFile: heard, encoding: .utf8).split(separator: "\n").map(String.init)
        return (run, Array(lines.dropFirst()))
    }

    /// When the watchdog was fed, in seconds since a moment.
    private func meals(_ lines: [String], since moment: Double) -> [Double] {
        lines.filter { $0.contains("WATCHDOG=1") }.compactMap { Double($0.prefix { $0 != " " }).map { $0 - moment } }
    }

    private func moment(_ path: String) throws -> Double {
        try #require(Double(try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .newlines)))
    }

    @Test(.enabled(if: ToolRun.find("python3") != nil, "python3 is not installed"), arguments: [false, true])
    func `a service manager hears that it is ready, alive and stopping`(isAbstract: Bool) throws {
        let scratch = try Scratch()
        let socket = isAbstract ? "@aup-\(UUID().uuidString)" : scratch.path("notify")
        let (run, lines) = try heard("aup capture -D sim:sine -d 2s", at: socket, scratch)
        #expect(run.statuses == [0, 0], "\(run.errors)")
        #expect(lines.filter { $0.contains("READY=1") }.count == 1)
        let ready = try #require(lines.firstIndex { $0.contains("READY=1") })
        #expect(!lines[..<ready].contains { $0.contains("WATCHDOG=1") })
        #expect(lines.filter { $0.contains("WATCHDOG=1") }.count >= 4)
        #expect(lines.last?.contains("STOPPING=1") == true)
        #expect(lines.contains { $0.contains("STATUS=") })
    }

    @Test(
        .enabled(
            if: ToolRun.find("python3") != nil && VirtualCard.isAvailable,
            "python3 is not installed, or there is no virtual card"))
    func `a card that stands still starves the watchdog`() throws {
        let card = try VirtualCard()
        let scratch = try Scratch()
        try card.addPCM("mic")
        let then = scratch.path("then")
        let (run, lines) = try heard(
            "aup capture -D mic -r 48000 -c 2 -d 60s", at: scratch.path("notify"), scratch,
            during: "stage 2 > /dev/null; sleep 2; \(try card.controlWords) stall; date +%s.%N > \(then)",
            environment: card.environment)
        #expect(run.statuses == [2, 0], "\(run.errors)")
        let meals = meals(lines, since: try moment(then))
        #expect(meals.count { $0 < 0 } >= 3)
        // It stood still for five seconds before it was given up.
        #expect(!meals.contains { $0 > 2 }, "\(meals)")
    }

    @Test(
        .enabled(
            if: ToolRun.find("python3") != nil && VirtualCard.isAvailable,
            "python3 is not installed, or there is no virtual card"))
    func `a card that is waited for because that was asked does not starve it`() throws {
        let card = try VirtualCard()
        let scratch = try Scratch()
        try card.addPCM("mic")
        let control = try card.controlWords
        let then = scratch.path("then")
        let (run, lines) = try heard(
            "aup capture -D mic -r 48000 -c 2 -d 9s --reconnect", at: scratch.path("notify"), scratch,
            during: "stage 2 > /dev/null; sleep 2; \(control) unplug; date +%s.%N > \(then); sleep 5; \(control) plug",
            environment: card.environment)
        #expect(run.statuses == [0, 0], "\(run.errors)")
        let meals = meals(lines, since: try moment(then))
        #expect(meals.count { (1...5).contains($0) } >= 5, "\(meals)")
    }
}
