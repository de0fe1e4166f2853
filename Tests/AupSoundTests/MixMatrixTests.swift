import AupSound
import Testing

@Suite struct MixMatrixTests {
    private let half = 0.5.squareRoot()

    private func matrix(_ name: MixName, _ from: String, _ to: String) throws -> MixMatrix {
        MixMatrix(name, from: try #require(ChannelLayout(list: from)), to: try #require(ChannelLayout(list: to)))
    }

    /// ITU-R BS.775-4, annex 4, table 2, 3/2 to 2/0.
    @Test(arguments: [MixName.auto, .itu])
    func `five channels become two as BS.775 has it, without the low frequency channel`(_ name: MixName) throws {
        let mix = try matrix(name, "FL,FR,RL,RR,FC,LFE", "FL,FR")
        #expect(mix.coefficients == [1, 0, half, 0, half, 0, 0, 1, 0, half, half, 0])
        #expect(mix.name == .itu)
        #expect(mix.remark == "not heard: LFE")
    }

    @Test func `the order of the channels is that of the layouts`() throws {
        // As WAV files have them.
        let mix = try matrix(.auto, "FL,FR,FC,LFE,SL,SR", "FR,FL")
        #expect(mix.coefficients == [0, 1, half, 0, 0, half, 1, 0, half, 0, half, 0])
    }

    @Test func `seven channels become two`() throws {
        let mix = try matrix(.auto, "FL,FR,RL,RR,FC,LFE,SL,SR", "FL,FR")
        #expect(mix.coefficients == [1, 0, half, 0, half, 0, half, 0, 0, 1, 0, half, half, 0, 0, half])
        #expect(try matrix(.auto, "RC", "FL,FR").coefficients == [0.5, 0.5])
    }

    @Test func `one becomes two as it is, and two become one without clipping`() throws {
        #expect(try matrix(.auto, "MONO", "FL,FR").coefficients == [1, 1])
        #expect(try matrix(.auto, "FL,FR", "MONO").coefficients == [0.5, 0.5])
        #expect(
            try matrix(.auto, "FL,FR,RL,RR,FC,LFE", "MONO").coefficients == [0.5, 0.5, half / 2, half / 2, half, 0])
        #expect(try matrix(.mono, "FL,FR", "FL,FR").coefficients == [0.5, 0.5, 0.5, 0.5])
    }

    @Test func `two among six stay where they are`() throws {
        let mix = try matrix(.auto, "FL,FR", "FL,FR,RL,RR,FC,LFE")
        #expect(mix.coefficients == [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(mix.remark == nil)
        #expect(try matrix(.auto, "MONO", "FL,FR,FC").coefficients == [1, 1, 0])
    }

    @Test func `side and rear stand in for each other`() throws {
        let mix = try matrix(.auto, "FL,FR,SL,SR", "FL,FR,RL,RR")
        #expect(mix.isIdentity)
    }

    @Test func `where nobody knows the channels they go one by one, and that is said`() throws {
        let mix = try matrix(.auto, "UNKNOWN,UNKNOWN,UNKNOWN", "FL,FR")
        #expect(mix.coefficients == [1, 0, 0, 0, 1, 0])
        #expect(mix.name == .copy)
        #expect(mix.remark?.contains("one by one") == true && mix.remark?.hasSuffix("not heard: 3") == true)
        #expect(try matrix(.copy, "FL,FR,LFE", "FL,FR").remark == "not heard: LFE")
        #expect(try matrix(.mono, "UNKNOWN,UNKNOWN", "FL").coefficients == [0.5, 0.5])
    }

    @Test func `the same layout is no mix at all`() throws {
        for channels in [1, 2, 3, 4, 5, 6, 8, 11] {
            let layout = try #require(ChannelLayout.standard(channels: channels))
            #expect(MixMatrix(.auto, from: layout, to: layout).isIdentity)
        }
    }
}
