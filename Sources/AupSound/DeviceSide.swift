/// A device in one of its directions: its microphone, or its loudspeaker.
public struct DeviceSide: Sendable, Equatable {
    public var form: FormFactor
    /// Whether the device `default` leads here.
    public var isDefault: Bool
    /// `nil` where nobody asked, or nobody answers: ``obstacle`` says which.
    public var abilities: DeviceAbilities?
    /// Why there are no abilities, or only the driver's: `busy`, `permission denied`; of a server's client that there is no
    /// server: `not running`.
    public var obstacle: String?
    /// What alsa-lib's own sharing (dmix, dsnoop) runs the device at; `nil` where the abilities are not known.
    public var sharedFormat: PCMFormat?
    /// Streams that the hardware can serve at once; 0 for what is no hardware.
    public var subdevices: Int
    /// The streams that somebody holds.
    public var streams: [DeviceStream]
    /// The card's own volume for this direction; `nil` where it has none.
    public var volume: DeviceVolume?

    public init(
        form: FormFactor, isDefault: Bool = false, abilities: DeviceAbilities? = nil, obstacle: String? = nil,
        sharedFormat: PCMFormat? = nil, subdevices: Int = 0, streams: [DeviceStream] = [],
        volume: DeviceVolume? = nil
    ) {
        self.form = form
        self.isDefault = isDefault
        self.abilities = abilities
        self.obstacle = obstacle
        self.sharedFormat = sharedFormat
        self.subdevices = subdevices
        self.streams = streams
        self.volume = volume
    }

    /// Whether nobody else can open it now.
    public var isBusy: Bool { subdevices > 0 && streams.count >= subdevices }
}

/// A stream that somebody holds at the hardware, from procfs.
public struct DeviceStream: Sendable, Equatable {
    public var subdevice: Int
    /// ALSA's word in lower case: `open`, `prepared`, `running`, `xrun`, `paused`, `suspended`.
    public var state: String
    /// `nil` where the kernel does not tell, or tells a process of another container.
    public var process: Int?
    /// The process's name; `nil` where it cannot be read.
    public var command: String?
    /// What was agreed; `nil` before that.
    public var configuration: Configuration?

    public struct Configuration: Sendable, Equatable {
        /// ALSA's name: also of formats that this project does not speak.
        public var formatName: String
        public var rate: Int
        public var channels: Int
        public var periodFrames: Int
        public var bufferFrames: Int

        public init(formatName: String, rate: Int, channels: Int, periodFrames: Int, bufferFrames: Int) {
            self.formatName = formatName
            self.rate = rate
            self.channels = channels
            self.periodFrames = periodFrames
            self.bufferFrames = bufferFrames
        }

        /// This project's name of the format where it has one, else ALSA's.
        public var sampleWord: String { SampleFormat(name: formatName)?.name ?? formatName }
        /// `s16 48000 Hz 2 ch`.
        public var summary: String { "\(sampleWord) \(rate) Hz \(channels) ch" }
    }

    public init(
        subdevice: Int, state: String, process: Int? = nil, command: String? = nil,
        configuration: Configuration? = nil
    ) {
        self.subdevice = subdevice
        self.state = state
        self.process = process
        self.command = command
        self.configuration = configuration
    }

    /// `arecord (process 4711) holds it at s16 48000 Hz 2 ch`; `nil` where nobody knows who does.
    public var holding: String? {
        guard let process else { return nil }
        let who = command.map { "\($0) (process \(process))" } ?? "process \(process)"
        return "\(who) holds it" + (configuration.map { " at \($0.summary)" } ?? "")
    }
}

/// What a card's mixer says of one direction: the loudest channel of the control that most likely is the volume.
public struct DeviceVolume: Sendable, Equatable {
    /// The mixer's name of it: `Master`, `Capture`, `Mic`.
    public var control: String
    /// Between the control's ends; `nil` where it only mutes.
    public var percent: Int?
    public var decibels: Double?
    /// `nil` where it cannot mute.
    public var isMuted: Bool?

    public init(control: String, percent: Int?, decibels: Double?, isMuted: Bool?) {
        self.control = control
        self.percent = percent
        self.decibels = decibels
        self.isMuted = isMuted
    }
}
