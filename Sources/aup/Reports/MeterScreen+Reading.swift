import AupDisplay
import AupEngine
import AupSound

extension MeterScreen.Reading {
    /// What a screen shows of a reading.
    init(_ reading: MeterReading) {
        self.init()
        seconds = reading.seconds
        channels = reading.channels.map(Channel.init)
        momentaryLUFS = reading.momentary ?? -.infinity
        shortTermLUFS = reading.shortTerm ?? -.infinity
        integratedLUFS = reading.integrated ?? -.infinity
        lraLU = reading.range
        maxMomentaryLUFS = reading.maxMomentary ?? -.infinity
        maxShortTermLUFS = reading.maxShortTerm ?? -.infinity
        truePeakDBTP = reading.total.truePeak ?? -.infinity
        correlation = reading.correlation
        silentSeconds = reading.silentSeconds
        gaps = reading.gaps
        lostFrames = reading.lostFrames
        xruns = reading.xruns
        format = reading.format.summary
    }
}

extension MeterScreen.Reading.Channel {
    fileprivate init(_ channel: MeterReading.Channel) {
        self.init()
        // A number says no more than the row it stands in.
        name = Int(channel.name) == nil ? channel.name : ""
        peakDBFS = channel.now.samplePeak ?? -.infinity
        truePeakDBTP = channel.now.truePeak ?? -.infinity
        rmsDBFS = channel.now.rms ?? -.infinity
        maxPeakDBFS = channel.total.samplePeak ?? -.infinity
        clips = channel.total.clippedSamples
    }
}
