/// What `berth explain` tells about a code.
public struct Explanation: Sendable {
    public var summary: String
    /// Where the standards say it.
    public var clause: String
    public var cause: String
    public var remedy: String

    init(_ summary: String, clause: String, cause: String, remedy: String) {
        self.summary = summary
        self.clause = clause
        self.cause = cause
        self.remedy = remedy
    }
}

extension ValidationCode {
    public var explanation: Explanation {
        switch self {
        case .truncated:
            Explanation(
                "the input ends inside a value",
                clause: "X.690 8.1.1, 8.1.3, 8.1.5",
                cause: "the file was cut off, or its writer died before it was done",
                remedy: "get the rest; what stands before it has been checked")
        case .lengthReserved:
            Explanation(
                "a length octet of ff",
                clause: "X.690 8.1.3.5 c",
                cause: "damage, or reading got out of step before this place",
                remedy: "look at the octets before: the fault is often there")
        case .lengthOverrunsParent:
            Explanation(
                "an element is longer than the room that the one around it has",
                clause: "X.690 8.1.3.3, 8.1.4",
                cause: "a wrong length here or in the element around it; a length above 2^63",
                remedy: "compare both lengths; the writer counted one of them wrong")
        case .indefinitePrimitive:
            Explanation(
                "a primitive element of indefinite length",
                clause: "X.690 8.1.3.2 a",
                cause: "a writer that takes the indefinite form without the constructed bit",
                remedy: "give the length, or make the element constructed")
        case .unexpectedEndOfContents:
            Explanation(
                "end-of-contents where no indefinite length is open",
                clause: "X.690 8.1.5",
                cause: "two octets of zero too many, or an element that lost its indefinite length",
                remedy: "take them away, or give the element around them the length 80")
        case .endOfContentsLength:
            Explanation(
                "end-of-contents that has a length",
                clause: "X.690 8.1.5",
                cause: "damage, or data of zeros where an element is expected",
                remedy: "end-of-contents is 00 00 and nothing else")
        case .tagPadding:
            Explanation(
                "a tag number that begins with a zero digit",
                clause: "X.690 8.1.2.4.2 c",
                cause: "a writer that fills tag numbers up to a fixed size",
                remedy: "leave leading 80 octets out")
        case .tagNotLowForm:
            Explanation(
                "a tag number below 31 in the form for higher ones",
                clause: "X.690 8.1.2.2",
                cause: "a writer that knows only the long form",
                remedy: "put the number into the first octet")
        case .tagTooLong:
            Explanation(
                "a tag above the limit: 126 octets; 2^62 for an element of unknown type",
                clause: "X.690 8.1.2.4; a limit of this program",
                cause: "no schema has such tags: reading is out of step",
                remedy: "look at the octets before")
        case .depth:
            Explanation(
                "more elements inside each other than the limit",
                clause: "a limit of this program",
                cause: "data made to exhaust readers, or a runaway writer",
                remedy: "nothing sensible nests that deeply")
        case .lengthNotMinimal:
            Explanation(
                "a length in more octets than needed",
                clause: "X.690 9.1, 10.1",
                cause: "BER where CER or DER is demanded",
                remedy: "write the length in the fewest octets")
        case .indefiniteForbidden:
            Explanation(
                "an indefinite length in DER",
                clause: "X.690 10.1",
                cause: "BER or CER where DER is demanded",
                remedy: "give the length")
        case .definiteForbidden:
            Explanation(
                "a constructed element of definite length in CER",
                clause: "X.690 9.1",
                cause: "BER or DER where CER is demanded",
                remedy: "use the indefinite form")
        case .trailingData:
            Explanation(
                "something stands behind the end of the value",
                clause: "X.690 8.1.1",
                cause: "several values in a row, or a wrong length",
                remedy: "--sequence reads several; else look at the first length")
        case .unexpectedTag:
            Explanation(
                "an element with a tag that the schema doesn't have there",
                clause: "X.680 25, 27; X.690 8.9 to 8.14",
                cause: "another version of the schema, a wrong tag, components in the wrong order",
                remedy: "compare found and wanted")
        case .missingComponent:
            Explanation(
                "a component that must be there is not",
                clause: "X.680 25.5, 27.2",
                cause: "an element was left out, or the schema is another version's",
                remedy: "write it, or make it OPTIONAL in the schema")
        case .extraComponent:
            Explanation(
                "an element behind the last component",
                clause: "X.680 25.4",
                cause: "a later version of the schema, or one element too many",
                remedy: "a schema that can grow has an extension marker")
        case .duplicateComponent:
            Explanation(
                "a component of a SET is there twice",
                clause: "X.680 27.3; X.690 8.11",
                cause: "a writer that repeats it",
                remedy: "leave one")
        case .forbiddenComponent:
            Explanation(
                "a component that WITH COMPONENTS makes ABSENT",
                clause: "X.680 51.8.10",
                cause: "the constraint doesn't allow it in this use of the type",
                remedy: "leave it out")
        case .noChoiceAlternative:
            Explanation(
                "a tag that none of the alternatives has",
                clause: "X.680 29; X.690 8.13",
                cause: "another version of the schema, or a wrong tag",
                remedy: "compare found and wanted")
        case .form:
            Explanation(
                "a primitive element where a constructed one is needed, or the reverse",
                clause: "X.690 8.2 to 8.23",
                cause: "the constructed bit (20) of the identifier is wrong",
                remedy: "SEQUENCE, SET and explicit tags are constructed; numbers are primitive")
        case .segmentTag:
            Explanation(
                "a string's segment that is no OCTET STRING (no BIT STRING in a BIT STRING)",
                clause: "X.690 8.6.4, 8.7.3, 8.23.6",
                cause: "segments tagged like the string itself",
                remedy: "tag segments universal 4 (3 in a BIT STRING)")
        case .segmentSize:
            Explanation(
                "a segment that hasn't 1000 octets",
                clause: "X.690 9.2",
                cause: "BER where CER is demanded",
                remedy: "each segment but the last has 1000 octets")
        case .stringForm:
            Explanation(
                "a string in segments where it must be primitive, or the reverse",
                clause: "X.690 9.2, 10.2",
                cause: "BER where CER or DER is demanded",
                remedy: "DER: primitive always. CER: primitive up to 1000 octets")
        case .componentOrder:
            Explanation(
                "components of a SET out of order",
                clause: "X.690 9.3, 10.3",
                cause: "BER where CER or DER is demanded",
                remedy: "sort them by tag")
        case .elementOrder:
            Explanation(
                "elements of a SET OF out of order",
                clause: "X.690 11.6",
                cause: "BER where CER or DER is demanded",
                remedy: "sort the encodings")
        case .defaultEncoded:
            Explanation(
                "a component that has its default value",
                clause: "X.690 11.5",
                cause: "BER where CER or DER is demanded",
                remedy: "leave it out")
        case .booleanLength:
            Explanation(
                "a BOOLEAN that hasn't one octet",
                clause: "X.690 8.2.1",
                cause: "damage, or another type's content",
                remedy: "FALSE is 01 01 00, TRUE is 01 01 ff")
        case .booleanValue:
            Explanation(
                "a TRUE that isn't ff",
                clause: "X.690 11.1",
                cause: "BER where CER or DER is demanded",
                remedy: "write ff")
        case .integerLength:
            Explanation(
                "an INTEGER or ENUMERATED without octets",
                clause: "X.690 8.3.1",
                cause: "a writer that drops all zero octets",
                remedy: "zero is one octet, 00")
        case .integerPadding:
            Explanation(
                "an INTEGER with an octet more than needed",
                clause: "X.690 8.3.2",
                cause: "numbers written in a fixed size",
                remedy: "leave out leading 00 or ff where the next octet's top bit says the same")
        case .nullLength:
            Explanation(
                "a NULL with content",
                clause: "X.690 8.8.2",
                cause: "damage, or another type's content",
                remedy: "NULL is 05 00")
        case .realFormat:
            Explanation(
                "a REAL whose octets have no meaning",
                clause: "X.690 8.5, 11.3",
                cause: "reserved bits, a cut-off exponent, digits not of ISO 6093",
                remedy: "the message tells the octet")
        case .objectIdentifierLength:
            Explanation(
                "an object identifier without octets",
                clause: "X.690 8.19.1, 8.19.2",
                cause: "an empty identifier",
                remedy: "there is at least one arc")
        case .objectIdentifierPadding:
            Explanation(
                "an arc that begins with octet 80",
                clause: "X.690 8.19.2",
                cause: "arcs written in a fixed size",
                remedy: "leave leading 80 octets out")
        case .objectIdentifierTruncated:
            Explanation(
                "an object identifier whose last arc doesn't end",
                clause: "X.690 8.19.2",
                cause: "a cut-off identifier",
                remedy: "the last octet has its top bit clear")
        case .bitStringUnused:
            Explanation(
                "unused bits that can't be, or aren't zero where they must",
                clause: "X.690 8.6.2, 11.2",
                cause: "a wrong first octet, or BER where CER or DER is demanded",
                remedy: "0 to 7 unused bits, in the last segment only; zero by CER and DER")
        case .utf8:
            Explanation(
                "octets that are no UTF-8",
                clause: "X.680 41.16; ISO/IEC 10646 annex D",
                cause: "Latin-1 text, an overlong form, a surrogate, a character cut in two",
                remedy: "convert the text to UTF-8")
        case .characterLength:
            Explanation(
                "a BMPString or UniversalString that ends inside a character",
                clause: "X.690 8.23.7, 8.23.8",
                cause: "octets missing, or another encoding",
                remedy: "two octets a character, or four")
        case .character:
            Explanation(
                "a number that is no character",
                clause: "ISO/IEC 10646",
                cause: "damage, or another encoding",
                remedy: "characters go up to 10ffff")
        case .iri:
            Explanation(
                "an OID-IRI or RELATIVE-OID-IRI that is none",
                clause: "X.680 34 and 35, X.660 7.5, X.690 8.21 and 8.22",
                cause:
                    "an arc that is empty, a number with zeros before it, or a character too many",
                remedy: "arcs stand between slashes: /ISO/Registration_Authority/19785.CBEFF")
        case .time:
            Explanation(
                "a time that isn't written as its type demands",
                clause: "X.680 38, 46, 47; X.690 8.26, 11.7, 11.8",
                cause: "local formats, impossible dates, BER where DER is demanded",
                remedy: "the message tells what is expected where")
        case .size:
            Explanation(
                "a size that the constraint doesn't allow",
                clause: "X.680 51.5",
                cause: "a string or list too short or too long",
                remedy:
                    "characters are counted in character strings, octets in OCTET STRING, bits in BIT STRING, elements in SEQUENCE OF"
            )
        case .valueRange:
            Explanation(
                "a number outside its range",
                clause: "X.680 51.4, 51.2",
                cause: "a value that the schema doesn't allow",
                remedy: "compare found and wanted")
        case .permittedAlphabet:
            Explanation(
                "a character that the type or FROM doesn't allow",
                clause: "X.680 51.7, 41",
                cause: "lower case, accents, @ or _ in a PrintableString",
                remedy: "use another string type, or other text")
        case .enumerationValue:
            Explanation(
                "a number that the enumeration doesn't have",
                clause: "X.680 20",
                cause: "a later version of the schema",
                remedy: "an enumeration that can grow has an extension marker")
        case .constraint:
            Explanation(
                "a value that a constraint doesn't allow",
                clause: "X.680 50, 51",
                cause: "single values, inner constraints, sets of them",
                remedy: "the rule's place tells which")
        case .table:
            Explanation(
                "a value, or a type in an open type, that the object set doesn't have",
                clause: "X.682 10",
                cause:
                    "an identifier that no object has, or a value of another type than its object's",
                remedy: "add the object to the set, or an extension marker")
        case .unchecked:
            Explanation(
                "a constraint that was not checked",
                clause: "a limit of this program",
                cause: "it speaks of a whole value that is larger than what is held",
                remedy: "nothing is wrong; the value was checked otherwise")
        }
    }
}
