public import AupSound

extension OpusDecoder: OpusPacketDecoder {}

extension OpusCodec {
    /// libopus.
    public static let library = OpusCodec { configuration throws(Refusal) in
        do throws(OpusError) {
            return try OpusDecoder(configuration)
        } catch {
            if case .missingLibrary(_, let why) = error { throw Refusal(message: why, isLibraryMissing: true) }
            throw Refusal(message: error.message, isLibraryMissing: false)
        }
    }
}
