import AupSound
import Testing

@Suite struct `Formats and layouts` {
    @Test func `every format is found by its own name and by ALSA's, in any case`() {
        for format in SampleFormat.allCases {
            #expect(SampleFormat(name: format.name) == format)
            #expect(SampleFormat(name: format.alsaName) == format)
            #expect(SampleFormat(name: format.alsaName.lowercased()) == format)
            #expect(SampleFormat(name: format.name.uppercased()) == format)
        }
        #expect(SampleFormat(name: "s16_le") == .s16)
        #expect(SampleFormat(name: "float") == .f32)
        #expect(SampleFormat(name: "s17") == nil)
        #expect(SampleFormat(name: "") == nil)
    }

    @Test func `a frame is one sample of every channel`() {
        #expect(PCMFormat(.s24Packed, rate: 48_000, channels: 3)?.frameBytes == 9)
        #expect(PCMFormat(.f64, rate: 48_000, channels: 64)?.frameBytes == 512)
    }

    @Test func `values outside the limits make no format`() {
        #expect(PCMFormat(.s16, rate: 999, channels: 2) == nil)
        #expect(PCMFormat(.s16, rate: 768_001, channels: 2) == nil)
        #expect(PCMFormat(.s16, rate: 48_000, channels: 0) == nil)
        #expect(PCMFormat(.s16, rate: 48_000, channels: 65) == nil)
        #expect(PCMFormat(.s16, rate: 48_000, channels: 2, layout: ChannelLayout([.mono])) == nil)
    }

    @Test func `a layout is read from a list and names nothing twice`() {
        #expect(ChannelLayout(list: "FL,FR,LFE")?.positions == [.frontLeft, .frontRight, .lowFrequency])
        #expect(ChannelLayout(list: "fl,fr")?.list == "FL,FR")
        #expect(ChannelLayout(list: "FL,FL") == nil)
        #expect(ChannelLayout(list: "FL,,FR") == nil)
        #expect(ChannelLayout(list: "") == nil)
        #expect(ChannelLayout(list: "UNKNOWN,UNKNOWN") != nil)
    }

    @Test(arguments: 1...64) func `every channel count has a standard layout of its size`(channels: Int) {
        #expect(ChannelLayout.standard(channels: channels)?.positions.count == channels)
    }

    @Test(arguments: [("48000", 48_000), ("48k", 48_000), ("44.1k", 44_100), ("22.05K", 22_050), ("192k", 192_000)])
    func `a rate is read as a person writes it`(text: String, hertz: Int) {
        #expect(parseRate(text) == hertz)
    }

    @Test(arguments: ["", "k", "48.5", "0", "999", "1000k", "1e5", "-48k", "48 k"])
    func `what is no rate is refused`(text: String) {
        #expect(parseRate(text) == nil)
    }

    @Test func `levels print without a locale`() {
        #expect(levelText(-6.04) == "-6.0")
        #expect(levelText(-0.04) == "0.0")
        #expect(levelText(12.35) == "12.4")
        #expect(levelText(-.infinity) == "-inf")
        #expect(abs(amplitude(decibels: -6) - 0.501187) < 1e-6)
        #expect(abs(decibels(amplitude: 0.5) + 6.0206) < 1e-4)
    }

    @Test func `period and buffer follow from the latency, and a wish beats them`() {
        var request = DeviceRequest(name: "x", direction: .playback)
        #expect(request.sizes(rate: 48_000).periodFrames == 480)
        #expect(request.sizes(rate: 48_000).bufferFrames == 7680)
        request.period = .frames(256)
        request.buffer = .frames(1024)
        #expect(request.sizes(rate: 48_000) == (256, 1024))
        request.buffer = .frames(10)
        #expect(request.sizes(rate: 48_000).bufferFrames == 512)
        let capture = DeviceRequest(name: "x", direction: .capture)
        #expect(capture.sizes(rate: 48_000).bufferFrames == 24_000)
    }
}
