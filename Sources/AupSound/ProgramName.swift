/// What this program calls itself in the files that it makes.
public enum ProgramName {
    public static let version = "0.1.0"
    public static let withVersion = "aup \(version)"
}
