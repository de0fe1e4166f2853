/// What a file offers, found out by loading it and letting go of it again.
///
/// - Thread: control.
struct PluginScan: Sendable {
    let path: String
    let plugins: [PluginDescription]
    /// Why others that it lists cannot be used, by id.
    let refusals: [String: PluginError]
    /// Why the file cannot be used.
    let error: PluginError?

    init(path: String) {
        self.path = path
        do throws(PluginError) {
            let module = try PluginLibrary.load(path)
            plugins = module.plugins
            refusals = module.refusals
            error = nil
        } catch {
            plugins = []
            refusals = [:]
            self.error = error
        }
    }
}
