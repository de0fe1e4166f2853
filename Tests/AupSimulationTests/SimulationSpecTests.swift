import AupSimulation
import AupSound
import Testing

@Suite struct `What a sim name asks for` {
    @Test func `a bare name has the usual values`() throws {
        let spec = try SimulationSpec("sim:sine")
        #expect(spec.source == .sine && spec.frequencyMicrohertz == 1_000_000_000 && spec.levelDecibels == -20)
        #expect(spec.rate == nil && spec.channels == nil && spec.format == nil)
        #expect(spec.pace == .realtime && spec.ppm == 0 && spec.xruns.isEmpty)
    }

    @Test func `every option is read`() throws {
        let spec = try SimulationSpec(
            "sim:noise?freq=997.5&level=-3.5&rate=44.1k&channels=6&format=S24_LE&ppm=+150&pace=fast"
                + "&xrun=480,2s&unplug=5s&replug=8s&seed=7")
        #expect(spec.source == .noise && spec.frequencyMicrohertz == 997_500_000 && spec.levelDecibels == -3.5)
        #expect(spec.rate == 44_100 && spec.channels == 6 && spec.format == .s24 && spec.ppm == 150)
        #expect(spec.pace == .fast && spec.seed == 7)
        #expect(spec.xruns == [.frames(480), .nanoseconds(2_000_000_000)])
        #expect(spec.unplug == .nanoseconds(5_000_000_000) && spec.replug == .nanoseconds(8_000_000_000))
        #expect(try SimulationSpec("sim:sine?ppm=-80").ppm == -80)
    }

    @Test func `a path may hold anything, options only follow the last question mark`() throws {
        #expect(try SimulationSpec("sim:./what?.wav").source == .file(path: "./what?.wav"))
        #expect(try SimulationSpec("sim:/a/b.wav?ppm=1").source == .file(path: "/a/b.wav"))
        #expect(try SimulationSpec("sim:a.wav?").source == .file(path: "a.wav"))
    }

    @Test func `an unknown source lists the sources`() {
        for name in ["sim:", "sim:sinus", "alsa:sine"] {
            let message = deviceError { _ = try SimulationSpec(name) }?.message
            #expect(message?.contains("sim:sweep") == true, "\(name)")
        }
    }

    @Test func `an unknown option lists the options`() {
        let message = deviceError { _ = try SimulationSpec("sim:sine?pitch=3") }?.message
        #expect(
            message == "device 'sim:sine?pitch=3': there is no option 'pitch'; the options are "
                + "freq level rate channels format ppm pace xrun unplug replug seed")
    }

    @Test(arguments: [
        "freq=0", "freq=nan", "freq=1e3", "level=1", "level=inf", "rate=7", "channels=0", "channels=65", "format=s17",
        "ppm=x",
        "ppm=1000000", "pace=slow", "xrun=", "xrun=-1", "unplug=never", "replug=8", "seed=-1", "freq", "freq=",
    ])
    func `a value out of range is named`(_ option: String) {
        let error = deviceError { _ = try SimulationSpec("sim:sine?\(option)") }
        #expect(error?.message.contains(String(option.prefix { $0 != "=" })) == true)
    }
}
