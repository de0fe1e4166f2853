import ArgumentParser

/// `capture --repair FILE…`: no recording, but old ones mended.
struct RepairOptions: ParsableArguments {
    @Flag(help: "Record nothing; mend WAV and RF64 files whose length is wrong, and recordings that were cut off.")
    var repair = false

    @Flag(help: "Do not keep the file as it was as FILE.orig.")
    var noBackup = false

    @Argument(help: ArgumentHelp("Files to mend, with --repair.", valueName: "file"))
    var files: [String] = []

    func validate() throws {
        if repair, files.isEmpty { throw ValidationError("--repair wants the files to mend") }
        if !repair, let first = files.first {
            throw ValidationError("'\(first)': give the file to record into with -o, or --repair to mend it")
        }
        if noBackup, !repair { throw ValidationError("--no-backup belongs to --repair") }
    }
}
