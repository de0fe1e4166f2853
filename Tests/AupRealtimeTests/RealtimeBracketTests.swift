import AupRealtime
import AupSound
import Glibc
import Testing

/// One cycle of everything the audio thread may call, inside the bracket. In an ordinary build the bracket is empty;
/// under RealtimeSanitizer (`make rtsan`) any allocation, lock or blocking call in here ends the process.
@Suite(.serialized) struct RealtimeBracketTests {
    private let frames = 700
    private let channels = 2

    @Test func `the rings neither allocate nor lock`() {
        var ring = makeFrameRing(frameBytes: 8, capacityFrames: 1000)
        var marks = makePeriodRing(capacity: 16)
        let gauge = ring.producer.makeGauge()
        let block = UnsafeMutableRawPointer.allocate(byteCount: frames * 8, alignment: 16)
        defer { unsafe block.deallocate() }
        unsafe block.initializeMemory(as: UInt8.self, repeating: 1, count: frames * 8)
        var moved = 0
        RealtimeSection.enter()
        for cycle in 0..<100 {
            moved += unsafe ring.producer.write(from: block, frames: frames)
            _ = ring.producer.writableFrames
            _ = marks.producer.push(
                PeriodMark(position: Int64(cycle), captureTimeNanoseconds: 0, frames: Int32(frames)))
            _ = marks.consumer.pop()
            _ = gauge.filledFrames
            moved += unsafe ring.consumer.read(into: block, frames: frames / 2)
            moved += ring.consumer.skip(frames: frames)
        }
        RealtimeSection.exit()
        #expect(moved == 100 * 2 * frames)
    }

    @Test func `conversion neither allocates nor locks`() {
        let planes = Planes(channels: channels, frames: frames)
        let bytes = frames * channels * 8
        let input = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
        let output = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
        defer {
            unsafe input.deallocate()
            unsafe output.deallocate()
        }
        unsafe input.initializeMemory(as: UInt8.self, repeating: 0x3E, count: bytes)
        for source in SampleFormat.allCases {
            for target in SampleFormat.allCases {
                var converter = SampleConverter(from: source, to: target)
                var meter = PeakMeter(target, channels: channels)
                RealtimeSection.enter()
                _ = unsafe converter.convert(from: input, to: output, samples: frames * channels)
                _ = unsafe converter.deinterleave(
                    from: input, to: planes.pointers, channels: channels, frames: frames)
                _ = unsafe converter.interleave(
                    from: planes.pointers, to: output, channels: channels, frames: frames)
                unsafe meter.measure(output, frames: frames)
                let peak = meter.peak
                meter.reset()
                RealtimeSection.exit()
                #expect(peak.isFinite)
            }
        }
    }

    @Test func `ramp and loop neither allocate nor lock`() {
        let planes = Planes(channels: channels, frames: frames)
        var ramp = GainRamp()
        var loop = DelayLockedLoop(rate: 48000, periodFrames: 256, bandwidthHertz: 0.1)
        var late: Int64 = 0
        RealtimeSection.enter()
        let denormals = FlushToZero.enable()
        for cycle in 0..<100 {
            ramp.ramp(to: cycle % 2 == 0 ? 0.5 : 1, frames: 1000)
            unsafe ramp.apply(toPlanar: planes.pointers, channels: channels, frames: frames)
            loop.update(timeNanoseconds: Int64(cycle) * 5_333_333, frames: 256)
            late = loop.time(ofFrame: loop.frame(atTime: Int64(cycle) * 5_000_000))
        }
        loop.reset()
        denormals.restore()
        RealtimeSection.exit()
        #expect(late > 0)
    }

    @Test func `following a clock and mixing neither allocate nor lock`() throws {
        var resampler = VariableResampler(channels: channels)
        var controller = DriftController(
            sourceRate: 48_000, deviceRate: 48_000, sourcePeriodFrames: frames, devicePeriodFrames: frames)
        let mixer = ChannelMixer(
            MixMatrix(.auto, from: try #require(.standard(channels: 2)), to: try #require(.standard(channels: 1))))
        let room = resampler.roomFrames(forSource: frames)
        let input = UnsafeMutablePointer<Double>.allocate(capacity: frames * channels)
        let output = UnsafeMutablePointer<Double>.allocate(capacity: room * channels)
        defer {
            unsafe input.deallocate()
            unsafe output.deallocate()
        }
        unsafe input.initialize(repeating: 0.5, count: frames * channels)
        unsafe output.initialize(repeating: 0, count: room * channels)
        var made = 0
        RealtimeSection.enter()
        controller.read(frames: 0, timeNanoseconds: 0)
        for cycle in 1...500 {
            let now = Int64(cycle * frames) * 20_828
            controller.read(frames: frames, timeNanoseconds: now)
            _ = controller.wrote(
                frames: frames, writtenFrames: Double(made) + resampler.pendingFrames, timeNanoseconds: now)
            resampler.ratio = controller.ratio
            if cycle < 100 {
                unsafe resampler.pass(input, frames: frames)
                made += frames
            } else {
                unsafe made += resampler.process(input, frames: frames, into: output)
            }
            unsafe mixer.mix(output, frames: frames, into: input)
        }
        resampler.reset()
        controller.deviceStopped()
        RealtimeSection.exit()
        #expect(made > 490 * frames)
    }

    @Test func `the measures neither allocate nor lock`() throws {
        for format in SampleFormat.allCases {
            var meter = SoundMeter(
                MeterConfiguration(format: format, rate: 48_000, layout: try #require(.standard(channels: channels))))
            var spectrum = SpectrumMeter(format, rate: 48_000, channels: channels, size: 1024)
            var album = ProgrammeLoudness()
            let sound = UnsafeMutableRawPointer.allocate(byteCount: frames * channels * 8, alignment: 16)
            defer { unsafe sound.deallocate() }
            unsafe sound.initializeMemory(as: UInt8.self, repeating: 0x3E, count: frames * channels * 8)
            var read = 0.0
            RealtimeSection.enter()
            // Five seconds: beyond the first gating block and the first short-term window.
            for _ in 0..<350 {
                unsafe meter.measure(sound, frames: frames)
                unsafe _ = spectrum.measure(sound, frames: frames)
                read += meter.loudness.integrated + meter.interval.correlation + spectrum.peak(band: 3)
                meter.beginInterval()
            }
            meter.finish()
            read += Double(meter.total.all.truePeak) + album.reading.range
            meter.add(to: &album)
            read += album.reading.integrated
            meter.reset()
            spectrum.reset()
            RealtimeSection.exit()
            #expect(!read.isNaN && meter.frames == 0)
        }
    }

    @Test func `denormal numbers are zero between enable and restore`() {
        let tiny = Float.leastNonzeroMagnitude
        let before = FlushToZero.enable()
        let flushed = doubled(tiny)
        before.restore()
        #expect(flushed == 0)
        #expect(doubled(tiny) == 2 * tiny)
    }

    @inline(never) private func doubled(_ value: Float) -> Float { value * 2 }

    /// The positive control: it must end the process. Only `Tests/Sanitizers/rtsan.sh` asks for it.
    @Test(.enabled(if: isWanted("AUP_RTSAN_CONTROL"), "fails on purpose: Tests/Sanitizers/rtsan.sh runs it"))
    func `an allocation in the bracket is caught`() {
        RealtimeSection.enter()
        let memory = unsafe malloc(4096)
        RealtimeSection.exit()
        unsafe free(memory)
    }
}
