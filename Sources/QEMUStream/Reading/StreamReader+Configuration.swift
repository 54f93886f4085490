import ByteIO
import Migration

/// The configuration section and its subsections (QEMU's `vmstate_configuration`).
extension StreamReader {
    /// Octets of a machine type's name.
    static let machineNameLimit: UInt32 = 4096
    /// Octets of all that the configuration section has.
    static let configurationLimit = 1 << 20

    /// - Returns: whether it was understood; if not, nothing of its subsections is consumed.
    mutating func configuration<V: MigrationVisitor & ~Copyable>(
        into visitor: inout V
    ) throws(MigrationError) -> Bool {
        let start = source.position
        guard try load(5) >= 5 else { throw truncated("the configuration section") }
        let length: UInt32 = source.window.bigEndian(at: 1)
        guard length <= StreamReader.machineNameLimit else {
            throw error(
                .corrupt, at: start + 1, path: "configuration",
                expected: "the length of a machine type's name", found: "\(length)")
        }
        let head = 5 + Int(length)
        guard try load(head) >= head else { throw truncated("the machine type's name") }
        guard let machine = source.window.text(at: 5, count: Int(length)) else {
            throw error(
                .corrupt, at: start + 5, path: "configuration",
                expected: "the machine type's name in UTF-8", found: "other octets")
        }
        var state = DeviceState()
        var names: [String: Int32] = [:]
        var at = head
        while try load(at + 1) > at, source.window.octet(at: at) == 5 {
            guard try load(at + 2) >= at + 2 else { throw truncated("a subsection's name") }
            guard let next = try subsection(at: at, of: &state, &names) else {
                state.finish()
                options.warn(
                    MigrationWarning(
                        .carriedRaw, at: start + UInt64(at), path: "configuration",
                        "a subsection that Berth does not know has no length: "
                            + "all from the configuration section on is carried as raw octets"))
                return false
            }
            at = next
        }
        state.finish()
        hasConfiguration = true
        source.consume(at)
        try visitor.configuration(Configuration(machine: machine, subsections: state))
        return true
    }

    /// - Returns: behind the subsection; `nil` if it is an unknown one.
    private mutating func subsection(
        at start: Int, of state: inout DeviceState, _ names: inout [String: Int32]
    ) throws(MigrationError) -> Int? {
        let nameLength = Int(source.window.octet(at: start + 1))
        let body = start + 2 + nameLength + 4
        guard try load(body) >= body else { throw truncated("a subsection's header") }
        guard let name = source.window.text(at: start + 2, count: nameLength) else { return nil }
        let version: UInt32 = source.window.bigEndian(at: body - 4)
        let container = state.beginContainer(
            .subsection, name: state.intern(name, &names), version: version)
        defer { state.endContainer(container) }
        switch name {
        case "configuration/target-page-bits":
            guard try load(body + 4) >= body + 4 else { throw truncated("the page size") }
            let bits: UInt32 = source.window.bigEndian(at: body)
            state.add(
                .uint32, name: state.intern("target_page_bits", &names), bits: UInt64(bits))
            guard (10...24).contains(bits) else {
                throw error(
                    .corrupt, at: source.position + UInt64(body), path: name,
                    expected: "the page size's logarithm, 10 to 24", found: "\(bits)")
            }
            if options.pageSize == nil { pageSize = 1 << UInt64(bits) }
            return body + 4
        case "configuration/uuid":
            guard try load(body + 16) >= body + 16 else { throw truncated("the UUID") }
            state.add(
                .blob, name: state.intern("uuid", &names),
                octets: source.window.extracting(body..<body + 16).octets)
            return body + 16
        case "configuration/capabilities":
            return try capabilityNames(at: body, of: &state, &names)
        default: return nil
        }
    }

    private mutating func capabilityNames(
        at body: Int, of state: inout DeviceState, _ names: inout [String: Int32]
    ) throws(MigrationError) -> Int {
        guard try load(body + 4) >= body + 4 else { throw truncated("the capabilities") }
        let count: UInt32 = source.window.bigEndian(at: body)
        state.add(.uint32, name: state.intern("caps_count", &names), bits: UInt64(count))
        let array = state.beginContainer(.array, name: state.intern("capabilities", &names))
        var at = body + 4
        for _ in 0..<count {
            guard at < StreamReader.configurationLimit else {
                throw error(
                    .limit, at: source.position + UInt64(at), path: "configuration/capabilities",
                    expected: "a few capabilities", found: "\(count)")
            }
            guard try load(at + 1) >= at + 1 else { throw truncated("a capability's name") }
            let length = Int(source.window.octet(at: at))
            guard try load(at + 1 + length) >= at + 1 + length else {
                throw truncated("a capability's name")
            }
            guard let name = source.window.text(at: at + 1, count: length) else {
                throw error(
                    .corrupt, at: source.position + UInt64(at + 1),
                    path: "configuration/capabilities", expected: "a capability's name in UTF-8",
                    found: "other octets")
            }
            capabilities.insert(name)
            state.add(.text, name: -1, octets: Array(name.utf8))
            at += 1 + length
        }
        state.endContainer(array)
        return at
    }
}
