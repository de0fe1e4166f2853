import AupFiles
public import AupSound
import AupSystem

/// What became of one file that was to say how loud it is.
public struct TaggedFile: Sendable {
    public let item: Int
    /// What it says now.
    public var tags: [SoundTag] = []
    /// Why nothing was written.
    public var failure: String?
}

/// Writes into measured files how loud they are: `--tag r128`.
extension FileMetering {
    /// Writes one file after the other, and none behind a signal that asks for the end.
    ///
    /// The files are an album if there are several, and only if every one of them was measured whole: the album's loudness
    /// is of all of them or of none.
    ///
    /// - Parameters:
    ///   - told: called for each file with what was set, or with why nothing was.
    ///   - forced: called on a second ending signal; does not return.
    /// - Returns: whether none was left out because of a signal.
    /// - Thread: main; the files are written by aup.meter.
    public func tag(_ outcome: Outcome, told: (TaggedFile) -> Void, forced: (Int32) -> Never) -> Bool {
        let isAlbum = outcome.results.count > 1 && outcome.isWhole
        let album = isAlbum ? outcome.album : nil
        let work = outcome.results.compactMap { result -> (item: Int, path: String, tags: LoudnessTags)? in
            guard let reading = result.reading, result.ending == .done, let path = path(ofItem: result.item) else {
                return nil
            }
            let tags = LoudnessTags(
                trackLoudness: reading.integrated ?? -.infinity, trackPeak: Self.peak(reading),
                albumLoudness: album.map { $0.integrated ?? -.infinity }, albumPeak: album.map(Self.peak))
            return (result.item, path, tags)
        }
        let done = Guarded<[TaggedFile]>([])
        let (stop, bell) = (stop, bell)
        let thread: WorkerThread
        do throws(SystemError) {
            thread = try WorkerThread(name: "aup.meter", bell: bell) {
                for (item, path, tags) in work where !stop.isRequested {
                    let file = Self.write(tags, into: path, item: item)
                    done.write { $0.append(file) }
                    bell.ring()
                }
            }
        } catch {
            told(TaggedFile(item: 0, failure: error.message))
            return true
        }
        var count = 0
        var isOver = false
        while !isOver {
            bell.wait(milliseconds: 100)
            answerSignals(forced)
            // Before the files are looked at: what was written before the end is among them then.
            isOver = thread.isFinished
            for file in done.read({ $0.dropFirst(count) }) {
                told(file)
                count += 1
            }
        }
        thread.join()
        return count == work.count
    }

    private static func write(_ tags: LoudnessTags, into path: String, item: Int) -> TaggedFile {
        do throws(FileError) {
            return TaggedFile(item: item, tags: try LoudnessTagWriter.write(tags, into: path))
        } catch {
            return TaggedFile(item: item, failure: "\(path): \(error.message)")
        }
    }

    /// ReplayGain 2.0 has the largest sample.
    private static func peak(_ reading: MeterReading) -> Double {
        reading.total.samplePeak.map { amplitude(decibels: $0) } ?? 0
    }
}
