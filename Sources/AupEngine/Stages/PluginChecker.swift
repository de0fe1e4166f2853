import AupPlugins
import AupSound

/// Tells mistakes in a chain before there is a format to make it for.
enum PluginChecker {
    static func check(_ specs: [PluginSpec], _ library: PluginLibrary) throws(PluginError) {
        for spec in specs {
            let found = try library.find(spec.reference)
            let description = try found.description(settings: spec.settings)
            for setting in try description.ownSettings(spec.settings) {
                let parameter = try description.parameter(named: setting.key)
                do throws(PluginError) {
                    _ = try parameter.parse(setting.value, plugin: description.id)
                } catch {
                    // A range that grows with the rate is only known with the stream: what fits at one rate may pass.
                    let rates = parameter.scalesWithRate ? [Limits.rates.lowerBound, Limits.rates.upperBound] : []
                    let fits = rates.contains { rate in
                        let other = try? found.description(rate: Double(rate)).parameters[parameter.index]
                        return (try? other?.parse(setting.value, plugin: description.id)) != nil
                    }
                    if !fits { throw error }
                }
            }
        }
    }
}
