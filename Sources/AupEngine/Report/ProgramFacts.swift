import AupALSA
import AupSound
import AupSystem

/// What `--version` says: a line that stays as it is, and one for reports of bugs.
public enum ProgramFacts {
    /// - Thread: any.
    public static var version: String {
        "\(ProgramName.withVersion)\n\(BuildFacts.summary); libasound \(ALSALibrary.version)"
    }
}
