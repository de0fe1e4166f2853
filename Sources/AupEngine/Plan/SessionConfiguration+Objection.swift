extension SessionConfiguration {
    /// What makes no sense about the outputs and what was asked of them, found without opening any; `nil` where all does.
    public var objection: String? {
        do throws(SessionFailure) {
            try checkOutputs()
            try checkPieces()
        } catch {
            if case .before(.usage(let message)) = error { return message }
        }
        return nil
    }

    /// Says what cannot be encoded in pieces.
    func checkPieces() throws(SessionFailure) {
        guard encodingJobs > 1, let encoding else { return }
        for output in outputs where try !encoding.isOpus(output, self) {
            throw .before(
                .usage(
                    "--jobs \(encodingJobs): \(output.name) is no Opus, and only that is encoded in pieces; leave --jobs out"
                ))
        }
    }
}
