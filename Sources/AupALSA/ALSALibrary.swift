import CALSA

/// The library through which this room speaks.
public enum ALSALibrary {
    /// Of the library that was loaded, not of the headers that were built against: `1.2.8`.
    ///
    /// - Thread: any.
    public static var version: String {
        guard let text = unsafe snd_asoundlib_version() else { return "of an unknown version" }
        return unsafe String(cString: text)
    }
}
