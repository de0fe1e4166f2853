import CAupPlugin

/// One instance of a guest outside any chain: over guarded memory, with its output as it left it.
///
/// - Thread: control, one at a time.
@safe final class GuestTrial {
    static let rate = 48000.0
    static let longestFrames = 1024

    /// How the buffers lie.
    struct Placement {
        /// Which side of them is forbidden.
        var guarded = AUP_GUARD_NONE
        /// Output and input are one.
        var isInPlace = false
    }

    let instance: PluginInstance
    private let trial: OpaquePointer

    init(
        _ found: PluginLibrary.Found, _ settings: [PluginSpec.Setting], rate: Double = rate,
        placement: Placement = Placement()
    ) throws(PluginError) {
        let instance = try Self.instance(found, settings, rate: rate)
        self.instance = instance
        var plan = unsafe aup_trial_plan()
        unsafe plan.plugin = UnsafePointer(instance.table.copy)
        unsafe plan.name = UnsafePointer(instance.table.name)
        unsafe plan.instance = instance.handles[0]
        unsafe plan.inputs = UInt32(instance.inputs)
        unsafe plan.sides = UInt32(instance.sideChannels)
        unsafe plan.outputs = UInt32(instance.outputs)
        unsafe plan.parameters = UInt32(instance.description.parameters.count)
        unsafe plan.longest = UInt32(Self.longestFrames)
        unsafe plan.place = Int32(placement.guarded.rawValue)
        unsafe plan.is_in_place = placement.isInPlace ? 1 : 0
        unsafe plan.wants_events = instance.description.wantsEvents ? 1 : 0
        guard let trial = unsafe aup_trial_make(&plan) else {
            throw PluginError(.failed, "there is no memory to try it in")
        }
        unsafe self.trial = unsafe trial
    }

    deinit { unsafe aup_trial_free(trial) }

    /// Planar sound in, planar sound out as the guest left it; what it never wrote is NaN with ``isUnwritten(_:)``.
    ///
    /// - Parameters:
    ///   - sound: makes a sample of a channel and a frame.
    ///   - blocks: lengths, over and over.
    ///   - values: by index; the initial ones by default.
    func run(
        _ sound: (Int, Int) -> Float = TrialSound.material, frames: Int, blocks: [UInt32] = [UInt32(longestFrames)],
        values: [Double]? = nil
    ) throws(PluginError) -> [Float] {
        // The side chain's channels come behind the others.
        let channels = instance.inputs + instance.sideChannels
        var input = [Float](repeating: 0, count: channels * frames + 1)
        for channel in 0..<channels {
            for frame in 0..<frames { input[channel * frames + frame] = sound(channel, frame) }
        }
        var output = [Float](repeating: 0, count: instance.outputs * frames)
        let status = unsafe aup_trial_run(
            trial, input, &output, UInt32(frames), blocks, UInt32(blocks.count), values ?? instance.initialValues)
        guard status >= 0 else {
            throw PluginError(.failed, "it gives up: \(PluginInstance.words(forStatus: status))")
        }
        return output
    }

    /// Lets the next run be stopped in the midst of its blocks for those of another trial, or run then.
    func meet(at meeting: OpaquePointer, isStopped: Bool) { unsafe aup_trial_meet(trial, meeting, isStopped ? 1 : 0) }

    func reset() { unsafe aup_trial_reset(trial) }

    var changedFloats: Bool { unsafe aup_trial_changed_floats(trial) != 0 }

    static func isUnwritten(_ sample: Float) -> Bool { sample.bitPattern == AUP_TRIAL_UNWRITTEN_BITS }

    /// Two channels, or one, or what its first layout takes, so that there is one instance and not one for each channel.
    private static func instance(
        _ found: PluginLibrary.Found, _ settings: [PluginSpec.Setting], rate: Double
    ) throws(PluginError) -> PluginInstance {
        let description = try found.description(settings: settings)
        let (routing, own) = try ChannelRouting.parting(settings, of: description)
        let wanted = [2, 1] + description.layouts.map(\.inputs).filter { $0 > 0 }
        let side = routing.side.count
        let channels =
            wanted.first { channels in
                let plan = try? ChannelPlan(description, channels: channels, side: side, outputs: routing.outputs)
                return plan?.copies == 1
            } ?? 2
        // Of a side chain only its width counts: its channels come behind the plugin's.
        var words = own
        if side > 0 { words.append(.init(key: "aup.side", value: "\(channels + 1)-\(channels + side)")) }
        if let outputs = routing.outputs { words.append(.init(key: "aup.out", value: "\(outputs)")) }
        return try PluginInstance(
            found, settings: words,
            setup: .init(rate: rate, maxFrames: longestFrames, channels: channels + side, seed: 1, isOffline: false))
    }
}

/// Sound to try guests with: the same each time.
enum TrialSound {
    /// A quarter of a second each of noise, a tone, an impulse and silence, over and over.
    static func material(_ channel: Int, _ frame: Int) -> Float {
        switch frame / 12000 % 4 {
        case 0: return noise(channel, frame) * 0.5
        // A triangle of 100 Hz: overtones, without a sine table.
        case 1: return abs(Float((frame + channel * 60) % 480) / 120 - 2) * 0.4 - 0.4
        case 2: return frame % 12000 == 100 ? 1 : 0
        default: return 0
        }
    }

    /// White, full scale: a hash of the place (the finaliser of MurmurHash3).
    static func noise(_ channel: Int, _ frame: Int) -> Float {
        var bits = UInt32(truncatingIfNeeded: frame &* 64 &+ channel &+ 1)
        bits = (bits ^ bits >> 16) &* 0x85EB_CA6B
        bits = (bits ^ bits >> 13) &* 0xC2B2_AE35
        bits ^= bits >> 16
        return Float(Int32(bitPattern: bits)) / 2_147_483_648
    }
}
