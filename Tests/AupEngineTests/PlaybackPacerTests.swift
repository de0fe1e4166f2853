import Testing

@testable import AupEngine

@Suite struct `Playback pacer` {
    private func live() -> PlaybackPacer { PlaybackPacer(isLive: true, periodFrames: 480, bufferFrames: 7680) }
    private func pulled() -> PlaybackPacer { PlaybackPacer(isLive: false, periodFrames: 480, bufferFrames: 7680) }

    @Test func `nothing sounds before the target is reached`() {
        var pacer = live()
        #expect(pacer.step(deviceFrames: 0, queuedFrames: 1439, isEnding: false) == .init())
        #expect(
            pacer.step(deviceFrames: 0, queuedFrames: 1440, isEnding: false)
                == .init(skipFrames: 0, writeFrames: 1440, startsDevice: true))
    }

    @Test func `a live source that has piled up before the start is cut back to the target`() {
        var pacer = live()
        let step = pacer.step(deviceFrames: 0, queuedFrames: 48_000, isEnding: false)
        #expect(step == .init(skipFrames: 48_000 - 1440, writeFrames: 1440, startsDevice: true))
    }

    @Test func `a late packet moves the latency, a stall is cut`() {
        var pacer = live()
        _ = pacer.step(deviceFrames: 0, queuedFrames: 1440, isEnding: false)
        #expect(pacer.step(deviceFrames: 1440, queuedFrames: 960, isEnding: false).skipFrames == 0)
        #expect(pacer.step(deviceFrames: 1440, queuedFrames: 961, isEnding: false).skipFrames == 961)
        #expect(pacer.step(deviceFrames: 100, queuedFrames: 192_000, isEnding: false).skipFrames == 190_660)
    }

    @Test func `packets longer than a period are waited for with so much more, and not cut`() {
        var pacer = live()
        pacer.expect(packetFrames: 480)
        #expect(pacer.targetFrames == 1440)
        // 60 ms of Opus: what is left when the next one comes is the two periods of whoever is late.
        pacer.expect(packetFrames: 2880)
        #expect(pacer.step(deviceFrames: 0, queuedFrames: 2880, isEnding: false) == .init())
        let start = pacer.step(deviceFrames: 0, queuedFrames: 5760, isEnding: false)
        #expect(start == .init(skipFrames: 5760 - 3840, writeFrames: 3840, startsDevice: true))
        for _ in 0..<10 {
            #expect(pacer.step(deviceFrames: 960, queuedFrames: 0, isEnding: false).skipFrames == 0)
            #expect(pacer.step(deviceFrames: 960, queuedFrames: 2880, isEnding: false).skipFrames == 0)
        }
        var file = pulled()
        file.expect(packetFrames: 2880)
        #expect(file.targetFrames == 7680)
    }

    @Test func `a pulled source fills the buffer and is never cut`() {
        var pacer = pulled()
        #expect(pacer.step(deviceFrames: 0, queuedFrames: 7679, isEnding: false) == .init())
        let start = pacer.step(deviceFrames: 0, queuedFrames: 48_000, isEnding: false)
        #expect(start == .init(skipFrames: 0, writeFrames: 7680, startsDevice: true))
        #expect(pacer.step(deviceFrames: 7200, queuedFrames: 40_320, isEnding: false) == .init(writeFrames: 480))
    }

    @Test func `a sound shorter than the target is played when no more will come`() {
        var pacer = pulled()
        #expect(pacer.step(deviceFrames: 0, queuedFrames: 100, isEnding: false) == .init())
        #expect(
            pacer.step(deviceFrames: 0, queuedFrames: 100, isEnding: true)
                == .init(writeFrames: 100, startsDevice: true))
        _ = pacer.step(deviceFrames: 100, queuedFrames: 0, isEnding: true)
        #expect(pacer.isDraining)
    }

    @Test func `a sound shorter than the target is played where a listener may still go back, and nothing ends`() {
        var pacer = pulled()
        #expect(
            pacer.step(deviceFrames: 0, queuedFrames: 0, isEnding: false, isComplete: true) == .init())
        #expect(
            pacer.step(deviceFrames: 0, queuedFrames: 100, isEnding: false, isComplete: true)
                == .init(writeFrames: 100, startsDevice: true))
        _ = pacer.step(deviceFrames: 100, queuedFrames: 0, isEnding: false, isComplete: true)
        #expect(!pacer.isDraining)
    }

    @Test func `no sound at all is drained at once`() {
        var pacer = pulled()
        #expect(pacer.step(deviceFrames: 0, queuedFrames: 0, isEnding: true) == .init())
        #expect(pacer.isDraining)
    }

    @Test func `the end waits until all that is queued is in the device`() {
        var pacer = pulled()
        _ = pacer.step(deviceFrames: 0, queuedFrames: 20_000, isEnding: false)
        let step = pacer.step(deviceFrames: 7000, queuedFrames: 12_320, isEnding: true)
        #expect(step.writeFrames == 680)
        #expect(!pacer.isDraining)
        #expect(pacer.step(deviceFrames: 100, queuedFrames: 500, isEnding: true).writeFrames == 500)
        #expect(pacer.isDraining)
    }

    @Test func `after an xrun frames are collected anew`() {
        var pacer = live()
        _ = pacer.step(deviceFrames: 0, queuedFrames: 1440, isEnding: false)
        pacer.restart()
        #expect(pacer.step(deviceFrames: 0, queuedFrames: 480, isEnding: false) == .init())
        #expect(pacer.step(deviceFrames: 0, queuedFrames: 1500, isEnding: false).skipFrames == 60)
    }
}
