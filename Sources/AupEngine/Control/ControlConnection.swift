import AupPlugins
import AupSound
import AupSystem

/// One client of the control socket: the bytes that came and are no line yet, the bytes that still have to go.
///
/// - Thread: aup.control.
final class ControlConnection {
    /// Answers that wait for a client that does not read, before nothing more is read from it.
    static let waitingBytes = 64 << 10
    /// Lines answered in one go, so that a flood of one client does not keep the others waiting.
    static let linesInOneGo = 64

    let descriptor: Descriptor
    private let desk: ChainDesk
    private var input: [UInt8] = []
    private var output: [UInt8] = []
    /// Of a line that was too long, the rest is still to come.
    private var isSkipping = false
    private var hasEnded = false
    private var isQuitting = false
    private(set) var isOver = false
    private var subscription: Subscription?

    private struct Subscription {
        var keys: [String]
        var isJSON: Bool
        var interval: Int64
        var next: Int64
    }

    init(_ descriptor: Descriptor, desk: ChainDesk) {
        self.descriptor = descriptor
        self.desk = desk
    }

    var wantsToRead: Bool { !hasEnded && !isQuitting && output.count < Self.waitingBytes }
    var wantsToWrite: Bool { !output.isEmpty }
    /// Whole lines are there that were left for later.
    var hasLines: Bool { wantsToAnswer && input.contains(10) }
    /// When readings are due; `nil` where nobody wants any.
    var nextReading: Int64? { subscription?.next }

    private var wantsToAnswer: Bool { !isQuitting && !isOver && output.count < Self.waitingBytes }

    /// Takes what came and answers it.
    func read(_ now: Int64) {
        var space = [UInt8](repeating: 0, count: 16 << 10)
        switch unsafe space.withUnsafeMutableBytes({ unsafe descriptor.readNow($0) }) {
        case .bytes(let count): input += space[..<count]
        case .later: break
        case .over:
            hasEnded = true
            // A last line needs no end.
            if !input.isEmpty, !isSkipping { input.append(10) }
        }
        answer(now)
    }

    /// Answers lines that are there, but not more than it is this client's turn to.
    func answer(_ now: Int64) {
        var start = 0
        var answered = 0
        while answered < Self.linesInOneGo, wantsToAnswer, let end = input[start...].firstIndex(of: 10) {
            if isSkipping {
                isSkipping = false
            } else {
                answer(input[start..<end], now)
            }
            start = end + 1
            answered += 1
        }
        input.removeFirst(start)
        if !input.contains(10), input.count > ControlRequest.lineBytes {
            if !isSkipping { say(ControlAnswer.text(.text, error: Self.tooLong)) }
            isSkipping = true
            input.removeAll(keepingCapacity: true)
        }
        write()
    }

    private static let tooLong = "a line is longer than \(ControlRequest.lineBytes) bytes"

    private func answer(_ line: ArraySlice<UInt8>, _ now: Int64) {
        guard line.count <= ControlRequest.lineBytes else { return say(ControlAnswer.text(.text, error: Self.tooLong)) }
        let request: ControlRequest
        do throws(ControlRequest.Mistake) {
            guard let understood = try ControlRequest(line) else { return }
            request = understood
        } catch {
            return say(ControlAnswer.text(error.manner, error: error.message))
        }
        do throws(PluginError) {
            say(try obey(request, now))
        } catch {
            say(ControlAnswer.text(request.manner, error: error.message))
        }
    }

    private func obey(_ request: ControlRequest, _ now: Int64) throws(PluginError) -> String {
        let manner = request.manner
        switch request.command {
        case .help: return ControlAnswer.help(manner)
        case .quit:
            isQuitting = true
            return ControlAnswer.done(manner)
        case .unsubscribe:
            subscription = nil
            return ControlAnswer.done(manner)
        case .list:
            let chain = try desk.soundingChain()
            return ControlAnswer.list(chain, ChainValue.all(chain), manner)
        case .get(let words): return ControlAnswer.values(try .those(words, of: desk.soundingChain()), manner)
        case .set(let settings, let ramp):
            for setting in settings { try desk.set(setting.parameter, to: setting.value, ramp: ramp) }
            return ControlAnswer.done(manner)
        case .bypass(let plugin, let state):
            try desk.bypass(plugin, state)
            return ControlAnswer.done(manner)
        case .subscribe(let keys, let interval):
            _ = try [ChainValue].those(keys, of: desk.soundingChain())
            let isJSON = if case .json = manner { true } else { false }
            subscription = Subscription(keys: keys, isJSON: isJSON, interval: interval, next: now)
            return ControlAnswer.done(manner)
        case .reload:
            try desk.reload()
            return ControlAnswer.done(manner)
        }
    }

    /// Sends the readings that are due. A client that does not read misses some; the next ones are as good.
    func sendReadings(_ now: Int64) {
        guard var subscription, subscription.next <= now else { return }
        subscription.next = max(subscription.next + subscription.interval, now)
        self.subscription = subscription
        guard output.count < Self.waitingBytes, let chain = desk.chain,
            let values = try? [ChainValue].those(subscription.keys, of: chain)
        else { return }
        let wanted = subscription.keys.isEmpty ? values.filter { $0.parameter.isOutput } : values
        say(ControlAnswer.readings(wanted, isJSON: subscription.isJSON))
        write()
    }

    /// Nothing more will come, and nothing can be sent.
    func hangUp() { isOver = true }

    func write() {
        while !output.isEmpty {
            switch unsafe output.withUnsafeBytes({ unsafe descriptor.sendNow($0) }) {
            case .bytes(let count): output.removeFirst(count)
            case .later: return
            case .over: return hangUp()
            }
        }
        // Whoever only listens may have closed the way to us.
        if isQuitting || (hasEnded && subscription == nil && !input.contains(10)) { isOver = true }
    }

    private func say(_ text: String) { output += Array(text.utf8) }
}

extension [ChainValue] {
    fileprivate static func those(_ words: [String], of chain: PluginChain) throws(PluginError) -> [ChainValue] {
        try ChainValue.those(words, of: chain)
    }
}
