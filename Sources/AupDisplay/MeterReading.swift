extension MeterScreen {
    /// What a meter knows at one moment; `nil` where there is no value, `-inf` in silence. Names are those of `--json`.
    public struct Reading: Equatable, Sendable {
        public struct Channel: Equatable, Sendable {
            /// `FL`; empty where the channel has a number only.
            public var name = ""
            /// Since the reading before.
            public var peakDBFS: Double?
            public var truePeakDBTP: Double?
            public var rmsDBFS: Double?
            /// Since the beginning, or the last reset.
            public var maxPeakDBFS: Double?
            public var clips: Int64 = 0

            public init() {}
        }

        /// Of sound, since the beginning: the screen's only clock.
        public var seconds = 0.0
        public var channels: [Channel] = []
        public var momentaryLUFS: Double?
        public var shortTermLUFS: Double?
        public var integratedLUFS: Double?
        public var lraLU: Double?
        public var maxMomentaryLUFS: Double?
        public var maxShortTermLUFS: Double?
        /// The highest of all channels since the beginning.
        public var truePeakDBTP: Double?
        /// From -1 to 1, of the first two channels.
        public var correlation: Double?
        /// Of the silence that lasts.
        public var silentSeconds: Double?
        public var gaps: Int64 = 0
        public var lostFrames: Int64 = 0
        public var xruns: Int64 = 0
        /// `48000 Hz f32 2 channels`.
        public var format = ""

        public init() {}
    }
}
