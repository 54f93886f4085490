/// What is wrong with an encoding: stable words for people and programs.
public enum ValidationCode: String, Sendable, Hashable, CaseIterable {
    // Framing.
    case truncated
    case lengthReserved = "length-reserved"
    case lengthOverrunsParent = "length-overruns-parent"
    case indefinitePrimitive = "indefinite-primitive"
    case unexpectedEndOfContents = "unexpected-eoc"
    case endOfContentsLength = "eoc-length"
    case tagPadding = "tag-padding"
    case tagNotLowForm = "tag-not-low-form"
    case tagTooLong = "tag-too-long"
    case depth
    case lengthNotMinimal = "length-not-minimal"
    case indefiniteForbidden = "indefinite-forbidden"
    case definiteForbidden = "definite-forbidden"
    case trailingData = "trailing-data"
    // Structure.
    case unexpectedTag = "unexpected-tag"
    case missingComponent = "missing-component"
    case extraComponent = "extra-component"
    case duplicateComponent = "duplicate-component"
    case forbiddenComponent = "forbidden-component"
    case noChoiceAlternative = "no-choice-alternative"
    case form
    case segmentTag = "segment-tag"
    case segmentSize = "segment-size"
    case stringForm = "string-form"
    case componentOrder = "component-order"
    case elementOrder = "element-order"
    case defaultEncoded = "default-encoded"
    // Values.
    case booleanLength = "boolean-length"
    case booleanValue = "boolean-value"
    case integerLength = "integer-length"
    case integerPadding = "integer-padding"
    case nullLength = "null-length"
    case realFormat = "real-format"
    case objectIdentifierLength = "oid-length"
    case objectIdentifierPadding = "oid-padding"
    case objectIdentifierTruncated = "oid-truncated"
    case bitStringUnused = "bitstring-unused"
    case utf8
    case characterLength = "character-length"
    case character
    case time
    case iri = "oid-iri"
    // Constraints.
    case size
    case valueRange = "value-range"
    case permittedAlphabet = "permitted-alphabet"
    case enumerationValue = "enumeration-value"
    case constraint
    case table = "table-constraint"
    // What was not looked at.
    case unchecked
}
