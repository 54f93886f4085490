internal import Migration

/// What a device's own code checks of the values that it has loaded (its `post_load`, or the `get` of a
/// type of its own). A dump tells nothing of these; a stream of the target has the target's values.
///
/// A further rule is a file beside this one and its name in ``LoaderRules``.
protocol LoaderRule: Sendable {
    /// Takes what the rule goes by out of a section's state.
    /// - Returns: `nil` for a section that the rule has nothing to do with.
    init?(_ header: SectionHeader, _ state: DeviceState)

    /// Fields whose lengths may differ, since the rule says which may.
    static var variableFields: Set<String> { get }

    /// What the target, whose example of the section has `own`, finds wrong.
    func fault(_ header: SectionHeader, own: Self) -> LoaderFault?
}

extension LoaderRule {
    static var variableFields: Set<String> { [] }

    fileprivate func fault(_ header: SectionHeader, own: any LoaderRule) -> LoaderFault? {
        (own as? Self).flatMap { fault(header, own: $0) }
    }
}

/// A value that a device's own code refuses.
struct LoaderFault: Sendable {
    var severity = CompatibilityFinding.Severity.error
    /// The field, below the section: `.env.spr[287]`
    var path: String
    var message: String
    var expected: String
    var found: String
    /// QEMU's words, beside those for every device that can't be loaded.
    var loaderMessages: [String] = []
}

/// What rules go by, of one section.
struct LoaderRules: Sendable {
    private static let all: [any LoaderRule.Type] = [
        ArmSystemRegisters.self, PowerProcessor.self, PCIConfigSpace.self, Virtqueues.self,
    ]

    private var rules: [any LoaderRule]

    init(_ header: SectionHeader, _ state: DeviceState) {
        rules = Self.all.compactMap { $0.init(header, state) }
    }

    /// What the target finds wrong, whose example of the section has `own`.
    func findings(
        _ section: StreamInventory.Section, own: LoaderRules
    ) -> [CompatibilityFinding] {
        let header = section.header
        return rules.flatMap { rule in
            own.rules.compactMap { rule.fault(header, own: $0) }.map { fault in
                CompatibilityFinding(
                    .fieldValue, fault.severity, path: header.path + fault.path, fault.message,
                    expected: fault.expected, found: fault.found,
                    loaderMessages: LoaderMessage.loading(header) + fault.loaderMessages,
                    place: .stream(section.offset))
            }
        }
    }

    /// Whether a rule says what a field's length may be.
    func hasVariable(_ field: String) -> Bool {
        rules.contains { type(of: $0).variableFields.contains(field) }
    }
}
