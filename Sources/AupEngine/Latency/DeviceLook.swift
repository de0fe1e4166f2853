/// One look of an audio thread at its device, in numbers.
struct DeviceLook {
    /// When the thread had been woken.
    var wakeNanoseconds: Int64
    /// When the device stood at ``positionFrames``; 0 where both could not be told at one moment.
    var timeNanoseconds: Int64
    /// Frames captured or heard since the start of this run.
    var positionFrames: Int64
    /// The frame at which the thread was to be woken.
    var dueFrame: Int64
    /// Counts the starts of the device: after an xrun nobody knows how positions go together.
    var run: Int

    @_noLocks
    init(wakeNanoseconds: Int64, timeNanoseconds: Int64, positionFrames: Int64, dueFrame: Int64, run: Int) {
        self.wakeNanoseconds = wakeNanoseconds
        self.timeNanoseconds = timeNanoseconds
        self.positionFrames = positionFrames
        self.dueFrame = dueFrame
        self.run = run
    }
}

/// Looks in memory that is there, and touched, before the audio thread starts.
///
/// - Thread: control makes it and reads it after the audio thread has been joined; the thread has a ``Pen``.
@safe final class DeviceLooks {
    private let memory: UnsafeMutablePointer<DeviceLook>
    private let written: UnsafeMutablePointer<Int>
    private let capacity: Int

    init(capacity: Int) {
        self.capacity = capacity
        unsafe memory = .allocate(capacity: capacity)
        unsafe memory.initialize(
            repeating: DeviceLook(wakeNanoseconds: 0, timeNanoseconds: 0, positionFrames: 0, dueFrame: 0, run: 0),
            count: capacity)
        unsafe written = .allocate(capacity: 1)
        unsafe written.initialize(to: 0)
    }

    deinit {
        unsafe memory.deallocate()
        unsafe written.deallocate()
    }

    var count: Int { unsafe written.pointee }
    var isFull: Bool { count >= capacity }
    /// All looks so far.
    var all: [DeviceLook] { unsafe Array(UnsafeBufferPointer(start: memory, count: count)) }

    /// The audio thread's end, valid as long as these looks are.
    var pen: Pen { unsafe Pen(memory: memory, written: written, capacity: capacity) }

    /// Writes looks down: pointers and a number, so that no reference is counted.
    ///
    /// - Thread: audio.
    @safe struct Pen: @unchecked Sendable {
        // @unchecked because it moves to the audio thread before that starts, and whoever reads waits for the join.
        fileprivate let memory: UnsafeMutablePointer<DeviceLook>
        fileprivate let written: UnsafeMutablePointer<Int>
        fileprivate let capacity: Int

        // MARK: - Audio thread

        var isFull: Bool {
            @_noLocks get { unsafe written.pointee >= capacity }
        }

        @_noLocks
        func add(_ look: DeviceLook) {
            guard unsafe written.pointee < capacity else { return }
            unsafe memory[written.pointee] = look
            unsafe written.pointee += 1
        }
    }
}
