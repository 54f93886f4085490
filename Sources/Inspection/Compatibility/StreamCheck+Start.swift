internal import Migration
internal import QEMUStream

/// The configuration section and the commands (QEMU's `qemu_loadvm_state_header`,
/// `configuration_post_load`, `loadvm_process_command`).
extension StreamCheck {
    mutating func checkConfiguration() {
        guard let (machine, settings) = stream.configuration else {
            if target.hasConfiguration == true {
                verdict.add(
                    CompatibilityFinding(
                        .configurationMissing, path: "configuration",
                        "the stream has no configuration section, which the target wants",
                        loaderMessages: LoaderMessage.configurationMissing, place: .stream(8)))
            }
            return
        }
        if target.hasConfiguration == false {
            return verdict.add(
                CompatibilityFinding(
                    .configurationUnexpected, path: "configuration",
                    "the stream has a configuration section, which the target does not expect",
                    loaderMessages: LoaderMessage.sectionType(7), place: .stream(8)))
        }
        // The loader compares as many octets as came.
        if let local = target.machine, !local.utf8.starts(with: machine.utf8) {
            verdict.add(
                CompatibilityFinding(
                    .machineType, path: "configuration", "the target is another machine type",
                    expected: local, found: machine,
                    loaderMessages: LoaderMessage.machineType(machine, local: local),
                    place: .stream(8)))
        }
        if let sent = stream.pageSize, let local = target.other?.pageSize, sent != local {
            verdict.add(
                CompatibilityFinding(
                    .pageSize, path: "configuration", "the target has another page size",
                    expected: "\(local) octets", found: "\(sent) octets",
                    loaderMessages: LoaderMessage.pageBits(
                        UInt64(sent.trailingZeroBitCount),
                        local: UInt64(local.trailingZeroBitCount)), place: .stream(8)))
        }
        for capability in settings.capabilities {
            verdict.needs.append("the capability \(capability), set to on")
        }
        if settings.hasUUID { verdict.needs.append("the sender's -uuid, or none") }
    }

    mutating func checkCommands() {
        for command in stream.commands {
            let name = StreamCommand.name(command.code) ?? "\(command.code)"
            switch (command.code, command.length) {
            case (1, _): need("a return path: the sender's connection, not a file")
            case (3, 16): need("the capability postcopy-ram, set to on")
            case (3, 0): need("the capability dirty-bitmaps, set to on")
            // Who sends a command knows it.
            case (let code, _) where knows(code):
                break
            case (8, _): warn(command.code, "\(name) is not known to QEMU 11.0 and newer")
            case (11, _): warn(command.code, "\(name) is not known to QEMU 9.2 and older")
            default: break
            }
        }
        if stream.channels.contains(.multifd) {
            need("the capability multifd, set to on, and as many channels")
        }
    }

    /// Whether the target itself has sent such a command.
    private func knows(_ code: UInt16) -> Bool {
        target.other?.commands.contains { $0.code == code } ?? false
    }

    private mutating func need(_ text: String) {
        if !verdict.needs.contains(text) { verdict.needs.append(text) }
    }

    private mutating func warn(_ code: UInt16, _ message: String) {
        verdict.add(
            CompatibilityFinding(
                .command, path: "command", message,
                loaderMessages: LoaderMessage.command(code)))
    }
}
