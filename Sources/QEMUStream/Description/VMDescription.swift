/// The vmdesc: what a stream's JSON trailer tells of its FULL sections (QEMU's
/// `migration/vmstate.c`, `vmsd_desc_field_start`).
public struct VMDescription: Sendable {
    /// A body: the fields and subsections of one VMStateDescription.
    public struct Body: Sendable {
        public var name = ""
        public var version: Int64 = 0
        public var fields: [Field] = []
        public var subsections: [Body] = []
        /// Whether the object had any member at all; null pointers up to 9.2 have `{}`.
        public var isDescribed = false
    }

    public struct Field: Sendable {
        public var name = ""
        public var type = ""
        /// Octets of one element on the wire, everything nested included.
        public var size: UInt64 = 0
        /// Elements that follow each other, all of the same description.
        public var arrayLength: UInt64?
        /// The descriptions nested in it: one for a struct, one an element for lists.
        public var bodies: [Body] = []

        /// Octets on the wire; `nil` if they don't fit 63 bits.
        public var total: UInt64? {
            let (product, overflow) = size.multipliedReportingOverflow(by: arrayLength ?? 1)
            return overflow || product > UInt64(Int64.max) ? nil : product
        }
    }

    public struct Device: Sendable {
        public var name = ""
        public var instanceID: UInt32 = 0
        public var body = Body()
    }

    /// The target's page size in octets (member `page_size`).
    public var pageSize: UInt64?
    /// The configuration section's own description (8.2 and later).
    public var configuration: Body?
    /// One for each FULL section, in stream order.
    public var devices: [Device] = []
}

extension VMDescription.Body {
    /// Octets that the description claims for the body; `nil` if they don't fit 63 bits.
    public var total: UInt64? {
        var sum: UInt64 = 0
        for field in fields {
            guard let total = field.total else { return nil }
            sum &+= total
            if sum > UInt64(Int64.max) { return nil }
        }
        for subsection in subsections {
            guard let total = subsection.total else { return nil }
            sum &+= total &+ 6 &+ UInt64(subsection.name.utf8.count)
            if sum > UInt64(Int64.max) { return nil }
        }
        return sum
    }
}
