import ArgumentParser
import AupEngine

extension Stream {
    /// An option whose place is not there would do nothing.
    func refuseIdleOptions(_ configuration: SessionConfiguration) throws {
        let outputs = configuration.outputs.compactMap(\.address)
        let places = outputs + [configuration.input.address, receive?.word, send?.word].compactMap(\.self)
        let isSocket = { (word: String) in word.hasPrefix("unix:") || word.hasPrefix("tcp:") }
        let isRTP = { (word: String) in word.hasPrefix("rtp:") }
        let listens = receive != nil || send == nil && outputs.contains(where: isSocket)
        let broadcasts = outputs.contains { $0.hasPrefix("icecast:") }
        let options: [(name: String, isGiven: Bool, hasPlace: Bool, place: String)] = [
            ("--sdp", rtp.sdp != nil, outputs.contains(where: isRTP), "RTP that is sent, -o rtp:HOST:PORT"),
            ("--payload", rtp.payload != nil, places.contains(where: isRTP), "RTP"),
            (
                "--secret-file", network.secretFile != nil, broadcasts || places.contains(where: isSocket),
                "sockets and Icecast"
            ),
            ("--mode", network.mode != nil, listens, "a socket that is listened at"),
            ("--group", network.group != nil, listens, "a socket that is listened at"),
            ("--allow-uid", !network.allowUid.isEmpty, listens, "a socket that is listened at"),
            ("--clients", network.clients != nil, listens, "a socket that is listened at"),
            ("--ice-name", icecast.iceName != nil, broadcasts, "-o icecast://HOST/MOUNT"),
            ("--spool", icecast.spool != nil, broadcasts, "-o icecast://HOST/MOUNT"),
        ]
        for option in options where option.isGiven && !option.hasPlace {
            throw ValidationError("\(option.name) is for \(option.place), and there is none here; leave it out")
        }
    }
}

extension Endpoint {
    fileprivate var address: String? {
        if case .network(let word) = self { return word }
        return nil
    }
}
