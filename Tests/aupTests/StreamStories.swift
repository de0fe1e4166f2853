import Foundation
import TestSupport
import Testing

/// `aup stream` between processes of one machine.
@Suite(.realTime, .serialized) struct `A published stream` {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func end(_ run: Pipeline, stage: Int) throws -> [String: Any] {
        try #require(try run.events("end", stage: stage).first)
    }

    /// Runs a shell's words with `$A` for aup and `$S` for a socket; what each command writes to stderr lies in a file.
    private func shell(_ script: String, seconds: Int = 60) throws -> (status: Int, text: String) {
        let path = scratch.path("story.sh")
        try Data("S='\(scratch.path("s"))'; cd '\(scratch.folder.path)'\n\(script)\n".utf8).write(
            to: URL(filePath: path))
        let run = try Pipeline.run(["timeout \(seconds) sh '\(path)'"])
        return (run.statuses[0], String(decoding: run.output, as: UTF8.self) + run.errors[0])
    }

    private func events(_ file: String, _ name: String) throws -> [[String: Any]] {
        let text = try String(contentsOf: URL(filePath: scratch.path(file)), encoding: .utf8)
        return try text.split(separator: "\n").compactMap { line in
            guard line.hasPrefix("{") else { return nil }
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["event"] as? String == name ? object : nil
        }
    }

    @Test func `reaches everybody who asks for it, each from the next packet on`() throws {
        let run = try shell(
            """
            aup capture -D sim:sine -c 2 -d 2s | aup stream --listen unix:$S --json 2> pub &
            while [ ! -S $S ]; do sleep 0.05; done
            for n in 1 2 3; do aup process -i unix:$S --json -o $n.aup 2> sub$n & done
            aup stream --connect unix:$S | aup process --json > /dev/null 2> sub4
            wait
            """)
        #expect(run.status == 0)
        for number in 1...4 {
            let end = try #require(try events("sub\(number)", "end").first)
            #expect(end["exit"] as? Int == 0)
            #expect(end["lost_frames"] as? Int == 0)
            #expect((end["frames"] as? Int).map { $0 > 24_000 && $0 <= 96_000 } == true)
        }
        let published = try #require(try events("pub", "end").first)
        #expect(published["frames"] as? Int == 96_000)
        #expect(published["most_peers"] as? Int == 4)
        #expect(published["dropped_frames"] as? Int == 0)
    }

    @Test func `is the same bits at every end`() throws {
        // A file that is published at its pace, and two who were there before it began.
        let run = try shell(
            """
            aup capture -D 'sim:noise?pace=fast' -c 2 -d 1s -o in.wav
            mkfifo go
            aup stream --listen unix:$S --json -i go 2> pub &
            while [ ! -S $S ]; do sleep 0.05; done
            aup process -i unix:$S -o 1.wav & aup stream --connect unix:$S -o 2.aup &
            sleep 0.5
            aup process -i in.wav > go
            wait
            aup process -i in.wav --as raw > in.raw; aup process -i 1.wav --as raw > 1.raw; aup process -i 2.aup --as raw > 2.raw
            cmp in.raw 1.raw && cmp in.raw 2.raw && echo same
            """)
        #expect(run.text.contains("same"), "\(run.text)")
    }

    @Test func `of Opus goes on as packets, and is decoded where it is taken`() throws {
        let run = try shell(
            """
            aup capture -D sim:sine -c 2 -d 2s | aup encode | aup stream --listen unix:$S &
            while [ ! -S $S ]; do sleep 0.05; done
            aup stream --connect unix:$S -o opus.aup & aup play -i unix:$S -D sim:null --json 2> play
            wait
            aup process -i opus.aup --json > /dev/null 2> back
            wc -c < opus.aup
            """)
        let frames = try #require(try events("play", "end").first?["frames"] as? Int)
        #expect(frames > 24_000)
        #expect(try events("back", "end").first?["lost_frames"] as? Int == 0)
        let bytes = try #require(Int(run.text.split(separator: "\n").last?.trimmingCharacters(in: .whitespaces) ?? ""))
        #expect(bytes < 100_000)
    }

    @Test func `is not held up by whoever does not read, and counts what that one loses`() throws {
        let run = try shell(
            """
            aup capture -D sim:sine -c 2 -d 5s | aup stream --listen unix:$S --queue 500ms --json 2> pub &
            while [ ! -S $S ]; do sleep 0.05; done
            aup process -i unix:$S --json -o good.aup 2> good &
            aup stream --connect unix:$S --json 2> slow | (sleep 4; aup process --json -o slow.aup 2> end) &
            wait
            """)
        #expect(run.status == 0)
        let good = try #require(try events("good", "end").first)
        #expect(good["lost_frames"] as? Int == 0)
        let slow = try #require(try events("end", "end").first)
        let lost = try #require(slow["lost_frames"] as? Int)
        #expect(lost > 24_000)
        // What the publisher says that it lost is what it heard that it lost, to the frame.
        let left = try events("pub", "peer_left").compactMap { $0["lost_frames"] as? Double }
        #expect(left.contains(Double(lost)))
        let frames = try #require(slow["frames"] as? Int)
        let given = try events("pub", "peer_left").filter { $0["lost_frames"] as? Double == Double(lost) }
        #expect(given.first?["frames"] as? Double == Double(frames))
        #expect(try events("pub", "end").first?["frames"] as? Int == 240_000)
    }

    @Test func `that is gone for a while comes back, with a gap of what was missed`() throws {
        let run = try shell(
            """
            aup stream --connect unix:$S --retry=20s --json -o all.aup 2> sub &
            aup capture -D sim:sine -c 1 -d 60s | aup stream --listen unix:$S -q & P=$!
            while ! grep -q '"connected"' sub; do sleep 0.05; done; sleep 0.5; kill -9 $P; sleep 1
            aup capture -D sim:sine -c 1 -d 2s | aup stream --listen unix:$S -q
            wait
            aup process -i all.aup --json > /dev/null 2> back
            """)
        #expect(run.status == 0)
        #expect(try events("sub", "disconnected").count == 1)
        let back = try #require(try events("sub", "reconnected").first)
        let lost = try #require(back["lost_frames"] as? Double)
        #expect(lost > 24_000 && lost < 480_000)
        let end = try #require(try events("sub", "end").first)
        #expect(end["reconnects"] as? Int == 1)
        #expect(end["exit"] as? Int == 0)
        #expect(try events("back", "end").first?["lost_frames"] as? Int == Int(lost))
    }

    @Test func `tells its tags to whoever comes late`() throws {
        let run = try shell(
            """
            aup capture -D 'sim:sine?pace=fast' -c 1 -d 60s -o a.flac --tag TITLE=Dawn --tag ARTIST=A --tag ARTIST=B
            aup stream --listen unix:$S -i a.flac -q & P=$!
            while [ ! -S $S ]; do sleep 0.05; done; sleep 0.7
            aup stream --connect unix:$S -d 500ms --json -o late.flac 2> late
            kill -INT $P; wait $P; metaflac --export-tags-to=- late.flac
            """)
        for tag in ["title=dawn", "artist=a"] { #expect(run.text.lowercased().contains(tag), "\(run.text)") }
        #expect(try events("late", "end").first?["frames"] as? Int == 24_000)
    }

    @Test(
        .enabled(if: getuid() == 0 && ToolRun.find("setpriv") != nil, "other users are had by root with setpriv"),
        arguments: [
            ("--group audio", "audio", 0), ("--group audio", "nogroup", 3), ("--mode 666", "nogroup", 0),
            ("", "audio", 3),
        ])
    func `lets in whom the file lets in, where nobody is named`(options: String, group: String, status: Int) throws {
        let run = try shell(
            """
            chmod 755 . ..; aup capture -D sim:sine -c 1 -d 20s | aup stream --listen unix:$S \(options) -q & P=$!
            while [ ! -S $S ]; do sleep 0.05; done; sleep 0.3
            setpriv --reuid=nobody --regid=nogroup --groups=\(group) env HOME=/nonexistent AUP_CONFIG= \\
              aup stream -q --connect unix:$S -d 200ms > /dev/null; echo status $?
            kill -INT $P; wait
            """)
        #expect(run.text.contains("status \(status)"), "\(run.text)")
    }

    @Test func `needs the secret where there is one, and says nothing of it`() throws {
        let run = try shell(
            """
            umask 077; echo 'a long enough secret' > good; echo 'another long secret' > bad
            aup capture -D sim:sine -d 3s | aup stream --listen tcp:localhost:17391 --secret-file good --json 2> pub &
            while ! grep -q :43EF /proc/net/tcp*; do sleep 0.05; done
            aup stream --connect tcp:localhost:17391 --secret-file good -d 500ms --json 2> ok > /dev/null; echo $?
            aup stream --connect tcp:localhost:17391 --secret-file bad --json 2> wrong > /dev/null; echo $?
            aup stream --connect tcp:localhost:17391 --json 2> none > /dev/null; echo $?
            chmod 644 good; aup stream --connect tcp:localhost:17391 --secret-file good 2> open > /dev/null; echo $?
            cat open; wait
            """)
        #expect(run.text.hasPrefix("0\n3\n3\n1\n"), "\(run.text)")
        #expect(run.text.contains("chmod 600"))
        #expect(try events("ok", "end").first?["frames"] as? Int == 24_000)
        #expect(
            (try events("wrong", "end").first?["message"] as? String)?.contains("the secret is another one") == true)
        #expect((try events("none", "end").first?["message"] as? String)?.contains("give --secret-file") == true)
        #expect(try events("pub", "end").first?["refused_peers"] as? Int == 2)
    }

    @Test func `knows its place: a second one is told so, a dead one's socket is taken, no link is followed`() throws {
        let run = try shell(
            """
            aup capture -D sim:sine -d 30s | aup stream --listen unix:$S -q & P=$!
            while [ ! -S $S ]; do sleep 0.05; done
            aup capture -D sim:sine -d 1s | aup stream --listen unix:$S 2> second; cat second
            kill -9 $P; sleep 0.2; test -S $S && echo left
            aup capture -D sim:sine -d 300ms | aup stream --listen unix:$S && echo taken
            test -e $S || echo gone
            : > file; ln -s file link
            aup capture -D sim:sine -d 300ms | aup stream --listen unix:link 2> linked; cat linked
            test -s file || echo untouched
            """)
        #expect(run.text.contains("already running"))
        for word in ["left", "taken", "gone", "something else has that name", "untouched"] {
            #expect(run.text.contains(word), "\(word): \(run.text)")
        }
    }

    @Test(arguments: [
        ("--listen nowhere", "this is no address"), ("--connect tcp:host", "a port from 1 to 65535"),
        ("", "--listen ADDRESS"), ("--connect unix:a -i b", "both name the input"),
        ("--listen unix:a -o b.wav", "give one"), ("--listen unix:a --mode 888", "--mode"),
        ("--listen unix:a --queue 1ms", "20ms to 60s"), ("--listen unix:a --clients 0", "1 to 4096"),
        ("--listen unix:a --allow-uid nobody-of-that-name", "--allow-uid"), ("--listen unix:", "a path is missing"),
        ("--listen unix:a --sdp b.sdp", "RTP that is sent"), ("--connect unix:a --mode 660", "listened at"),
        ("-o b.wav --secret-file c", "sockets and Icecast"), ("--listen unix:a --spool 10s", "icecast://"),
    ])
    func `refuses words that make no sense`(words: String, text: String) throws {
        let run = try Pipeline.run(["true", "aup stream \(words)"])
        #expect(run.statuses[1] == 64)
        #expect(run.errors[1].contains(text), "\(run.errors[1])")
    }

    @Test func `that nobody publishes is an error that says what helps`() throws {
        let run = try Pipeline.run(["aup stream --connect unix:\(scratch.path("none"))"])
        #expect(run.statuses == [3])
        #expect(run.errors[0].contains("nobody listens there; --retry waits for it"))
    }
}
