/// A constructed element that is open: what the interpreter keeps of it.
struct Frame: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
        /// The whole input.
        case root
        case wrapper, sequence, set, list
        /// Contents of which only the encoding is looked at.
        case unknown
        /// The segments of a string.
        case segments
        /// A string's octets as an element.
        case contents
    }

    var kind: Kind
    var isIndefinite = false
    var headSize: UInt8 = 0
    var tagSize: UInt8 = 0
    /// The version brackets that the last component stood in, or -1.
    var group: Int32 = -1
    /// What the element is.
    var node: Int32
    /// Where the search for the element began: through choices it led to `node`.
    var entry: Int32
    /// SEQUENCE: the first component that may come next, from the node's first.
    var next: Int32 = 0
    /// SEQUENCE, SET: the component that is being read.
    var current: Int32 = -1
    /// Choices around it, for the listener.
    var choices: Int32 = 0
    /// In place of ``choices``: the listener has not heard of the element.
    static let untold: Int32 = -1
    /// The name of what stands in it, for the listener.
    var name: Int32 = -1
    var isElement = false
    var registers: Int32 = -1
    var keyOctets: Int32 = 0
    /// Words of `masks` from here on belong to components from 64 on.
    var masks: Int32 = -1
    /// The element's tag.
    var tag: TagKey
    /// Offset of the first identifier octet.
    var start: UInt64
    /// Offset behind the last octet that it may have.
    var end: UInt64
    /// SEQUENCE OF, SET OF, wrapper: elements so far. SET: components seen.
    var count: UInt64 = 0
    /// SET under CER and DER: the last tag.
    var lastTag: UInt64 = 0
}
