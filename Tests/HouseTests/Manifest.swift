/// The targets that Package.swift declares, in its order, without those of the tests.
struct Manifest {
    struct Target: Equatable {
        let name: String
        let dependencies: [String]
    }

    let targets: [Target]

    init(text: String) {
        // Each declaration reaches to the next one; inside it the first list of dependencies is its own.
        let declaration = /\.(target|executableTarget|testTarget)\(\s*name: "(\w+)"/
        let starts = text.matches(of: declaration)
        targets = starts.enumerated().compactMap { index, match in
            let end = index + 1 < starts.count ? starts[index + 1].range.lowerBound : text.endIndex
            let body = text[match.range.upperBound..<end]
            guard match.1 != "testTarget", !body.contains("path: \"Tests/") else { return nil }
            var dependencies: [String] = []
            if let list = body.firstMatch(of: /dependencies: \[([^\]]*)\]/) {
                let products = list.1.replacing(/\.product\(name: ("\w+"), package: "[^"]+"\)/) { $0.1 }
                dependencies = products.matches(of: /"(\w+)"/).map { String($0.1) }
            }
            return Target(name: String(match.2), dependencies: dependencies)
        }
    }
}
