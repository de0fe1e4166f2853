import CAupPlugin
import Glibc

/// One plugin of a chain, created and ready: one guest instance, or one a channel where the plugin is mono; here, or in a
/// worker process.
///
/// - Thread: control. The audio thread uses the pointers it lays open, between init and deinit.
@safe final class PluginInstance {
    /// What an instance is created for.
    struct Setup: Equatable {
        var rate: Double
        var maxFrames: Int
        var channels: Int
        var seed: UInt64
        var isOffline: Bool
        /// Values by key that go before the settings: those of an instance that this one takes over from.
        var carried: [String: Double] = [:]
        /// Guests see denormal numbers as they are instead of as 0.
        var keepsDenormals = false
    }
    let description: PluginDescription
    let table: GuestTable
    let host = GuestHost()
    /// Channels of the whole node.
    let inputs: Int
    let outputs: Int
    /// Channels of a native's side chain, which every copy hears; those of other interfaces count as inputs.
    let sideChannels: Int
    /// Where the stage's channels go; `nil` where all of them go through the plugin.
    let route: ChainRoute.Plan?
    /// Channels that leave the stage.
    var stageOutputs: Int { route?.width ?? outputs }
    /// The guest's own instances, or the seats of its worker.
    let handles: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private(set) var copies = 0
    /// The one channel there is goes to every input.
    let isFedByOne: Bool
    /// So many of the last inputs hear nothing.
    let silentInputs: Int
    /// Sound can only go by where it comes out as it came in.
    let canBeBypassed: Bool
    let longestFrames: Int
    let keepsDenormals: Bool
    /// What happens to the channels, where that is not what one would expect.
    let channelNote: String?
    /// By index; texts have 0.
    let initialValues: [Double]
    /// Where the guest lives, if not in this process, and what it said of itself there.
    private let worker: (process: GuestWorker, facts: InstanceFacts)?
    /// Keeps the code mapped.
    private let module: any GuestModule

    convenience init(
        _ found: PluginLibrary.Found, settings: [PluginSpec.Setting], setup: Setup
    ) throws(PluginError) {
        if let module = found.module as? IsolatedModule {
            try self.init(isolated: module, settings: settings, setup: setup)
        } else {
            try self.init(here: found, settings: settings, setup: setup)
        }
    }

    private init(
        isolated module: IsolatedModule, settings: [PluginSpec.Setting], setup: Setup
    ) throws(PluginError) {
        let (process, facts) = try module.create(settings, setup)
        worker = (process, facts)
        self.module = module
        description = facts.description
        table = module.tables[0]
        inputs = facts.inputs
        outputs = facts.outputs
        sideChannels = facts.sideChannels
        route = facts.route
        canBeBypassed = facts.canBeBypassed
        isFedByOne = facts.isFedByOne
        silentInputs = facts.silentInputs
        longestFrames = setup.maxFrames
        channelNote = facts.channelNote
        keepsDenormals = setup.keepsDenormals
        initialValues = facts.initialValues
        copies = facts.copies
        unsafe handles = .allocate(capacity: facts.copies)
        for copy in 0..<facts.copies { unsafe handles[copy] = UnsafeMutableRawPointer(process.seats! + copy) }
    }

    private init(
        here found: PluginLibrary.Found, settings: [PluginSpec.Setting], setup: Setup
    ) throws(PluginError) {
        let description = try found.module.description(found.index, rate: setup.rate, settings: settings)
        let (routing, own) = try ChannelRouting.parting(settings, of: description)
        let (given, passing) = try routing.selection(among: setup.channels, of: description)
        let chosen = try ChannelPlan(
            description, channels: given.count, side: routing.side.count, outputs: routing.outputs)
        let values = try Self.values(of: description, settings: own, carried: setup.carried)
        self.description = description
        worker = nil
        module = found.module
        table = found.module.tables[found.index]
        let wanted = chosen.copies
        let hasSideInputs = chosen.side > 0 && !description.sideInputs.isEmpty
        inputs = (chosen.inputs + (hasSideInputs ? chosen.side : 0)) * wanted
        outputs = chosen.outputs * wanted
        sideChannels = hasSideInputs ? 0 : chosen.side
        canBeBypassed = chosen.inputs == chosen.outputs && !chosen.isFedByOne && chosen.silentInputs == 0
        route = try routing.route(chosen, given: given, passing: passing, of: description)
        // Where the side chain is inputs, the route feeds one by one.
        isFedByOne = chosen.isFedByOne && !hasSideInputs
        silentInputs = chosen.silentInputs
        longestFrames = setup.maxFrames
        channelNote = chosen.note
        keepsDenormals = setup.keepsDenormals
        initialValues = values.numbers
        unsafe handles = .allocate(capacity: wanted)
        for copy in 0..<wanted {
            let made = try unsafe create(
                setup, inputs: inputs / wanted, outputs: chosen.outputs, values: values, copy: copy)
            unsafe handles[copy] = unsafe made
            copies = copy + 1
        }
    }

    deinit {
        if worker == nil {
            for copy in 0..<copies { unsafe aup_guest_destroy(table.copy, table.name, handles[copy]) }
        }
        unsafe handles.deallocate()
    }

    /// What another process has to know to run it from there.
    var facts: InstanceFacts {
        InstanceFacts(
            description: description, inputs: inputs, outputs: outputs, copies: copies, isFedByOne: isFedByOne,
            silentInputs: silentInputs, sideChannels: sideChannels, canBeBypassed: canBeBypassed, route: route,
            channelNote: channelNote, latencyFrames: latencyFrames,
            tailFrames: tailFrames, initialValues: initialValues)
    }

    /// Whether the guest lives in a process of its own.
    var isIsolated: Bool { worker != nil }

    /// Why its process is no more; `nil` where it runs, or where it has none.
    var lastWords: String? { worker?.process.lastWords(description.id) }

    /// What the guest said through its host's log since the last time.
    func takeLog() -> [String] { host.log.take() + (worker?.process.takeLog() ?? []) }

    /// The longest of the copies'.
    var latencyFrames: Int {
        worker?.facts.latencyFrames
            ?? (0..<copies).map { Int(unsafe aup_guest_latency(table.copy, table.name, handles[$0])) }.max() ?? 0
    }

    /// `nil` for a sound that never ends.
    var tailFrames: Int? {
        if let worker { return worker.facts.tailFrames }
        let longest = (0..<copies).map { unsafe aup_guest_tail(table.copy, table.name, handles[$0]) }.max() ?? 0
        // More than 2^48 frames are forty years at 192 kHz.
        return longest > 1 << 48 ? nil : Int(longest)
    }

    private func create(
        _ setup: Setup, inputs: Int, outputs: Int, values: (numbers: [Double], texts: [String?]), copy: Int
    ) throws(PluginError) -> UnsafeMutableRawPointer {
        var error = aup_error()
        error.size = UInt32(MemoryLayout<aup_error>.size)
        var given = unsafe aup_setup()
        unsafe given.size = UInt32(MemoryLayout<aup_setup>.size)
        unsafe given.flags = setup.isOffline ? AUP_SETUP_OFFLINE.rawValue : 0
        unsafe given.rate = setup.rate
        unsafe given.max_frames = UInt32(setup.maxFrames)
        unsafe given.in_channels = UInt32(inputs)
        unsafe given.out_channels = UInt32(outputs)
        unsafe given.side_channels = UInt32(sideChannels)
        // Copies start apart, or noise would be mono; 2^64 divided by the golden ratio spreads the seeds (Knuth 6.4).
        unsafe given.seed = setup.seed &+ UInt64(copy) &* 0x9E37_79B9_7F4A_7C15
        let texts = unsafe values.texts.map { text in unsafe text.flatMap { unsafe strdup($0) } }
        defer { for index in unsafe texts.indices { unsafe free(texts[index]) } }
        let strings = unsafe texts.map { unsafe UnsafePointer<CChar>($0) }
        let instance = try unsafe GuestText.diverted { () throws(PluginError) in
            unsafe values.numbers.withUnsafeBufferPointer { numbers in
                unsafe strings.withUnsafeBufferPointer { strings in
                    unsafe given.values = numbers.baseAddress
                    unsafe given.strings = strings.baseAddress
                    return unsafe aup_guest_create(
                        table.copy, table.original, table.name, host.pointer, &given, &error)
                }
            }
        }
        if let instance = unsafe instance { return unsafe instance }
        let text = unsafe withUnsafeBytes(of: error.text) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        throw PluginError(
            .failed,
            "plugin '\(description.id)' cannot be created: "
                + (text.isEmpty ? Self.words(forStatus: error.code) : shown(text)))
    }

    /// What a negative `aup_status` means.
    static func words(forStatus code: Int32) -> String {
        switch code {
        case AUP_E_UNSUPPORTED.rawValue: "it does not support this rate or these channels"
        case AUP_E_MEMORY.rawValue: "it is out of memory"
        case AUP_E_INVALID.rawValue: "a value makes no sense to it"
        case AUP_E_IO.rawValue: "it cannot read a file it needs"
        case AUP_E_INTERNAL.rawValue: "an error inside it"
        default: "it gives no reason (status \(code))"
        }
    }

    private static func values(
        of description: PluginDescription, settings: [PluginSpec.Setting], carried: [String: Double]
    ) throws(PluginError) -> (numbers: [Double], texts: [String?]) {
        var numbers = description.parameters.map { $0.isText ? 0 : $0.defaultValue }
        var texts = description.parameters.map { $0.isText ? $0.defaultText : nil }
        for setting in settings {
            let parameter = try description.parameter(named: setting.key)
            switch try parameter.parse(setting.value, plugin: description.id) {
            case .number(let number): numbers[parameter.index] = number
            case .text(let text): texts[parameter.index] = text
            }
        }
        for parameter in description.parameters where parameter.canChange {
            // A rebuilt plugin may have narrowed the range.
            guard let value = carried[parameter.key] else { continue }
            numbers[parameter.index] = min(max(value, parameter.range.lowerBound), parameter.range.upperBound)
        }
        return (numbers, texts)
    }
}
