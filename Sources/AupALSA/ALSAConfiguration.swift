import CALSA
import Glibc

/// alsa-lib's configuration: the text of its files, with what they mean on this machine.
///
/// The library keeps what it has read, and looks whether a file has changed.
///
/// - Thread: control.
@safe
final class ALSAConfiguration {
    private let top: OpaquePointer

    init?() {
        ALSAMessages.prepareLibrary()
        var top: OpaquePointer?
        guard unsafe snd_config_update_ref(&top) >= 0, let top = unsafe top else {
            _ = ALSAMessages.take()
            return nil
        }
        unsafe self.top = top
    }

    deinit {
        unsafe snd_config_unref(top)
        // What does not exist has been complained of, and nobody asked for that.
        _ = ALSAMessages.take()
    }

    /// What a name with its arguments stands for, evaluated; `nil` where there is no such name, or its card is away.
    func definition(_ name: String, kind: String) -> ALSANode? {
        var found: OpaquePointer?
        guard unsafe snd_config_search_definition(top, kind, name, &found) >= 0, let found = unsafe found else {
            return nil
        }
        return unsafe ALSANode(owning: found)
    }

    /// A value as text: `48000` of `defaults.pcm.dmix.rate`.
    func value(_ key: String) -> String? {
        var found: OpaquePointer?
        guard unsafe snd_config_search(top, key, &found) >= 0, let found = unsafe found else { return nil }
        return unsafe ALSANode.scalar(found)
    }
}

/// A node of an evaluated configuration, and with it all below.
///
/// - Thread: control.
@safe
final class ALSANode {
    private let node: OpaquePointer
    /// Whoever has the tree that this node is in; `nil` for its top, which frees it.
    private let tree: ALSANode?

    init(owning node: OpaquePointer) {
        unsafe self.node = node
        tree = nil
    }

    private init(_ node: OpaquePointer, in tree: ALSANode) {
        unsafe self.node = node
        self.tree = tree
    }

    deinit {
        if tree == nil { unsafe snd_config_delete(node) }
    }

    subscript(key: String) -> ALSANode? {
        var found: OpaquePointer?
        guard unsafe snd_config_search(node, key, &found) >= 0, let found = unsafe found else { return nil }
        return unsafe ALSANode(found, in: tree ?? self)
    }

    /// The first of a compound's members.
    var first: ALSANode? {
        guard unsafe snd_config_get_type(node) == SND_CONFIG_TYPE_COMPOUND else { return nil }
        let iterator = unsafe snd_config_iterator_first(node)
        guard unsafe iterator != snd_config_iterator_end(node), let entry = unsafe snd_config_iterator_entry(iterator)
        else { return nil }
        return unsafe ALSANode(entry, in: tree ?? self)
    }

    /// `nil` unless it is a text.
    var text: String? {
        var text: UnsafePointer<CChar>?
        guard unsafe snd_config_get_string(node, &text) >= 0, let text = unsafe text else { return nil }
        return unsafe String(cString: text)
    }

    /// A text or a number, as text.
    var scalar: String? { unsafe Self.scalar(node) }

    static func scalar(_ node: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard unsafe snd_config_get_ascii(node, &text) >= 0, let text = unsafe text else { return nil }
        defer { unsafe free(text) }
        return unsafe String(cString: text)
    }
}
