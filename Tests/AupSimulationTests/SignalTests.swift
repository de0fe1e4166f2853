import AupSimulation
import AupSound
import Glibc
import Testing

@Suite struct `Simulated signals` {
    @Test(arguments: ["sine", "sine?freq=997.3", "noise", "sweep", "impulse"])
    func `block sizes leave no trace`(_ name: String) throws {
        let mark = name.contains("?") ? "&" : "?"
        for format in SampleFormat.allCases {
            let full = "sim:\(name)\(mark)pace=fast&rate=48000&channels=3&format=\(format.name)"
            let whole = try Rig(full)
            try whole.device.start()
            let pieces = try Rig(full)
            try pieces.device.start()
            #expect(whole.read(4800, blocks: [4800]) == pieces.read(4800, blocks: [1, 7, 64, 480, 1023]))
        }
    }

    /// The error of the sine against the C library's, in decibels below the sine itself.
    private func sineError(_ rig: Rig, from position: Int64, hertz: Double, amplitude: Double) -> Double {
        let samples = rig.read(4800).doubles
        var error = 0.0
        var signal = 0.0
        let rate = Double(rig.format.rate)
        for (index, sample) in samples.enumerated() {
            // Whole microhertz, so that the reference keeps its own accuracy after hours.
            let turn = Int64(rate) * 1_000_000
            let step = Int64((hertz * 1e6).rounded())
            let product = (position + Int64(index)).multipliedFullWidth(by: step)
            let phase = turn.dividingFullWidth(product).remainder
            let truth = amplitude * sin(2 * .pi * Double(phase) / Double(turn))
            error += (sample - truth) * (sample - truth)
            signal += truth * truth
        }
        return 10 * log10(error / signal)
    }

    @Test(arguments: [20.0, 440, 997.3, 1000, 19_999.999])
    func `a sine is true to -200 dB, also after ten hours`(_ hertz: Double) throws {
        let name = "sim:sine?pace=fast&level=-6&channels=1&format=f64&rate=44100&freq=\(hertz)"
        let rig = try Rig(name)
        try rig.device.start()
        let amplitude = amplitude(decibels: -6)
        #expect(sineError(rig, from: 0, hertz: hertz, amplitude: amplitude) < -200)
        let tenHours: Int64 = 36_000 * 44_100
        while rig.port.positionFrames() < tenHours {
            _ = rig.port.skip(frames: Int(min(4800, tenHours - rig.port.positionFrames())))
        }
        #expect(sineError(rig, from: tenHours, hertz: hertz, amplitude: amplitude) < -200)
    }

    @Test func `integers are the nearest to the sine, alike on every channel`() throws {
        let rig = try Rig("sim:sine?pace=fast&level=0&rate=48000&channels=2&freq=1000")
        try rig.device.start()
        let samples = rig.read(480).int16s
        for frame in 0..<480 {
            let truth = sin(2 * .pi * Double(frame) / 48) * 32_768
            #expect(samples[2 * frame] == samples[2 * frame + 1])
            #expect(abs(Double(samples[2 * frame]) - min(truth, 32_767)) <= 0.5000001)
        }
        #expect(samples.max() == 32_767 && samples.min() == -32_768)
    }

    @Test func `noise is white, seeded and different on each channel`() throws {
        func noise(_ seed: Int) throws -> [Double] {
            let rig = try Rig("sim:noise?pace=fast&level=0&channels=2&format=f64&seed=\(seed)")
            try rig.device.start()
            return rig.read(48_000).doubles
        }
        let samples = try noise(1)
        #expect(try noise(1) == samples)
        #expect(try noise(2) != samples)
        let count = Double(samples.count)
        #expect(abs(samples.reduce(0, +) / count) < 0.01)
        let power = samples.reduce(0) { $0 + $1 * $1 } / count
        #expect(abs(power - 1 / 3.0) < 0.01)
        #expect(samples.allSatisfy { abs($0) <= 1 })
        // Neighbouring samples, neighbouring frames: no correlation.
        for lag in [1, 2, 3, 480] {
            let product = (0..<samples.count - lag).reduce(0.0) { $0 + samples[$1] * samples[$1 + lag] } / count
            #expect(abs(product) < 0.01)
        }
    }

    @Test func `an impulse stands at each second and nowhere else`() throws {
        let rig = try Rig("sim:impulse?pace=fast&level=-6&rate=8000&channels=1&format=f64")
        try rig.device.start()
        let samples = rig.read(20_000).doubles
        #expect(samples.indices.filter { samples[$0] != 0 } == [0, 8000, 16_000])
        #expect(samples[8000] == amplitude(decibels: -6))
    }

    @Test func `a sweep climbs from 20 Hz to 20 kHz in ten seconds, and again`() throws {
        let rig = try Rig("sim:sweep?pace=fast&level=0&rate=48000&channels=1&format=f64")
        try rig.device.start()
        let samples = rig.read(960_000, blocks: [4800]).doubles
        #expect(Array(samples[..<480_000]) == Array(samples[480_000...]))
        // Upward crossings in half a second are its mean frequency there: (f1 - f0)·T / (L·0.5 s).
        for second in [1.0, 5.0, 9.0] {
            let first = Int(second * 48_000)
            let crossings = (first..<first + 24_000).count { samples[$0] < 0 && samples[$0 + 1] >= 0 }
            let perSecond = log(1000.0) / 10
            let truth = 20 / perSecond * (exp((second + 0.5) * perSecond) - exp(second * perSecond))
            #expect(abs(Double(crossings) - truth) <= 1)
        }
    }

    @Test func `silence is every format's own`() throws {
        for format in SampleFormat.allCases {
            let rig = try Rig("sim:silence?pace=fast&format=\(format.name)")
            try rig.device.start()
            #expect(rig.read(480).allSatisfy { $0 == format.silenceByte })
        }
    }

    @Test func `a file is looped without a seam`() throws {
        let format = try #require(PCMFormat(.s24Packed, rate: 44_100, channels: 2))
        let bytes = (0..<(1001 * 6)).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let rig = try Rig("sim:/tmp/a.wav?pace=fast", file: SimulatedFile(format: format, bytes: bytes + [1, 2]))
        #expect(rig.format == format)
        try rig.device.start()
        let sound = rig.read(3003, blocks: [480, 1, 1500])
        #expect(sound == bytes + bytes + bytes)
    }
}
