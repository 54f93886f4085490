internal import Migration

/// A virtio device's queues: one must not be longer than the loader has room for (`virtio_load` in QEMU's
/// `hw/virtio/virtio.c`, 11.1 and newer).
struct Virtqueues: LoaderRule {
    /// Entries of each queue; of the target's example, which no driver has shortened yet, the room.
    private let lengths: [UInt64]

    init?(_ header: SectionHeader, _ state: DeviceState) {
        func child(_ name: String, of container: Int) -> Int? {
            state.children(of: container).first { state.name(of: state.nodes[$0]) == name }
        }
        guard let device = child("virtio", of: 0), let queues = child("vq", of: device) else {
            return nil
        }
        lengths = state.children(of: queues).compactMap { queue in
            guard let length = child("num", of: queue) else { return nil }
            return state.nodes[length].value
        }
    }

    func fault(_ header: SectionHeader, own: Virtqueues) -> LoaderFault? {
        for (number, (length, room)) in zip(lengths, own.lengths).enumerated()
        where length > room && room > 0 {
            return LoaderFault(
                severity: .warning, path: ".virtio.vq[\(number)].num",
                message: "the queue is longer than the target's: QEMU 11.1 and newer refuse it",
                expected: "at most \(room) entries", found: "\(length)",
                loaderMessages: ["VQ \(number) vring.num \(length) exceeds allocated max \(room)"])
        }
        return nil
    }
}
