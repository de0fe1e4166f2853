/// Turns a share of a range into a colour whose lightness rises as evenly as the share: no edge shows where the sound has none,
/// and the picture reads the same in grey.
///
/// The colours are magma, by Nathaniel J. Smith and Stéfan van der Walt, for matplotlib (CC0): every eighth of its 256, with
/// straight lines between.
enum ColourScale {
    private static let anchors: [(red: Double, green: Double, blue: Double)] = [
        (0.001462, 0.000466, 0.013866), (0.013708, 0.011771, 0.068667), (0.039608, 0.031090, 0.133515),
        (0.074257, 0.052017, 0.202660), (0.113094, 0.065492, 0.276784), (0.159018, 0.068354, 0.352688),
        (0.211718, 0.061992, 0.418647), (0.265447, 0.060237, 0.461840), (0.316654, 0.071690, 0.485380),
        (0.366012, 0.090314, 0.497960), (0.414709, 0.110431, 0.504662), (0.463508, 0.129893, 0.507652),
        (0.512831, 0.148179, 0.507648), (0.562866, 0.165368, 0.504692), (0.613617, 0.181811, 0.498536),
        (0.664915, 0.198075, 0.488836), (0.716387, 0.214982, 0.475290), (0.767398, 0.233705, 0.457755),
        (0.816914, 0.255895, 0.436461), (0.863320, 0.283729, 0.412403), (0.904281, 0.319610, 0.388137),
        (0.937221, 0.364929, 0.368567), (0.960949, 0.418323, 0.359630), (0.976690, 0.476226, 0.364466),
        (0.986700, 0.535582, 0.382210), (0.992785, 0.594891, 0.410283), (0.996096, 0.653659, 0.446213),
        (0.997325, 0.711848, 0.488154), (0.996898, 0.769591, 0.534892), (0.995131, 0.827052, 0.585701),
        (0.992440, 0.884330, 0.640099), (0.989434, 0.941470, 0.697519), (0.987053, 0.991438, 0.749504),
    ]

    /// 0xRRGGBB of a share from 0 to 1; what lies outside is the nearer end.
    static func colour(_ share: Double) -> UInt32 { table[Int((min(1, max(0, share)) * 255).rounded())] }

    /// The 256 colours a picture may have.
    static let table: [UInt32] = (0...255).map { step in
        // The last anchor is number 255 and not 256.
        let place = step == 255 ? Double(anchors.count - 1) : Double(step) / 8
        let index = min(Int(place), anchors.count - 2)
        let share = place - Double(index)
        let (low, high) = (anchors[index], anchors[index + 1])
        let mixed = { (from: Double, to: Double) in UInt32(((from + (to - from) * share) * 255).rounded()) }
        return mixed(low.red, high.red) << 16 | mixed(low.green, high.green) << 8 | mixed(low.blue, high.blue)
    }
}
