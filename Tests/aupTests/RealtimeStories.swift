import Foundation
import TestSupport
import Testing

/// `aup devices --realtime` on whatever machine this is.
@Suite struct `Advice on real time is told` {
    @Test func `as it was tried, in words and as JSON alike`() throws {
        let told = try Pipeline.run(["aup devices --realtime"])
        #expect(told.statuses == [0], "\(told.errors)")
        let text = String(decoding: told.output, as: UTF8.self)
        for field in ["audio thread", "user", "priority", "memory", "group audio", "rtkit", "kernel", "governor"] {
            #expect(text.split(separator: "\n").contains { $0.hasPrefix(field + " ") }, "\(field)")
        }
        let written = try Pipeline.run(["aup devices --realtime --json"])
        let object = try #require(try JSONSerialization.jsonObject(with: written.output) as? [String: Any])
        #expect(object["event"] as? String == "realtime")
        #expect(object["wanted_priority"] as? Int == 40)
        let policy = try #require(object["policy"] as? String)
        #expect(["fifo", "round-robin", "nice", "ordinary"].contains(policy))
        #expect(text.contains("not real-time") == ["nice", "ordinary"].contains(policy))
        let needed = (object["advice"] as? [[String: Any]] ?? []).filter { $0["needed"] as? Bool == true }
        // Whoever is not given real time is told what to do about it.
        #expect(needed.isEmpty == (policy == "fifo" || policy == "round-robin"))
    }

    @Test func `for the priority that is asked for`() throws {
        let run = try Pipeline.run(["aup devices --realtime=7 --json"])
        #expect(String(decoding: run.output, as: UTF8.self).contains("\"wanted_priority\":7,"))
        for wrong in ["0", "100", "much"] {
            #expect(try Pipeline.run(["aup devices --realtime=\(wrong)"]).statuses == [64])
        }
    }

    @Test(.enabled(if: getuid() == 0 && ToolRun.find("setpriv") != nil, "needs root, to become somebody else"))
    func `to a user who may nothing, with the exact lines`() throws {
        // Without a bus there is no rtkit, and without capabilities the limits count.
        let run = try Pipeline.run(
            [
                """
                bash -c 'ulimit -r 0; ulimit -e 0; exec setpriv --reuid 65534 --regid 65534 --clear-groups \
                --inh-caps=-all --bounding-set=-all "$(command -v aup)" devices --realtime'
                """
            ], environment: ["DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/nonexistent/bus"])
        let text = String(decoding: run.output, as: UTF8.self)
        guard run.statuses == [0] else {
            // The folder that was built in may be closed to others.
            #expect(run.errors[0].contains("ermission"), "\(run.errors)")
            return
        }
        #expect(text.hasPrefix("audio thread     not real-time, asked for 40\n"))
        #expect(text.contains("to change: RLIMIT_RTPRIO is 0, and the audio thread asks for 40\n"))
        #expect(text.contains("      @audio - rtprio 95\n      @audio - memlock unlimited\n"))
        #expect(text.contains("      LimitRTPRIO=95\n"))
    }
}
