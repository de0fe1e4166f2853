import AupSound
import CALSA
import Glibc

extension DeviceError {
    /// What a refused `snd_pcm_open` means. `code` is a negative errno.
    static func opening(
        _ request: DeviceRequest, code: Int32, said messages: [String], isAdvised: Bool
    ) -> DeviceError {
        let name = request.name
        switch -code {
        case ENOENT, ENODEV, ENXIO:
            if ShutCards().explain(name) { return .denied(name: name) }
            return .unknown(name: name, remedy: isAdvised ? remedy(for: request) : "")
        case EBUSY, EAGAIN:
            let holders = isAdvised ? PCMHolders.of(name, request.direction) : []
            return .busy(name: name, holder: holders.first { $0.process != nil })
        case EACCES, EPERM: return .denied(name: name)
        default: return .broken(name: name, what: "cannot be opened: " + explanation(code, messages))
        }
    }

    /// What a refusal of an open device means. `code` is a negative errno.
    static func running(_ name: String, _ verb: String, code: Int32, said messages: [String] = []) -> DeviceError {
        switch -code {
        case ENODEV, EBADFD: return .gone(name: name)
        case EBUSY: return .busy(name: name)
        case EACCES, EPERM: return .denied(name: name)
        case EINVAL:
            return .unsupported(
                name: name,
                what: "\(verb): " + explanation(code, messages) + "; 'aup devices' shows what it can do")
        default: return .broken(name: name, what: "\(verb): " + explanation(code, messages))
        }
    }

    /// The library's own words where it had any, else the text of the errno.
    private static func explanation(_ code: Int32, _ messages: [String]) -> String {
        let errno = unsafe String(cString: snd_strerror(code))
        guard let last = messages.last else { return errno }
        return "\(errno) (\(last))"
    }

    private static func remedy(for request: DeviceRequest) -> String {
        let simulated = request.direction == .capture ? "sim:sine" : "sim:null"
        if let near = ALSADirectory.nearest(to: request.name, request.direction) {
            return "did you mean '\(near)'? 'aup devices' lists what is there"
        }
        if !ALSADirectory.hasAnyCard {
            return "this machine has no sound card; '\(simulated)' needs none, 'aup devices' lists what is there"
        }
        return "'aup devices' lists what is there, '\(simulated)' needs no sound card"
    }
}
