/// What there is to know of a plugin that has been created, in whichever process that was.
///
/// - Thread: any.
struct InstanceFacts: Equatable {
    let description: PluginDescription
    /// Channels of the whole node.
    let inputs: Int
    let outputs: Int
    /// Guest instances: more than one where a mono plugin serves several channels.
    let copies: Int
    /// The one channel there is goes to every input.
    let isFedByOne: Bool
    /// So many of the last inputs hear nothing.
    let silentInputs: Int
    /// Channels of a native's side chain.
    let sideChannels: Int
    let canBeBypassed: Bool
    /// Where the stage's channels go; `nil` where all of them go through the plugin.
    let route: ChainRoute.Plan?
    /// What happens to the channels, where that is not what one would expect.
    let channelNote: String?
    /// The longest of the copies'.
    let latencyFrames: Int
    /// `nil` for a sound that never ends.
    let tailFrames: Int?
    /// By index; texts have 0.
    let initialValues: [Double]

    func lines() -> [String] {
        let numbers = [
            inputs, outputs, copies, isFedByOne ? 1 : 0, silentInputs, sideChannels, canBeBypassed ? 1 : 0,
            latencyFrames, tailFrames ?? -1,
        ]
        return [
            WorkerText.line(["instance", channelNote ?? "", description.path] + numbers.map { "\($0)" }),
            WorkerText.line(["route"] + (route?.words ?? [])),
            WorkerText.line(["values"] + initialValues.map { "\($0)" }),
        ] + PluginScan(path: description.path, plugins: [description]).lines()
    }

    /// `nil` for anything that is not whole.
    init?(lines: [String]) {
        guard lines.count > 3 else { return nil }
        let words = WorkerText.words(lines[0])
        let places = WorkerText.words(lines[1])
        let values = WorkerText.words(lines[2])
        let numbers = words.dropFirst(3).compactMap { Int($0) }
        let route = places.count == 1 ? nil : ChainRoute.Plan(words: Array(places.dropFirst()))
        guard places.count == 1 || route != nil, words[0] == "instance", numbers.count == 9, places[0] == "route",
            values[0] == "values", numbers[2] >= 1,
            numbers.dropLast().allSatisfy({ $0 >= 0 }),
            let description = PluginScan(lines: Array(lines.dropFirst(3)), path: words[2])?.plugins.first
        else { return nil }
        self.init(
            description: description, inputs: numbers[0], outputs: numbers[1], copies: numbers[2],
            isFedByOne: numbers[3] != 0, silentInputs: numbers[4], sideChannels: numbers[5],
            canBeBypassed: numbers[6] != 0,
            route: route, channelNote: words[1].isEmpty ? nil : words[1],
            latencyFrames: numbers[7], tailFrames: numbers[8] < 0 ? nil : numbers[8],
            initialValues: values.dropFirst().compactMap { Double($0) })
        guard initialValues.count == description.parameters.count else { return nil }
    }

    init(
        description: PluginDescription, inputs: Int, outputs: Int, copies: Int, isFedByOne: Bool, silentInputs: Int,
        sideChannels: Int, canBeBypassed: Bool, route: ChainRoute.Plan?, channelNote: String?, latencyFrames: Int,
        tailFrames: Int?, initialValues: [Double]
    ) {
        self.description = description
        self.inputs = inputs
        self.outputs = outputs
        self.copies = copies
        self.isFedByOne = isFedByOne
        self.silentInputs = silentInputs
        self.sideChannels = sideChannels
        self.canBeBypassed = canBeBypassed
        self.route = route
        self.channelNote = channelNote
        self.latencyFrames = latencyFrames
        self.tailFrames = tailFrames
        self.initialValues = initialValues
    }
}
