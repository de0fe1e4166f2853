/// LV2 plugins by URI.
extension PluginLibrary {
    static let lv2 = "lv2:"

    /// The URI in `lv2:URI` or a bare one, `nil` for other words.
    static func uri(_ reference: String) -> String? {
        if reference.hasPrefix(lv2) { return String(reference.dropFirst(lv2.count)) }
        // The first colon, because a URI may also be the label of a plugin in a file: `./lsp.so:http://…`.
        let afterScheme = reference.drop { $0 != ":" && $0 != "/" }
        return afterScheme.hasPrefix("://") || reference.hasPrefix("urn:") ? reference : nil
    }

    func findLV2(_ uri: String) throws(PluginError) -> Found {
        // lilv complains on standard error about what is no URI (RFC 3986, 3.1: a letter, then a scheme, then a colon).
        let isPlain = uri.utf8.allSatisfy { $0 > 32 && $0 != 127 && !"<>\"{}|\\^`".utf8.contains($0) }
        guard let first = uri.first, first.isASCII, first.isLetter, uri.contains(":"), isPlain else {
            throw PluginError(.notFound, "plugin '\(Self.lv2)\(shown(uri))': what follows \(Self.lv2) is no URI")
        }
        if let known = lv2Modules[uri] { return Found(module: known, index: 0) }
        let module = try LV2Module(openWorld().find(uri))
        lv2Modules[uri] = module
        return Found(module: module, index: 0)
    }

    /// What every bundle says of its plugins; none of their code runs. Without lilv there are none.
    func lv2Scans() -> [PluginScan] {
        guard search.findsLV2, let world = try? openWorld() else { return [] }
        return world.uris().map { uri in
            do throws(PluginError) {
                let plan = try world.find(uri, remembers: false).plan(rate: 48000)
                return PluginScan(path: plan.description.path, plugins: [plan.description])
            } catch {
                return PluginScan(path: uri, plugins: [], error: error)
            }
        }
    }

    private func openWorld() throws(PluginError) -> LV2World {
        if let world = lv2World { return world }
        let world = try LV2World(folders: search.lv2Folders, memory: search.lv2Memory)
        lv2World = world
        return world
    }
}
