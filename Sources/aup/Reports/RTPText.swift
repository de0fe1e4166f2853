import AupEngine
import AupSound

/// The numbers of RTP in words and in JSON.
enum RTPText {
    static func words(_ rtp: RTPStatus) -> String {
        guard !rtp.isSender else {
            let told = rtp.toldLoss.map { ", \(levelText($0 * 100)) % lost there" } ?? ""
            let refused = rtp.refused > 0 ? ", \(rtp.refused) not taken" : ""
            return "\(rtp.packets) packets of RTP\(refused)\(told)"
        }
        var parts = ["\(rtp.packets) packets of RTP, \(rtp.lost) lost"]
        if rtp.late > 0 { parts.append("\(rtp.late) late") }
        if rtp.duplicates > 0 { parts.append("\(rtp.duplicates) twice") }
        if rtp.reordered > 0 { parts.append("\(rtp.reordered) out of order") }
        if rtp.repairedFrames > 0 { parts.append("\(rtp.repairedFrames) frames repaired") }
        if rtp.guessedFrames > 0 { parts.append("\(rtp.guessedFrames) guessed") }
        if let jitter = rtp.jitterNanoseconds { parts.append("jitter \(StatusText.milliseconds(jitter)) ms") }
        if let target = rtp.targetNanoseconds { parts.append("held \(StatusText.milliseconds(target)) ms") }
        return parts.joined(separator: ", ")
    }

    static func add(_ rtp: RTPStatus, to object: inout JSONText) {
        object.add("rtp_packets", rtp.packets)
        object.add("rtp_bytes", rtp.bytes)
        object.add("rtp_refused", rtp.refused)
        object.add("rtp_jitter_ms", rtp.jitterNanoseconds.map { Double($0) / 1e6 })
        guard !rtp.isSender else {
            object.add("rtp_told_loss", rtp.toldLoss)
            object.add("rtp_round_trip_ms", rtp.roundTripNanoseconds.map { Double($0) / 1e6 })
            return
        }
        object.add("rtp_lost", rtp.lost)
        object.add("rtp_late", rtp.late)
        object.add("rtp_duplicates", rtp.duplicates)
        object.add("rtp_reordered", rtp.reordered)
        object.add("rtp_loss_rate", rtp.lossRate)
        object.add("rtp_restarts", rtp.restarts)
        object.add("rtp_target_ms", rtp.targetNanoseconds.map { Double($0) / 1e6 })
        object.add("repaired_frames", rtp.repairedFrames)
        object.add("guessed_frames", rtp.guessedFrames)
    }
}
