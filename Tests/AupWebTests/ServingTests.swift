import AupSystem
import Foundation
import TestSupport
import Testing

@testable import AupWeb

/// The server at its socket, asked by hand.
@Suite(.serialized, .enabled(if: WebServer.isAvailable, "libmicrohttpd is not installed"))
struct ServingTests {
    private let reading = "{\"seconds\":1.5,\"momentary_lufs\":-23.0}"

    @Test func `page, levels and metrics are served as what they are`() throws {
        let serving = try Serving()
        #expect(try serving.ask("/api/levels").status == 503)
        serving.publish(reading, metrics: "aup_frames_total 7\n")
        let page = try serving.ask("/")
        #expect(page.status == 200 && page.header("Content-Type") == "text/html; charset=utf-8")
        let policy = try #require(page.header("Content-Security-Policy"))
        #expect(policy.hasPrefix("default-src 'none'; script-src 'nonce-"))
        #expect(page.body.contains("</html>") && !page.body.contains("https://"))
        // Another reply, another number.
        #expect(try serving.ask("/").header("Content-Security-Policy") != policy)
        let levels = try serving.ask("/api/levels")
        #expect(levels.body == reading + "\n" && levels.header("Content-Type") == "application/json")
        let metrics = try serving.ask("/metrics")
        #expect(metrics.body.hasPrefix("aup_frames_total 7\n") && metrics.body.contains("\naup_web_watchers 0\n"))
        #expect(metrics.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8")
        for answer in [page, levels, metrics] {
            #expect(
                answer.header("Cache-Control") == "no-store" && answer.header("X-Content-Type-Options") == "nosniff")
            #expect(answer.header("Access-Control-Allow-Origin") == nil)
        }
    }

    @Test func `heads have no body, and what is not there or not done is said`() throws {
        let serving = try Serving()
        serving.publish(reading)
        for path in ["/", "/api/levels", "/metrics", "/events"] {
            let head = try serving.ask(path, method: "HEAD")
            #expect(head.status == 200 && head.body.isEmpty, "\(path)")
        }
        for path in ["/nothing", "/api", "/api/levels/", "//", "/../etc/passwd", "/%2e%2e/"] {
            #expect(try serving.ask(path).status == 404, "\(path)")
        }
        let wrong = try serving.ask("/", method: "POST", "Content-Length: 0")
        #expect(wrong.status == 405 && wrong.header("Allow") == "GET, HEAD")
        let read = try serving.ask("/api/reset")
        #expect(read.status == 405 && read.header("Allow") == "POST")
        #expect(try serving.ask("/metrics", method: "OPTIONS").status == 405)
        #expect(serving.resets.isNone())
    }

    @Test func `a reset reaches its owner, and those who watch`() throws {
        let serving = try Serving()
        let caller = try Caller(serving.port)
        caller.watch(serving.port)
        #expect(caller.hear { $0.contains("event: history") }.contains("event: hello"))
        #expect(try serving.ask("/api/reset", method: "POST", "Content-Length: 0").status == 204)
        #expect(serving.resets.wait())
        #expect(caller.hear { $0.contains("event: reset") }.contains("event: reset"))
        for header in ["Origin: http://evil.example", "Sec-Fetch-Site: cross-site"] {
            #expect(try serving.ask("/api/reset", method: "POST", "Content-Length: 0", header).status == 403)
        }
        #expect(serving.resets.isNone())
    }

    @Test func `names and origins of others are refused`() throws {
        let serving = try Serving()
        serving.publish(reading)
        for path in ["/", "/events", "/api/levels", "/metrics", "/nothing"] {
            #expect(try serving.ask(path, host: "evil.example:\(serving.port)").status == 421, "\(path)")
            #expect(try serving.ask(path, "Origin: http://evil.example").status == 403, "\(path)")
        }
        #expect(try serving.ask("/api/levels", "Sec-Fetch-Site: cross-site").status == 403)
        #expect(try serving.ask("/api/levels", "Host: evil.example").status == 400)
        #expect(try serving.askRaw("GET / HTTP/1.0\r\n\r\n").status == 400)
        #expect(serving.server.counts.refused >= 12)
    }

    @Test func `a token is asked for everywhere, and given once`() throws {
        let token = "correct.horse-battery"
        let serving = try Serving(token: token)
        serving.publish(reading)
        for path in ["/", "/events", "/api/levels", "/metrics", "/?token=wrong", "/api/levels?token=\(token)"] {
            let answer = try serving.ask(path)
            #expect(answer.status == 401 && answer.header("WWW-Authenticate") == "Bearer realm=\"aup\"", "\(path)")
            #expect(!answer.head.contains("Set-Cookie"))
        }
        #expect(try serving.ask("/api/reset", method: "POST", "Content-Length: 0").status == 401)
        #expect(try serving.ask("/", "Accept: text/html").body.contains("<form action=\"/\""))
        #expect(try serving.ask("/api/levels", "Authorization: Bearer \(token)").body == reading + "\n")
        let first = try serving.ask("/?token=\(token)")
        #expect(first.status == 303 && first.header("Location") == "/")
        let cookie = try #require(first.header("Set-Cookie"))
        #expect(cookie.hasSuffix("; Path=/; HttpOnly; SameSite=Strict"))
        let pair = try #require(cookie.split(separator: ";").first.map(String.init))
        #expect(try serving.ask("/api/levels", "Cookie: other=1; \(pair)").status == 200)
        #expect(try serving.ask("/api/levels", "Cookie: \(pair)x").status == 401)
        #expect(serving.resets.isNone())
    }

    @Test func `events begin with the past and go on with what is new`() throws {
        let serving = try Serving()
        for second in 0..<5 { serving.publish("{\"seconds\":\(second),\"momentary_lufs\":-\(20 + second)}") }
        let caller = try Caller(serving.port)
        caller.watch(serving.port)
        let start = caller.hear { $0.contains("\"seconds\":4,") }
        #expect(
            start.contains("Content-Type: text/event-stream") && start.contains("retry: 1000\nevent: hello\ndata: \""))
        #expect(start.contains("event: history\ndata: [[0,-20,null,null],[1,-21,null,null],"))
        serving.publish("{\"seconds\":5,\"momentary_lufs\":-25}")
        #expect(caller.hear { $0.contains("\"seconds\":5,") }.contains("event: levels\ndata: {\"seconds\":5,"))
        #expect(serving.wait { $0.watchers == 1 })
    }

    @Test func `silence from the meter is not silence on the line`() throws {
        let serving = try Serving()
        let caller = try Caller(serving.port)
        caller.watch(serving.port)
        #expect(caller.hear { $0.contains("event: alive") }.contains("event: alive"))
        #expect(!caller.isOver)
    }

    @Test func `a browser that does not read delays nobody, and gets the newest when it does`() throws {
        let serving = try Serving()
        let (slow, quick) = (try Caller(serving.port), try Caller(serving.port))
        slow.shrink()
        for caller in [slow, quick] {
            caller.watch(serving.port)
            caller.hear { $0.contains("event: history") }
        }
        #expect(serving.wait { $0.watchers == 2 })
        // Much more than kernels keep for a socket.
        let padding = String(repeating: "x", count: 20_000)
        for number in 1...200 {
            quick.forget()
            serving.publish("{\"seconds\":\(number),\"source\":\"\(padding)\"}")
            quick.hear { $0.contains("\"seconds\":\(number),") }
            if quick.isOver { break }
        }
        let wasQuick = !quick.isOver && quick.heard.contains("\"seconds\":200,")
        #expect(wasQuick)
        let gotNewest = slow.hear { $0.contains("\"seconds\":200,") }.contains("\"seconds\":200,")
        #expect(gotNewest)
        // Kernels and one reading hold less than a quarter of what there was.
        #expect(serving.wait { $0.skipped > 150 && $0.sent + $0.skipped == 400 })
    }

    @Test func `a browser that is gone makes room`() throws {
        let serving = try Serving(clients: 2)
        var callers = [try Caller(serving.port), try Caller(serving.port)]
        for caller in callers {
            caller.watch(serving.port)
            caller.hear { $0.contains("event: history") }
        }
        #expect(serving.wait { $0.watchers == 2 })
        let third = try serving.ask("/events")
        #expect(third.status == 503 && third.header("Retry-After") == "5")
        #expect(try serving.ask("/api/reset", method: "POST", "Content-Length: 0").status == 204)
        // Nothing is published: the server sees it all the same.
        callers.removeAll()
        #expect(serving.wait { $0.watchers == 0 })
        let fourth = try Caller(serving.port)
        fourth.watch(serving.port)
        #expect(fourth.hear { $0.contains("event: history") }.hasPrefix("HTTP/1.1 200"))
    }

    @Test func `sizes are bounded`() throws {
        let serving = try Serving()
        serving.publish(reading)
        #expect(try serving.ask("/" + String(repeating: "a", count: 2000)).status == 414)
        #expect(try serving.ask("/", "X-Long: " + String(repeating: "a", count: 40_000)).status == 431)
        #expect(try serving.ask("/" + String(repeating: "a", count: 40_000)).status >= 400)
        #expect(try serving.ask("/api/reset", method: "POST", "Content-Length: 99999999").status == 413)
        #expect(try serving.askRaw("nonsense\r\n\r\n").status != 200)
        #expect(serving.resets.isNone())
        #expect(try serving.ask("/api/levels").status == 200)
    }

    @Test func `those who say nothing, and more than there is room for, keep nobody out for long`() throws {
        let serving = try Serving(clients: 1)
        serving.publish(reading)
        var idle: [Caller] = []
        for _ in 0..<17 { idle.append(try Caller(serving.port)) }
        // The last one's last byte never comes.
        idle[0].say("GET / HTTP/1.1\r\nHost: 127")
        #expect(serving.wait { _ in (try? serving.ask("/api/levels").status) == 503 })
        // Without a request they are hung up on, and there is room again.
        #expect(idle[0].hear { _ in false }.isEmpty || idle[0].isOver)
        #expect(serving.wait { _ in (try? serving.ask("/api/levels").status) == 200 })
    }

    @Test func `the end gives everybody the last reading, and the port is free at once`() throws {
        let serving = try Serving()
        let caller = try Caller(serving.port)
        caller.watch(serving.port)
        caller.hear { $0.contains("event: history") }
        serving.publish("{\"seconds\":9,\"ended\":true}")
        serving.end()
        #expect(caller.hear { _ in false }.contains("\"ended\":true"))
        #expect(caller.isOver)
        #expect(serving.server.counts.sent == 1)
        let again = try Serving(port: serving.port)
        again.publish(reading)
        #expect(try again.ask("/api/levels").body == reading + "\n")
    }

    @Test func `what cannot be is said in one line with the remedy`() throws {
        func words(_ host: String, _ port: Int = 0, _ token: String? = nil) -> String {
            do throws(WebError) {
                _ = try WebServer(
                    WebConfiguration(address: WebAddress(host: host, port: port), token: token), onReset: {})
                return ""
            } catch {
                return error.message
            }
        }
        let serving = try Serving()
        #expect(words("127.0.0.1", serving.port).hasSuffix("another process listens there; choose another port"))
        #expect(words("0.0.0.0").hasSuffix("other machines could read it; choose 127.0.0.1, or say --web-token too"))
        #expect(words("0.0.0.0", 0, "0123456789abcdef").isEmpty)
        #expect(words("127.0.0.1", 0, "short").hasPrefix("--web-token: it has 5 bytes;"))
        #expect(words("no-such-host.invalid", 0, "0123456789abcdef").hasPrefix("--web no-such-host.invalid:0: "))
    }

    @Test func `a library that is not there is named`() throws {
        let scratch = try Scratch()
        try Data("no library".utf8).write(to: URL(filePath: scratch.path("libmicrohttpd.so.12")))
        let rig = Pipeline.built("WebRig")
        let run = try Pipeline.run(
            ["'\(rig)' 127.0.0.1:0"], environment: ["LD_LIBRARY_PATH": scratch.folder.path])
        let said = String(decoding: run.output, as: UTF8.self)
        #expect(said.hasPrefix("--web is served by libmicrohttpd: "))
        #expect(said.contains("install it (Debian: libmicrohttpd12,") && run.statuses == [1])
    }

    @Test(.enabled(if: ToolRun.find("chromium") != nil && ToolRun.find("python3") != nil, "chromium is not installed"))
    func `the page in Chromium shows what is published, moves, and survives a restart`() throws {
        let script = Repository.root.appending(path: "Tests/Browser/page.py").path
        let rig = Pipeline.built("WebRig")
        let run = try Pipeline.run(
            ["python3 -B '\(script)' '\(rig)' '\(ToolRun.find("chromium") ?? "")'"], seconds: 240)
        let said = String(decoding: run.output, as: UTF8.self)
        #expect(said.hasSuffix("all well\n"), "\(said) \(run.errors[0].suffix(2000))")
    }
}
