import AupRealtime
import AupResampling
import AupSound
import AupWire

/// One sender's part of a mix: its sound as f32 in the mix's format, a bounded queue, and its clock.
///
/// ```
///   packets ─▶ samples of the mix (channels, rate, clock) ─▶ │ queue │ ─▶ + ─▶ mix
/// ```
///
/// It begins, and begins again after it had nothing, once a cushion of sound has come together. A live sender's clock is followed
/// (``DriftController``) against the mix's; what comes faster than that is left out; a sender that is not live is read no faster
/// than it is heard.
///
/// - Thread: transport.
final class MixVoice {
    /// What a sender's sound waits at least, so that the jitter of a busy machine is no hole in it.
    static let cushionNanoseconds: Int64 = 60_000_000
    /// What waits at most.
    static let limitNanoseconds: Int64 = 500_000_000

    let sender: Sender
    let source: OpusDecodingSource
    private let target: PCMFormat
    private let cushionFrames: Int
    private let limitFrames: Int
    private var fitting: SoundFitting?
    private var clock: DriftController?
    private var sourceFormat: PCMFormat?
    /// Samples that wait, and how many at the front have gone.
    private var samples: [Float] = []
    private var gone = 0
    private var silence: [UInt8] = []
    /// What is left of a packet that is longer than there is room for, and how much of it was taken.
    private var rest: [UInt8] = []
    private var taken = 0
    /// Frames that were ever put in the queue, less what was left out of it.
    private var written: Int64 = 0
    private var isFilling = true
    private var hasBegun = false
    private(set) var isOver = false
    /// Why it is over, where that was no end.
    private(set) var complaint: String?
    private(set) var heardFrames: Int64 = 0
    private(set) var starvedFrames: Int64 = 0
    private(set) var skippedFrames: Int64 = 0
    private(set) var lostFrames: Int64 = 0

    init(_ sender: Sender, source: OpusDecodingSource, target: PCMFormat) {
        self.sender = sender
        self.source = source
        self.target = target
        cushionFrames = Int(TimeSpan.nanoseconds(Self.cushionNanoseconds).frames(rate: target.rate))
        limitFrames = Int(TimeSpan.nanoseconds(Self.limitNanoseconds).frames(rate: target.rate))
    }

    var queuedFrames: Int { (samples.count - gone) / target.channels }
    /// Whether more may be read of it now.
    var hasRoom: Bool { clock != nil || queuedFrames < limitFrames && rest.isEmpty }
    var isSpent: Bool { isOver && queuedFrames == 0 && rest.isEmpty }

    /// Takes what it sent; where it cannot be in this mix it is over.
    func take(_ packet: Packet, now: Int64) {
        switch packet {
        case .format(let description): plan(description)
        case .audio(let audio):
            unsafe rest += audio.payload
            refill(now)
        case .silence(let packet): putSilence(packet.frames, now)
        case .gap(let gap):
            lostFrames += gap.frames
            putSilence(gap.frames, now)
        case .event: break
        case .end:
            // What waits goes in first, since the resampler's last frames come behind it.
            if rest.isEmpty { finish() }
            isOver = true
            complaint = source.ending.message
        }
        bound()
    }

    /// Takes a tenth of a second at a time of what came: one packet may hold a quarter of an hour.
    private func refill(_ now: Int64) {
        guard !rest.isEmpty, let format = sourceFormat, fitting != nil else {
            (rest, taken) = ([], 0)
            return
        }
        let most = max(format.rate / 10, 1)
        while rest.count - taken >= format.frameBytes, clock != nil || queuedFrames < limitFrames {
            let count = min((rest.count - taken) / format.frameBytes, most)
            let size = count * format.frameBytes
            unsafe rest.withUnsafeBytes {
                unsafe put(UnsafeRawBufferPointer(rebasing: $0[taken..<(taken + size)]), frames: count)
            }
            taken += size
            follow(frames: count, now)
            bound()
            guard fitting != nil else { break }
        }
        guard rest.count - taken < format.frameBytes || fitting == nil else { return }
        (rest, taken) = ([], 0)
        if isOver { finish() }
    }

    /// It is not heard any further than what waits.
    func leave(_ why: String) {
        isOver = true
        complaint = complaint ?? why
    }

    // MARK: - In

    private func plan(_ description: StreamDescription) {
        guard let format = description.pcm, !isOver else { return }
        finish()
        sourceFormat = format
        var matrix: MixMatrix?
        if format.channels != target.channels || format.layout != nil, let from = format.usualLayout,
            let to = target.usualLayout
        {
            let wanted = MixMatrix(.auto, from: from, to: to)
            if !wanted.isIdentity { matrix = wanted }
        }
        guard matrix != nil || format.channels == target.channels else {
            return leave("nobody knows how its \(format.channels) channels become \(target.channels)")
        }
        do throws(ResamplingError) {
            fitting = try SoundFitting(
                from: format, to: target, matrix: matrix, quality: .high, followsClock: description.isLive)
        } catch {
            return leave("its \(format.summary) cannot become \(target.summary): \(error.message)")
        }
        clock =
            description.isLive
            ? DriftController(
                sourceRate: format.rate, deviceRate: target.rate, sourcePeriodFrames: max(format.rate / 100, 1),
                devicePeriodFrames: target.rate / MixingSource.blocksPerSecond) : nil
        written = Int64(queuedFrames)
        isFilling = true
    }

    private func put(_ payload: UnsafeRawBufferPointer, frames: Int) {
        guard let fitting else { return }
        do throws(SessionFailure) {
            try unsafe fitting.fit(payload, frames: frames) { (bytes) throws(SessionFailure) in unsafe append(bytes) }
        } catch {
            leave("its sound cannot be resampled")
        }
    }

    private func append(_ bytes: UnsafeRawBufferPointer) {
        unsafe samples.append(contentsOf: bytes.bindMemory(to: Float.self))
        written += Int64(bytes.count / target.frameBytes)
    }

    /// What was silent or is lost: as long as it was, but no longer than what may wait.
    private func putSilence(_ frames: Int64, _ now: Int64) {
        guard let format = sourceFormat else { return }
        var rest = Int(min(frames, TimeSpan.nanoseconds(Self.limitNanoseconds).frames(rate: format.rate)))
        while rest > 0 {
            let count = min(rest, SoundFitting.blockFrames)
            if silence.count != count * format.frameBytes {
                silence = [UInt8](repeating: format.sampleFormat.silenceByte, count: count * format.frameBytes)
            }
            unsafe silence.withUnsafeBytes { unsafe put($0, frames: count) }
            follow(frames: count, now)
            rest -= count
        }
    }

    private func finish() {
        do throws(SessionFailure) {
            try unsafe fitting?.finish { (bytes) throws(SessionFailure) in unsafe append(bytes) }
        } catch {
            leave("its sound cannot be resampled")
        }
        fitting = nil
    }

    private func follow(frames: Int, _ now: Int64) {
        guard clock != nil, let fitting, !isFilling else { return }
        switch clock!.wrote(
            frames: frames, writtenFrames: Double(written) + fitting.pendingFrames, timeNanoseconds: now)
        {
        case .none: break
        case .skip(let frames): skip(frames)
        case .fill(let frames):
            starvedFrames += Int64(frames)
            written += Int64(frames)
            samples.append(contentsOf: repeatElement(0, count: frames * target.channels))
        }
        if clock!.isEngaged { fitting.stretch(by: clock!.ratio) }
    }

    private func bound() {
        guard clock != nil, queuedFrames > limitFrames else { return }
        skip(queuedFrames - cushionFrames)
        clock!.deviceStopped()
        isFilling = true
    }

    private func skip(_ frames: Int) {
        let count = min(frames, queuedFrames)
        gone += count * target.channels
        skippedFrames += Int64(count)
        written -= Int64(count)
    }

    // MARK: - Out

    /// Adds its next frames to a block of the mix; true where there were any.
    ///
    /// - Parameter due: when the first of them is, on the mix's clock.
    func add(to block: inout [Float], frames: Int, due: Int64) -> Bool {
        if !rest.isEmpty { refill(due) }
        if isFilling {
            guard queuedFrames >= cushionFrames || isOver else {
                if hasBegun, !isOver { starvedFrames += Int64(frames) }
                return false
            }
            (isFilling, hasBegun) = (false, true)
            written = Int64(queuedFrames)
            clock?.read(frames: 0, timeNanoseconds: due)
        }
        let count = min(frames, queuedFrames)
        for index in 0..<(count * target.channels) { block[index] += samples[gone + index] }
        gone += count * target.channels
        heardFrames += Int64(count)
        compact()
        clock?.read(frames: count, timeNanoseconds: due)
        if count < frames, !isOver {
            starvedFrames += Int64(frames - count)
            clock?.deviceStopped()
            isFilling = true
        }
        return count > 0
    }

    private func compact() {
        guard gone > limitFrames * target.channels / 4 || gone == samples.count else { return }
        samples.removeFirst(gone)
        gone = 0
    }
}
