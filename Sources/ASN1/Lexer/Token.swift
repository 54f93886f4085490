/// A lexical item (X.680 clause 12).
struct Token {
    enum Kind: UInt8 {
        /// A name that begins with an upper-case letter and is not reserved: a type reference,
        /// module reference, class reference, object set reference or word.
        case upper
        /// A name that begins with a lower-case letter.
        case lower
        /// A reserved word (12.38).
        case reserved
        /// `&Name`
        case upperField
        /// `&name`
        case lowerField
        case number
        case realNumber
        case bstring
        case hstring
        case cstring
        /// `::=`
        case assign
        /// `..`
        case range
        /// `...`
        case ellipsis
        case leftBrace, rightBrace, leftParenthesis, rightParenthesis, leftBracket, rightBracket
        case comma, dot, colon, semicolon, bar, caret, at, exclamation, less, greater
        case minus, slash, equals, asterisk
        /// A stray character; the lexer has reported it.
        case unknown
        case end
    }

    let kind: Kind
    /// The item's text; of a string its contents, without the quotes and with doubled quotes
    /// made single; of a field reference its name without the `&`.
    let text: String
    let offset: Int
    let endOffset: Int
    let line: Int
    let column: Int
}

/// A run of tokens of one file, whose meaning depends on what governs it.
struct TokenRange: Hashable {
    let file: Int
    let start: Int
    let end: Int
}
