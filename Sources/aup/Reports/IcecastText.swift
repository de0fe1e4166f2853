import AupEngine
import AupSound

/// The numbers of an Icecast source in words and in JSON.
enum IcecastText {
    static func words(_ icecast: IcecastStatus) -> String {
        var parts = [
            icecast.isConnected ? "Icecast has \(icecast.frames) frames" : "Icecast had \(icecast.frames) frames"
        ]
        if icecast.spooledFrames > 0 { parts.append("\(icecast.spooledFrames) wait") }
        if icecast.lostFrames > 0 { parts.append("\(icecast.lostFrames) lost for want of it") }
        return parts.joined(separator: ", ")
    }

    static func add(_ icecast: IcecastStatus, to object: inout JSONText) {
        object.add("icecast_connected", icecast.isConnected)
        object.add("icecast_pages", icecast.pages)
        object.add("icecast_repeated_pages", icecast.repeatedPages)
        object.add("icecast_bytes", icecast.bytes)
        object.add("icecast_frames", icecast.frames)
        object.add("icecast_spooled_frames", icecast.spooledFrames)
        object.add("icecast_lost_frames", icecast.lostFrames)
    }
}
