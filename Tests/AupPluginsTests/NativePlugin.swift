import AupPlugins
import Foundation
import TestSupport

/// One of the project's own plugins under the smallest host, Tests/Guests/drive.c: with a side chain, output parameters,
/// any cut into blocks and resets in between.
struct NativePlugin {
    struct Result {
        var sound: [[Float]]
        /// Of the last block, by key.
        var readings: [String: Double] = [:]
        var latencyFrames = 0
        var tailFrames = 0
    }

    let description: PluginDescription
    let rate: Double
    private(set) var values: [Double]

    /// - Parameter settings: `gain=-6dB`, as after a plugin on the command line.
    init(_ name: String, _ settings: [String] = [], rate: Double = 48000) throws {
        description = try Guests.library().find(name).description
        self.rate = rate
        values = description.parameters.map(\.defaultValue)
        for setting in settings {
            let parts = setting.split(separator: "=").map(String.init)
            let parameter = try description.parameter(named: parts[0])
            guard case .number(let number) = try parameter.parse(parts[1], plugin: name) else { continue }
            values[parameter.index] = number
        }
    }

    /// - Parameters:
    ///   - outputs: channels that come out, as many as go in unless given.
    ///   - blocks: their lengths, used in turn.
    ///   - runs: over the same sound, with a reset between; the last counts.
    func run(
        _ sound: [[Float]], side: [[Float]] = [], outputs: Int? = nil, blocks: [Int] = [512], runs: Int = 1
    ) throws -> Result {
        let frames = sound[0].count
        let outputs = outputs ?? sound.count
        let shape = [sound.count, outputs, side.count, frames, blocks.count, runs].map(UInt32.init)
        // Never-written output must show.
        var out = [Float](repeating: 9, count: frames * outputs)
        var readings = [Double](repeating: 0, count: max(values.count, 1))
        var delays: [UInt64] = [0, 0]
        let status = unsafe Self.drive(
            description.path, rate, values, shape, blocks.map(UInt32.init), sound.flatMap { $0 },
            side.flatMap { $0 } + [0], &out, &readings, &delays)
        guard status == 0 else { throw CocoaError(.executableLoad) }
        var result = Result(sound: (0..<outputs).map { Array(out[$0 * frames..<($0 + 1) * frames]) })
        for parameter in description.parameters where parameter.isOutput {
            result.readings[parameter.key] = readings[parameter.index]
        }
        result.latencyFrames = Int(delays[0])
        result.tailFrames = Int(delays[1])
        return result
    }

    /// What it makes of a single frame of full scale, one channel.
    func impulseResponse(frames: Int) throws -> [Float] {
        try run([[1] + [Float](repeating: 0, count: frames - 1)]).sound[0]
    }

    private typealias Drive =
        @convention(c) (
            UnsafePointer<CChar>, Double, UnsafePointer<Double>, UnsafePointer<UInt32>, UnsafePointer<UInt32>,
            UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, UnsafeMutablePointer<Double>,
            UnsafeMutablePointer<UInt64>
        ) -> Int32

    private static let drive: Drive = {
        let root = Repository.root.path
        let path = "\(Guests.folder)/drive.so"
        Guests.compile([
            "-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-I\(root)/plugins", "-shared", "-fPIC", "-o", path,
            "\(root)/Tests/Guests/drive.c",
        ])
        guard let file = unsafe dlopen(path, RTLD_NOW), let symbol = unsafe dlsym(file, "drive") else {
            fatalError("\(path) cannot be loaded")
        }
        // The type is that of the function in drive.c, which this file compiles itself.
        return unsafe unsafeBitCast(symbol, to: Drive.self)
    }()
}

// MARK: - Sounds and measures

func decibels(_ factor: Double) -> Double { 20 * log10(max(factor, 1e-15)) }
func factor(_ decibels: Double) -> Double { pow(10, decibels / 20) }

func sine(_ frequency: Double, _ level: Double = 0, frames: Int, rate: Double = 48000, phase: Double = 0) -> [Float] {
    (0..<frames).map { Float(factor(level) * sin(2 * .pi * frequency * Double($0) / rate + phase)) }
}

func constant(_ level: Double, frames: Int) -> [Float] { [Float](repeating: Float(factor(level)), count: frames) }

func silence(_ frames: Int) -> [Float] { [Float](repeating: 0, count: frames) }

/// White noise between plus and minus 1, the same every time (Knuth's MMIX generator).
func noise(frames: Int, seed: UInt64 = 1) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<frames).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
    }
}

func peak(_ sound: some Sequence<Float>) -> Double { sound.reduce(0) { max($0, Double(abs($1))) } }

func energy(_ sound: some Sequence<Float>) -> Double { sound.reduce(0) { $0 + Double($1) * Double($1) } }

/// Decibels of one frequency in an impulse response: the Fourier sum itself, by a turning phasor.
func response(_ impulse: [Float], at frequency: Double, rate: Double = 48000) -> Double {
    let angle = 2 * Double.pi * frequency / rate
    let (turnReal, turnImaginary) = (cos(angle), -sin(angle))
    var (phasorReal, phasorImaginary, real, imaginary) = (1.0, 0.0, 0.0, 0.0)
    for sample in impulse {
        real += Double(sample) * phasorReal
        imaginary += Double(sample) * phasorImaginary
        (phasorReal, phasorImaginary) = (
            phasorReal * turnReal - phasorImaginary * turnImaginary,
            phasorReal * turnImaginary + phasorImaginary * turnReal
        )
    }
    return decibels((real * real + imaginary * imaginary).squareRoot())
}

/// The longest step from one sample to the next.
func steepestStep(_ sound: [Float]) -> Double {
    var steepest: Float = 0
    for frame in sound.indices.dropFirst() { steepest = max(steepest, abs(sound[frame] - sound[frame - 1])) }
    return Double(steepest)
}

/// The greatest second difference: a click bends sound more than any tone in it does.
func sharpestBend(_ sound: [Float]) -> Double {
    var sharpest: Float = 0
    for frame in sound.indices.dropFirst(2) {
        let bend = sound[frame] - 2 * sound[frame - 1] + sound[frame - 2]
        sharpest = max(sharpest, abs(bend))
    }
    return Double(sharpest)
}

/// How far two sounds lie apart at the most.
func worstDifference(_ one: [[Float]], _ other: [[Float]]) -> Double {
    var worst: Float = 0
    for (left, right) in zip(one, other) {
        for (a, b) in zip(left, right) { worst = max(worst, abs(a - b)) }
    }
    return Double(worst)
}
