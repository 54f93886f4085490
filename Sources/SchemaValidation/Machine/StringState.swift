/// What is known of the string that is being read, in one piece or in segments.
struct StringState: BitwiseCopyable {
    /// The whole string's element.
    var element = Element(start: 0)
    var isSegmented = false
    /// Content octets, without the first of a BIT STRING's segments.
    var octets: UInt64 = 0
    /// Unused bits at the end of the last piece.
    var unused: UInt8 = 0
    /// Bits up to the last that is set.
    var significantBits: UInt64 = 0
    var utf8 = UTF8Checker()
    var iri = IRIChecker()
    /// Characters of two or four octets: those of the current one.
    var partial: UInt32 = 0
    var partialCount: UInt8 = 0
    var partialStart: UInt64 = 0
    /// Something has been said about the content: nothing more will be.
    var isFaulty = false
    var isTold = false
    /// CER: octets of the segment before.
    var lastSegment: UInt64 = 0
    var segmentCount: UInt64 = 0
}
