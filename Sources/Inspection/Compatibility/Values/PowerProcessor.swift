internal import Migration

/// A Power processor's model: without a compatibility mode, the processor's version register must be
/// one of the loader's own model (`cpu_post_load` in QEMU's `target/ppc/machine.c`, `pvr_match` of the
/// families in `cpu_init.c`).
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
        guard !hasCompatibility, let severity = severity(for: own.version) else { return nil }
        func model(_ version: UInt64) -> String { "PVR 0x" + String(version, radix: 16) }
        return LoaderFault(
            severity: severity, path: ".env.spr[\(Self.versionRegister)]",
            message: "the target's processor is of another model",
            expected: model(own.version), found: model(version))
    }

    /// - Returns: `nil` if the loader's model takes this version.
    private func severity(for own: UInt64) -> CompatibilityFinding.Severity? {
        guard version != own else { return nil }
        guard version >> 16 == own >> 16 else { return .error }
        switch own >> 16 {
        // POWER7 and POWER8 in all revisions.
        case 0x3f, 0x4a, 0x4b, 0x4c, 0x4d: return nil
        // POWER9, POWER10 and POWER11: by the major revision.
        case 0x4e, 0x80, 0x82:
            guard version & 0xf00 == own & 0xf00 else { return .error }
            // POWER9 DD2.0 and DD2.2 are two models since the latter is known; before, one.
            guard own >> 16 == 0x4e, own & 0xf00 == 0x200 else { return nil }
            let isNewer = own & 0xf >= 2
            return isNewer == (version & 0xf >= 2) ? nil : isNewer ? .error : .warning
        default: return .error
        }
    }
}
