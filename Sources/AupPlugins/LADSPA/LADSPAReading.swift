import AupSound
import CAupPlugin
import Glibc

/// Reads one descriptor of a LADSPA file.
///
/// - Thread: control.
@safe struct LADSPAReading {
    /// Ports of one plugin; the most there are is some hundreds.
    static let portLimit = 4096

    let guest: UnsafePointer<aup_ladspa_descriptor>
    /// What it is called where its label can be read at all.
    let label: String?
    /// The control output named `latency`, which reads in frames.
    let latencyPort: Int?
    private let path: String
    private let number: Int

    init(_ guest: UnsafePointer<aup_ladspa_descriptor>, number: Int, path: String) {
        unsafe self.guest = unsafe guest
        self.path = path
        self.number = number
        label = unsafe Self.text(guest.pointee.label)
        let count = unsafe Int(exactly: guest.pointee.port_count) ?? .max
        var latency: Int?
        if count <= Self.portLimit, let names = unsafe guest.pointee.port_names, let ports = unsafe guest.pointee.ports
        {
            latency = (0..<count).first { port in
                let bits = unsafe ports[port]
                let name = unsafe Self.text(names[port])?.lowercased()
                return bits & Self.output != 0 && bits & Self.control != 0 && (name == "latency" || name == "_latency")
            }
        }
        latencyPort = latency
    }

    /// - Throws: `malformed`, or `layout` for what makes no sound.
    func description(rate: Double) throws(PluginError) -> PluginDescription {
        guard let label, !label.isEmpty, label.utf8.count <= ModuleReading.textBytes else {
            throw malformed("its label is \(label == nil ? "NULL" : "empty or too long")")
        }
        for (name, isMissing) in unsafe [
            ("instantiate", guest.pointee.instantiate == nil), ("connect_port", guest.pointee.connect_port == nil),
            ("run", guest.pointee.run == nil), ("cleanup", guest.pointee.cleanup == nil),
        ] where isMissing {
            throw malformed("its \(name) is NULL")
        }
        let count = unsafe Int(exactly: guest.pointee.port_count) ?? .max
        guard count <= Self.portLimit else {
            throw malformed("it has \(count) ports where at most \(Self.portLimit) are allowed")
        }
        guard unsafe count == 0 || guest.pointee.ports != nil && guest.pointee.port_names != nil else {
            throw malformed("its list of ports is NULL")
        }
        var inputs = 0
        var outputs = 0
        var parameters: [PluginParameter] = []
        var keys = DistinctKeys()
        var controls = 0
        for port in 0..<count {
            let bits = unsafe guest.pointee.ports[port]
            switch bits & 15 {
            case Self.audio | Self.input: inputs += 1
            case Self.audio | Self.output: outputs += 1
            case Self.control | Self.input, Self.control | Self.output:
                parameters.append(parameter(port, index: parameters.count, controls: &controls, &keys, rate))
            default:
                throw malformed("port \(port + 1) is neither an input nor an output, or neither sound nor a control")
            }
        }
        guard inputs <= Limits.channels, outputs <= Limits.channels else {
            throw malformed(
                "it has \(inputs) inputs and \(outputs) outputs where at most \(Limits.channels) are allowed")
        }
        guard outputs > 0 else {
            throw PluginError(
                .layout, "plugin '\(shown(path)):\(shown(label))' has no sound output, so nothing can follow it")
        }
        return PluginDescription(
            path: path, id: label, name: unsafe Self.text(guest.pointee.name) ?? label, version: "",
            vendor: unsafe Self.text(guest.pointee.maker) ?? "", tags: [], parameters: parameters,
            layouts: [.init(inputs: inputs, outputs: outputs, side: 0)], worksInPlace: false, wantsEvents: false,
            isBlockInvariant: false, isRealtimeSafe: unsafe guest.pointee.properties & Self.hardRealtime != 0,
            interface: .ladspa)
    }

    private func parameter(
        _ port: Int, index: Int, controls: inout Int, _ keys: inout DistinctKeys, _ rate: Double
    ) -> PluginParameter {
        let isOutput = unsafe guest.pointee.ports[port] & Self.output != 0
        let name = PortName(unsafe Self.text(guest.pointee.port_names[port]) ?? "")
        let key = keys.next(name.key, fallback: isOutput ? "reading" : "c\(controls)")
        if !isOutput { controls += 1 }
        // A guest without ranges has no hints either.
        let raw = unsafe guest.pointee.ranges.map { unsafe $0[port] } ?? aup_ladspa_range(hints: 0, lower: 0, upper: 0)
        let range = LADSPARange(hints: raw.hints, lower: raw.lower, upper: raw.upper, rate: rate)
        return PluginParameter(
            index: index, key: key, name: name.text.isEmpty ? key : name.text, unit: name.unit, range: range.bounds,
            defaultValue: range.defaultValue, scale: range.scale, isRamped: false, isStatic: false, isOutput: isOutput,
            isHidden: false, labels: [], defaultText: "", scalesWithRate: range.scalesWithRate)
    }

    private func malformed(_ what: String) -> PluginError {
        PluginError(
            .malformed, "plugin '\(shown(path))', number \(number): \(what); its author must mend it (see ladspa.h)")
    }

    private static let input = Int32(AUP_LADSPA_INPUT.rawValue)
    private static let output = Int32(AUP_LADSPA_OUTPUT.rawValue)
    private static let control = Int32(AUP_LADSPA_CONTROL.rawValue)
    private static let audio = Int32(AUP_LADSPA_AUDIO.rawValue)
    private static let hardRealtime = Int32(AUP_LADSPA_HARD_REALTIME.rawValue)

    private static func text(_ pointer: UnsafePointer<CChar>?) -> String? { unsafe guestText(pointer) }
}

/// A text of a foreign guest, whose authors were promised no limit: cut at 256 bytes, without control characters, bad
/// UTF-8 repaired; `nil` for NULL.
func guestText(_ pointer: UnsafePointer<CChar>?) -> String? {
    guard let pointer = unsafe pointer else { return nil }
    let length = unsafe strnlen(pointer, ModuleReading.textBytes)
    let bytes = unsafe UnsafeBufferPointer(start: pointer, count: length)
    return visible(String(decoding: unsafe bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self))
}
