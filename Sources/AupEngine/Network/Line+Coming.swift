import AupNetwork
import AupSound
import AupSystem

extension Line {
    /// A source that others bring, call for or come back with; `nil` where the input is another kind.
    static func coming(
        _ configuration: SessionConfiguration, stop: StopRequest, events: EventQueue
    ) throws(SessionFailure) -> (any ComingSource)? {
        let network = configuration.network
        if let word = network.receivingWord { return try receiving(word, configuration, stop: stop, events: events) }
        // Kept without a word about how long is kept for ever.
        let patience = network.keeps && network.retryNanoseconds == 0 ? nil : network.retryNanoseconds
        switch configuration.input {
        case .network(let word):
            let caller = try network.subscription(to: word)
            // One for all of them: there may be no descriptor left for another.
            let bell = Doorbell()
            let make: () -> NetworkSource = {
                NetworkSource(
                    caller, patience: patience, liveness: network.livenessNanoseconds, bell: bell, stop: stop,
                    events: events)
            }
            guard network.keeps else { return make() }
            return SuccessionSource(
                CallerSupply(word, make), keeps: true, patience: patience, stop: stop, events: events)
        case .file(let path) where network.keeps:
            let supply = try FIFOSupply(path, configuration, stop: stop, events: events)
            return SuccessionSource(supply, keeps: true, patience: patience, stop: stop, events: events)
        case .standardStream where network.keeps, .device where network.keeps:
            throw .before(
                .usage(
                    "--keep: \(configuration.input.name == "-" ? "standard input" : configuration.input.name) does not come back; give -i FIFO, -i unix:PATH or --receive ADDRESS"
                ))
        case .standardStream, .file, .device: return nil
        }
    }

    private static func receiving(
        _ word: String, _ configuration: SessionConfiguration, stop: StopRequest, events: EventQueue
    ) throws(SessionFailure) -> any ComingSource {
        let network = configuration.network
        let door = try network.receiving(at: word, events: events)
        if network.mixes {
            return try MixingSource(
                door, keeps: network.keeps, rate: configuration.rate, channels: configuration.channels, stop: stop,
                events: events)
        }
        let first = try Self.first(configuration, stop: stop, events: events)
        return SuccessionSource(
            try DoorSupply(door, isHeld: first != nil, stop: stop), first: first, keeps: network.keeps,
            patience: network.keeps && network.retryNanoseconds == 0 ? nil : network.retryNanoseconds, stop: stop,
            events: events)
    }

    /// What is heard before any sender; `nil` where the senders are all there is.
    private static func first(
        _ configuration: SessionConfiguration, stop: StopRequest, events: EventQueue
    ) throws(SessionFailure) -> (any PacketSource)? {
        let network = configuration.network
        switch configuration.input {
        case .network(let word) where word == network.receivingWord: return nil
        case .network(let word):
            return NetworkSource(
                try network.subscription(to: word), patience: network.retryNanoseconds,
                liveness: network.livenessNanoseconds, bell: Doorbell(), stop: stop, events: events)
        case .standardStream, .file:
            return try InputSniffer(configuration: configuration, stop: stop, events: events).open()
        case .device(let name):
            throw .before(.usage("\(name): a device does not end; give it to a sender of its own"))
        }
    }
}
