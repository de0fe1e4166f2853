import AupSound
import Testing

@testable import AupNetwork

/// SDP as others write it, and as it is written here.
@Suite struct `A description of a session` {
    private func read(_ text: String) throws -> SessionDescription { try SessionDescription(reading: Array(text.utf8)) }

    private func error(_ text: String) -> RTPError? {
        do throws(RTPError) {
            _ = try SessionDescription(reading: Array(text.utf8))
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: ["opus", "l16/44100/1", "l24/96000/8"], ["192.0.2.7", "239.1.2.3", "2001:db8::1"])
    func `is read as it was written`(word: String, address: String) throws {
        let payload = try #require(RTPPayload(word: word))
        var session = SessionDescription(
            name: "studio \u{1F399}", session: 3_941_234_567, origin: "192.0.2.1", address: address, port: 5004,
            payloadType: payload.usualType, payload: payload)
        if payload.coding == .opus {
            session.isStereo = true
            session.hasErrorCorrection = true
            session.lookAheadFrames = 312
        }
        if address.hasPrefix("239") { session.timeToLive = 4 }
        session.packetNanoseconds = 2_500_000
        #expect(try read(session.text) == session)
        #expect(session.text.split(separator: "\r\n").allSatisfy { !$0.contains("\n") })
    }

    @Test func `has the lines of RFC 7587, section 7, and RFC 8866 in their order`() {
        var session = SessionDescription(
            name: "", session: 1, origin: "192.0.2.1", address: "239.1.2.3", port: 5004, payloadType: 96,
            payload: RTPPayload(.opus, rate: 48_000, channels: 2)!)
        session.timeToLive = 1
        session.packetNanoseconds = 20_000_000
        session.isStereo = true
        session.hasErrorCorrection = true
        #expect(
            session.text == """
                v=0\r
                o=- 1 1 IN IP4 192.0.2.1\r
                s= \r
                c=IN IP4 239.1.2.3/1\r
                t=0 0\r
                m=audio 5004 RTP/AVP 96\r
                a=rtpmap:96 opus/48000/2\r
                a=fmtp:96 stereo=1;sprop-stereo=1;useinbandfec=1\r
                a=ptime:20\r
                a=recvonly\r

                """)
    }

    @Test func `of ffmpeg is read`() throws {
        let opus = try read(
            """
            v=0
            o=- 0 0 IN IP4 127.0.0.1
            s=No Name
            c=IN IP4 127.0.0.1
            t=0 0
            a=tool:libavformat 59.27.100
            m=audio 17010 RTP/AVP 97
            b=AS:96
            a=rtpmap:97 opus/48000/2
            a=fmtp:97 sprop-stereo=1
            """)
        #expect(opus.payload.coding == .opus && opus.payloadType == 97 && opus.channels == 2)
        #expect(opus.address == "127.0.0.1" && opus.port == 17_010 && opus.name == "No Name")
        let samples = try read("v=0\nc=IN IP4 127.0.0.1\nm=audio 17010 RTP/AVP 11\nb=AS:705\n")
        #expect(samples.payload.map == "L16/44100/1")
    }

    @Test func `of GStreamer and of a studio is read`() throws {
        let server = try read(
            """
            v=0\r
            o=- 1188340656180883 1 IN IP4 192.0.2.1\r
            s=Session streamed by GStreamer\r
            i=server\r
            t=0 0\r
            a=tool:GStreamer\r
            a=type:broadcast\r
            a=control:*\r
            m=audio 5006 RTP/AVP 96\r
            c=IN IP4 0.0.0.0\r
            b=AS:128\r
            a=rtpmap:96 OPUS/48000/2\r
            a=fmtp:96 sprop-maxcapturerate=48000;sprop-stereo=0\r
            a=rtcp-mux\r
            a=ts-refclk:local\r
            """)
        #expect(server.payload.coding == .opus && server.channels == 1 && server.reportPort == 5006)
        // AES67: two programmes of video and sound before the one that is taken.
        let studio = try read(
            """
            v=0
            o=- 1311738121 1311738121 IN IP4 192.0.2.1
            s=Stage left I/O
            c=IN IP4 239.0.0.1/32
            t=0 0
            m=video 5000 RTP/AVP 96
            a=rtpmap:96 H264/90000
            m=audio 5002 RTP/AVP 0 8
            m=audio 5004 RTP/AVP 98 96
            c=IN IP4 239.0.0.2/32
            i=Channels 1-8
            a=rtpmap:96 L24/48000/8
            a=rtpmap:98 mpa-robust/90000
            a=rtcp:5099 IN IP4 192.0.2.1
            a=ptime:1
            a=ts-refclk:ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:37
            """)
        #expect(studio.payload.map == "L24/48000/8" && studio.payloadType == 96)
        #expect(studio.address == "239.0.0.2" && studio.timeToLive == 32 && studio.port == 5004)
        #expect(studio.reportPort == 5099 && studio.packetNanoseconds == 1_000_000)
    }

    @Test(arguments: [
        ("", "a description begins"), ("RIFF", "no description"), ("v=1\n", "v=0"), ("v=0\n", "no line m="),
        ("v=0\nm=audio\n", "line 2"), ("v=0\nm=audio 70000 RTP/AVP 0\n", "line 2"),
        ("v=0\nc=IN IP4\n", "line 2"), ("v=0\nc=IN IP4 239.1.1.1/300\nm=audio 5 RTP/AVP 10\n", "0 to 255"),
        ("v=0\nm=audio 5004 RTP/AVP 10\n", "no line c="),
        ("v=0\nc=IN IP4 a\nm=audio 0 RTP/AVP 10\n", "none of its media"),
        ("v=0\nc=IN IP4 a\nm=audio 5004 RTP/SAVP 10\n", "none of its media"),
        ("v=0\nc=IN IP4 a\nm=audio 5004 RTP/AVP 96\na=rtpmap:200 opus/48000/2\n", "0 to 127"),
        ("v=0\nc=IN IP4 a\nm=audio 5004 RTP/AVP 96\na=rtpmap:96 L16/48000/65\n", "none of its media"),
        ("v=0\nc=IN IP4 a\nm=audio 5004 RTP/AVP 96\na=rtpmap:96 opus/44100/2\n", "none of its media"),
    ])
    func `that is none says what is wrong and where`(text: String, what: String) {
        let message = error(text)?.message ?? "read"
        #expect(message.contains(what) || text.isEmpty && message.contains("no medium"), "\(message)")
    }

    @Test func `is bounded`() {
        #expect(error("v=0\n" + String(repeating: "a=x\n", count: 20_000)) != nil)
        #expect(error("v=0\ns=" + String(repeating: "x", count: 5000)) != nil)
        #expect(error("v=0\nc=IN IP4 a\n" + String(repeating: "m=audio 5 RTP/AVP 10\n", count: 65)) != nil)
    }
}

@Suite struct `An address of RTP` {
    private func address(_ word: String) -> RTPAddress? { try? RTPAddress(word) }

    @Test func `is a host and a port, or a file, and what else is said`() throws {
        #expect(address("rtp:localhost:5004")?.place == .host("localhost", port: 5004))
        #expect(address("rtp::5004")?.place == .host("localhost", port: 5004))
        #expect(address("rtp:[ff02::1]:5004?interface=lo")?.place == .host("ff02::1", port: 5004))
        #expect(address("rtp:./a/b.sdp?delay=5ms")?.place == .description(path: "./a/b.sdp"))
        #expect(address("rtp:239.1.1.1:5004?ttl=4&payload=l16/44100/1")?.wishes.map(\.key) == ["ttl", "payload"])
        #expect(try RTPAddress("tcp:a:1") == nil)
        for word in ["rtp:", "rtp:host", "rtp:host:0", "rtp:host:65535", "rtp:::1:5004", "rtp:a:1?ttl"] {
            #expect(address(word) == nil, "\(word)")
        }
    }
}

@Suite struct `Samples of RTP` {
    @Test(arguments: [("l16", [0x12, 0x34, 0xFF, 0x00], [0x34, 0x12, 0x00, 0xFF])] as [(String, [UInt8], [UInt8])])
    func `of 16 bits have their high byte first`(word: String, network: [UInt8], ours: [UInt8]) {
        var bytes = network
        unsafe bytes.withUnsafeMutableBytes { unsafe RTPPayload.swapBytes($0, bytesPerSample: 2) }
        #expect(bytes == ours)
    }

    @Test func `of 24 bits too, and a rest is left`() {
        var bytes: [UInt8] = [1, 2, 3, 4, 5, 6, 7]
        unsafe bytes.withUnsafeMutableBytes { unsafe RTPPayload.swapBytes($0, bytesPerSample: 3) }
        #expect(bytes == [3, 2, 1, 6, 5, 4, 7])
    }
}
