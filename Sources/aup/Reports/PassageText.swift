import AupEngine
import AupSound

/// The numbers of packets and of those who are given them, in words and in JSON.
enum PassageText {
    static func words(_ passage: PassageStatus) -> String? {
        guard let mean = passage.processing.meanNanoseconds, let most = passage.processing.percentile99Nanoseconds
        else { return nil }
        return "\(passage.packets) packets, \(time(Int64(mean))) each (99 % within \(time(most)))"
    }

    /// How old sound was: where it was given to others by then, else when it came.
    static func age(_ status: SessionStatus) -> String? {
        let age = status.publishing.map { $0.age.count > 0 ? $0.age : status.passage.age } ?? status.passage.age
        guard let median = age.medianNanoseconds, let most = age.percentile99Nanoseconds else { return nil }
        let late = status.publishing?.latePackets ?? status.passage.latePackets
        return "\(time(median)) old (99 % within \(time(most)))" + (late > 0 ? ", \(late) packets late" : "")
    }

    static func words(_ peers: PublishingStatus) -> String {
        var text = "\(peers.peers) subscribers given \(peers.frames) frames"
        if peers.lostFrames > 0 {
            text += ", \(peers.lostFrames) lost by slow ones (\(levelText(peers.dropRate * 100)) %)"
        }
        if peers.fullestQueue > 0 {
            text +=
                ", queues \(levelText(peers.meanQueue * 100)) % full, the fullest \(levelText(peers.fullestQueue * 100)) %"
        }
        if peers.gatherNanoseconds > 0 { text += ", gathered for \(time(peers.gatherNanoseconds))" }
        return text
    }

    static func words(_ sending: SendingStatus) -> String {
        let untaken = sending.lostFrames > 0 ? ", \(sending.lostFrames) found nobody" : ""
        return "sent \(sending.frames) frames\(untaken)"
    }

    static func add(_ sending: SendingStatus, to object: inout JSONText) {
        object.add("send_connected", sending.isConnected)
        object.add("sent_frames", sending.frames)
        object.add("untaken_frames", sending.lostFrames)
    }

    /// One line for each subscriber.
    static func lines(_ peers: PublishingStatus) -> [String] {
        peers.subscribers.map { peer in
            let lost = peer.lostFrames > 0 ? ", \(peer.lostFrames) lost in \(peer.gaps) gaps" : ""
            return
                "\(peer.name): \(peer.frames) frames\(lost), \(time(peer.behindNanoseconds)) behind, queue \(levelText(peer.queueFill * 100)) % full"
        }
    }

    static func add(_ passage: PassageStatus, to object: inout JSONText) {
        object.add("processed_packets", passage.packets)
        add(passage.processing, "processing", to: &object)
        add(passage.age, "age", to: &object)
        object.add("late_packets", passage.latePackets)
    }

    static func add(_ peers: PublishingStatus, to object: inout JSONText) {
        object.add("peers", peers.peers)
        object.add("most_peers", peers.mostPeers)
        object.add("refused_peers", peers.refused)
        object.add("given_packets", peers.packets)
        object.add("given_frames", peers.frames)
        object.add("dropped_frames", peers.lostFrames)
        object.add("drop_rate", peers.dropRate)
        object.add("sent_bytes", peers.bytes)
        add(peers.age, "given_age", to: &object)
        object.add("given_late_packets", peers.latePackets)
        object.add("queue_fill_most", peers.fullestQueue)
        object.add("queue_fill_mean", peers.meanQueue)
        object.add("queue_ms", Double(peers.queueNanoseconds) / 1e6)
        object.add("gather_ms", Double(peers.gatherNanoseconds) / 1e6)
        object.add("network_load", peers.load)
        object.add("rounds", peers.rounds)
        object.add("writes", peers.writes)
        object.add("subscribers", objects: peers.subscribers.map(json))
    }

    private static func json(_ peer: SubscriberStatus) -> JSONText {
        var object = JSONText()
        object.add("name", peer.name)
        object.add("seconds", Double(peer.connectedNanoseconds) / 1e9)
        object.add("packets", peer.packets)
        object.add("frames", peer.frames)
        object.add("lost_frames", peer.lostFrames)
        object.add("gaps", peer.gaps)
        object.add("bytes", peer.bytes)
        object.add("behind_ms", Double(peer.behindNanoseconds) / 1e6)
        object.add("queue_fill", peer.queueFill)
        return object
    }

    private static func add(_ times: TimeDistribution, _ name: String, to object: inout JSONText) {
        object.add("\(name)_ms_mean", times.meanNanoseconds.map { $0 / 1e6 })
        object.add("\(name)_ms_p50", times.medianNanoseconds.map { Double($0) / 1e6 })
        object.add("\(name)_ms_p99", times.percentile99Nanoseconds.map { Double($0) / 1e6 })
        object.add("\(name)_ms_max", times.mostNanoseconds.map { Double($0) / 1e6 })
    }

    private static func time(_ nanoseconds: Int64) -> String {
        nanoseconds < 1_000_000
            ? "\(levelText(Double(nanoseconds) / 1000)) µs" : "\(StatusText.milliseconds(nanoseconds)) ms"
    }
}
