/// How a plugin meets the channels there are: one instance that fits, one for each channel or group of channels, or one
/// that hears the only channel at all its inputs.
///
/// - Thread: any.
struct ChannelPlan: Equatable {
    /// Of one instance, without its side chain.
    let inputs: Int
    let outputs: Int
    let copies: Int
    /// Channels of the side chain, which every instance hears.
    let side: Int
    /// The one channel there is goes to every input.
    var isFedByOne = false
    /// So many of the last inputs hear nothing: side chains, mostly.
    var silentInputs = 0
    /// One line where sound goes another way than channel by channel.
    var note: String?

    /// The first way that works, in the order of the plugin's layouts.
    ///
    /// - Parameters:
    ///   - side: channels for its side chain; one serves a side chain of any width.
    ///   - wanted: how many channels are to come out; `nil` for whatever does.
    /// - Throws: ``PluginError/Code/layout``.
    init(
        _ description: PluginDescription, channels: Int, side: Int = 0, outputs wanted: Int? = nil
    ) throws(PluginError) {
        let name = "plugin '\(description.id)'"
        let sides = description.sideCounts
        let width = side == 0 || sides.contains(side) ? side : sides.first ?? side
        self.side = width
        let offered = description.layouts.filter { $0.side == width }
        if offered.isEmpty, side == 0 {
            throw PluginError(
                .layout, "\(name) needs a side chain of \(orList(sides)) channels; say which they are with side=")
        }
        let plain = offered.filter { layout in
            guard let wanted else { return true }
            return layout.inputs == layout.outputs
                ? wanted == channels || wanted == layout.outputs : wanted == layout.outputs
        }
        if let fitting = plain.first(where: { ($0.inputs == 0 && $0.outputs == 0) || $0.inputs == channels }) {
            (inputs, outputs, copies) = fitting.inputs == 0 ? (channels, channels, 1) : (channels, fitting.outputs, 1)
        } else if plain.contains(where: { $0.inputs == 1 && $0.outputs == 1 }) {
            (inputs, outputs, copies) = (1, 1, channels)
        } else if let source = plain.first(where: { $0.inputs == 0 }) {
            (inputs, outputs, copies) = (0, source.outputs, source.outputs == 1 ? channels : 1)
            note = "\(name) makes sound of its own; what comes in is not heard"
        } else if channels == 1, let wide = plain.first {
            (inputs, outputs, copies) = (wide.inputs, wide.outputs, 1)
            isFedByOne = true
            note = "\(name) takes \(wide.inputs) channels; all of them get the one there is"
        } else if side == 0, description.interface != .native, let wide = plain.first(where: { $0.inputs > channels }) {
            (inputs, outputs, copies) = (wide.inputs, wide.outputs, 1)
            silentInputs = wide.inputs - channels
            note = "\(name) takes \(wide.inputs) channels; those beyond the \(channels) there are hear silence"
        } else if let group = plain.first(where: { $0.inputs == $0.outputs && channels % $0.inputs == 0 }) {
            (inputs, outputs, copies) = (group.inputs, group.inputs, channels / group.inputs)
            note = "\(name) takes \(group.inputs) channels; the \(channels) there are pass through it in groups"
        } else {
            throw Self.misfit(description, channels, wanted)
        }
        if let wanted, outputs * copies != wanted { throw Self.misfit(description, channels, wanted) }
    }

    private static func misfit(_ description: PluginDescription, _ channels: Int, _ wanted: Int?) -> PluginError {
        let goal = wanted.map { "make \($0) of" } ?? "take"
        return PluginError(
            .layout,
            "plugin '\(description.id)' cannot \(goal) \(channels) channel\(channels == 1 ? "" : "s"): it takes "
                + description.layoutSummary)
    }
}
