internal import Migration

/// A Power processor's model: without a compatibility mode, the processor's version register must be
/// one of the loader's own model (`cpu_post_load` in QEMU's `target/ppc/machine.c`).
struct PowerProcessor: LoaderRule {
    /// The number of the special purpose register PVR.
    private static let versionRegister = 287

    private let version: UInt64
    private let hasCompatibility: Bool

    init?(_ header: SectionHeader, _ state: DeviceState) {
        guard let registers = state.numbers("env.spr"), registers.count == 1024 else { return nil }
        version = registers[Self.versionRegister]
        let mode = state.subsection("cpu/compat", of: 0).flatMap {
            state.numbers("compat_pvr", of: $0)?.first
        }
        hasCompatibility = mode ?? 0 != 0
    }

    func fault(_ header: SectionHeader, own: PowerProcessor) -> LoaderFault? {
        // The lower half is the revision, of which a model may have several.
        guard !hasCompatibility, version >> 16 != own.version >> 16 else { return nil }
        func model(_ version: UInt64) -> String { "PVR 0x" + String(version, radix: 16) }
        return LoaderFault(
            path: ".env.spr[\(Self.versionRegister)]",
            message: "the target's processor is of another model",
            expected: model(own.version), found: model(version))
    }
}
