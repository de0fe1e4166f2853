/// What a device looks like to the one who plugs it in, as far as card, bus and ports tell.
///
/// The raw values are the words of reports; they stay.
public enum FormFactor: String, Sendable, CaseIterable {
    case microphone, headset, headphones
    case loudspeaker
    /// An analogue socket for whatever has a line level.
    case line
    /// S/PDIF, AES, ADAT and their like.
    case digital
    case hdmi
    /// Built in: a laptop's own microphone and loudspeakers.
    case `internal`
    /// No hardware: a loopback, a dummy, a virtual machine's card, a simulation.
    case virtual
    /// Sound from and to other machines.
    case network
    /// A sound server's client; what stands behind the server, the server knows.
    case server
    case unknown
}
