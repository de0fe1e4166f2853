import Foundation
import TestSupport
import Testing

/// Files that are made of others, and stand in the checkout so that nobody has to make them.
@Suite struct `What is generated` {
    @Test(arguments: [("bash", "aup.bash"), ("zsh", "_aup"), ("fish", "aup.fish")])
    func `completes as the commands are defined`(shell: String, file: String) throws {
        let run = try Pipeline.run(["aup completions \(shell)"])
        #expect(run.statuses == [0])
        let stands = try? Data(contentsOf: Repository.root.appending(path: "completions/\(file)"))
        let isFresh = stands == run.output
        #expect(isFresh, "completions/\(file) is not what `aup completions \(shell)` writes; run make completions")
    }

    @Test(.enabled(if: ToolRun.find("python3") != nil, "python3 is not installed"))
    func `is in the manual as its source has it`() throws {
        let run = try ToolRun("python3", [Repository.root.appending(path: "man/parts.py").path, "--check"])
        #expect(run.status == 0 && run.output == "")
    }
}
