import AupPlugins
import Foundation
import TestSupport
import Testing

/// eq, highpass and lowpass beside sox, whose filters are the cookbook's in the form of biquads.
@Suite(.enabled(if: ToolRun.find("sox") != nil, "sox is not installed"))
struct FilterPeerTests {
    /// The plugin's words and sox's effect.
    private static let pairs: [(plugin: [String], sox: [String])] = [
        (["eq", "freq3=1kHz", "gain3=6dB", "q3=1.5"], ["equalizer", "1000", "1.5q", "6"]),
        (["eq", "freq3=9kHz", "gain3=-15dB", "q3=0.5"], ["equalizer", "9000", "0.5q", "-15"]),
        (["eq", "freq1=120Hz", "gain1=-9dB", "q1=0.9"], ["bass", "-9", "120", "0.9q"]),
        (["eq", "freq8=6kHz", "gain8=4dB", "q8=0.6"], ["treble", "4", "6000", "0.6q"]),
        (["eq", "type2=lowpass", "freq2=3kHz", "q2=2"], ["lowpass", "-2", "3000", "2q"]),
        (["eq", "type2=highpass", "freq2=300Hz", "q2=2"], ["highpass", "-2", "300", "2q"]),
        (["eq", "type2=bandpass", "freq2=700Hz", "q2=3"], ["bandpass", "700", "3q"]),
        (["eq", "type2=notch", "freq2=700Hz", "q2=3"], ["bandreject", "700", "3q"]),
        (["eq", "type2=allpass", "freq2=700Hz", "q2=3"], ["allpass", "700", "3q"]),
        (["highpass", "frequency=80Hz", "order=2"], ["highpass", "-2", "80"]),
        (["lowpass", "frequency=5kHz", "order=2"], ["lowpass", "-2", "5000"]),
    ]

    @Test(arguments: pairs)
    func `sample by sample it is what sox makes of it`(plugin: [String], sox: [String]) throws {
        let sound = noise(frames: 24000).map { $0 / 4 }
        let form = ["-t", "f32", "-r", "48000", "-c", "1", "-"]
        let input = unsafe sound.withUnsafeBytes { unsafe Data($0) }
        let scratch = try Scratch()
        let output = scratch.path("out.f32")
        let run = try ToolRun("sox", ["-D"] + form + ["-t", "f32", output] + sox, input: input)
        #expect(run.status == 0, "\(run.errors)")
        let bytes = try Data(contentsOf: URL(filePath: output))
        let expected: [Float] = unsafe bytes.withUnsafeBytes { bytes in unsafe Array(bytes.bindMemory(to: Float.self)) }
        try #require(expected.count == sound.count)
        let ours = try NativePlugin(plugin[0], Array(plugin.dropFirst())).run([sound]).sound
        // sox passes 32-bit integers from effect to effect, and its floats are those cut to 24 bits.
        #expect(worstDifference(ours, [expected]) < 2e-7)
    }
}
