// swift-tools-version: 6.2
import PackageDescription

// Targets stand in storey order, as docs/ARCHITECTURE.md draws them: doors to C at the bottom, the
// executable at the roof. A target imports only from below itself; HouseTests reads both and compares.

/// Every Swift target: strict memory safety makes `grep unsafe` the audit, and the two import features
/// make an import that is not written down an error instead of an accident.
let house: [SwiftSetting] = [
    .strictMemorySafety(),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// Targets whose loops decide what a second of sound costs: plain debug Swift is 20 to 1000 times slower,
/// which would make the tests of long recordings useless.
let hot: [SwiftSetting] = house + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// Every C target: a promise of `nonblocking` that is broken does not compile.
let door: [CSetting] = [
    .define("_GNU_SOURCE"),
    .enableWarning("all"), .enableWarning("extra"), .enableWarning("function-effects"),
    .treatAllWarnings(as: .error),
]

/// The same where a library is C++: behind extern "C", and nothing may be thrown through it.
let doorInCXX: [CXXSetting] = [
    .enableWarning("all"), .enableWarning("extra"), .enableWarning("function-effects"),
    .treatAllWarnings(as: .error),
]

let package = Package(
    name: "aup",
    products: [
        .executable(name: "aup", targets: ["aup"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        // MARK: cellar, what doors stand on
        .target(name: "CLibrary", cSettings: door, linkerSettings: [.linkedLibrary("dl")]),

        // MARK: 0, doors: one C library each
        .target(
            name: "CALSA", cSettings: door + [.unsafeFlags(["-O2"])], linkerSettings: [.linkedLibrary("asound")]),
        .target(name: "CSndfile", dependencies: ["CLibrary"], cSettings: door),
        .target(name: "CVorbis", dependencies: ["CLibrary"], cSettings: door),
        .target(name: "COgg", dependencies: ["CLibrary"], cSettings: door),
        .target(name: "COpus", dependencies: ["CLibrary"], cSettings: door),
        .target(name: "CSoxr", dependencies: ["CLibrary"], cSettings: door),
        .target(name: "CMpg123", dependencies: ["CLibrary"], cSettings: door),
        .target(name: "CLinux", dependencies: ["CLibrary"], cSettings: door),
        .target(name: "CRealtime", cSettings: door + [.unsafeFlags(["-O3"])], linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CCurl", dependencies: ["CLibrary"], cSettings: door),
        .target(name: "CFLAC", dependencies: ["CLibrary"], cSettings: door),
        .target(name: "CLilv", dependencies: ["CLibrary"], cSettings: door),
        .target(name: "CMicrohttpd", dependencies: ["CLibrary"], cSettings: door),
        .target(name: "CAupPlugin", cSettings: door),
        .target(name: "CCairo", dependencies: ["CLibrary"], cSettings: door),
        // Its templates hidden, so that no start of the program has to look for their symbols.
        .target(
            name: "CTOML",
            cxxSettings: doorInCXX + [.unsafeFlags(["-O2", "-fvisibility=hidden", "-fvisibility-inlines-hidden"])]),

        // MARK: 1, values
        .target(name: "AupSound", swiftSettings: hot),

        // MARK: 2, the machine and the real-time wing
        .target(name: "AupSystem", dependencies: ["AupSound", "CLinux"], swiftSettings: hot),
        .target(name: "AupRealtime", dependencies: ["AupSound", "CRealtime"], swiftSettings: hot),

        // MARK: 3, rooms: one trade each, none imports another
        .target(name: "AupALSA", dependencies: ["AupSound", "AupSystem", "CALSA"], swiftSettings: hot),
        .target(name: "AupSimulation", dependencies: ["AupSound", "AupSystem"], swiftSettings: hot),
        .target(
            name: "AupFiles", dependencies: ["AupSound", "AupSystem", "CSndfile", "CVorbis", "CMpg123"],
            swiftSettings: hot),
        .target(name: "AupOpus", dependencies: ["AupSound", "COgg", "COpus"], swiftSettings: hot),
        .target(name: "AupFLAC", dependencies: ["AupSound", "CFLAC"], swiftSettings: hot),
        .target(name: "AupResampling", dependencies: ["AupSound", "CSoxr"], swiftSettings: hot),
        .target(
            name: "AupPlugins", dependencies: ["AupSound", "AupSystem", "CLilv", "CAupPlugin"], swiftSettings: hot),
        .target(name: "AupWire", dependencies: ["AupSound"], swiftSettings: hot),
        .target(name: "AupNetwork", dependencies: ["AupSound", "AupSystem", "CCurl"], swiftSettings: hot),
        .target(name: "AupWeb", dependencies: ["AupSystem", "CMicrohttpd"], swiftSettings: hot),
        .target(name: "AupPlot", dependencies: ["AupSound", "CCairo"], swiftSettings: hot),
        .target(name: "AupDisplay", dependencies: ["AupSound"], swiftSettings: hot),
        .target(
            name: "AupConfiguration", dependencies: ["AupSound", "AupSystem", "CTOML"], swiftSettings: house),

        // MARK: 4, sessions
        .target(
            name: "AupEngine",
            dependencies: [
                "AupSound", "AupSystem", "AupRealtime", "AupALSA", "AupSimulation", "AupFiles",
                "AupOpus", "AupFLAC", "AupResampling", "AupPlugins", "AupWire", "AupNetwork", "AupPlot", "AupWeb",
            ],
            swiftSettings: hot),

        // MARK: roof
        .executableTarget(
            name: "aup",
            dependencies: [
                "AupEngine", "AupConfiguration", "AupDisplay", "AupSystem", "AupSound",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: house),

        // MARK: tests mirror the sources
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: house),
        .testTarget(name: "AupSoundTests", dependencies: ["AupSound"], swiftSettings: house),
        .testTarget(name: "AupSystemTests", dependencies: ["AupSystem", "TestSupport"], swiftSettings: house),
        .testTarget(
            name: "AupRealtimeTests", dependencies: ["AupRealtime", "AupSound", "TestSupport"], swiftSettings: house),
        .testTarget(
            name: "AupALSATests", dependencies: ["AupALSA", "AupSound", "TestSupport"], exclude: ["Fixtures"],
            swiftSettings: house),
        .testTarget(name: "AupSimulationTests", dependencies: ["AupSimulation", "AupSound"], swiftSettings: house),
        .testTarget(
            name: "AupFilesTests", dependencies: ["AupFiles", "AupOpus", "AupSound", "TestSupport"],
            swiftSettings: house),
        .testTarget(name: "AupOpusTests", dependencies: ["AupOpus", "AupSound"], swiftSettings: house),
        .testTarget(
            name: "AupResamplingTests", dependencies: ["AupResampling", "AupSound"], swiftSettings: house),
        .testTarget(
            name: "AupPluginsTests", dependencies: ["AupPlugins", "AupSound", "TestSupport"], swiftSettings: house),
        .testTarget(name: "AupWireTests", dependencies: ["AupWire", "AupSound", "TestSupport"], swiftSettings: house),
        .testTarget(
            name: "AupNetworkTests", dependencies: ["AupNetwork", "AupSound", "AupSystem", "TestSupport"],
            swiftSettings: house),
        .executableTarget(
            name: "WebRig", dependencies: ["AupSystem", "AupWeb"], path: "Tests/WebRig", swiftSettings: house),
        .testTarget(
            name: "AupWebTests", dependencies: ["AupWeb", "AupSystem", "TestSupport", "WebRig"], swiftSettings: house),
        .testTarget(
            name: "AupConfigurationTests", dependencies: ["AupConfiguration", "TestSupport"], swiftSettings: house),
        .testTarget(name: "AupDisplayTests", dependencies: ["AupDisplay"], swiftSettings: house),
        .testTarget(name: "AupPlotTests", dependencies: ["AupPlot", "TestSupport"], swiftSettings: house),
        .testTarget(
            name: "AupEngineTests",
            dependencies: [
                "AupEngine", "AupFiles", "AupNetwork", "AupOpus", "AupPlugins", "AupRealtime", "AupSimulation",
                "AupSound", "AupSystem", "AupWire", "TestSupport",
            ],
            swiftSettings: house),
        // On the executable too, so that `swift test` builds what these tests run.
        .testTarget(
            name: "aupTests", dependencies: ["aup", "AupSound", "AupWire", "TestSupport"], swiftSettings: house),
        .testTarget(name: "HouseTests", dependencies: ["TestSupport"], swiftSettings: hot),
    ],
    swiftLanguageModes: [.v6],
    cLanguageStandard: .gnu11,
    cxxLanguageStandard: .cxx17
)
