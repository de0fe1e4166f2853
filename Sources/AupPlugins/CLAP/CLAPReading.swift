import CAupPlugin

/// Reads what a CLAP plugin told about itself when it was created for that.
///
/// - Thread: control.
@safe struct CLAPReading {
    private let plugin: UnsafePointer<aup_clap_plugin>
    private let descriptor: UnsafePointer<aup_clap_descriptor>
    private let id: String
    private let path: String

    /// Whole numbers up to here may be names.
    private static let choiceLimit = 64

    init(
        _ plugin: UnsafePointer<aup_clap_plugin>, _ descriptor: UnsafePointer<aup_clap_descriptor>, id: String,
        path: String
    ) {
        unsafe self.plugin = unsafe plugin
        unsafe self.descriptor = unsafe descriptor
        self.id = id
        self.path = path
    }

    func description() -> PluginDescription {
        let inputs = unsafe plugin.pointee.input_ports > 0 ? Int(plugin.pointee.input_channels.0) : 0
        let outputs = unsafe Int(plugin.pointee.output_channels.0)
        return PluginDescription(
            path: path, id: id, name: unsafe guestText(descriptor.pointee.name) ?? id,
            version: unsafe guestText(descriptor.pointee.release) ?? "",
            vendor: unsafe guestText(descriptor.pointee.vendor) ?? "", tags: tags(), parameters: parameters(),
            layouts: [.init(inputs: inputs, outputs: outputs, side: 0)], worksInPlace: false, wantsEvents: false,
            isBlockInvariant: false, isRealtimeSafe: true, interface: .clap)
    }

    private func tags() -> [String] {
        guard let list = unsafe descriptor.pointee.features else { return [] }
        var tags: [String] = []
        while tags.count < 64, let tag = unsafe guestText(list[tags.count]) { tags.append(tag) }
        return tags
    }

    /// The range of a parameter, as far as it makes sense.
    private struct Range {
        var low: Double
        var high: Double
        var initial: Double
        var isWhole: Bool

        init(_ raw: aup_clap_parameter) {
            low = unsafe raw.minimum.isFinite ? Self.written(raw.minimum) : -PluginParameter.unbounded
            high = unsafe raw.maximum.isFinite ? Self.written(raw.maximum) : PluginParameter.unbounded
            initial = unsafe raw.initial.isFinite ? Self.written(raw.initial) : 0
            if low > high { swap(&low, &high) }
            low = min(low, initial)
            high = max(high, initial)
            isWhole =
                unsafe raw.flags & AUP_CLAP_STEPPED.rawValue != 0
                && [low, high, initial].allSatisfy { $0 == $0.rounded() && abs($0) < 1e9 }
        }

        /// A number that was a float before is the decimal its author wrote.
        private static func written(_ number: Double) -> Double {
            let short = Float(number)
            return Double(short) == number ? decimal(short) : number
        }

        var isToggle: Bool { isWhole && low == 0 && high == 1 }
        /// The values whose texts are wanted: all of a short list, else the default.
        var asked: [Double] {
            isWhole && !isToggle && high - low < Double(CLAPReading.choiceLimit)
                ? (Int(low)...Int(high)).map(Double.init) : [initial]
        }
    }

    private func parameters() -> [PluginParameter] {
        let count = unsafe Int(plugin.pointee.parameter_count)
        var ranges: [Range] = []
        var indices: [UInt32] = []
        var values: [Double] = []
        for index in 0..<count {
            let range = unsafe Range(plugin.pointee.parameters[index])
            ranges.append(range)
            indices += range.asked.map { _ in UInt32(index) }
            values += range.asked
        }
        let texts = texts(indices, values)
        var keys = DistinctKeys()
        var at = 0
        return ranges.indices.map { index in
            let asked = ranges[index].asked.count
            defer { at += asked }
            return parameter(index, ranges[index], texts: Array(texts[at..<(at + asked)]), &keys)
        }
    }

    private func parameter(
        _ index: Int, _ range: Range, texts: [String], _ keys: inout DistinctKeys
    ) -> PluginParameter {
        let raw = unsafe plugin.pointee.parameters[index]
        let name = PortName(unsafe withUnsafeBytes(of: raw.name) { unsafe Self.text($0) })
        let key = keys.next(name.key, fallback: "c\(index)")
        let isReading = unsafe raw.flags & AUP_CLAP_READ_ONLY.rawValue != 0
        let areNames = texts.count > 1 && texts.allSatisfy { !$0.isEmpty && Self.unit(of: $0) == nil }
        let scale: PluginParameter.Scale =
            range.isToggle ? .toggle : areNames ? .choice : range.isWhole ? .integer : .linear
        let told = texts.first.flatMap { Self.unit(of: $0) } ?? ""
        return PluginParameter(
            index: index, key: key, name: name.text.isEmpty ? key : name.text,
            unit: scale == .toggle || scale == .choice ? "" : told.isEmpty ? name.unit : told,
            range: range.low...range.high, defaultValue: range.initial, scale: scale, isRamped: false, isStatic: false,
            isOutput: isReading, isHidden: unsafe raw.flags & AUP_CLAP_HIDDEN.rawValue != 0,
            labels: areNames ? texts : [],
            defaultText: "")
    }

    /// The plugin's own words for values of its parameters.
    private func texts(_ parameters: [UInt32], _ values: [Double]) -> [String] {
        var bytes = [CChar](repeating: 0, count: 64 * max(values.count, 1))
        unsafe aup_clap_texts(plugin, parameters, values, UInt32(values.count), &bytes)
        return values.indices.map { index in
            unsafe bytes[(index * 64)..<((index + 1) * 64)].withUnsafeBytes { unsafe Self.text($0) }
        }
    }

    /// What follows the number in a text such as `-6.00 dB`, as far as it is a unit we know; `nil` where no number stands.
    private static func unit(of text: String) -> String? {
        let rest = text.drop { $0.isWhitespace || $0.isNumber || "+-.,".contains($0) }
        guard rest.count < text.count else { return nil }
        return PortName.unit(String(rest)) ?? ""
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        visible(String(decoding: unsafe Array(bytes.prefix { $0 != 0 }), as: UTF8.self))
    }
}
