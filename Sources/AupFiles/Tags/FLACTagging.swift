internal import AupSound

/// Puts tags into a FLAC file.
///
///     "fLaC" { last(1 bit) type(7 bits) length(24 bits, big-endian) body } … frames
///
/// Where there is padding that takes up the difference, the frames stay where they are in the file. A file without comments
/// gets some, before its padding.
///
/// Source: RFC 9639, section 8.
///
/// - Thread: control; it waits for the disk.
enum FLACTagging {
    private struct Block {
        let type: UInt8
        var length: Int
        /// Where its body lies in the old file.
        let place: UInt64
        /// What it is now; `nil` where it stays.
        var body: [UInt8]?
    }

    private static let streamInfo: UInt8 = 0
    private static let padding: UInt8 = 1
    private static let comments: UInt8 = 4
    private static let mostBytes = 0xFF_FFFF
    /// More than any file has, and few enough to be looked at.
    private static let mostBlocks = 4096

    /// Where `fLaC` is: now and then behind an ID3 tag. `nil` where it is not.
    static func start(of file: FileReplacement, _ bytes: [UInt8]) throws(FileError) -> UInt64? {
        if bytes.span.starts("fLaC", at: 0) { return 0 }
        guard bytes.count >= 10, bytes.span.starts("ID3", at: 0) else { return nil }
        // Seven bits a byte (ID3v2.4.0, 3.1), and ten bytes behind it where a flag says so.
        let length = bytes[6..<10].reduce(UInt64(0)) { $0 << 7 | UInt64($1 & 0x7F) }
        let place = 10 + length + (bytes[5] & 0x10 != 0 ? 10 : 0)
        let name = try file.read(at: place, count: 4)
        return name == Array("fLaC".utf8) ? place : nil
    }

    static func write(
        _ tags: [SoundTag], for keys: [String], into file: FileReplacement, at start: UInt64
    ) throws(FileError) {
        var (blocks, end) = try blocks(of: file, from: start + 4)
        var list = CommentList(vendor: "aup")
        var index = blocks.firstIndex { $0.type == comments }
        var oldBytes = 0
        if let index {
            let old = try file.read(at: blocks[index].place, count: blocks[index].length)
            guard let found = CommentList(old[...]) else { throw damage(file, "its comments", blocks[index].place) }
            list = found
            oldBytes = 4 + old.count
        } else {
            guard !tags.isEmpty else { return }
            index = blocks.firstIndex { $0.type == padding } ?? blocks.count
            blocks.insert(Block(type: comments, length: 0, place: 0, body: []), at: index!)
        }
        let before = list
        list.replace(keys, with: tags)
        guard list != before else { return }
        let body = list.bytes + list.rest
        guard body.count <= mostBytes else {
            throw file.refusal(
                "its comments are as long as FLAC allows, 16 MiB", "take something out first (metaflac --remove-tag)")
        }
        blocks[index!].length = body.count
        blocks[index!].body = body
        takeUp(4 + body.count - oldBytes, &blocks)
        try file.copy(0..<start + 4)
        for (number, block) in blocks.enumerated() {
            var head: [UInt8] = [block.type | (number == blocks.count - 1 ? 0x80 : 0)]
            head.appendBig(UInt64(block.length), 3)
            try file.append(head + (block.body ?? []))
            if block.body == nil { try file.copy(block.place..<block.place + UInt64(block.length)) }
        }
        try file.copy(end..<file.fileBytes)
        try file.finish()
    }

    /// Makes one piece of padding so much shorter, or longer; where none can be, the file is.
    private static func takeUp(_ growth: Int, _ blocks: inout [Block]) {
        for index in blocks.indices where blocks[index].type == padding {
            let length = blocks[index].length - growth
            if (0...mostBytes).contains(length) {
                blocks[index].length = length
                blocks[index].body = [UInt8](repeating: 0, count: length)
                return
            }
            // Its own four bytes were what was missing.
            if length == -4 {
                blocks.remove(at: index)
                return
            }
        }
    }

    /// All metadata, and where the frames begin.
    private static func blocks(
        of file: FileReplacement, from start: UInt64
    ) throws(FileError) -> (blocks: [Block], end: UInt64) {
        var blocks: [Block] = []
        var place = start
        var isLast = false
        while !isLast {
            let head = try file.read(at: place, count: 4)
            guard head.count == 4, head[0] & 0x7F != 0x7F else { throw damage(file, "its metadata", place) }
            isLast = head[0] & 0x80 != 0
            let block = Block(type: head[0] & 0x7F, length: Int(head.big(1, 3)), place: place + 4)
            guard blocks.count < mostBlocks, block.place + UInt64(block.length) <= file.fileBytes,
                blocks.isEmpty == (block.type == streamInfo), !blocks.isEmpty || block.length == 34,
                block.type != comments || !blocks.contains(where: { $0.type == comments })
            else { throw damage(file, "its metadata", place) }
            blocks.append(block)
            place = block.place + UInt64(block.length)
        }
        // A frame's sync code (section 9.1): what else comes here says that a length was wrong.
        let sync = try file.read(at: place, count: 2)
        guard sync.isEmpty || sync == [0xFF, 0xF8] || sync == [0xFF, 0xF9] else {
            throw damage(file, "what stands before its first frame", place)
        }
        return (blocks, place)
    }

    private static func damage(_ file: FileReplacement, _ what: String, _ place: UInt64) -> FileError {
        file.refusal("\(what) at byte \(place) is damaged", "try metaflac or flac on it, or encode it anew")
    }
}
