/// What a file offers.
///
/// - Thread: control.
struct PluginScan: Sendable {
    let path: String
    let plugins: [PluginDescription]
    /// Why others that it lists cannot be used, by id.
    var refusals: [String: PluginError] = [:]
    /// Why the file cannot be used.
    var error: PluginError?

    init(path: String, plugins: [PluginDescription], error: PluginError? = nil) {
        self.path = path
        self.plugins = plugins
        self.error = error
    }

    /// Loads the file and lets go of it again.
    init(path: String) {
        do throws(PluginError) {
            let module = try PluginLibrary.load(path)
            self.init(path: path, plugins: module.plugins)
            refusals = module.refusals
        } catch {
            self.init(path: path, plugins: [], error: error)
        }
    }
}
