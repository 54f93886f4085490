internal import ASN1

/// The limits of a program's size, which a schema's specialisations could otherwise pass.
public struct ProgramLimits: Sendable, Hashable {
    /// Instructions; types beyond are taken as any.
    public var nodes = 500_000
    /// Types that a contained subtype may lead through.
    public var inclusionDepth = 32
    /// Structures around an inline type that a component relation may lead to.
    public var relationLevels = 8
    /// Choices in one another, of which the tags are gathered.
    public var choices = 4096

    public init() {}
}

/// Turns types of a schema into a program, from the outermost type on: only what it reaches.
///
/// Inner constraints (WITH COMPONENT, WITH COMPONENTS) go down to the types that they speak of, which
/// become instructions of their own; so do tags that are explicit, as a `wrapper` each.
final class ProgramBuilder {
    /// A type with what else is demanded of it where it stands.
    struct Key: Hashable {
        var isStandard: Bool
        var type: Int
        var extra: [Constraint]
        /// The structures around an inline type, outermost first.
        var chain: [Int32]
    }

    let schema: Schema
    let standard: Schema
    let rules: ValueRules
    let limits: ProgramLimits
    var nodes: [Node] = []
    var components: [Component] = []
    var dispatch: [Dispatch] = []
    var details: [NodeDetail] = []
    var names: [String] = []
    var nameIndexes: [String: Int32] = [:]
    var uses: [Place] = []
    var presenceRules: [SourceLocation] = []
    var defaults: [SchemaValue] = []
    var memo: [Key: Int32] = [:]
    var work: [(node: Int32, key: Key)] = []
    var relations: [PendingRelation] = []
    var captures: [Int: [ValidationProgram.Capture]] = [:]
    /// The structures around the type that is being filled, outermost first.
    var chain: [Int32] = []
    var anyNode: Int32 = 0
    /// Some constraint needs the whole value of a CHOICE.
    var hasHeldChoices = false

    init(_ schema: Schema, standard: Schema, rules: ValueRules, limits: ProgramLimits) {
        self.schema = schema
        self.standard = standard
        self.rules = rules
        self.limits = limits
        var any = Node(.any)
        any.flags = [.isUnknown]
        any.detail = 0
        nodes.append(any)
        var detail = NodeDetail()
        detail.typeName = "ANY"
        details.append(detail)
    }

    func build(_ type: Int, name: String) -> ValidationProgram {
        let root = node(Key(isStandard: false, type: type, extra: [], chain: []))
        var next = 0
        while next < work.count {
            chain = work[next].key.chain
            fill(work[next].node, work[next].key)
            next += 1
        }
        resolveRelations()
        makeTables()
        var flat: [ValidationProgram.Capture] = []
        for (component, list) in captures.sorted(by: { $0.key < $1.key }) {
            components[component].captures = Int32(clamping: flat.count)
            components[component].captureCount = Int32(clamping: list.count)
            flat += list
        }
        var octets: [UInt8] = []
        var starts: [Int32] = []
        for name in names {
            starts.append(Int32(clamping: octets.count))
            octets += Array(name.utf8)
        }
        starts.append(Int32(clamping: octets.count))
        return ValidationProgram(
            schema: schema, standard: standard, typeName: name, root: root, anyNode: anyNode,
            nodes: nodes, components: components, dispatch: dispatch, captures: flat,
            details: details, names: names, nameOctets: octets, nameStarts: starts, uses: uses,
            presenceRules: presenceRules, defaults: defaults, hasHeldChoices: hasHeldChoices,
            rules: rules)
    }

    // MARK: Nodes

    func definition(_ key: Key) -> TypeDefinition {
        key.isStandard ? standard.types[key.type] : schema.types[key.type]
    }

    /// The instruction for a type where it stands: its outermost tag's.
    func node(_ key: Key) -> Int32 {
        var key = key
        let definition = definition(key)
        if isNamed(key) { key.chain = [] }
        if key.chain.count > limits.relationLevels {
            key.chain = Array(key.chain.suffix(limits.relationLevels))
        }
        if let known = memo[key] { return known }
        guard nodes.count < limits.nodes else { return anyNode }
        var shape = shape(definition.kind)
        var tags = definition.tags
        var own = TagKey.none
        switch shape {
        case .choice, .any: break
        default:
            if let last = tags.popLast() { own = TagKey(last) } else { shape = .any }
        }
        let outermost = Int32(clamping: nodes.count)
        memo[key] = outermost
        for tag in tags {
            var wrapper = Node(.wrapper)
            wrapper.tag = TagKey(tag)
            wrapper.first = Int32(clamping: nodes.count + 1)
            wrapper.detail = Int32(clamping: details.count)
            details.append(detail(key, definition))
            nodes.append(wrapper)
        }
        let inner = Int32(clamping: nodes.count)
        var node = Node(shape)
        node.tag = own
        node.detail = Int32(clamping: details.count)
        details.append(detail(key, definition))
        nodes.append(node)
        work.append((inner, key))
        return outermost
    }

    private func isNamed(_ key: Key) -> Bool {
        var type = key.type
        for _ in 0...limits.inclusionDepth * 4 {
            let entry = key.isStandard ? standard.types[type] : schema.types[type]
            if entry.name != nil { return true }
            // What it may be goes by the structure that it stands in.
            if entry.constraints.contains(where: { $0.expression.isRelated }) { return false }
            guard let base = entry.base else { return false }
            type = base
        }
        return true
    }

    private func detail(_ key: Key, _ definition: TypeDefinition) -> NodeDetail {
        var detail = NodeDetail()
        detail.type = key.type
        detail.isStandard = key.isStandard
        detail.place = definition.location
        var type = key.type
        for _ in 0...limits.inclusionDepth * 4 {
            let entry = key.isStandard ? standard.types[type] : schema.types[type]
            if let name = entry.name {
                detail.typeName = name
                break
            }
            guard let base = entry.base else { break }
            type = base
        }
        if detail.typeName.isEmpty { detail.typeName = TypeWords.word(definition.kind) }
        return detail
    }

    private func shape(_ kind: TypeKind) -> Node.Shape {
        switch kind {
        case .integer: .integer
        case .bitString: .bitString
        case .enumerated: .enumerated
        case .sequence, .instanceOf: .sequence
        case .set: .set
        case .choice: .choice
        case .sequenceOf: .sequenceOf
        case .setOf: .setOf
        case .openType, .unknown: .any
        case .simple(let simple):
            switch simple {
            case .boolean: .boolean
            case .null: .null
            case .real: .real
            case .octetString: .octetString
            case .objectIdentifier: .objectIdentifier
            case .relativeOID: .relativeOID
            case .external, .embeddedPDV, .unrestrictedCharacterString: .sequence
            default: .characterString
            }
        }
    }

    // MARK: Names and places

    func name(_ text: String) -> Int32 {
        if let known = nameIndexes[text] { return known }
        let index = Int32(clamping: names.count)
        names.append(text)
        nameIndexes[text] = index
        return index
    }

    func use(_ location: SourceLocation, isStandard: Bool) -> Int32 {
        uses.append(Place(location: location, isStandard: isStandard))
        return Int32(clamping: uses.count - 1)
    }

    func detailIndex(_ node: Int32) -> Int { Int(nodes[Int(node)].detail) }
}

/// What types are called.
enum TypeWords {
    static func word(_ kind: TypeKind) -> String {
        switch kind {
        case .simple(let simple): simple.rawValue
        case .integer: "INTEGER"
        case .bitString: "BIT STRING"
        case .enumerated: "ENUMERATED"
        case .sequence: "SEQUENCE"
        case .set: "SET"
        case .choice: "CHOICE"
        case .sequenceOf: "SEQUENCE OF"
        case .setOf: "SET OF"
        case .instanceOf(let name): "INSTANCE OF \(name)"
        case .openType(let open):
            open.className.map { "\($0).&\(open.fieldName ?? "")" } ?? "ANY"
        case .unknown: "ANY"
        }
    }
}
