import AupSystem
import AupWeb
import Glibc

/// A web server whose readings come from standard input, for tests that drive a browser: each line is one reading, and
/// the server ends with the last. Says where it serves, and `reset` when a page asks for that.
///
///     WebRig 127.0.0.1:0 [TOKEN [CLIENTS]]
@main enum WebRig {
    static func main() {
        let words = CommandLine.arguments
        do {
            var configuration = WebConfiguration(address: try WebAddress(words.count > 1 ? words[1] : "127.0.0.1:0"))
            if words.count > 2, !words[2].isEmpty { configuration.token = words[2] }
            if words.count > 3 { configuration.clientLimit = Int(words[3]) ?? 16 }
            let server = try WebServer(configuration) { say("reset") }
            let thread = try WorkerThread(name: "aup.web") { server.run() }
            say(server.url)
            while let line = readLine() { server.publish(levels: line, metrics: "aup_frames_total 48000\n") }
            server.stop()
            thread.join()
            let counts = server.counts
            say("sent \(counts.sent) skipped \(counts.skipped) refused \(counts.refused)")
        } catch let error as WebError {
            say(error.message)
            exit(1)
        } catch {
            exit(1)
        }
    }

    /// At once, whatever standard output is.
    private static func say(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        _ = unsafe bytes.withUnsafeBytes { unsafe write(1, $0.baseAddress, $0.count) }
    }
}
