// How fast the measures are by themselves, samples in memory. `Tests/Bench/meter.sh` builds and runs it beside
// libebur128. Prints what bare_ebur128 prints.
//
//   meter FILE RATE CHANNELS [TURNS]

import AupRealtime
import AupSound
import Glibc

@main enum MeterBench {
    static func main() {
        let words = CommandLine.arguments
        guard words.count >= 4, let rate = Int(words[2]), let channels = Int(words[3]),
            let positions = ChannelLayout(
                channels == 6
                    ? [.frontLeft, .frontRight, .frontCenter, .lowFrequency, .sideLeft, .sideRight]
                    : ChannelLayout.standard(channels: channels)?.positions ?? []),
            let file = unsafe fopen(words[1], "rb")
        else { exit(1) }
        unsafe fseek(file, 0, SEEK_END)
        let bytes = unsafe ftell(file)
        unsafe rewind(file)
        let samples = UnsafeMutableRawPointer.allocate(byteCount: max(bytes, 1), alignment: 64)
        guard unsafe fread(samples, 1, bytes, file) == bytes else { exit(1) }
        let frames = bytes / (2 * channels)
        for _ in 0..<(words.count > 4 ? Int(words[4]) ?? 1 : 1) {
            let begin = clock()
            var meter = SoundMeter(MeterConfiguration(format: .s16, rate: rate, layout: positions))
            var done = 0
            while done < frames {
                let block = min(rate / 10, frames - done)
                unsafe meter.measure(samples + done * 2 * channels, frames: block)
                done += block
            }
            meter.finish()
            let loudness = meter.loudness
            let level = meter.total.all
            let seconds = Double(clock() - begin) / 1e6
            print(loudness.integrated, loudness.range, level.truePeak, level.samplePeak, seconds)
        }
    }
}
