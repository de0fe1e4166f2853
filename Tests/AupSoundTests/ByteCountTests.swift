import AupSound
import Testing

@Suite struct `Amounts of bytes` {
    @Test(arguments: [
        ("640000", 640_000), ("1K", 1024), ("500M", 524_288_000), ("2G", 2_147_483_648), ("1.5K", 1536),
        ("2MB", 2_000_000),
        ("1TB", 1_000_000_000_000),
    ])
    func `are read as coreutils reads them`(text: String, bytes: Int64) {
        #expect(ByteCount(text)?.bytes == bytes)
    }

    @Test(arguments: ["", "M", "-1", "0", "1m", "1 G", "1e9", "1GiB", "9999999T", "1..5K"])
    func `or not at all`(text: String) { #expect(ByteCount(text) == nil) }
}
