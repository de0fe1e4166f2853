import Testing

@testable import AupEngine

@Suite struct `A line through looks at a device` {
    /// Looks at a device that is off by so much, one a period, each late by what `lateness` says.
    private func looks(
        _ count: Int, ppm: Double, period: Int64 = 480, run: Int = 0, start: Int64 = 1_000_000_000_000,
        lateness: (Int) -> Int64 = { _ in 0 }
    ) -> [DeviceLook] {
        let nanoseconds = 1e9 / (48_000 * (1 + ppm * 1e-6))
        return (1...count).map { index in
            let frame = Int64(index) * period
            let time = start + Int64((Double(frame) * nanoseconds).rounded()) + lateness(index)
            return DeviceLook(
                wakeNanoseconds: time, timeNanoseconds: time, positionFrames: frame, dueFrame: frame, run: run)
        }
    }

    private func ppm(_ fit: ClockFit) -> Double { (1e9 / fit.nanosecondsPerFrame / 48_000 - 1) * 1e6 }

    /// Numbers below a limit, the same in every run.
    private func noise(_ limit: Int64, _ index: Int) -> Int64 {
        var state = UInt64(index) &* 0x9E37_79B9_7F4A_7C15
        state ^= state >> 29
        state = state &* 0xBF58_476D_1CE4_E5B9
        return Int64(state >> 33) % limit
    }

    @Test(arguments: [0.0, 500, -500, 0.5, 12_345])
    func `finds the rate to a hundredth of a ppm where nothing disturbs`(_ error: Double) throws {
        let fit = try #require(ClockFit(looks(500, ppm: error), rate: 48_000))
        #expect(abs(ppm(fit) - error) < 0.01)
        #expect(abs(fit.seconds - 4.74) < 0.1)
    }

    @Test func `is as sure as it says among looks that come late`() throws {
        var outside = 0
        for seed in 0..<200 {
            let fit = try #require(
                ClockFit(looks(300, ppm: 150) { noise(200_000, $0 + 1000 * seed) }, rate: 48_000))
            let sure = fit.uncertaintyNanosecondsPerFrame / fit.nanosecondsPerFrame * 1e6
            #expect(sure < 15)
            if abs(ppm(fit) - 150) > sure { outside += 1 }
        }
        // 5 in 100 are to be expected.
        #expect(outside <= 20)
    }

    @Test func `leaves out the few looks of a thread that was put aside`() throws {
        let plain = try #require(ClockFit(looks(500, ppm: 100), rate: 48_000))
        let disturbed = try #require(
            ClockFit(looks(500, ppm: 100) { $0 > 450 && $0 % 10 == 0 ? 30_000_000 : 0 }, rate: 48_000))
        #expect(abs(ppm(plain) - ppm(disturbed)) < 0.1)
    }

    @Test func `knows less where lateness lasts`() throws {
        let jumping = try #require(ClockFit(looks(500, ppm: 0) { noise(100_000, $0) }, rate: 48_000))
        let lasting = try #require(ClockFit(looks(500, ppm: 0) { noise(100_000, $0 / 25) }, rate: 48_000))
        #expect(lasting.uncertaintyNanosecondsPerFrame > 2 * jumping.uncertaintyNanosecondsPerFrame)
    }

    @Test func `goes on with the same slope after an xrun`() throws {
        let first = looks(300, ppm: 80)
        // Its positions begin anew, half a second later.
        let second = looks(300, ppm: 80, run: 1, start: first[299].timeNanoseconds + 500_000_000)
        let fit = try #require(ClockFit(first + second, rate: 48_000))
        #expect(abs(ppm(fit) - 80) < 0.01)
        #expect(abs(fit.seconds - 5.5) < 0.1)
        #expect(abs(fit.time(ofFrame: 4800, run: 1) - Double(second[9].timeNanoseconds)) < 1000)
    }

    @Test func `is not drawn through too few`() {
        #expect(ClockFit(looks(7, ppm: 0), rate: 48_000) == nil)
        #expect(ClockFit([], rate: 48_000) == nil)
        var blurred = looks(100, ppm: 0)
        for index in blurred.indices { blurred[index].timeNanoseconds = 0 }
        #expect(ClockFit(blurred, rate: 48_000) == nil)
    }
}
