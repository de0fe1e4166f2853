import AupSound

/// A device for programs: every field is there in every object, `null` where it is not known.
enum DeviceJSON {
    static func object(_ device: SoundDevice) -> JSONText {
        var object = JSONText()
        object.add("name", device.name)
        object.add("id", device.identifier)
        object.add("description", device.description)
        object.add("kind", device.kind.rawValue)
        object.add("capture", device.capture != nil)
        object.add("playback", device.playback != nil)
        object.add("exclusive", device.isExclusive)
        object.add("simulated", device.kind == .simulation)
        object.add("card", optional: device.card.map(card))
        object.add("device", device.device)
        object.add("target", device.target)
        object.add("input", optional: device.capture.map(side))
        object.add("output", optional: device.playback.map(side))
        return object
    }

    private static func card(_ card: SoundCard) -> JSONText {
        var object = JSONText()
        object.add("index", card.index)
        object.add("id", card.id)
        object.add("name", card.name)
        object.add("long_name", card.longName)
        object.add("driver", card.driver)
        object.add("identifier", card.identifier)
        object.add("place", card.place)
        object.add("usb", card.product)
        object.add("serial", card.serial)
        return object
    }

    private static func side(_ side: DeviceSide) -> JSONText {
        var object = JSONText()
        object.add("form", side.form.rawValue)
        object.add("default", side.isDefault)
        object.add("busy", side.isBusy || side.obstacle == "busy")
        object.add("obstacle", side.obstacle)
        object.add("subdevices", side.subdevices)
        object.add("subdevices_free", max(side.subdevices - side.streams.count, 0))
        object.add(abilities(side.abilities))
        object.add("shared_format", optional: side.sharedFormat.map(format))
        object.add("streams", objects: side.streams.map(stream))
        object.add("volume", optional: side.volume.map(volume))
        return object
    }

    private static func abilities(_ known: DeviceAbilities?) -> JSONText {
        var object = JSONText()
        object.add("known_from", known?.origin.rawValue)
        object.add("formats", known?.formats.map(\.name) ?? [])
        object.add("alsa_formats", known?.formatNames ?? [])
        object.add("rates", known?.rateList ?? [])
        object.add("channels", known?.channelList ?? [])
        object.add("channel_maps", known?.channelMaps.map(\.list) ?? [])
        object.add("period_frames", known?.periodFrames.map { [$0.lowerBound, $0.upperBound] } ?? [])
        object.add("buffer_frames", known?.bufferFrames.map { [$0.lowerBound, $0.upperBound] } ?? [])
        return object
    }

    private static func format(_ format: PCMFormat) -> JSONText {
        var object = JSONText()
        object.add("format", format.sampleFormat.name)
        object.add("rate", format.rate)
        object.add("channels", format.channels)
        return object
    }

    /// Who holds a device, also where a question found it busy.
    static func stream(_ stream: DeviceStream) -> JSONText {
        let agreed = stream.configuration
        var object = JSONText()
        object.add("subdevice", stream.subdevice)
        object.add("state", stream.state)
        object.add("pid", stream.process)
        object.add("command", stream.command)
        object.add("alsa_format", agreed?.formatName)
        object.add("rate", agreed?.rate)
        object.add("channels", agreed?.channels)
        object.add("period_frames", agreed?.periodFrames)
        object.add("buffer_frames", agreed?.bufferFrames)
        return object
    }

    private static func volume(_ volume: DeviceVolume) -> JSONText {
        var object = JSONText()
        object.add("control", volume.control)
        object.add("percent", volume.percent)
        object.add("db", volume.decibels)
        if let isMuted = volume.isMuted { object.add("muted", isMuted) } else { object.add("muted", written: "null") }
        return object
    }
}

extension JSONText {
    /// `null` where there is none.
    fileprivate mutating func add(_ key: String, optional object: JSONText?) {
        if let object { add(key, object: object) } else { add(key, written: "null") }
    }
}
