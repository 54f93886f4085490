/// Whether a stream would load, as far as can be told.
public struct LoadVerdict: Sendable {
    /// Something that the files at hand don't tell.
    public struct Gap: Hashable, Sendable {
        public enum Code: String, Hashable, Sendable, CaseIterable {
            /// Which devices the target has, and where.
            case devices
            /// The target's RAM blocks.
            case memory
            /// Sections that no dump describes.
            case handlers
            /// Sections whose octets nothing describes.
            case sections
            /// Subsections of which neither a dump nor the target's stream tells.
            case subsections
            /// What stands behind a place where reading ended.
            case rest
            /// What the devices' own code decides.
            case code
        }

        public var code: Code
        public var text: String
        /// Sections that it is about.
        public var names: [String] = []
    }

    /// In the order in which the loader meets them.
    public internal(set) var findings: [CompatibilityFinding] = []
    public internal(set) var gaps: [Gap] = []
    /// What must be set at the target for the stream to be taken at all.
    public internal(set) var needs: [String] = []

    public var isRefused: Bool { findings.contains { $0.severity == .error } }

    mutating func add(_ finding: CompatibilityFinding) { findings.append(finding) }
}
