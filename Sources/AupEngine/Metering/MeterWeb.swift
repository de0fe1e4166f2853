import AupSound
import AupSystem
import AupWeb

/// Serves a meter's readings to browsers and to Prometheus, with a thread of its own that the sound never waits for.
///
/// - Thread: any but audio may ``publish(_:)``; requests are answered by aup.web.
final class MeterWeb: @unchecked Sendable {
    // @unchecked because the thread is made and joined by one owner; the server is safe by itself.
    private let server: WebServer
    private var thread: WorkerThread?

    /// Takes the place, so that a mistake is told before there is sound.
    ///
    /// - Parameter onReset: called on aup.web when a page asks for measures to begin anew.
    init(_ plan: MeterWebPlan, onReset: @escaping @Sendable () -> Void) throws(SessionFailure) {
        let token = try Self.token(plan.token)
        do throws(WebError) {
            server = try WebServer(try Self.configuration(plan, token: token), onReset: onReset)
        } catch {
            throw .before(.failed(error.message))
        }
        do throws(SystemError) {
            thread = try WorkerThread(name: "aup.web") { [server] in server.run() }
        } catch {
            throw .before(.failed("--web: \(error.message)"))
        }
    }

    /// Where others may come, they ask for this machine by its name.
    static func configuration(
        _ plan: MeterWebPlan, token: String?, hostNames: () -> [String] = hostNames
    ) throws(WebError) -> WebConfiguration {
        let address = try WebAddress(plan.address)
        return WebConfiguration(address: address, token: token, names: address.isLoopback ? [] : hostNames())
    }

    private static func token(_ word: String?) throws(SessionFailure) -> String? {
        guard let word, word.hasPrefix("@") else { return word }
        do throws(SystemError) {
            let bytes = try Descriptor.reading(String(word.dropFirst())).readAll(limit: 4096)
            return String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
        } catch {
            throw .before(.failed("--web-token \(word): \(error.reason)"))
        }
    }

    var url: String { server.url }

    func publish(_ reading: MeterReading) {
        server.publish(levels: reading.json.line, metrics: reading.prometheus)
    }

    /// Ends the service: whoever watches gets the last reading first.
    func close() {
        server.stop()
        thread?.join()
        thread = nil
    }
}
