import AupSimulation
import AupSound
import Testing

@Suite struct `A simulated device` {
    @Test func `agrees to what is asked where the name is silent`() throws {
        var request = DeviceRequest(name: "sim:sine", direction: .capture)
        #expect(try SimulatedDevice(request).configuration.format == PCMFormat(.s16, rate: 48_000, channels: 2))
        request.sampleFormat = .f32
        request.rate = 96_000
        request.channels = 8
        let configuration = try SimulatedDevice(request).configuration
        #expect(configuration.format == PCMFormat(.f32, rate: 96_000, channels: 8))
        #expect(configuration.periodFrames == 960 && configuration.name == "sim:sine")
    }

    @Test func `refuses what it does not have and says what it has`() throws {
        var request = DeviceRequest(name: "sim:sine?rate=44100", direction: .capture)
        request.rate = 48_000
        let message = deviceError { _ = try SimulatedDevice(request) }?.message
        #expect(message?.contains("rate 48000 is refused, it has 44100") == true)
        let mute = deviceError { _ = try SimulatedDevice(DeviceRequest(name: "sim:null", direction: .capture)) }
        #expect(mute?.message.contains("only plays") == true)
        let deaf = deviceError { _ = try SimulatedDevice(DeviceRequest(name: "sim:sine", direction: .playback)) }
        #expect(deaf?.message.contains("only captures") == true)
        let format = try #require(PCMFormat(.s16, rate: 8_000, channels: 1))
        let empty = SimulatedFile(format: format, bytes: [1])
        let nothing = deviceError {
            _ = try SimulatedDevice(DeviceRequest(name: "sim:./a.wav", direction: .capture), file: empty)
        }
        #expect(nothing?.message.contains("no sound") == true)
        let other = deviceError {
            _ = try SimulatedDevice(
                DeviceRequest(name: "sim:./a.wav?channels=2", direction: .capture),
                file: SimulatedFile(format: format, bytes: [1, 2]))
        }
        #expect(other?.message.contains("channel count of the file is 1") == true)
    }

    @Test func `captures as its clock says`() throws {
        let rig = try Rig("sim:sine?rate=48000")
        #expect(rig.port.available() == .ready(frames: 0) && !rig.isReadable)
        try rig.device.start()
        rig.advance(milliseconds: 9)
        #expect(rig.port.available() == .ready(frames: 432) && !rig.isReadable)
        rig.advance(milliseconds: 1)
        #expect(rig.isReadable && rig.port.available() == .ready(frames: 480))
        #expect(rig.port.delayFrames() == 480)
        #expect(rig.read(1000).count == 480 * 4)
        #expect(!rig.isReadable && rig.port.positionFrames() == 480)
    }

    @Test func `its clock may be wrong by parts per million, and exactly so`() throws {
        for (ppm, frames) in [("+150", 172_825_920), ("-80", 172_786_176), ("0", 172_800_000)] {
            let rig = try Rig("sim:silence?rate=48000&ppm=\(ppm)")
            try rig.device.start()
            rig.advance(milliseconds: 3_600_000)
            #expect(rig.port.available() == .ready(frames: frames))
        }
    }

    @Test func `an overrun grows until it is skipped, and the loss is known to the frame`() throws {
        let rig = try Rig("sim:impulse?rate=48000&channels=1&format=f64")
        try rig.device.start()
        rig.advance(milliseconds: 990)
        #expect(rig.port.available() == .ready(frames: 47_520))
        #expect(rig.read(1).isEmpty)
        let lost = rig.port.overrunFrames(available: 47_520)
        #expect(lost == 47_520 - 4800 + 480)
        #expect(rig.port.skip(frames: lost) == .ready(frames: lost))
        #expect(rig.read(9999).count == (47_520 - lost) * 8)
        rig.advance(milliseconds: 10)
        _ = rig.read(480)
        rig.advance(milliseconds: 10)
        // The impulse of the second second is where it belongs: position is the device's own time.
        #expect(rig.read(1).doubles[0] > 0)
    }

    @Test func `an xrun comes where it was ordered, once, and its loss shows in the position`() throws {
        let rig = try Rig("sim:sine?rate=48000&xrun=1000,9600")
        try rig.device.start()
        rig.advance(milliseconds: 50)
        #expect(rig.port.available() == .ready(frames: 1000))
        #expect(rig.read(960).count == 960 * 4)
        // Less than a period is left before it: those forty frames go with it.
        #expect(rig.isReadable && rig.port.available() == .xrun && rig.port.available() == .xrun)
        #expect(rig.port.start() == .xrun)
        rig.advance(milliseconds: 10)
        #expect(rig.port.prepareAgain() == .ready(frames: 0))
        #expect(rig.port.start() == .ready(frames: 0))
        #expect(rig.port.positionFrames() == 2880)
        rig.advance(milliseconds: 100)
        #expect(rig.port.available() == .ready(frames: 4800))
        #expect(rig.read(4800).count == 4800 * 4)
        rig.advance(milliseconds: 1000)
        #expect(rig.port.available() == .ready(frames: 1920))
    }

    @Test func `a fast device is always ready, faults come at their frame and lose nothing else`() throws {
        let rig = try Rig("sim:sine?rate=48000&pace=fast&xrun=4800")
        try rig.device.start()
        #expect(rig.isReadable && rig.port.available() == .ready(frames: 4800))
        #expect(rig.read(9999).count == 4800 * 4)
        #expect(rig.port.available() == .xrun)
        #expect(rig.port.prepareAgain() == .ready(frames: 0) && rig.port.start() == .ready(frames: 0))
        #expect(rig.port.positionFrames() == 4800 && rig.port.available() == .ready(frames: 4800))
    }

    @Test func `unplugged it is gone for good, plugged again it opens`() throws {
        let name = "sim:sine?rate=48000&unplug=1s&replug=3s&seed=101"
        let rig = try Rig(name, at: 1_000_000_000)
        try rig.device.start()
        for _ in 0..<12 {
            rig.advance(milliseconds: 100)
            _ = rig.read(4800)
        }
        #expect(rig.port.positionFrames() == 48_000)
        #expect(rig.isReadable && rig.port.available() == .gone(code: 19))
        #expect(rig.port.prepareAgain() == .gone(code: 19) && rig.port.start() == .gone(code: 19))
        #expect(deviceError { try rig.device.prepare() } == .gone(name: name))
        rig.device.close()
        #expect(deviceError { _ = try Rig(name, at: 3_900_000_000) } == .gone(name: name))
        let again = try Rig(name, at: 4_000_000_000)
        try again.device.start()
        again.advance(milliseconds: 50)
        #expect(again.port.available() == .ready(frames: 2400))
    }

    @Test func `unplugged without replug it stays away, also a fast one`() throws {
        for (name, at) in [
            ("sim:noise?unplug=10ms&seed=102", Int64(0)), ("sim:noise?unplug=10ms&pace=fast&seed=103", 0),
        ] {
            let rig = try Rig(name, at: at)
            try rig.device.start()
            rig.advance(milliseconds: 20)
            _ = rig.read(480)
            #expect(rig.port.available() == .gone(code: 19))
            rig.device.close()
            #expect(deviceError { _ = try Rig(name, at: at + 1_000_000_000_000) } == .gone(name: name))
        }
    }

    @Test func `closed before it was unplugged it is unplugged at the same moment later`() throws {
        let name = "sim:noise?rate=48000&unplug=1s&seed=104"
        let first = try Rig(name, at: 0)
        try first.device.start()
        first.device.close()
        let second = try Rig(name, at: 900_000_000)
        try second.device.start()
        second.advance(milliseconds: 99)
        #expect(second.port.available() == .ready(frames: 4752))
        _ = second.read(4752)
        second.advance(milliseconds: 1)
        #expect(second.port.available() == .gone(code: 19))
    }

    @Test func `playback takes a buffer, plays it and says when it ran dry`() throws {
        let rig = try Rig("sim:null?rate=48000", .playback)
        #expect(rig.isReadable && rig.port.available() == .ready(frames: 4800))
        #expect(rig.write(5000) == .ready(frames: 4800))
        #expect(rig.port.delayFrames() == 4800)
        try rig.device.start()
        #expect(rig.write(10) == .ready(frames: 0) && !rig.isReadable)
        rig.advance(milliseconds: 10)
        #expect(rig.isReadable && rig.port.available() == .ready(frames: 480) && rig.port.delayFrames() == 4320)
        #expect(rig.write(480) == .ready(frames: 480))
        rig.advance(milliseconds: 100)
        #expect(rig.port.available() == .ready(frames: 4800) && rig.port.delayFrames() == 0)
        rig.advance(milliseconds: 1)
        #expect(rig.port.available() == .xrun && rig.write(1) == .xrun)
        #expect(rig.port.prepareAgain() == .ready(frames: 0))
        #expect(rig.write(480) == .ready(frames: 480))
        #expect(rig.port.start() == .ready(frames: 0))
        rig.advance(milliseconds: 5)
        #expect(rig.port.delayFrames() == 240)
    }

    @Test func `playback of a live source wakes only when it is nearly empty`() throws {
        let rig = try Rig("sim:null?rate=48000", .playback, isLive: true)
        _ = rig.write(960)
        try rig.device.start()
        #expect(!rig.isReadable)
        rig.advance(milliseconds: 9)
        #expect(!rig.isReadable)
        rig.advance(milliseconds: 1)
        #expect(rig.isReadable && rig.port.delayFrames() == 480)
    }

    @Test func `playback can be ordered to fail too`() throws {
        let rig = try Rig("sim:null?rate=48000&xrun=480&unplug=1s&seed=105", .playback)
        _ = rig.write(4800)
        try rig.device.start()
        rig.advance(milliseconds: 20)
        #expect(rig.port.available() == .xrun)
        _ = rig.port.prepareAgain()
        _ = rig.write(4800)
        _ = rig.port.start()
        rig.advance(milliseconds: 20)
        #expect(rig.port.available() == .ready(frames: 960))
        rig.advance(milliseconds: 960)
        #expect(rig.port.available() == .gone(code: 19))
    }

    @Test func `a drain hears the last frame, a stopped one does not`() throws {
        let rig = try Rig("sim:null?rate=48000", .playback)
        _ = rig.write(4800)
        #expect(rig.device.drain())
        #expect(rig.port.delayFrames() == 0)
        _ = rig.write(4800)
        #expect(!rig.device.drain(shouldStop: { true }))
        let real = try SimulatedDevice(DeviceRequest(name: "sim:null?rate=48000", direction: .playback))
        try real.prepare()
        #expect(real.port.skip(frames: 480) == .ready(frames: 480))
        #expect(real.drain())
        #expect(real.port.delayFrames() == 0)
    }

    @Test func `a fast playback takes whatever comes`() throws {
        let rig = try Rig("sim:null?rate=48000&pace=fast&xrun=9600", .playback)
        try rig.device.start()
        #expect(rig.write(4800) == .ready(frames: 4800) && rig.write(4800) == .ready(frames: 4800))
        #expect(rig.isReadable && rig.port.available() == .xrun)
    }

    @Test func `closed twice it is closed once`() throws {
        let rig = try Rig("sim:sine")
        rig.device.close()
        rig.device.close()
        #expect(deviceError { try rig.device.start() } == .gone(name: "sim:sine"))
    }
}
