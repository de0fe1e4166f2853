public import Foundation

/// The files of a recording in a folder, as their sidecars tell of them, in the order of their numbers.
public struct RecordedFiles {
    /// Bytes before the sound in a WAV file of 16 bits: RIFF 12, room for ds64 36, fmt 24, the head of data 8.
    public static let headerBytes = 80

    public struct File {
        public let path: String
        public let members: [String: Any]
        public subscript(key: String) -> Int? { members[key] as? Int }
    }

    public let files: [File]

    public init(in folder: String) throws {
        files = try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(".json") }.map {
            let data = try Data(contentsOf: URL(filePath: "\(folder)/\($0)"))
            let members = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
            return File(path: members["path"] as? String ?? "", members: members)
        }.sorted { ($0["number"] ?? 0) < ($1["number"] ?? 0) }
    }

    /// The sound of all of them, one behind the other; WAV files of 16 bits.
    public var sound: Data {
        get throws {
            try files.reduce(into: Data()) {
                $0.append(try Data(contentsOf: URL(filePath: $1.path)).dropFirst(Self.headerBytes))
            }
        }
    }
}
