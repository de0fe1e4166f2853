import AupSystem
import Glibc

/// The files and sockets that decide which devices there are beside the cards, by the environment.
///
/// - Thread: any.
struct WatchedPlaces: Sendable, Equatable {
    /// alsa-lib's own configuration: asoundrc(5), and the folder from which distributions load theirs.
    var configuration: [PathWatch.Place]
    /// The sockets of sound servers.
    var servers: [SoundServer]

    init(_ setting: (String) -> String?, user: UInt32) {
        func environment(_ name: String) -> String? { setting(name).flatMap { $0.isEmpty ? nil : $0 } }
        let home = environment("HOME")
        let settings = environment("XDG_CONFIG_HOME") ?? home.map { "\($0)/.config" }
        if let own = environment("ALSA_CONFIG_PATH") {
            // Instead of all others, unless it loads them itself.
            configuration = own.split(separator: ":").map { PathWatch.Place(String($0), .file) }
        } else {
            configuration = []
        }
        configuration.append(PathWatch.Place("/etc/asound.conf", .file))
        configuration.append(PathWatch.Place("/etc/alsa/conf.d", .files))
        if let home { configuration.append(PathWatch.Place("\(home)/.asoundrc", .file)) }
        if let settings { configuration.append(PathWatch.Place("\(settings)/alsa", .files)) }
        servers = []
        let runtime = environment("XDG_RUNTIME_DIR") ?? "/run/user/\(user)"
        let asked = environment("PULSE_SERVER")
        for word in (asked ?? "").split(separator: " ") {
            // A machine may be named before: `{d3adbeef}unix:/run/user/1000/pulse/native`.
            let place = word.hasPrefix("{") ? word.drop { $0 != "}" }.dropFirst() : word
            let path = place.hasPrefix("unix:") ? place.dropFirst(5) : place
            if path.hasPrefix("/") { servers.append(SoundServer(name: "pulse", socket: String(path))) }
        }
        let pulse = environment("PULSE_RUNTIME_PATH") ?? "\(runtime)/pulse"
        // One on another machine comes and goes unseen.
        if asked == nil { servers.append(SoundServer(name: "pulse", socket: "\(pulse)/native")) }
        let remote = environment("PIPEWIRE_REMOTE") ?? "pipewire-0"
        let folder = environment("PIPEWIRE_RUNTIME_DIR") ?? runtime
        servers.append(
            SoundServer(name: "pipewire", socket: remote.hasPrefix("/") ? remote : "\(folder)/\(remote)"))
    }

    /// This process's.
    static var current: WatchedPlaces {
        WatchedPlaces({ name in unsafe getenv(name).map { unsafe String(cString: $0) } }, user: currentUser())
    }

    /// All of them, the servers behind the configuration.
    var places: [PathWatch.Place] { configuration + servers.map { PathWatch.Place($0.socket, .file) } }
}
