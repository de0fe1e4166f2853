import AupSystem
import Glibc

/// The other end of a control socket: sends lines, hands on what is answered.
///
/// - Thread: main.
public struct ControlClient {
    private let socket: Descriptor

    public struct Failure: Error, Sendable {
        public let message: String
    }

    /// - Parameter path: of the socket.
    public init(_ path: String) throws(Failure) {
        do throws(LocalSocket.Refusal) {
            socket = try LocalSocket.connect(path)
        } catch {
            switch error {
            case .failed(let error) where error.code == ECONNREFUSED || error.code == ENOENT:
                throw Failure(message: "nobody listens at \(path); aup process --control unix:\(path) does")
            case .failed(let error): throw Failure(message: "cannot connect to \(path): \(error.reason)")
            case .tooLong(let limit): throw Failure(message: "the path of a socket has at most \(limit) bytes")
            case .taken, .notSocket: throw Failure(message: "\(path) is no socket")
            }
        }
    }

    /// Talks until the other end has said all.
    ///
    /// - Parameters:
    ///   - lines: what is sent; `nil` for the lines of standard input, to its end.
    ///   - heard: each line of the answers.
    public func talk(_ lines: [String]?, heard: (String) -> Void) throws(Failure) {
        var waiting = Array((lines ?? []).flatMap { ($0 + "\n").utf8 })
        var isAsking = lines == nil
        var hasSaidAll = false
        var answer: [UInt8] = []
        var space = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            if !isAsking, waiting.isEmpty, !hasSaidAll {
                hasSaidAll = true
                shutdown(socket.number, Int32(SHUT_WR))
            }
            var entries = [
                pollfd(
                    fd: socket.number, events: Int16(Int32(POLLIN) | (waiting.isEmpty ? 0 : Int32(POLLOUT))), revents: 0
                ),
                // Not before what was read has gone, so that nothing piles up here.
                pollfd(fd: isAsking && waiting.isEmpty ? 0 : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard unsafe poll(&entries, 2, -1) > 0 else { continue }
            if entries[1].revents != 0 {
                let count = unsafe space.withUnsafeMutableBytes { unsafe Glibc.read(0, $0.baseAddress, $0.count) }
                if count > 0 { waiting += space[..<count] } else { isAsking = false }
            }
            if !waiting.isEmpty, case .bytes(let count) = unsafe waiting.withUnsafeBytes({ unsafe socket.sendNow($0) })
            {
                waiting.removeFirst(count)
            }
            guard entries[0].revents & Int16(Int32(POLLIN) | Int32(POLLHUP) | Int32(POLLERR)) != 0 else { continue }
            switch unsafe space.withUnsafeMutableBytes({ unsafe socket.readNow($0) }) {
            case .bytes(let count): answer += space[..<count]
            case .later: continue
            case .over:
                guard waiting.isEmpty, hasSaidAll || isAsking else {
                    throw Failure(message: "the other end hung up before it had heard all")
                }
                return
            }
            while let end = answer.firstIndex(of: 10) {
                heard(String(decoding: answer[..<end], as: UTF8.self))
                answer.removeFirst(end + 1)
            }
        }
    }
}
