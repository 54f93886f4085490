internal import Migration

/// Sections and what they hold (QEMU's `qemu_loadvm_section_start_full`, `find_se`,
/// `check_section_footer`).
extension StreamCheck {
    mutating func checkSections() {
        checkFooters()
        var outside: [String] = []
        var unread: [String] = []
        unproved = []
        for section in stream.sections {
            if section.isDevice {
                let count = verdict.findings.count
                check(section, &outside, &unread)
                checkValues(section, from: count)
            } else {
                checkIterator(section)
            }
        }
        if !outside.isEmpty {
            verdict.gaps.append(
                LoadVerdict.Gap(
                    code: .handlers,
                    text: target.hasDump
                        ? "sections that belong to no device, of which no dump tells"
                        : "sections that the target's stream describes by one example alone",
                    names: Self.unique(outside)))
        }
        if !unread.isEmpty {
            verdict.gaps.append(
                LoadVerdict.Gap(
                    code: .sections,
                    text: "sections whose octets nothing describes, or not the target's way",
                    names: Self.unique(unread)))
        }
        if !unproved.isEmpty {
            verdict.gaps.append(
                LoadVerdict.Gap(
                    code: .subsections,
                    text:
                        "subsections that the target's stream does not have: it may not know them",
                    names: unproved))
        }
        checkUnread()
        if !stream.isCut { tellNotSent() }
    }

    /// What Berth can't read, as no QEMU that it knows writes it.
    private mutating func checkUnread() {
        guard stream.isCut else { return }
        if let header = stream.unread {
            checkIterator(
                StreamInventory.Section(header: header, offset: stream.unreadOffset ?? 0))
        }
        let place = stream.unreadOffset.map { " from octet 0x" + String($0, radix: 16) + " on" }
        verdict.gaps.append(
            LoadVerdict.Gap(
                code: .rest, text: "the rest of the stream\(place ?? ""), which can't be read"))
    }

    private mutating func checkFooters() {
        guard let sent = stream.hasFooters, let wanted = target.hasFooters, sent != wanted,
            let first = stream.sections.first
        else { return }
        verdict.add(
            CompatibilityFinding(
                .footers, path: first.header.path,
                sent
                    ? "sections have footers, which the target does not expect"
                    : "sections have no footers, which the target wants",
                loaderMessages: sent
                    ? LoaderMessage.sectionType(0x7e) : LoaderMessage.footer(first.header),
                place: .stream(first.offset)))
    }

    private mutating func checkIterator(_ section: StreamInventory.Section) {
        let header = section.header
        switch header.name {
        case "ram":
            guard header.versionID != 4 else { return }
            report(
                header.versionID > 4 ? .newerVersion : .olderVersion, section,
                "the target takes RAM of version 4 alone", expected: "version 4",
                found: "version \(header.versionID)",
                loaderMessages: header.versionID > 4
                    ? LoaderMessage.newerSection(header.versionID, "ram", local: 4)
                    : LoaderMessage.loading(header))
        // Every QEMU has this one.
        case "dirty-bitmap": break
        case "block":
            report(
                .iterator, section, "block migration: QEMU 9.1 and newer refuse it",
                loaderMessages: LoaderMessage.unknownSection(
                    header.name, instance: header.instanceID))
        default:
            guard target.hasAllSections else { return }
            guard let local = target.section(header) else { return unknown(section) }
            checkVersion(section, local: Int64(local.header.versionID))
        }
    }

    private mutating func check(
        _ section: StreamInventory.Section, _ outside: inout [String], _ unread: inout [String]
    ) {
        let header = section.header
        let local = target.section(header)
        let name = section.body?.name
        let candidates = target.descriptions(of: header, named: name)
        let isOutside = OutsideDumps.has(name ?? header.name)
        if target.hasDump, candidates.isEmpty, !isOutside, !OutsideDumps.had(name ?? header.name),
            name != nil || local == nil
        {
            return unknownDevice(section)
        }
        if target.hasAllSections, local == nil,
            !OutsideDumps.isOccasional(name ?? header.name)
        {
            return unknown(section)
        }
        // A description that is of another handler under that name proves nothing.
        if let best = best(candidates, for: section),
            !isOutside || !best.contains(where: { $0.severity == .error })
        {
            verdict.findings += best
            if section.body == nil { unread.append(header.name) }
            if !best.contains(where: { $0.severity == .error }), let example = local?.body {
                verdict.findings += lengths(section, example)
            }
            return
        }
        guard let local else {
            return outside.append(header.name)
        }
        guard checkVersion(section, local: Int64(local.header.versionID)) else { return }
        guard let sent = section.body, let example = local.body else {
            // Two handlers without a description are alike if their names are.
            if section.body == nil { unread.append(header.name) }
            return
        }
        var comparison = comparison(section)
        comparison.compare(
            sent, ExpectedBody(example), version: Int64(header.versionID),
            path: header.path)
        verdict.findings += comparison.findings
        unproved += comparison.unproved
        outside.append(header.name)
    }

    /// What the device's own code makes of the values, if it comes to see them.
    /// - Parameter first: the number of the section's first finding.
    private mutating func checkValues(_ section: StreamInventory.Section, from first: Int) {
        guard let rules = section.rules, let own = target.section(section.header)?.rules else {
            return
        }
        let path = section.header.path + "."
        let lengths = verdict.findings.indices.dropFirst(first).filter { index in
            let finding = verdict.findings[index]
            return finding.code == .fieldSize && finding.severity == .warning
                && finding.path.hasPrefix(path)
                && rules.hasVariable(String(finding.path.dropFirst(path.count)))
        }
        for index in lengths.reversed() { verdict.findings.remove(at: index) }
        guard !verdict.findings.dropFirst(first).contains(where: { $0.severity == .error }) else {
            return
        }
        verdict.findings += rules.findings(section, own: own)
    }

    /// Arrays that have another length in the target's stream, of which a dump can't tell.
    private func lengths(
        _ section: StreamInventory.Section, _ example: SentBody
    ) -> [CompatibilityFinding] {
        guard let sent = section.body else { return [] }
        var comparison = comparison(section)
        comparison.compare(
            sent, ExpectedBody(example), version: Int64(section.header.versionID),
            path: section.header.path)
        return comparison.findings.filter { $0.code == .fieldSize && $0.severity == .warning }
    }

    private func comparison(_ section: StreamInventory.Section) -> BodyComparison {
        BodyComparison(
            section, renames: renames, hasFooters: stream.hasFooters ?? true,
            hasOffsets: stream.isBinary)
    }

    /// The findings by the description that fits best: several may have one name.
    private func best(
        _ candidates: [ExpectedBody], for section: StreamInventory.Section
    ) -> [CompatibilityFinding]? {
        var best: (errors: Int, findings: [CompatibilityFinding])?
        for candidate in candidates {
            let findings = findings(of: section, by: candidate)
            let errors = findings.count { $0.severity == .error }
            if best.map({ errors < $0.errors }) ?? true { best = (errors, findings) }
        }
        return best?.findings
    }

    private func findings(
        of section: StreamInventory.Section, by candidate: ExpectedBody
    ) -> [CompatibilityFinding] {
        let header = section.header
        let path = header.path
        let place = CompatibilityFinding.Place.stream(section.offset)
        if Int64(header.versionID) > candidate.version {
            return [Self.newer(section, local: candidate.version)]
        }
        if Int64(header.versionID) < candidate.minimumVersion {
            return [
                CompatibilityFinding(
                    .olderVersion, path: path, "the section is too old",
                    expected: "at least version \(candidate.minimumVersion)",
                    found: "version \(header.versionID)",
                    loaderMessages: LoaderMessage.older(
                        candidate.name, Int64(header.versionID),
                        minimum: candidate.minimumVersion), place: place)
            ]
        }
        guard let sent = section.body else { return [] }
        var comparison = comparison(section)
        comparison.compare(sent, candidate, version: Int64(header.versionID), path: path)
        return comparison.findings
    }

    /// - Returns: whether the version is one that the target takes.
    @discardableResult
    private mutating func checkVersion(
        _ section: StreamInventory.Section, local: Int64
    ) -> Bool {
        guard Int64(section.header.versionID) > local else { return true }
        verdict.add(Self.newer(section, local: local))
        return false
    }

    private static func newer(
        _ section: StreamInventory.Section, local: Int64
    ) -> CompatibilityFinding {
        let header = section.header
        return CompatibilityFinding(
            .newerVersion, path: header.path, "the section is too new",
            expected: "at most version \(local)", found: "version \(header.versionID)",
            loaderMessages: LoaderMessage.newerSection(
                header.versionID, header.name, local: local), place: .stream(section.offset))
    }

    private mutating func unknownDevice(_ section: StreamInventory.Section) {
        report(
            .unknownDevice, section, "the target's program has no such device",
            found: section.body?.name.map { "\($0), version \(section.header.versionID)" },
            loaderMessages: LoaderMessage.unknownSection(
                section.header.name, instance: section.header.instanceID))
    }

    private mutating func unknown(_ section: StreamInventory.Section) {
        let header = section.header
        let tail = header.name.split(separator: "/").last
        let like = target.other?.sections.filter {
            $0.header.name == header.name || $0.header.name.split(separator: "/").last == tail
        }
        report(
            .unknownSection, section, "the target machine has no such section",
            expected: like?.isEmpty == false
                ? like?.map { $0.header.path }.joined(separator: ", ") : nil,
            found: "\(header.name), instance \(header.instanceID)",
            loaderMessages: LoaderMessage.unknownSection(
                header.name, instance: header.instanceID))
    }

    private mutating func report(
        _ code: CompatibilityCode, _ section: StreamInventory.Section, _ message: String,
        expected: String? = nil, found: String? = nil, loaderMessages: [String]
    ) {
        verdict.add(
            CompatibilityFinding(
                code, path: section.header.path, message, expected: expected,
                found: found, loaderMessages: loaderMessages, place: .stream(section.offset)))
    }

    /// Devices of the target's that the stream says nothing of.
    private mutating func tellNotSent() {
        guard let other = target.other else { return }
        let sent = Set(stream.sections.map { [$0.header.name, "\($0.header.instanceID)"] })
        for section in other.sections where section.isDevice {
            let header = section.header
            guard !sent.contains([header.name, "\(header.instanceID)"]),
                !OutsideDumps.isOccasional(header.name),
                !stream.sections.contains(where: {
                    target.section($0.header)?.header == header
                })
            else { continue }
            verdict.add(
                CompatibilityFinding(
                    .sectionNotSent, path: header.path,
                    "the target's device is not in the stream: it stays as after a reset"))
        }
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
