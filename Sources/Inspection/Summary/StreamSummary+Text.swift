internal import Containers

extension StreamSummary {
    /// The summary as people read it.
    public var text: String {
        var lines: [String] = containerText.isEmpty ? [] : [containerText]
        lines.append(row("kind", schemaVersion.map { "\(kind), schema version \($0)" } ?? kind))
        lines.append(row("size", Self.octets(size)))
        if streamVersion == 0, !channels.isEmpty {
            lines.append(row("main channel", "none: it is in another file"))
            lines.append(row("whole", isWhole ? "yes" : wholeText))
            if !sections.isEmpty { lines += [""] + sectionTable }
            if !commands.isEmpty { lines += [""] + commandTable }
            lines += discardTable
            return (lines + channelLines).joined(separator: "\n") + "\n"
        }
        lines.append(row("stream version", "\(streamVersion)"))
        if leadingZeros > 0 {
            lines.append(row("before it", "\(Self.octets(leadingZeros)) of zeros"))
        }
        if let keptContainer {
            lines += Self.lines(keptContainer, label: "kept container")
            if let keptOctets { lines.append(row("kept octets", Self.octets(keptOctets))) }
        }
        lines.append(
            row("machine", machine.map(Self.visible) ?? "not told (no configuration section)"))
        if let uuid { lines.append(row("uuid", uuid)) }
        if !capabilities.isEmpty {
            lines.append(
                row("capabilities", capabilities.map(Self.visible).joined(separator: ", ")))
        }
        if let pageSize { lines.append(row("page size", Self.octets(pageSize))) }
        if let text = postcopy?.pageText { lines.append(row("post-copy", text)) }
        lines.append(row("section footers", footerText))
        lines.append(
            row("vmdesc", description.map { Self.octets($0) } ?? "none: devices have no fields"))
        if devices.octets > 0 { lines.append(row("device state", devices.text)) }
        if raw > 0 { lines.append(row("carried raw", Self.octets(raw))) }
        if let transfer { lines += transfer.rows.map { row($0.name, $0.value) } }
        lines.append(row("whole", wholeText))
        if !blocks.isEmpty {
            lines += [""] + (blocks.contains { $0.mapped != nil } ? mappedTable : blockTable)
        }
        if let passes = transfer?.passTable, !passes.isEmpty { lines += [""] + passes }
        if !sections.isEmpty { lines += [""] + sectionTable }
        if !recordTable.isEmpty { lines += [""] + recordTable }
        if !commands.isEmpty { lines += [""] + commandTable }
        lines += discardTable
        if !channels.isEmpty { lines += channelLines }
        if !unusual.isEmpty {
            lines +=
                [""]
                + Self.table(
                    [["unusual", ""]] + unusual.map { [$0.code, Self.visible($0.message)] },
                    right: 0..<0)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What the input came in; empty, if in nothing.
    public var containerText: String {
        containers.flatMap { Self.lines($0, label: "container") }.joined(separator: "\n")
    }

    private static func lines(_ layer: ContainerLayer, label: String) -> [String] {
        var lines = [row(label, visible(layer.kind))]
        lines += layer.details.map { row("  " + $0.name, visible($0.value)) }
        guard let snapshots = layer.snapshots else { return lines }
        guard !snapshots.isEmpty else { return lines + [row("  snapshots", "none")] }
        var rows = [["", "snapshot", "name", "date", "guest ran", "VM state", "disk"]]
        for snapshot in snapshots {
            rows.append([
                snapshot.isChosen ? "->" : "", visible(snapshot.id), visible(snapshot.name),
                snapshot.date, seconds(snapshot.vmClock),
                snapshot.vmStateSize == 0 ? "none" : octets(snapshot.vmStateSize),
                octets(snapshot.diskSize),
            ])
        }
        return lines + table(rows, right: 4..<7)
    }

    /// Nanoseconds, as seconds to the thousandth.
    private static func seconds(_ nanoseconds: UInt64) -> String {
        let thousandth = nanoseconds / 1_000_000 % 1000
        let digits = String(thousandth)
        return "\(nanoseconds / 1_000_000_000)."
            + String(repeating: "0", count: 3 - digits.count) + digits + " s"
    }

    private var footerText: String {
        switch hasFooters {
        case true?: "yes"
        case false?: sections.isEmpty ? "no sections" : "no"
        case nil: sections.isEmpty ? "no sections" : "some"
        }
    }

    private var wholeText: String {
        if !isWhole { return "no: \(Self.visible(error ?? "it was not read to its end"))" }
        if hasEndMark, isVerified == false { return "yes, by its structure (--verify reads all)" }
        return hasEndMark ? "yes" : "no end mark: the connection broke, or the rest is carried raw"
    }

    private var blockTable: [String] {
        var rows = [["RAM block", "length", "pages", "zero", "full", "xbzrle", "zlib", "filled"]]
        // Compressed by multifd, where there are such pages.
        if pages.packed != nil { rows[0].append("packed") }
        for block in blocks {
            let pages = block.pages
            rows.append([
                Self.visible(block.name), Self.octets(block.length), "\(pages.total)",
                "\(pages.zero)", "\(pages.full)", "\(pages.xbzrle)", "\(pages.compressed)",
                "\(pages.filled)",
            ])
            if self.pages.packed != nil {
                rows[rows.count - 1].append("\(pages.packed ?? 0)")
            }
        }
        rows.append([
            "all", Self.octets(blocks.reduce(0) { $0 &+ $1.length }), "\(pages.total)",
            "\(pages.zero)", "\(pages.full)", "\(pages.xbzrle)", "\(pages.compressed)",
            "\(pages.filled)",
        ])
        if let packed = pages.packed { rows[rows.count - 1].append("\(packed)") }
        return Self.table(rows, right: 1..<9)
    }

    /// The blocks of a mapped-ram stream, whose pages have places instead of records.
    private var mappedTable: [String] {
        var rows = [["RAM block", "length", "pages", "present", "stale", "file holds", "at"]]
        for block in blocks {
            let mapped = block.mapped ?? Mapped()
            let isShared = mapped.pagesOffset == 0
            rows.append([
                Self.visible(block.name), Self.octets(block.length), "\(mapped.pages)",
                isShared ? "shared" : "\(mapped.present)",
                isShared ? "" : mapped.stale.map { "\($0)" } ?? "?",
                isShared ? "" : mapped.held.map { Self.octets($0) } ?? "?",
                isShared ? "" : "0x" + String(mapped.pagesOffset, radix: 16),
            ])
        }
        rows.append([
            "all", Self.octets(blocks.reduce(0) { $0 &+ $1.length }),
            "\(blocks.reduce(0) { $0 &+ ($1.mapped?.pages ?? 0) })",
            "\(blocks.reduce(0) { $0 &+ ($1.mapped?.present ?? 0) })", "", "", "",
        ])
        return Self.table(rows, right: 1..<7)
    }

    private var sectionTable: [String] {
        var rows = [["id", "section", "instance", "version", "size", "sent as", "contents"]]
        for section in sections {
            var form = section.form.rawValue
            if section.form == .fields {
                form = section.fields == 1 ? "1 field" : "\(section.fields) fields"
            }
            rows.append([
                "\(section.sectionID)", Self.visible(section.name), "\(section.instanceID)",
                "\(section.versionID)", "\(section.size)", Self.sentAs(section), form,
            ])
        }
        return Self.table(rows, right: 2..<5)
    }

    private static func sentAs(_ section: Section) -> String {
        if section.isFull { return "FULL" }
        var parts: [String] = []
        if section.hasStart { parts.append("START") }
        if section.parts > 0 { parts.append("\(section.parts) PART") }
        if section.hasEnd { parts.append("END") }
        return parts.joined(separator: ", ")
    }

    private var recordTable: [String] {
        var rows: [[String]] = []
        for section in sections {
            for records in section.records {
                let numbers = records.numbers.sorted { $0.key < $1.key }
                    .map { "\($0.key) \($0.value)" }
                rows.append([
                    Self.visible(section.name), records.kind, "\(records.count)",
                    records.octets > 0 ? Self.octets(records.octets) : "",
                    numbers.joined(separator: ", "),
                    records.of.map(Self.visible).joined(separator: "/"),
                ])
            }
        }
        if rows.isEmpty { return [] }
        rows.insert(["iterator", "record", "count", "data", "numbers", "of"], at: 0)
        return Self.table(rows, right: 2..<4)
    }

    private var commandTable: [String] {
        var rows = [["command", "code", "count"]]
        for command in commands {
            rows.append([command.name ?? "unknown", "\(command.code)", "\(command.count)"])
        }
        return Self.table(rows, right: 1..<3)
    }

    private var discardTable: [String] {
        guard let rows = postcopy?.rows, !rows.isEmpty else { return [] }
        return [""] + Self.table(rows, right: 1..<3)
    }

    // MARK: Layout

    private func row(_ name: String, _ value: String) -> String { Self.row(name, value) }

    static func row(_ name: String, _ value: String) -> String {
        name + String(repeating: " ", count: max(1, 17 - name.count)) + value
    }

    static func table(_ rows: [[String]], right: Range<Int>) -> [String] {
        let columns = rows.first?.count ?? 0
        let widths = (0..<columns).map { column in
            rows.reduce(0) { max($0, $1[column].count) }
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                let pad = String(repeating: " ", count: widths[column] - cell.count)
                if column > 0 { line += "  " }
                line += right.contains(column) ? pad + cell : cell + pad
            }
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    /// A size that people grasp, exact where it is a round one.
    static func octets(_ count: UInt64) -> String {
        let units = ["octets", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var unit = 0
        var value = count
        while unit < 6, value >= 1024, value % 1024 == 0 {
            value /= 1024
            unit += 1
        }
        if unit > 0, value < 10_240 { return "\(value) \(units[unit])" }
        if count < 10_240 { return "\(count) octets" }
        var scaled = count
        unit = 0
        while scaled >= 10_240, unit < 5 {
            scaled /= 1024
            unit += 1
        }
        return "\(count) octets (\(scaled) \(units[unit]))"
    }

    /// A name from the input, without what a terminal would obey.
    static func visible(_ name: String) -> String {
        if name.isEmpty { return "\"\"" }
        var result = ""
        for scalar in name.unicodeScalars {
            if scalar.value < 0x20 || (0x7f..<0xa0).contains(scalar.value) {
                result += "\\u{" + String(scalar.value, radix: 16) + "}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
