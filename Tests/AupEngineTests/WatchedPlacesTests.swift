import AupSystem
import Testing

@testable import AupEngine

@Suite struct `Places that decide which devices there are` {
    private func places(_ environment: [String: String]) -> WatchedPlaces {
        WatchedPlaces({ environment[$0] }, user: 1000)
    }

    @Test func `of a user with a session`() {
        let places = places(["HOME": "/h/ada", "XDG_RUNTIME_DIR": "/run/user/1000"])
        #expect(
            places.configuration == [
                .init("/etc/asound.conf", .file), .init("/etc/alsa/conf.d", .files),
                .init("/h/ada/.asoundrc", .file), .init("/h/ada/.config/alsa", .files),
            ])
        #expect(places.servers.map(\.socket) == ["/run/user/1000/pulse/native", "/run/user/1000/pipewire-0"])
        #expect(places.places.count == 6)
    }

    @Test func `the environment leads elsewhere, and one that is empty nowhere`() {
        let other = places([
            "HOME": "/h/ada", "XDG_CONFIG_HOME": "/c", "ALSA_CONFIG_PATH": "/a.conf:/b.conf",
            "PULSE_SERVER": "unix:/run/p tcp:host", "PIPEWIRE_RUNTIME_DIR": "/w", "PIPEWIRE_REMOTE": "other",
        ])
        #expect(other.configuration.map(\.path).prefix(2) == ["/a.conf", "/b.conf"])
        #expect(other.configuration.contains(.init("/c/alsa", .files)))
        #expect(other.servers.map(\.socket) == ["/run/p", "/w/other"])
        // Another machine's comes and goes unseen, and this one's may be named by its number.
        #expect(places(["PULSE_SERVER": "tcp:host"]).servers.map(\.name) == ["pipewire"])
        #expect(places(["PULSE_SERVER": "{d3ad}unix:/run/p"]).servers.first?.socket == "/run/p")
        #expect(places([:]).servers.map(\.socket) == ["/run/user/1000/pulse/native", "/run/user/1000/pipewire-0"])
        #expect(places([:]).configuration.count == 2)
    }
}
