import AupSound

/// A plan as it passes from process to process.
extension ChainRoute.Plan {
    var words: [String] {
        let lists = [inputs, given, outputs, passing.map(\.from), passing.map(\.to), [width]]
        return lists.map { list in list.map(String.init).joined(separator: " ") }
    }

    /// `nil` for anything that is not whole.
    init?(words: [String]) {
        let lists = words.map { $0.split(separator: " ").compactMap { Int($0) } }
        guard lists.count == 6, lists[3].count == lists[4].count, lists[5].count == 1,
            lists.joined().allSatisfy({ (0...Limits.channels).contains($0) }), lists.allSatisfy({ $0.count <= 4096 })
        else { return nil }
        (inputs, given, outputs, width) = (lists[0], lists[1], lists[2], lists[5][0])
        passing = zip(lists[3], lists[4]).map { (from: $0, to: $1) }
    }

    /// Whether nothing lies beside the channels there are: a guest may have written over what its process says.
    func fits(_ facts: InstanceFacts, stage channels: Int) -> Bool {
        let read = (facts.isFedByOne ? 1 : facts.inputs - facts.silentInputs) + facts.sideChannels
        return inputs.count >= read && outputs.count == facts.outputs && (1...Limits.channels).contains(width)
            && (inputs + given + passing.map(\.from)).allSatisfy { $0 < channels }
            && (outputs + passing.map(\.to)).allSatisfy { $0 < width }
    }
}
