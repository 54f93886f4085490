public import Migration

/// Layouts of devices from outside their own stream: the vmdesc of another stream, or what
/// `-dump-vmstate` writes.
///
/// A layout is believed only if a device's octets fit it to the last one, in one way, and come back
/// from the fields.
public struct DeviceLayouts: Sendable {
    /// Why a device stays a blob.
    public struct Refusal: Error, Hashable, Sendable {
        public var reason: String
    }

    /// Layouts by the section's whole name.
    private var sections: [String: [(instance: UInt32, layout: DeviceLayout)]] = [:]
    /// Layouts by the description's name, which is the section's behind the path of its bus.
    private var handlers: [String: [DeviceLayout]] = [:]
    private var library: [String: DeviceLayout] = [:]

    public init() {}

    public var isEmpty: Bool { sections.isEmpty && handlers.isEmpty }

    /// Adds what another stream's vmdesc tells.
    public mutating func add(_ description: VMDescription) {
        for device in description.devices {
            let layout = DeviceLayout(device.body)
            sections[device.name, default: []].append((device.instanceID, layout))
            if !layout.name.isEmpty { handlers[layout.name, default: []].append(layout) }
            collect(layout)
        }
    }

    /// Adds a layout of a `-dump-vmstate` file.
    mutating func add(_ layout: DeviceLayout) {
        handlers[layout.name, default: []].append(layout)
        collect(layout)
    }

    private mutating func collect(_ layout: DeviceLayout) {
        for subsection in layout.subsections {
            if library[subsection.name] == nil { library[subsection.name] = subsection }
            collect(subsection)
        }
        for field in layout.fields {
            for inner in field.layouts { collect(inner) }
        }
    }

    /// Layouts for a section, likelier ones first.
    private func candidates(_ header: SectionHeader) -> [[DeviceLayout]] {
        var result: [[DeviceLayout]] = []
        let version = Int64(header.versionID)
        if let same = sections[header.name] {
            let exact = same.filter { $0.instance == header.instanceID }
            result.append(exact.map { $0.layout })
            result.append(same.filter { $0.instance != header.instanceID }.map { $0.layout })
        }
        var name = header.name[...]
        while true {
            if let found = handlers[String(name)] { result.append(found) }
            guard let slash = name.firstIndex(of: "/") else { break }
            name = name[name.index(after: slash)...]
        }
        // A section without a description has no version of its own.
        return result.map { $0.filter { $0.version == version || $0.name.isEmpty } }
            .filter { !$0.isEmpty }
    }

    /// Whether anything is known of a section of this name and version.
    func knows(_ header: SectionHeader) -> Bool { !candidates(header).isEmpty }

    /// The fields of a device.
    ///
    /// - Parameter octets: the section's payload.
    public func state(
        of header: SectionHeader, _ octets: [UInt8]
    ) throws(Refusal) -> DeviceState {
        let candidates = candidates(header)
        guard !candidates.isEmpty else {
            throw Refusal(reason: "no layout is known of it in version \(header.versionID)")
        }
        for group in candidates {
            // Arrays whose length is not told are thought of only if nothing else fits.
            for opensCounts in [false, true] {
                if let found = try state(of: header, octets, group, opensCounts: opensCounts) {
                    return found
                }
            }
        }
        throw Refusal(reason: "its octets do not fit the layout that is known of it")
    }

    private func state(
        of header: SectionHeader, _ octets: [UInt8], _ layouts: [DeviceLayout], opensCounts: Bool
    ) throws(Refusal) -> DeviceState? {
        var found: DeviceState?
        for layout in layouts {
            var resolver = LayoutResolver(
                octets, version: Int64(header.versionID), library: library,
                opensCounts: opensCounts)
            for body in resolver.resolve(layout) {
                guard let state = Self.decode(octets, body, header, layout) else { continue }
                if let found, found != state {
                    throw Refusal(reason: "its octets fit several layouts")
                }
                found = state
            }
        }
        return found
    }

    /// Decodes by a description that was found; one whose open field stayed a blob proves nothing.
    private static func decode(
        _ octets: [UInt8], _ body: VMDescription.Body, _ header: SectionHeader,
        _ layout: DeviceLayout
    ) -> DeviceState? {
        var decoder = DeviceDecoder(octets, section: header.name)
        do throws(DeviceDecoder.Misfit) { try decoder.decode(body) } catch { return nil }
        guard decoder.notes.isEmpty else { return nil }
        let isOpen = layout.fields.contains { $0.isOpen }
        if isOpen, decoder.state.nodes.contains(where: { $0.kind == .blob }) { return nil }
        return decoder.state
    }
}
