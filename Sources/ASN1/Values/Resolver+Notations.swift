/// The value notations of the single types.
extension Resolver {
    func simpleValue(
        _ syntax: ValueSyntax, _ simple: TypeKind.Simple, _ core: NodeCore, _ scope: Scope
    ) -> SchemaValue? {
        switch (simple, syntax.kind) {
        case (.boolean, .boolean(let flag)): return .boolean(flag)
        case (.boolean, .integer(let number)):
            sink.warning(
                .valueNotation, syntax.location, "a number stands for a BOOLEAN",
                hint: number == .zero ? "write FALSE" : "write TRUE")
            return .boolean(number != .zero)
        case (.null, .null): return .null
        case (.real, .integer(let number)): return .real(number.asDouble, text: number.description)
        case (.real, .real(let text)):
            return .real(Double(text.hasSuffix(".") ? text + "0" : text) ?? 0, text: text)
        case (.real, .plusInfinity): return .real(.infinity, text: "PLUS-INFINITY")
        case (.real, .minusInfinity): return .real(-.infinity, text: "MINUS-INFINITY")
        case (.real, .notANumber): return .real(.nan, text: "NOT-A-NUMBER")
        case (.real, .braced(let range)): return realValue(range, core, scope, syntax.location)
        case (.octetString, .bstring(let text)):
            return .octets(Self.octets(bits: text.utf8.map { $0 == 0x31 }))
        case (.octetString, .hstring(let text)):
            return .octets(Self.octets(bits: Self.bits(hex: text)))
        case (.octetString, .containing): return .unknown
        case (.objectIdentifier, .braced(let range)), (.relativeOID, .braced(let range)):
            let isRelative = simple == .relativeOID
            guard range.start < range.end else {
                sink.error(
                    .objectIdentifierValue, syntax.location, "an object identifier needs an arc")
                return nil
            }
            guard let arcs = try? parser(range).parseArcs(),
                let numbers = objectIdentifier(arcs, scope, isRelative: isRelative)
            else { return nil }
            return isRelative ? .relativeOID(numbers) : .objectIdentifier(numbers)
        case (.objectIdentifierIRI, .cstring(let text)), (.relativeOIDIRI, .cstring(let text)),
            (.time, .cstring(let text)), (.date, .cstring(let text)),
            (.timeOfDay, .cstring(let text)), (.dateTime, .cstring(let text)),
            (.duration, .cstring(let text)):
            checkString(text, simple, syntax.location)
            return .unknown
        case (.external, .braced(let range)), (.embeddedPDV, .braced(let range)),
            (.unrestrictedCharacterString, .braced(let range)):
            guard associatedValue(range, core, scope, syntax.location) != nil else { return nil }
            return .unknown
        case (_, .cstring(let text)) where simple.isCharacterString:
            checkString(text, simple, syntax.location)
            return .string(text.unicodeScalars.map(\.value))
        case (_, .braced(let range)) where simple.isCharacterString:
            return characterList(range, simple, core, scope)
        default: return mismatch(syntax, core)
        }
    }

    /// `{mantissa 1, base 10, exponent 2}` (21.6)
    private func realValue(
        _ range: TokenRange, _ core: NodeCore, _ scope: Scope, _ location: SourceLocation
    ) -> SchemaValue? {
        guard case .fields(let fields)? = associatedValue(range, core, scope, location) else {
            return nil
        }
        var parts: [String: Double] = [:]
        for field in fields {
            if case .integer(let number) = field.value { parts[field.name] = number.asDouble }
        }
        guard let mantissa = parts["mantissa"], let base = parts["base"],
            let exponent = parts["exponent"]
        else { return .unknown }
        guard base == 2 || base == 10 else {
            sink.error(.valueType, location, "the base of a REAL is 2 or 10")
            return nil
        }
        var result = mantissa
        let steps = min(5000, max(-5000, Int(max(-5000, min(5000, exponent)))))
        for _ in 0..<abs(steps) { result = steps > 0 ? result * base : result / base }
        return .real(result, text: "{mantissa \(mantissa), base \(base), exponent \(exponent)}")
    }

    /// CharacterStringList, quadruple and tuple (41.8).
    private func characterList(
        _ range: TokenRange, _ simple: TypeKind.Simple, _ core: NodeCore, _ scope: Scope
    ) -> SchemaValue? {
        guard let items = try? parser(range).parseBracedItems() else { return nil }
        let numbers: [Int] = items.compactMap { item in
            if case .integer(let number) = item.value.kind { return number.asInt }
            return nil
        }
        if numbers.count == items.count, numbers.count == 4,
            (0...127).contains(numbers[0]), numbers.allSatisfy({ (0...255).contains($0) })
        {
            return .string([
                UInt32(numbers[0] << 24 | numbers[1] << 16 | numbers[2] << 8 | numbers[3])
            ])
        }
        if numbers.count == items.count, numbers.count == 2, (0...7).contains(numbers[0]),
            (0...15).contains(numbers[1])
        {
            return .string([UInt32(numbers[0] * 16 + numbers[1])])
        }
        var result: [UInt32] = []
        for item in items {
            switch item.value.kind {
            case .cstring(let text): result += text.unicodeScalars.map(\.value)
            case .braced(let inner):
                guard case .string(let more)? = characterList(inner, simple, core, scope) else {
                    return nil
                }
                result += more
            case .reference(let reference):
                // Names of characters of the module ASN1-CHARACTER-MODULE, or string values.
                if case .missing = lookup(reference, scope, nil) { return .unknown }
                let node = newNode(item.value.location, scope)
                node.form = .core(core)
                switch value(item.value, node.id, scope) {
                case .string(let more): result += more
                case nil: return nil
                default: return .unknown
                }
            default: return mismatch(item.value, core)
            }
        }
        return .string(result)
    }

    func bitStringValue(_ syntax: ValueSyntax, _ node: Node, _ scope: Scope) -> SchemaValue? {
        switch syntax.kind {
        case .bstring(let text): return .bits(text.utf8.map { $0 == 0x31 })
        case .hstring(let text): return .bits(Self.bits(hex: text))
        case .containing: return .unknown
        case .braced(let range):
            guard let items = try? parser(range).parseBracedItems() else { return nil }
            let known = numbers(node.id)
            var bits: [Bool] = []
            for item in items {
                guard item.name == nil, case .reference(let reference) = item.value.kind else {
                    return mismatch(item.value, .bitString([]))
                }
                let name = reference.name.text
                guard let number = known.first(where: { $0.name == name }) else {
                    sink.error(
                        .undefinedValue, reference.location,
                        "the type has no bit named \"\(name)\"",
                        hint: NearestName.find(name, among: known.map(\.name)).map {
                            "did you mean \"\($0)\"?"
                        })
                    return nil
                }
                guard let index = number.value.asInt, index >= 0, index < 1 << 20 else {
                    return .unknown
                }
                while bits.count <= index { bits.append(false) }
                bits[index] = true
            }
            return .bits(bits)
        default: return mismatch(syntax, .bitString([]))
        }
    }

    func listValue(_ range: TokenRange, _ use: TypeUse, _ scope: Scope) -> SchemaValue? {
        guard let items = try? parser(range).parseBracedItems() else { return nil }
        var result: [SchemaValue] = []
        for item in items {
            // `{a 1, a 2}` is the named form; a name alone is part of the value's notation.
            guard let element = value(item.value, use.type, scope) else { return nil }
            result.append(element)
        }
        return .list(result)
    }

    func structureValue(
        _ range: TokenRange, _ structure: StructureNode, _ scope: Scope, _ location: SourceLocation
    ) -> SchemaValue? {
        guard let items = try? parser(range).parseBracedItems() else { return nil }
        let all = components(of: structure)
        if all.contains(where: { $0.syntax.name == nil }) { return .unknown }
        if items.count == all.count, items.count > 0, items.allSatisfy({ $0.name == nil }) {
            // X.208 let the names away.
            sink.warning(
                .valueNotation, location, "the components of the value have no names",
                hint: all.first?.syntax.name.map { "write \($0.text) before the first" })
            var fields: [SchemaValue.Field] = []
            for (item, component) in zip(items, all) {
                guard let value = value(item.value, component.type, scope) else { return nil }
                fields.append(
                    SchemaValue.Field(name: component.syntax.name?.text ?? "", value: value))
            }
            return .fields(fields)
        }
        var fields: [SchemaValue.Field] = []
        var seen: Set<String> = []
        var lastIndex = -1
        for item in items {
            guard let name = item.name else {
                if case .reference(let reference) = item.value.kind {
                    sink.error(
                        .valueType, reference.location, "expected a component's name and a value")
                } else {
                    sink.error(
                        .valueType, item.value.location, "expected a component's name and a value")
                }
                return nil
            }
            guard let index = all.firstIndex(where: { $0.syntax.name?.text == name.text }) else {
                sink.error(
                    .undefinedComponent, name.location,
                    "the type has no component \"\(name.text)\"",
                    hint: NearestName.find(
                        name.text, among: all.compactMap { $0.syntax.name?.text }
                    )
                    .map { "did you mean \"\($0)\"?" })
                return nil
            }
            let component = all[index]
            if !seen.insert(name.text).inserted {
                sink.error(.duplicateComponent, name.location, "\"\(name.text)\" is given twice")
            } else if structure.flavour == .sequence, index < lastIndex {
                // 25.18
                sink.warning(
                    .valueNotation, name.location,
                    "the components of the value are not in the order of the type")
            }
            lastIndex = max(lastIndex, index)
            guard let value = value(item.value, component.type, scope) else { return nil }
            fields.append(SchemaValue.Field(name: name.text, value: value))
        }
        for component in all
        where !component.isAddition && !component.syntax.isOptional
            && component.syntax.defaultValue == nil
        {
            guard let name = component.syntax.name?.text, !seen.contains(name) else { continue }
            sink.error(.valueType, location, "the component \"\(name)\" is missing")
            return nil
        }
        return .fields(fields)
    }

    func choiceValue(
        _ syntax: ValueSyntax, _ structure: StructureNode, _ core: NodeCore, _ scope: Scope
    ) -> SchemaValue? {
        guard case .choice(let name, let inner) = syntax.kind else {
            // X.208 allowed a value without its alternative's name.
            if components(of: structure).contains(where: { $0.syntax.name == nil }) {
                return .unknown
            }
            return mismatch(syntax, core)
        }
        let all = components(of: structure)
        guard let found = all.first(where: { $0.syntax.name?.text == name.text }) else {
            sink.error(
                .undefinedComponent, name.location,
                "the CHOICE has no alternative \"\(name.text)\"",
                hint: NearestName.find(name.text, among: all.compactMap { $0.syntax.name?.text })
                    .map { "did you mean \"\($0)\"?" })
            return nil
        }
        guard let value = value(inner, found.type, scope) else { return nil }
        return .choice(name: name.text, value)
    }

    // MARK: Strings of bits

    static func bits(hex: String) -> [Bool] {
        var bits: [Bool] = []
        for byte in hex.utf8 {
            let digit: UInt8 =
                switch byte {
                case 0x30...0x39: byte - 0x30
                case 0x41...0x46: byte - 0x37
                default: 0
                }
            for shift: UInt8 in [3, 2, 1, 0] { bits.append(digit >> shift & 1 == 1) }
        }
        return bits
    }

    /// Filled up with zeros to whole octets (23.4).
    static func octets(bits: [Bool]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < bits.count {
            var octet: UInt8 = 0
            for offset in 0..<8 {
                octet = octet << 1 | (index + offset < bits.count && bits[index + offset] ? 1 : 0)
            }
            result.append(octet)
            index += 8
        }
        return result
    }
}
