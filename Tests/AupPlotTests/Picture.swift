import Foundation
import TestSupport

/// A PNG or SVG as another program reads it: Python's zlib and XML parser.
struct Picture {
    static var canBeRead: Bool { ToolRun.find("python3") != nil }

    private static let script = """
        import struct, sys, zlib, json
        from xml.etree import ElementTree
        name, places = sys.argv[1], json.loads(sys.argv[2])
        data = open(name, "rb").read()
        if data[:4] == b"\\x89PNG":
            width, height, depth, kind = struct.unpack(">IIBB", data[16:26])
            assert depth == 8 and kind in (2, 6), (depth, kind)
            size, at, packed = {2: 3, 6: 4}[kind], 8, b""
            while at < len(data):
                length, chunk = struct.unpack(">I4s", data[at:at + 8])
                body = data[at + 8:at + 8 + length]
                assert zlib.crc32(chunk + body) == struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0]
                if chunk == b"IDAT": packed += body
                at += 12 + length
            raw, rows, above = zlib.decompress(packed), [], bytearray(width * size)
            assert len(raw) == height * (width * size + 1)
            # Unpacking takes Python seconds: no further than somebody looks.
            for y in range(max([y for x, y in places], default=-1) + 1):
                start = y * (width * size + 1)
                rule, row = raw[start], bytearray(raw[start + 1:start + 1 + width * size])
                for i in range(len(row)):
                    left = row[i - size] if i >= size else 0
                    up, corner = above[i], above[i - size] if i >= size else 0
                    if rule == 1: row[i] = row[i] + left & 255
                    elif rule == 2: row[i] = row[i] + up & 255
                    elif rule == 3: row[i] = row[i] + (left + up) // 2 & 255
                    elif rule == 4:
                        p = left + up - corner
                        best = min((abs(p - left), 0, left), (abs(p - up), 1, up), (abs(p - corner), 2, corner))
                        row[i] = row[i] + best[2] & 255
                rows.append(row)
                above = row
            pixels = [int.from_bytes(rows[y][x * size:x * size + 3], "big") for x, y in places]
            print(json.dumps({"width": width, "height": height, "pixels": pixels, "texts": []}))
        else:
            root = ElementTree.parse(name).getroot()
            spaces = "{http://www.w3.org/2000/svg}"
            assert root.tag == spaces + "svg", root.tag
            texts = [element.text for element in root.iter(spaces + "text")]
            images = [element.get("{http://www.w3.org/1999/xlink}href") for element in root.iter(spaces + "image")]
            assert all(image.startswith("data:image/png;base64,iVBORw0KGgo") for image in images)
            print(json.dumps({"width": int(root.get("width")), "height": int(root.get("height")),
                              "pixels": [len(images)], "texts": texts}))
        """

    private struct Answer: Decodable {
        let width: Int
        let height: Int
        let pixels: [UInt32]
        let texts: [String]
    }

    let width: Int
    let height: Int
    /// 0xRRGGBB at each place that was asked for; of an SVG the number of images.
    let pixels: [UInt32]
    let texts: [String]

    struct Unreadable: Error {
        let why: String
    }

    init(_ bytes: [UInt8], at places: [(x: Int, y: Int)] = []) throws {
        let scratch = try Scratch()
        let file = scratch.path("picture")
        try Data(bytes).write(to: URL(filePath: file))
        let list = "[" + places.map { "[\($0.x),\($0.y)]" }.joined(separator: ",") + "]"
        let run = try ToolRun("python3", ["-c", Self.script, file, list])
        guard run.status == 0 else { throw Unreadable(why: run.errors) }
        let answer = try JSONDecoder().decode(Answer.self, from: Data(run.output.utf8))
        width = answer.width
        height = answer.height
        pixels = answer.pixels
        texts = answer.texts
    }
}
