import AupFiles
import AupRealtime
import AupSound
import AupSystem

/// The one thread that reads and decodes all open files ahead of the audio thread.
///
///     SoundFileReader ─▶ aup.disk: decode ─▶ ReadAhead, 2 s a file ─▶ frames(at:) on the audio thread
///
/// Files are opened and closed from here; seeks travel with the frames that the audio thread asks for
/// (``ReadAhead/Reader/frames(at:into:count:)``). The thread sleeps while all buffers are full and looks again when its
/// bell rings: whoever runs the audio thread rings it outside of the real-time section when
/// ``ReadAhead/Reader/wantsDisk`` says so.
///
/// - Thread: control.
final class DiskThread {
    static let aheadSeconds = 2.0
    /// A file whose sound is not longer than this stays in memory: six seconds of CD sound, a click, a jingle.
    static let wholeFileBytes = 1 << 20
    /// What one file's buffer may take, however many channels it has.
    static let largestBufferBytes = 32 << 20
    /// Files that may be open at once.
    static let mostFiles = 64

    /// Wakes the thread; rung by whoever empties a buffer.
    let bell: Doorbell
    /// Ends waiting reads of files that are pipes: readers are to be made with it.
    let stopRequest: StopRequest
    private let commands = Guarded<[Command]>([])
    private let thread: WorkerThread
    private var openFiles = 0

    /// What the thread is told.
    fileprivate enum Command: Sendable {
        case open(DiskJob)
        case close(ObjectIdentifier)
    }

    init() throws(SystemError) {
        let (bell, stop, commands) = (Doorbell(), StopRequest(), commands)
        self.bell = bell
        stopRequest = stop
        thread = try WorkerThread(name: "aup.disk") {
            DiskLoop(bell: bell, stop: stop) {
                var taken: [Command] = []
                commands.write { swap(&$0, &taken) }
                return taken
            }.run()
        }
    }

    /// Hands a file over to the thread, which begins to read it at once; `nil` when too many are open.
    ///
    /// - Parameters:
    ///   - reader: nobody else uses it afterwards.
    ///   - start: the first frame that will be asked for.
    func open(
        _ reader: SoundFileReader, start: Int64 = 0, aheadSeconds: Double = DiskThread.aheadSeconds
    ) -> OpenDiskFile? {
        guard openFiles < Self.mostFiles else { return nil }
        openFiles += 1
        let frameBytes = reader.format.frameBytes
        let ahead = min(Int(aheadSeconds * Double(reader.format.rate)), Self.largestBufferBytes / frameBytes)
        // What is stated may be a block short.
        let whole = reader.totalFrames.map { $0 + 8192 } ?? .max
        let isWhole = reader.isSeekable && whole <= Int64(Self.wholeFileBytes / frameBytes)
        let buffer = makeReadAhead(
            frameBytes: frameBytes, capacityFrames: isWhole ? Int(whole) : max(ahead, 1024), wholeFile: isWhole)
        let file = DiskFile(reader)
        var frames = buffer.reader
        if start > 0 { frames.prepare(at: Int(start)) }
        send(.open(DiskJob(file, reader, buffer.filler, isWhole: isWhole)))
        return OpenDiskFile(file: file, frames: frames)
    }

    /// The thread lets go of a file; what is in its buffer can still be taken.
    func close(_ file: DiskFile) {
        openFiles -= 1
        send(.close(ObjectIdentifier(file)))
    }

    /// Ends the thread, also out of a read that waits for a pipe.
    func stop() {
        stopRequest.finish()
        while !thread.isFinished {
            bell.ring()
            thread.kick()
            waitBriefly()
        }
        thread.join()
    }

    /// Bounded by the number of open files, each of which is opened and closed once.
    private func send(_ command: Command) {
        commands.write { $0.append(command) }
        bell.ring()
    }

    private func waitBriefly() {
        // A bell that nobody rings is a clock.
        Doorbell().wait(milliseconds: 2)
    }
}

/// What comes of opening: the file's facts for control, its frames for the audio thread.
struct OpenDiskFile: ~Copyable {
    let file: DiskFile
    var frames: ReadAhead.Reader
}

/// The thread's own side.
///
/// - Thread: aup.disk.
private struct DiskLoop {
    /// Backstop for a bell that was not rung: a twentieth of what is read ahead.
    static let idleMilliseconds: Int32 = 100

    let bell: Doorbell
    let stop: StopRequest
    let takeCommands: () -> [DiskThread.Command]

    func run() {
        var jobs: [DiskJob] = []
        while !stop.isRequested {
            for command in takeCommands() {
                switch command {
                case .open(let job): jobs.append(job)
                case .close(let file): jobs.removeAll { ObjectIdentifier($0.file) == file }
                }
            }
            var isBusy = false
            // A block of each in turn, so that no file starves for another's seek.
            for job in jobs where !stop.isRequested { isBusy = job.step() || isBusy }
            if !isBusy { bell.wait(milliseconds: Self.idleMilliseconds) }
        }
    }
}
