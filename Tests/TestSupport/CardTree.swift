import Foundation

/// sysfs as the kernel draws it for sound cards, in a folder of a test's own. `AUP_TEST_SYSFS` leads the binary there.
public struct CardTree {
    private let scratch: Scratch
    public var path: String { scratch.folder.path }

    public init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(
            at: scratch.folder.appending(path: "class/sound"), withIntermediateDirectories: true)
    }

    /// A card appears.
    ///
    /// - Parameters:
    ///   - place: on the bus: `pci/usb1/1-2`.
    ///   - product: `046d:0825`, for a card on USB.
    ///   - isPlugged: false prepares all but the link by which it is found, for ``plugWords(_:)``.
    public func plug(
        _ card: Int, id: String, place: String, product: String? = nil, serial: String? = nil, isPlugged: Bool = true
    ) throws {
        let files = FileManager.default
        let usb = scratch.folder.appending(path: "devices/\(place)")
        let interface = product == nil ? usb : usb.appending(path: "if:1.0")
        let sound = interface.appending(path: "sound/card\(card)")
        try files.createDirectory(at: sound, withIntermediateDirectories: true)
        try Data("\(id)\n".utf8).write(to: sound.appending(path: "id"))
        try files.createSymbolicLink(at: sound.appending(path: "device"), withDestinationURL: interface)
        if let product {
            let words = product.split(separator: ":")
            try Data("\(words[0])\n".utf8).write(to: usb.appending(path: "idVendor"))
            try Data("\(words[1])\n".utf8).write(to: usb.appending(path: "idProduct"))
        }
        if let serial { try Data("\(serial)\n".utf8).write(to: usb.appending(path: "serial")) }
        try files.createSymbolicLink(at: isPlugged ? link(card) : hidden(card), withDestinationURL: sound)
    }

    public func unplug(_ card: Int) throws {
        try FileManager.default.removeItem(at: link(card).resolvingSymlinksInPath())
        try FileManager.default.removeItem(at: link(card))
    }

    /// The same for a shell.
    public func unplugWords(_ card: Int) -> String { "mv \(link(card).path) \(hidden(card).path)" }
    public func plugWords(_ card: Int) -> String { "mv \(hidden(card).path) \(link(card).path)" }

    private func link(_ card: Int) -> URL { scratch.folder.appending(path: "class/sound/card\(card)") }
    private func hidden(_ card: Int) -> URL { scratch.folder.appending(path: "class/sound/away\(card)") }
}
