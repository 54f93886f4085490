/// The rules of QEMU's loader that a stream or a description can break.
public enum CompatibilityCode: String, Hashable, Sendable, CaseIterable {
    // The stream's start.
    case machineType = "machine-type"
    case configurationMissing = "configuration-missing"
    case configurationUnexpected = "configuration-unexpected"
    case footers
    case pageSize = "page-size"
    case capability
    case command

    // RAM.
    case unknownBlock = "unknown-block"
    case blockLength = "block-length"
    case blockNotSent = "block-not-sent"
    case blockPageSize = "block-page-size"
    case pageRecord = "page-record"

    // Sections.
    case unknownSection = "unknown-section"
    case unknownDevice = "unknown-device"
    case sectionNotSent = "section-not-sent"
    case newerVersion = "newer-version"
    case olderVersion = "older-version"
    case iterator

    // What a section holds.
    case fieldNotSent = "field-not-sent"
    case fieldUnknown = "field-unknown"
    case fieldSize = "field-size"
    case fieldType = "field-type"
    case fieldRenamed = "field-renamed"
    case unknownSubsection = "unknown-subsection"
    case notDescribed = "not-described"
    case fieldValue = "field-value"

    // Between two dumps alone.
    case sectionMissing = "section-missing"
    case descriptionName = "description-name"
    case descriptionMissing = "description-missing"
    case entryMissing = "entry-missing"
    case fieldMissing = "field-missing"
    case fieldOther = "field-other"
    case unusedSize = "unused-size"
    case subsectionMissing = "subsection-missing"
    case fieldNew = "field-new"
    case fieldNotRead = "field-not-read"
    case fieldCount = "field-count"
    case fieldCondition = "field-condition"

    /// How bad it is where nothing softens it.
    var severity: CompatibilityFinding.Severity {
        switch self {
        case .blockNotSent, .sectionNotSent, .pageRecord, .notDescribed, .fieldCondition,
            .iterator, .command:
            .warning
        case .fieldRenamed: .note
        default: .error
        }
    }

    /// The rule, in one line.
    public var rule: String {
        switch self {
        case .machineType: "the machine type's name must begin as the one in the stream"
        case .configurationMissing:
            "machine types from 2.4 on want a configuration section behind the header"
        case .configurationUnexpected:
            "machine types up to 2.3 take the configuration section for a device section"
        case .footers: "both sides must have section footers, or none"
        case .pageSize: "the target's page size must be the sender's"
        case .capability: "x-ignore-shared and mapped-ram must be set alike on both sides"
        case .command: "a command is taken only with the capability or the version it belongs to"
        case .unknownBlock: "each RAM block of the stream must be there, under its name"
        case .blockLength: "a RAM block's length must be the same, unless it can be resized"
        case .blockNotSent: "a RAM block that is not in the stream keeps what it has"
        case .blockPageSize:
            "with post-copy, the memory behind a block must have the same page size"
        case .pageRecord: "a kind of page record that not every version takes"
        case .unknownSection: "a section's name and instance must be those of a handler"
        case .unknownDevice: "a section's name must be that of a device that the program has"
        case .sectionNotSent: "a device that is not in the stream stays as after a reset"
        case .newerVersion: "a version must not be above the loader's"
        case .olderVersion: "a version must not be below the loader's minimum"
        case .iterator: "an iterator must be one that the loader has"
        case .fieldNotSent: "the loader reads each field of its own up to the version sent"
        case .fieldUnknown: "the loader reads no field but its own"
        case .fieldSize: "a field has the loader's length, whatever was sent"
        case .fieldType: "a structure is read field by field"
        case .fieldRenamed: "names are not in the stream: a field of the same length is read"
        case .unknownSubsection: "a subsection's name must be known where it stands"
        case .notDescribed: "what nothing describes can't be compared"
        case .fieldValue: "the device's own code must take the value"
        case .sectionMissing: "each type of the sender's must be there"
        case .descriptionName: "a description must have the same name"
        case .descriptionMissing: "a structure must stay a structure"
        case .entryMissing: "fields or subsections must not vanish altogether"
        case .fieldMissing: "fields of the sender's must be there, in their order"
        case .fieldOther: "fields must follow each other in the same order"
        case .unusedSize: "unused octets must be as many as the fields in their place"
        case .subsectionMissing: "each subsection of the sender's must be there"
        case .fieldNew: "a new field needs a new version, a predicate or a subsection"
        case .fieldNotRead: "a field must not be newer than the version that has it"
        case .fieldCount: "an array must keep its length"
        case .fieldCondition: "a field must be sent on the same condition"
        }
    }

    /// Whether QEMU's `scripts/vmstate-static-checker.py` has the rule.
    public var isStaticCheckersRule: Bool {
        switch self {
        case .machineType, .newerVersion, .olderVersion, .fieldSize, .sectionMissing,
            .descriptionName, .descriptionMissing, .entryMissing, .fieldMissing, .fieldOther,
            .unusedSize, .subsectionMissing:
            true
        default: false
        }
    }
}
