/// The stable codes of findings about module text.
public enum DiagnosticCode: String, Sendable, Hashable, CaseIterable {
    // Lexical items (X.680 clause 12)
    case illegalCharacter = "illegal-character"
    case unterminatedComment = "unterminated-comment"
    case unterminatedString = "unterminated-string"
    case badBinaryString = "bad-binary-string"
    case badHexString = "bad-hex-string"
    case identifierLimit = "identifier-limit"
    case numberLimit = "number-limit"
    case fileLimit = "file-limit"
    // Syntax
    case syntax = "syntax"
    case emptyFile = "empty-file"
    case missingEnd = "missing-end"
    case nestingLimit = "nesting-limit"
    // Modules (clause 13)
    case duplicateModule = "duplicate-module"
    case undefinedModule = "undefined-module"
    case undefinedImport = "undefined-import"
    case notExported = "not-exported"
    case undefinedExport = "undefined-export"
    case duplicateImport = "duplicate-import"
    case importConflict = "import-conflict"
    case circularReference = "circular-reference"
    // References
    case undefinedType = "undefined-type"
    case undefinedValue = "undefined-value"
    case undefinedClass = "undefined-class"
    case undefinedObject = "undefined-object"
    case undefinedField = "undefined-field"
    case undefinedComponent = "undefined-component"
    case duplicateAssignment = "duplicate-assignment"
    case wrongReferenceKind = "wrong-reference-kind"
    // Types
    case duplicateComponent = "duplicate-component"
    case duplicateEnumeration = "duplicate-enumeration"
    case duplicateEnumerationValue = "duplicate-enumeration-value"
    case enumerationOrder = "enumeration-order"
    case emptyEnumeration = "empty-enumeration"
    case duplicateNamedNumber = "duplicate-named-number"
    case duplicateNamedNumberValue = "duplicate-named-number-value"
    case negativeNamedBit = "negative-named-bit"
    case duplicateExtensionMarker = "duplicate-extension-marker"
    case versionNumber = "version-number"
    case componentsOf = "components-of"
    case selection = "selection"
    case infiniteType = "infinite-type"
    case schemaLimit = "schema-limit"
    // Tags (clauses 25 to 31)
    case duplicateTag = "duplicate-tag"
    case ambiguousTag = "ambiguous-tag"
    case ambiguousExtension = "ambiguous-extension"
    case implicitChoice = "implicit-choice"
    case mixedAutomaticTags = "mixed-automatic-tags"
    case badTag = "bad-tag"
    case universalTag = "universal-tag"
    case extensionOrder = "extension-order"
    case missingAutomaticTags = "missing-automatic-tags"
    // Values
    case valueType = "value-type"
    case valueConstraint = "value-constraint"
    case objectIdentifierValue = "object-identifier-value"
    case referenceLimit = "reference-limit"
    // Constraints (clauses 47 to 51)
    case constraintSense = "constraint-sense"
    case emptyRange = "empty-range"
    case rangeOutsideParent = "range-outside-parent"
    case emptyConstraint = "empty-constraint"
    case timeSettings = "time-settings"
    case setLimit = "set-limit"
    // Parameters (X.683)
    case notParameterized = "not-parameterized"
    case missingParameters = "missing-parameters"
    case parameterCount = "parameter-count"
    case parameterKind = "parameter-kind"
    case duplicateParameter = "duplicate-parameter"
    case expansionLimit = "expansion-limit"
    // Information objects (X.681, X.682)
    case duplicateField = "duplicate-field"
    case fieldSpecification = "field-specification"
    case classSyntax = "class-syntax"
    case objectSyntax = "object-syntax"
    case missingField = "missing-field"
    case duplicateUnique = "duplicate-unique"
    case tableConstraint = "table-constraint"
    // Accepted in practice
    case undefinedObjectSet = "undefined-object-set"
    case emptyObjectIdentifier = "empty-object-identifier"
    case underscore = "underscore-in-identifier"
    case badIdentifier = "bad-identifier"
    case lowercaseModuleName = "lower-case-module-name"
    case missingModuleName = "missing-module-name"
    case reservedWord = "reserved-word"
    case obsoleteAny = "obsolete-any"
    case unnamedComponent = "unnamed-component"
    case missingSemicolon = "missing-semicolon"
    case straySeparator = "stray-separator"
    case emptyChoice = "empty-choice"
    case leadingZero = "leading-zero"
    case macroSkipped = "macro-skipped"
    case xmlSkipped = "xml-value-skipped"
    case encodingControlSkipped = "encoding-control-skipped"
    case duplicateModuleName = "duplicate-module-name"
    case unusedImport = "unused-import"
    case missingSize = "missing-size"
    case commentHyphens = "comment-hyphens"
    case valueNotation = "value-notation"
    case patternSyntax = "pattern-syntax"

    /// True for findings of the lexer and the parser, false for findings about meaning.
    public var isSyntax: Bool {
        switch self {
        case .illegalCharacter, .unterminatedComment, .unterminatedString, .badBinaryString,
            .badHexString, .identifierLimit, .numberLimit, .fileLimit, .syntax, .emptyFile,
            .missingEnd, .nestingLimit:
            true
        default: false
        }
    }

    /// True for a departure from the standard that is accepted with a warning; a strict
    /// compilation makes it an error. Other warnings are about legal text.
    public var isDeparture: Bool {
        switch self {
        case .unusedImport, .macroSkipped, .xmlSkipped, .encodingControlSkipped,
            .duplicateModuleName, .universalTag, .emptyConstraint:
            false
        default: true
        }
    }
}
