import Foundation
import TestSupport
import Testing

/// `aup process --watch --build`: a source that changes is built and heard, and a broken one is told.
@Suite(.realTime, .serialized) struct `A plugin whose source changes` {
    private let prepare = """
        mkdir src
        cp '\(Repository.root.path)/plugins/gain/gain.c' src/gain.c
        cp '\(Repository.root.path)/plugins/aup_plugin.h' .
        printf 'gain.so: gain.c\\n\\tcc -O1 -Werror -shared -fPIC -o $@.new $< -lm && mv $@.new $@\\n' > src/Makefile
        make -s -C src
        """

    /// Waits for so many events of a name; bounded.
    private let wait = """
        ready() { for i in $(seq 1500); do aup process --connect unix:ctl list > list 2> /dev/null && return; sleep 0.02; done; }
        seen() { for i in $(seq 1500); do [ $(grep -c '"event":"'$1'"' errors.1) -ge $2 ] && return; sleep 0.02; done; }
        """

    @Test func `is heard when it is built, goes on when it is broken, and is heard when it is mended`() throws {
        let run = try Pipeline.run(
            [
                "aup process -i 'sim:sine?rate=48000' -o sim:null --control unix:ctl --watch --build 'make -s -C src' src/gain.so --json -d 60s"
            ], before: prepare,
            during: """
                \(wait)
                ready
                sed -i 's/"Gain"/"Louder"/' src/gain.c; seen reloaded 1
                sed 's/return AUP_OK/return AUP_FINE/' src/gain.c > src/.new; mv src/.new src/gain.c; seen build-failed 1
                sed 's/AUP_FINE/AUP_OK/; s/Louder/Softer/' src/gain.c > src/.new; mv src/.new src/gain.c; seen reloaded 2
                kill -INT $(stage 1)
                """)
        #expect(run.statuses == [0], "\(run.errors)")
        let failures = try run.events("build-failed", stage: 0)
        #expect(failures.count == 1)
        let lines = failures.first?["lines"] as? [String] ?? []
        #expect(lines.first?.contains("AUP_FINE") == true && lines.first?.contains("error:") == true, "\(lines)")
        #expect(failures.first?["status"] as? Double == 2)
        #expect(try run.events("built", stage: 0).count == 2)
        #expect(try run.events("reloaded", stage: 0).count == 2)
        let end = try #require(try run.events("end", stage: 0).first)
        #expect(end["reloads"] as? Int == 2 && end["lost_frames"] as? Int == 0)
    }

    @Test func `shows people what the compiler said`() throws {
        let run = try Pipeline.run(
            [
                "aup process -i sim:sine -o sim:null --control unix:ctl --watch --build 'sh -c \"echo cc -Werror; echo x.c:1: error: no such thing; exit 2\"' src/gain.so -d 60s"
            ], before: prepare,
            during: """
                \(wait)
                ready; echo >> src/gain.c
                for i in $(seq 1500); do grep -q 'no such thing' errors.1 && break; sleep 0.02; done
                kill -INT $(stage 1)
                """)
        #expect(run.statuses == [0])
        #expect(
            run.errors[0]
                == "aup process: the build failed with 2; the plugins stay as they were\n  x.c:1: error: no such thing\n",
            "\(run.errors)")
    }

    @Test func `a build that half fails loads nothing, not even what it wrote, until one does not`() throws {
        let run = try Pipeline.run(
            [
                "aup process -i sim:sine -o sim:null --control unix:ctl --watch --source other --build 'sh build.sh' src/gain.so --json -d 60s"
            ],
            before: prepare + "\nmkdir other; echo 'touch src/gain.so; [ -e fine ]' > build.sh",
            during: """
                \(wait)
                ready
                echo >> src/gain.c
                echo > other/a.c; seen build-failed 1
                sleep 0.3
                touch fine; echo > other/a.c; seen reloaded 1
                kill -INT $(stage 1)
                """)
        #expect(run.statuses == [0], "\(run.errors)")
        let order = run.errors[0].split(separator: "\n").compactMap { line in
            ["build-failed", "built", "reloaded"].first { line.contains("\"event\":\"\($0)\"") }
        }
        #expect(order == ["build-failed", "built", "reloaded"])
    }

    @Test func `what makes no sense is told`() throws {
        for (words, status, why) in [
            ("--build make gain", 64, "--build needs --watch"), ("--source . gain", 64, "belong to --build"),
            ("--build-timeout 3s gain", 64, "belong to --build"),
            ("--watch --build \"make 'x\" gain", 64, "a quote is open"),
            ("--watch --build make --build-timeout 0s gain", 64, "above 0"),
            ("--watch --build make --source /nowhere/at/all gain", 1, "/nowhere/at/all"),
        ] {
            let run = try Pipeline.run(["aup process \(words)"])
            #expect(run.statuses == [status], "\(words)")
            #expect(run.errors[0].contains(why), "\(run.errors)")
        }
    }
}
