internal import AupSound
internal import CSndfile

/// libsndfile's channel positions as aup's.
enum LibraryChannels {
    static func position(_ code: Int32) -> ChannelPosition {
        switch Int(code) {
        case Int(SF_CHANNEL_MAP_MONO): .mono
        case Int(SF_CHANNEL_MAP_LEFT), Int(SF_CHANNEL_MAP_FRONT_LEFT): .frontLeft
        case Int(SF_CHANNEL_MAP_RIGHT), Int(SF_CHANNEL_MAP_FRONT_RIGHT): .frontRight
        case Int(SF_CHANNEL_MAP_CENTER), Int(SF_CHANNEL_MAP_FRONT_CENTER): .frontCenter
        case Int(SF_CHANNEL_MAP_REAR_CENTER): .rearCenter
        case Int(SF_CHANNEL_MAP_REAR_LEFT): .rearLeft
        case Int(SF_CHANNEL_MAP_REAR_RIGHT): .rearRight
        case Int(SF_CHANNEL_MAP_LFE): .lowFrequency
        case Int(SF_CHANNEL_MAP_FRONT_LEFT_OF_CENTER): .frontLeftCenter
        case Int(SF_CHANNEL_MAP_FRONT_RIGHT_OF_CENTER): .frontRightCenter
        case Int(SF_CHANNEL_MAP_SIDE_LEFT): .sideLeft
        case Int(SF_CHANNEL_MAP_SIDE_RIGHT): .sideRight
        case Int(SF_CHANNEL_MAP_TOP_CENTER): .topCenter
        case Int(SF_CHANNEL_MAP_TOP_FRONT_LEFT): .topFrontLeft
        case Int(SF_CHANNEL_MAP_TOP_FRONT_RIGHT): .topFrontRight
        case Int(SF_CHANNEL_MAP_TOP_FRONT_CENTER): .topFrontCenter
        case Int(SF_CHANNEL_MAP_TOP_REAR_LEFT): .topRearLeft
        case Int(SF_CHANNEL_MAP_TOP_REAR_RIGHT): .topRearRight
        case Int(SF_CHANNEL_MAP_TOP_REAR_CENTER): .topRearCenter
        default: .unknown
        }
    }

    /// A layout as libsndfile finds it in its table of Apple's layout tags: these know one pair of surrounds, and what is
    /// at the sides alone is called by the rear's name.
    static func codes(_ layout: ChannelLayout) -> [Int32] {
        let hasRear = layout.positions.contains(.rearLeft) || layout.positions.contains(.rearRight)
        return layout.positions.map { position in
            switch position {
            case .frontLeft: Int32(SF_CHANNEL_MAP_LEFT)
            case .frontRight: Int32(SF_CHANNEL_MAP_RIGHT)
            case .frontCenter: Int32(SF_CHANNEL_MAP_CENTER)
            case .lowFrequency: Int32(SF_CHANNEL_MAP_LFE)
            case .rearCenter: Int32(SF_CHANNEL_MAP_REAR_CENTER)
            case .rearLeft: Int32(SF_CHANNEL_MAP_REAR_LEFT)
            case .rearRight: Int32(SF_CHANNEL_MAP_REAR_RIGHT)
            case .sideLeft: Int32(hasRear ? SF_CHANNEL_MAP_SIDE_LEFT : SF_CHANNEL_MAP_REAR_LEFT)
            case .sideRight: Int32(hasRear ? SF_CHANNEL_MAP_SIDE_RIGHT : SF_CHANNEL_MAP_REAR_RIGHT)
            default: Int32(SF_CHANNEL_MAP_INVALID)
            }
        }
    }

    /// The order that a container's own rules give to so many channels.
    static func usual(container: String, channels: Int) -> ChannelLayout? {
        guard let known = RecordingContainer.allCases.first(where: { $0.name == container }) else { return nil }
        return ChannelOrder.all(known, channels).first.flatMap { ChannelLayout(list: $0) }
    }
}
