public import ByteIO

/// Why octets are no BER, or not as a rule demands.
public struct BERError: Error, Hashable, Sendable {
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// The input ends inside an element.
        case truncated
        /// A length octet of ff (X.690 8.1.3.5 c).
        case lengthReserved = "length-reserved"
        /// A length of more than 2^63 - 1 octets, or one that the element around it has no room for.
        case lengthOverrunsParent = "length-overruns-parent"
        /// An indefinite length for a primitive element (8.1.3.2 a).
        case indefinitePrimitive = "indefinite-primitive"
        /// End-of-contents where no indefinite length is open (8.1.5).
        case unexpectedEndOfContents = "unexpected-eoc"
        /// End-of-contents whose length is not 0.
        case endOfContentsLength = "eoc-length"
        /// A tag number with a leading zero digit (8.1.2.4.2 c).
        case tagPadding = "tag-padding"
        /// A tag number below 31 in the form for higher ones (8.1.2.2).
        case tagNotLowForm = "tag-not-low-form"
        /// A tag of more octets than the limit.
        case tagTooLong = "tag-too-long"
        /// More elements inside each other than the limit.
        case depth
        /// A length in more octets than needed, where the rules demand the shortest form.
        case lengthNotMinimal = "length-not-minimal"
        /// An indefinite length where the rules demand a definite one.
        case indefiniteForbidden = "indefinite-forbidden"
        /// A definite length where the rules demand an indefinite one.
        case definiteForbidden = "definite-forbidden"
        /// An element that is not what the reader's caller needs here.
        case unexpectedElement = "unexpected-element"
        /// A value that its type does not allow.
        case value
        case io
    }

    public var code: Code
    /// Octets from the start of the input to the element's first identifier octet.
    public var element: UInt64
    /// Octets from the start of the input to the octet at fault.
    public var at: UInt64
    /// Further facts, as in `wants 4096 octets, 17 are left`.
    public var detail: String
    public var io: ByteIOError?

    public init(
        _ code: Code, element: UInt64, at: UInt64, _ detail: String = "", io: ByteIOError? = nil
    ) {
        self.code = code
        self.element = element
        self.at = at
        self.detail = detail
        self.io = io
    }
}
