import AupSound
import AupSystem
import AupWire
import Foundation
import TestSupport
import Testing

@testable import AupEngine

/// A device that goes away and comes back, in this process, with real time.
@Suite(.realTime, .serialized) struct `A device that comes and goes` {
    /// Takes packets until the end, or until so many frames are there.
    private func drain(_ source: ReconnectingSource, frames: Int64 = .max) throws -> PacketRecorder {
        let recorder = PacketRecorder()
        while true {
            guard let packet = source.next() else {
                source.wait()
                continue
            }
            try recorder.take(packet)
            if case .end = packet { break }
            if recorder.totalFrames >= frames { break }
        }
        source.close()
        return recorder
    }

    private func source(
        _ name: String, later: String? = nil, _ change: (inout SessionConfiguration) -> Void
    ) throws -> (ReconnectingSource, EventQueue) {
        var configuration = SessionConfiguration(command: "test", input: .device(name), outputs: [.standardStream])
        configuration.realtimePriority = nil
        change(&configuration)
        let events = EventQueue(bell: Doorbell())
        let source = try ReconnectingSource(
            name, configuration, opensAt: nil, scheduling: Scheduling(priority: nil), events: events,
            locate: later.map { later in { later } })
        return (source, events)
    }

    private func names(_ events: EventQueue) -> [String] {
        events.takeAll().compactMap {
            switch $0 {
            case .happened(let event): event.name
            case .gap: "gap"
            default: nil
            }
        }
    }

    @Test func `the time without it is one gap, and places go on`() throws {
        let (source, events) = try source("sim:noise?unplug=0.2s&replug=0.45s&seed=11") {
            $0.liveness.reconnects = .forever
        }
        let recorder = try drain(source, frames: 60_000)
        #expect(recorder.story.filter { $0.hasPrefix("format") }.count == 1)
        let gap = try #require(recorder.gaps.first)
        #expect(recorder.gaps.count == 1)
        #expect(gap.cause == .device)
        #expect(gap.position <= 9600 && gap.position > 9600 - 960)
        // At least as long as it was away; how much longer is when it was tried again.
        #expect(gap.frames >= 12_000 - 480)
        #expect(recorder.positions == recorder.positions.sorted())
        #expect(zip(recorder.positions, recorder.positions.dropFirst()).allSatisfy { $0 < $1 })
        #expect(recorder.audioPositions.count + Int(gap.frames) == Int(recorder.totalFrames))
        #expect(names(events) == ["device-lost", "device-back", "gap"])
    }

    @Test func `a card's node that appears ends the pause between two attempts`() throws {
        let scratch = try Scratch()
        let (source, _) = try source("hw:CARD=AupNowhere") {
            $0.liveness.waitsForDevice = .forever
            $0.liveness.deviceFolder = scratch.path("snd")
        }
        defer { source.close() }
        func plan() throws -> ReconnectPlan {
            guard case .seeking(let plan) = source.phase else { throw CancellationError() }
            return plan
        }
        /// Lets the pauses grow, then waits once; whether something ended the wait.
        func isWoken(_ happens: () throws -> Void) throws -> Bool {
            let attempts = try plan().attempts + 3
            while true {
                _ = source.next()
                if try plan().attempts >= attempts { break }
                source.wait()
            }
            let before = try plan()
            try happens()
            source.wait()
            return try plan() != before
        }
        #expect(try !isWoken {})
        // The machine's first card makes the folder.
        try #expect(
            isWoken {
                try FileManager.default.createDirectory(atPath: scratch.path("snd"), withIntermediateDirectories: false)
            })
        try #expect(isWoken { try Data().write(to: scratch.folder.appending(path: "snd/controlC0")) })
        #expect(try !isWoken {})
    }

    @Test func `it is found again under another name`() throws {
        let (source, events) = try source(
            "sim:noise?unplug=0.1s", later: "sim:sine?seed=12"
        ) { $0.liveness.reconnects = .forever }
        let recorder = try drain(source, frames: 24_000)
        #expect(recorder.gaps.count == 1)
        let texts = events.takeAll().compactMap { if case .happened(let event) = $0 { event.text } else { nil } }
        #expect(texts.last == "device 'sim:noise?unplug=0.1s' is back as 'sim:sine?seed=12'")
    }

    @Test func `what comes back as something else ends the session and says what it was`() throws {
        let (source, _) = try source(
            "sim:noise?unplug=0.1s&seed=13", later: "sim:noise?rate=44100"
        ) { $0.liveness.reconnects = .forever }
        let recorder = try drain(source)
        #expect(recorder.story.last == "end error")
        guard case .deviceFailed(let text) = source.ending else {
            Issue.record("ended with \(source.ending)")
            return
        }
        #expect(text.contains("44100"))
    }

    @Test func `what does not come back in time is given up`() throws {
        let (source, _) = try source("sim:noise?unplug=0.1s&seed=14") {
            $0.liveness.reconnects = .nanoseconds(300_000_000)
        }
        let recorder = try drain(source)
        #expect(recorder.story.last == "end error")
        #expect(source.ending.message?.contains("did not come back") == true)
    }

    @Test func `a stop while it is away ends at that time, gap and all`() throws {
        let (source, _) = try source("sim:noise?unplug=0.1s&seed=15") { $0.liveness.reconnects = .forever }
        let recorder = PacketRecorder()
        while true {
            guard let packet = source.next() else {
                source.wait()
                if case .away = source.phase { source.stop() }
                continue
            }
            try recorder.take(packet)
            if case .end = packet { break }
        }
        #expect(recorder.story.suffix(2).last == "end stopped")
        #expect(recorder.gaps.count == 1)
        #expect(source.ending == .done)
    }

    @Test func `a duration that ends while it is away ends the wait`() throws {
        let (source, _) = try source("sim:noise?unplug=0.1s&seed=16") { $0.liveness.reconnects = .forever }
        let recorder = PacketRecorder()
        let limit = DurationLimit(.frames(24_000), next: recorder)
        source.framesWanted = { limit.framesWanted }
        while !limit.isReached {
            guard let packet = source.next() else {
                source.wait()
                continue
            }
            try limit.take(packet)
        }
        source.close()
        #expect(recorder.totalFrames == 24_000)
        #expect(recorder.gaps.count == 1)
    }

    @Test func `without a wish to reconnect a lost device is the end`() throws {
        let (source, events) = try source("sim:noise?unplug=0.1s&seed=17") { _ in }
        let recorder = try drain(source)
        #expect(recorder.story.last == "end error")
        #expect(names(events) == [])
    }

    @Test func `a name that can never be is not waited for`() {
        #expect(throws: SessionFailure.self) {
            _ = try source("sim:sinus") { $0.liveness.waitsForDevice = .forever }
        }
    }
}
