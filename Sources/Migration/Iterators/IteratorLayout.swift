/// How an iterator's sections are laid out, told so that one description serves all: the reader and
/// the writer of the binary stream, those of the BER files, and summaries.
///
/// A payload is records one behind the other, up to a mark that ends it:
///
///     opening?  ( leading word, parts… )*  end
///
/// A visitor is told the records alone; ``opening`` and ``end`` are implied.
public struct IteratorLayout: Sendable {
    /// The handler's name as QEMU registers it.
    public let name: String
    /// What the sections are, for messages: "block migration".
    public let title: String
    /// Two letters, which the application tag of the schema's alternative spells.
    public let letters: String
    /// Whether section names end in ``name``, behind a path, instead of being it.
    public let isSuffix: Bool
    /// The section's version.
    public let version: UInt32
    /// In which sections the layout is met.
    public let kinds: Set<SectionKind>
    /// Octets before the records, unless the first of these is an opening one.
    public let opening: [UInt8]
    /// Octets behind the records, unless the last of these ends the section itself.
    public let end: [UInt8]
    /// A record's place here is its context tag in the schema.
    public let records: [Record]

    public init(
        name: String, title: String, letters: String, isSuffix: Bool = false, version: UInt32,
        kinds: Set<SectionKind> = [.start, .part, .end], opening: [UInt8] = [], end: [UInt8],
        records: [Record]
    ) {
        self.name = name
        self.title = title
        self.letters = letters
        self.isSuffix = isSuffix
        self.version = version
        self.kinds = kinds
        self.opening = opening
        self.end = end
        self.records = records
    }

    /// One kind of record.
    public struct Record: Sendable {
        /// What the record may be in its section.
        public enum Place: Sendable {
            case anywhere
            /// The payload's first record, in place of ``IteratorLayout/opening``, and its last.
            case alone
            /// The last one, in place of ``IteratorLayout/end``.
            case last
        }

        /// The alternative's name in the schema.
        public let name: String
        /// The word that the record begins with; `nil` if it has none.
        public let lead: Lead?
        /// What follows, in the order of the wire.
        public let parts: [Part]
        public let place: Place

        public init(
            _ name: String, lead: Lead? = nil, _ parts: [Part] = [], place: Place = .anywhere
        ) {
            self.name = name
            self.lead = lead
            self.parts = parts
            self.place = place
        }

        /// Whether nothing of the payload comes behind it.
        public var isLast: Bool { place != .anywhere }
    }

    /// A big-endian word that tells a record's kind.
    public struct Lead: Sendable {
        public let octets: Int
        /// The word, but for flags of texts and for a number in its upper bits.
        public let value: UInt64

        public init(octets: Int, value: UInt64) {
            self.octets = octets
            self.value = value
        }
    }

    /// What a number is to somebody who wants a summary.
    public enum Meaning: Sendable {
        /// Where the record belongs.
        case place
        /// How much of something: amounts of several records add up.
        case amount
        /// What holds from here on: the last one counts.
        case property
    }

    /// A part of a record.
    public enum Part: Sendable {
        /// A number in the leading word, above its `shift` lowest bits.
        case leading(String, Meaning, shift: Int, in: ClosedRange<UInt64>)
        /// A big-endian number of so many octets.
        case number(String, Meaning, octets: Int)
        /// A counted string: an octet with its length, then UTF-8. With a `flag` it is there only
        /// if the leading word has that bit.
        case text(String, flag: UInt64?)
        /// A big-endian count of the data's units; no value of its own.
        case length(octets: Int, unit: Int)
        /// Octets. They come last.
        case data(String, DataLength)
    }

    /// What tells how long data is.
    public enum DataLength: Sendable, Hashable {
        /// A ``Part/length(octets:unit:)`` before it.
        case counted
        case fixed(Int)
        /// The section's end, whose mark follows. Only a section whose length is known from
        /// outside can have it.
        case untilEnd
    }

    /// Numbers and texts that a record may have.
    public static let numberLimit = 4
    public static let textLimit = 2
    /// Octets of a record's data: more than any disk has, little enough to count with.
    public static let dataLimit: UInt64 = 1 << 56
}

extension IteratorLayout: Hashable {
    /// Names are unique, see ``IteratorRegistry``.
    public static func == (left: Self, right: Self) -> Bool {
        left.name == right.name && left.kinds == right.kinds
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension IteratorLayout.Record {
    /// The bits of the leading word that say which texts the record has.
    var textFlags: UInt64 {
        parts.reduce(0) { flags, part in
            if case .text(_, let flag?) = part { return flags | flag }
            return flags
        }
    }

    /// The units of its data, in octets, and of how many octets the count before it is.
    public var dataCount: (octets: Int, unit: Int)? {
        for case .length(let octets, let unit) in parts { return (octets, unit) }
        return nil
    }

    /// The name of its data, and what tells how long it is.
    public var data: (name: String, length: IteratorLayout.DataLength)? {
        for case .data(let name, let length) in parts { return (name, length) }
        return nil
    }
}
