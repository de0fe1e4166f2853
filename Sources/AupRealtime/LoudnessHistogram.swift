internal import CRealtime

/// How loud how many blocks were: what gates and percentiles are taken from, however long the programme.
///
/// Blocks of -70 LUFS and louder fall into bins of 0.005 LU up to +30 LUFS; the last bin takes all that is louder. Each
/// bin keeps the number of its blocks, the *sum of their powers* and the least of them, so means over whole bins are
/// exact, and a bin stands for the mean of what fell into it, not for its middle.
///
///     -70      gate                          +30
///      |..:.:..|.:.::::::::::::.:::::.::......|…      20 000 bins, 480 kB
///
/// What is lost is where three and more blocks lie inside one bin. A gate that cuts through such a bin takes all of it,
/// all but the least, or nothing, by their means: each block that is on the wrong side lies less than 0.005 LU from the
/// gate. ``gatedMean(above:)`` says how far the other choices lie apart, which is 0 unless a gate does cut through three
/// blocks. A percentile of the gated blocks is less than 0.005 LU off, the difference of two less than 0.01.
///
/// - Thread: any, one at a time; made on a control thread, after which it neither allocates nor waits.
@safe
struct LoudnessHistogram: ~Copyable {
    struct Bin {
        var blocks: Int
        var power: Double
        var least: Double

        /// Those of at least so much power, as far as can be told; rounding must not put blocks that are all alike
        /// outside of a gate that is their own mean.
        @_noLocks
        func passing(_ gate: Double) -> (blocks: Int, power: Double) {
            let limit = gate * (1 - 1e-12)
            if least >= limit { return (blocks, power) }
            let others = max(0, blocks - 1)
            let rest = power - least
            return others > 0 && rest >= limit * Double(others) ? (others, rest) : (0, 0)
        }
    }

    private static var lowest: Double { @_noLocks get { -70 } }
    private static var perUnit: Double { @_noLocks get { 200 } }
    private static var count: Int { @_noLocks get { 20_000 } }

    // Owned alone by this value, freed in its deinit.
    private let bins: UnsafeMutablePointer<Bin>
    /// Bins outside of these are empty.
    private var first = 20_000
    private var last = -1
    private(set) var blocks = 0
    private var power = 0.0

    /// - Thread: control.
    init() {
        unsafe bins = .allocate(capacity: 20_000)
        unsafe bins.initialize(repeating: Bin(blocks: 0, power: 0, least: .infinity), count: 20_000)
    }

    deinit { unsafe bins.deallocate() }

    /// Takes a block of so much weighted power; below the absolute gate of -70 LUFS it is not heard.
    @_noLocks
    mutating func add(power block: Double) {
        let loudness = aup_decibels_of_power(block) - 0.691
        guard loudness >= Self.lowest else { return }
        let bin = Int(min((loudness - Self.lowest) * Self.perUnit, Double(Self.count - 1)))
        unsafe bins[bin].blocks += 1
        unsafe bins[bin].power += block
        unsafe bins[bin].least = min(bins[bin].least, block)
        first = min(first, bin)
        last = max(last, bin)
        blocks += 1
        power += block
    }

    /// The mean power of all blocks, 0 without any.
    var mean: Double {
        @_noLocks get { blocks > 0 ? power / Double(blocks) : 0 }
    }

    /// The mean power of the blocks of at least so much power, how many they are, and how far the result would move at
    /// most, in LU, if the bin that the gate cuts were taken apart.
    @_noLocks
    func gatedMean(above gate: Double) -> (power: Double, blocks: Int, uncertainty: Double) {
        let cut = index(ofPower: gate)
        var blocks = 0
        var sum = 0.0
        var index = max(first, cut + 1)
        while index <= last {
            unsafe blocks += bins[index].blocks
            unsafe sum += bins[index].power
            index += 1
        }
        guard cut >= first, cut <= last, unsafe bins[cut].blocks > 0 else { return (mean(sum, blocks), blocks, 0) }
        let bin = unsafe bins[cut]
        let passing = bin.passing(gate)
        let chosen = mean(sum + passing.power, blocks + passing.blocks)
        // Of two blocks both are known, and of blocks that all pass there is nothing to choose.
        guard bin.blocks > 2, passing.blocks < bin.blocks, blocks > 0 else {
            return (chosen, blocks + passing.blocks, 0)
        }
        let most = mean(sum + bin.power, blocks + bin.blocks)
        let loudness = aup_decibels_of_power(chosen)
        let distance = max(
            abs(loudness - aup_decibels_of_power(most)), abs(loudness - aup_decibels_of_power(mean(sum, blocks))))
        return (chosen, blocks + passing.blocks, distance)
    }

    @_noLocks
    private func mean(_ sum: Double, _ blocks: Int) -> Double { blocks > 0 ? sum / Double(blocks) : 0 }

    /// The powers that 10 % and 95 % of the blocks of at least so much power do not exceed, by rank as in the program
    /// of EBU Tech 3342: the sorted block number round((n - 1) · share).
    @_noLocks
    func percentiles(above gate: Double) -> (low: Double, high: Double, blocks: Int) {
        let cut = index(ofPower: gate)
        var gated = (blocks: 0, power: 0.0)
        if cut >= first, cut <= last { gated = unsafe bins[cut].passing(gate) }
        var number = gated.blocks
        let start = max(first, cut + 1)
        var index = start
        while index <= last {
            unsafe number += bins[index].blocks
            index += 1
        }
        guard number > 0 else { return (0, 0, 0) }
        let lowRank = Int(Double(number - 1) * 0.10 + 0.5)
        let highRank = Int(Double(number - 1) * 0.95 + 0.5)
        var passed = gated.blocks
        var low = passed > lowRank ? mean(gated.power, gated.blocks) : -1
        var high = passed > highRank ? mean(gated.power, gated.blocks) : 0
        index = start
        while index <= last, passed <= highRank {
            let bin = unsafe bins[index]
            passed += bin.blocks
            if low < 0, passed > lowRank { low = mean(bin.power, bin.blocks) }
            if passed > highRank { high = mean(bin.power, bin.blocks) }
            index += 1
        }
        return (low, high, number)
    }

    /// Adds everything another histogram holds: the loudness of several files as one.
    @_noLocks
    mutating func merge(_ other: borrowing LoudnessHistogram) {
        var index = other.first
        while index <= other.last {
            unsafe bins[index].blocks += other.bins[index].blocks
            unsafe bins[index].power += other.bins[index].power
            unsafe bins[index].least = min(bins[index].least, other.bins[index].least)
            index += 1
        }
        first = min(first, other.first)
        last = max(last, other.last)
        blocks += other.blocks
        power += other.power
    }

    /// Forgets all blocks.
    @_noLocks
    mutating func reset() {
        var index = first
        while index <= last {
            unsafe bins[index] = Bin(blocks: 0, power: 0, least: .infinity)
            index += 1
        }
        first = Self.count
        last = -1
        blocks = 0
        power = 0
    }

    /// The bin of a power; -1 for what lies below all of them.
    @_noLocks
    private func index(ofPower power: Double) -> Int {
        let loudness = aup_decibels_of_power(power) - 0.691
        guard loudness >= Self.lowest else { return -1 }
        return Int(min((loudness - Self.lowest) * Self.perUnit, Double(Self.count - 1)))
    }
}
