import AupFiles
import AupSound
import AupSystem
import Glibc

/// What a capture would write to one output: part of `--check`.
public struct PlannedOutput: Sendable {
    public var name: String
    /// `WAV`, `FLAC`, …; `nil` where it is no sound file.
    public var container: String?
    /// The file that would be written first, with the name it would have.
    public var firstFile: String?
    /// Why it could not be written as things stand.
    public var problem: String?

    init(_ output: Endpoint, _ configuration: SessionConfiguration, start: Int64) throws(SessionFailure) {
        name = output.name
        guard case .file(let path) = output else { return }
        var place = path
        switch try FileOutput(path, configuration) {
        case .file(let container): self.container = container.name
        case .recording(let template, let container):
            self.container = container.name
            let recorder = configuration.recorder ?? RecorderConfiguration()
            var names = NameRow(template, zone: recorder.zone, avoidsTaken: recorder.makesMany(template))
            place = names.planned(at: start)
            firstFile = place
        case .stream: break
        }
        problem = Self.problem(place, makesFolders: place != path, overwrites: configuration.overwrite)
    }

    private static func problem(_ path: String, makesFolders: Bool, overwrites: Bool) -> String? {
        if Descriptor.Kind(path: path) == .file {
            return overwrites ? nil : "it is there already; choose another name, remove it or give --overwrite"
        }
        guard Descriptor.Kind(path: path) == nil else { return nil }
        var folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        while makesFolders, unsafe access(FileName.bytes(folder), F_OK) != 0,
            let slash = folder.dropLast().lastIndex(of: "/")
        {
            folder = String(folder[...slash])
        }
        if makesFolders, unsafe access(FileName.bytes(folder), F_OK) != 0 { folder = "." }
        guard unsafe access(FileName.bytes(folder), F_OK) == 0 else {
            return "there is no folder \(folder); make it first"
        }
        return unsafe access(FileName.bytes(folder), W_OK) == 0 ? nil : "the folder \(folder) may not be written to"
    }
}
