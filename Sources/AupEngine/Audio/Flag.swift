import Synchronization

/// Something that happens once and stays so. Raising releases what was done before; seeing it raised acquires that.
final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isRaised: Bool { value.load(ordering: .acquiring) }
    func raise() { value.store(true, ordering: .releasing) }
}
