import AupNetwork

extension EventQueue {
    /// Tells what became of a connection. The first failure, the loss and the end of all patience are told to everybody; each
    /// attempt and each pause only to those who ask for more.
    ///
    /// - Parameter why: of the last failure.
    func post(_ news: [Reconnection.News], of name: String, why: String = "", isTriedAgain: Bool) {
        for one in news {
            switch one {
            case .connecting(let attempt):
                post(.happened(NamedEvent("connecting", "\(name): attempt \(attempt)", isQuiet: true)))
            case .connected(let attempts, let away):
                post(
                    .happened(
                        NamedEvent(
                            "connected", "\(name): connected",
                            numbers: [("attempts", Double(attempts)), ("seconds", Double(away) / 1e9)], isQuiet: true)))
            case .lost(let up):
                let rest = isTriedAgain ? "; it is tried again" : ""
                post(
                    .happened(
                        NamedEvent(
                            "disconnected", "\(name): the connection is lost\(why.isEmpty ? "" : ", \(why)")\(rest)",
                            numbers: [("seconds", Double(up) / 1e9)], isQuiet: !isTriedAgain)))
            case .waiting(let nanoseconds):
                guard isTriedAgain else { continue }
                let seconds = Double(nanoseconds / 1_000_000) / 1000
                let cause = why.isEmpty ? "" : "\(why); "
                let isFirst = nanoseconds <= Backoff.firstPause
                post(
                    .happened(
                        NamedEvent(
                            "waiting", "\(name): \(cause)it is tried again\(isFirst ? "" : " in \(seconds) s")",
                            numbers: [("seconds", seconds)], isQuiet: !isFirst)))
            case .givenUp(let away):
                guard isTriedAgain else { continue }
                post(
                    .happened(
                        NamedEvent(
                            "gave_up", "\(name): nobody came back in time",
                            numbers: [("seconds", Double(away) / 1e9)], isQuiet: true)))
            }
        }
    }
}
