import AupWire

/// Takes everything and does nothing with it, where the sound goes nowhere.
final class NothingSink: PacketSink {
    func take(_ packet: Packet) throws(SessionFailure) {}
    func flush() throws(SessionFailure) {}
}
