import AupSystem

extension Descriptor {
    /// Writes all bytes of a sink's output, or says in the session's terms why not.
    ///
    /// - Parameter name: how the output is called in a message.
    func put(_ bytes: UnsafeRawBufferPointer, name: String, stop: StopRequest) throws(SessionFailure) {
        let written: Int
        do throws(SystemError) {
            written = try unsafe write(bytes, stop: stop)
        } catch {
            if error.isReaderGone { throw .downstreamClosed }
            throw .sink(.failed("\(name): cannot write: \(error.reason)"))
        }
        if written < bytes.count { throw .abandoned }
    }
}
