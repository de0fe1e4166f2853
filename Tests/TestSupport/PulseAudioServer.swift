public import Foundation

/// A private PulseAudio with null sinks, reached through ALSA's "pulse" plugin. Needs no D-Bus, no systemd, no user.
///
///     PCMs:  aup_out  → null sink aup_a        aup_in  ← monitor of aup_a
///            aup_feed → null sink aup_mic      aup_mic ← monitor of aup_mic
///     default plays to aup_a and captures from aup_mic.
public final class PulseAudioServer {
    private static let program = "/usr/bin/pulseaudio"

    /// Whether tests with a server can run; says why not, once, where they cannot. For `.enabled(if:)`.
    public static let isAvailable: Bool = {
        let plugin = ["/usr/lib", "/usr/lib64"].contains { folder in
            let found = FileManager.default.enumerator(atPath: folder)?.first { path in
                (path as? String)?.hasSuffix("libasound_module_pcm_pulse.so") == true
            }
            return found != nil
        }
        if FileManager.default.isExecutableFile(atPath: program), plugin { return true }
        print("skipped, no private sound server: install pulseaudio and libasound2-plugins")
        return false
    }()

    public let directory: URL
    private let process = Process()

    /// Starts a server and waits until it answers, ten seconds at most.
    public init(rate: Int = 48_000) throws {
        // Short, because the path of a Unix socket holds 107 bytes at most.
        directory = URL(filePath: "/tmp/aup-pulse-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(
            at: directory.appending(path: "rt"), withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: directory.path)
        try write("default.pa", script(rate: rate))
        try write("client.conf", "autospawn = no\nenable-shm = no\n")
        try write("asound.conf", Self.configuration)
        process.executableURL = URL(filePath: Self.program)
        process.arguments = arguments
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        for _ in 0..<100 {
            if answers { return }
            usleep(100_000)
        }
        stop()
        throw CocoaError(.executableLoad)
    }

    private var arguments: [String] {
        [
            "-n", "-F", file("default.pa").path, "--daemonize=no", "--exit-idle-time=-1", "--disallow-exit=no",
            "--use-pid-file=no", "--log-target=file:\(file("log").path)", "--realtime=no", "--high-priority=no",
            "--resample-method=speex-float-1", "--disable-shm=yes",
        ]
    }

    /// What starts the same server anew in a shell that has its ``environment``. Whoever starts it ends it.
    public var startWords: String { ([Self.program] + arguments).joined(separator: " ") }

    deinit {
        stop()
        try? FileManager.default.removeItem(at: directory)
    }

    /// The server's process, for tests that kill it.
    public var pid: Int32 { process.processIdentifier }

    public func file(_ name: String) -> URL { directory.appending(path: name) }

    /// What a child process needs to reach this server and no other.
    public var environment: [String: String] {
        ProcessInfo.processInfo.environment.merging(variables) { $1 }
    }

    /// Runs `body` with this server behind the ALSA of this very process. One at a time: others wait.
    public func use<Result>(_ body: () throws -> Result) rethrows -> Result {
        try ALSAConfiguration.use(variables, body)
    }

    private var variables: [String: String] {
        [
            "XDG_RUNTIME_DIR": directory.path, "PULSE_SERVER": "unix:\(file("pulse.sock").path)",
            "PULSE_COOKIE": file("cookie").path, "PULSE_RUNTIME_PATH": file("rt").path,
            "PULSE_CLIENTCONFIG": file("client.conf").path, "ALSA_CONFIG_PATH": file("asound.conf").path,
        ]
    }

    /// Ends the server, by its process id.
    public func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    private var answers: Bool {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: file("pulse.sock").path.utf8) }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }

    private func write(_ name: String, _ text: String) throws {
        try text.write(to: file(name), atomically: true, encoding: .utf8)
    }

    private func script(rate: Int) -> String {
        // The door is opened last: who gets in finds everything in place.
        // norewinds: a null sink that rewinds renders ahead and hides latency and underruns.
        let sinks = ["aup_a", "aup_mic"].map {
            "load-module module-null-sink sink_name=\($0) rate=\(rate) channels=2 format=s16le norewinds=1"
        }
        return """
            .fail
            \(sinks.joined(separator: "\n"))
            set-default-sink aup_a
            set-default-source aup_mic.monitor
            load-module module-native-protocol-unix socket=\(file("pulse.sock").path) auth-anonymous=1

            """
    }

    /// handle_underrun: without it the plugin plays old sound again instead of reporting.
    private static let configuration = """
        defaults.namehint.showall on
        defaults.namehint.basic on
        defaults.namehint.extended on
        pcm.aup_out { type pulse device aup_a handle_underrun 1 hint { show on description "test output" } }
        pcm.aup_in { type pulse device aup_a.monitor hint { show on description "test input: what is played" } }
        pcm.aup_feed { type pulse device aup_mic handle_underrun 1 hint { show on description "what the microphone hears" } }
        pcm.aup_mic { type pulse device aup_mic.monitor hint { show on description "test microphone" } }
        pcm.!default { type asym playback.pcm aup_out capture.pcm aup_mic }

        """
}
