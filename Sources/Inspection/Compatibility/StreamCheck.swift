internal import Migration

/// Finds what in a stream a certain QEMU would refuse. The rules stand in files of their own, in the
/// order in which its loader comes to them.
public struct StreamCheck {
    let stream: StreamInventory
    let target: TargetMachine
    let renames: RenameTable
    var verdict = LoadVerdict()
    /// Paths of subsections of which neither a dump nor the target's stream tells.
    var unproved: [String] = []

    init(_ stream: StreamInventory, _ target: TargetMachine, renames: RenameTable) {
        self.stream = stream
        self.target = target
        self.renames = renames
    }

    /// What the target would do with the stream.
    public static func verdict(
        of stream: StreamInventory, in target: TargetMachine, renames: RenameTable
    ) -> LoadVerdict {
        var check = StreamCheck(stream, target, renames: renames)
        check.checkConfiguration()
        check.checkCommands()
        check.checkMemory()
        check.checkSections()
        check.tellGaps()
        return check.verdict
    }

    /// What no file at hand tells.
    private mutating func tellGaps() {
        if target.other == nil {
            verdict.gaps.append(
                LoadVerdict.Gap(
                    code: .devices,
                    text: "which devices the target machine has, and where: a dump lists all that "
                        + "the program knows; --against a stream of the target tells"))
        }
        if !target.knowsAllBlocks, !stream.blocks.isEmpty {
            let unknown = stream.blocks.map(\.name).filter { target.blocks[$0] == nil }
            if !unknown.isEmpty {
                verdict.gaps.append(
                    LoadVerdict.Gap(
                        code: .memory,
                        text:
                            "the target's RAM blocks and their lengths: --against a stream of the "
                            + "target, or --ram NAME=LENGTH, tells", names: unknown))
            }
        }
        verdict.gaps.append(
            LoadVerdict.Gap(
                code: .code,
                text: "what the devices' own code decides: predicates of fields, and checks of "
                    + "values after loading"))
    }
}
