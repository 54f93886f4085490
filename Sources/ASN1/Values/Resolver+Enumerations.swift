extension Resolver {
    /// The named numbers or bits of a node, evaluated (X.680 19, 22).
    func numbers(_ id: Int) -> [NamedNumber] {
        if let known = namedNumbers[id] { return known }
        namedNumbers[id] = []
        let node = nodes[id]
        let list: [NamedNumberSyntax]
        let isBits: Bool
        switch node.form {
        case .core(.integer(let numbers)):
            list = numbers
            isBits = false
        case .core(.bitString(let bits)):
            list = bits
            isBits = true
        default: return []
        }
        var result: [NamedNumber] = []
        var names: Set<String> = []
        var values: Set<BigInteger> = []
        for item in list {
            if !names.insert(item.name.text).inserted {
                sink.error(
                    .duplicateNamedNumber, item.name.location,
                    "\"\(item.name.text)\" is defined twice")
            }
            guard case .integer(let number)? = integerValue(item.value, node.scope) else {
                continue
            }
            if isBits, number.isNegative {
                sink.error(
                    .negativeNamedBit, item.value.location, "a bit's number is never negative")
                continue
            }
            if !values.insert(number).inserted {
                sink.error(
                    .duplicateNamedNumberValue, item.value.location,
                    "the number \(number) has two names")
            }
            result.append(NamedNumber(name: item.name.text, value: number))
        }
        namedNumbers[id] = result
        return result
    }

    /// The items of an enumeration with their values (20.3 to 20.7).
    func enumeration(_ id: Int) -> Enumeration {
        if let known = enumerations[id] { return known }
        let empty = Enumeration(items: [], isExtensible: false)
        enumerations[id] = empty
        let node = nodes[id]
        guard case .core(.enumerated(let syntax)) = node.form else { return empty }
        var root: [(NameSyntax, ValueSyntax?)] = []
        var additions: [(NameSyntax, ValueSyntax?)] = []
        var markers = 0
        var names: Set<String> = []
        for item in syntax {
            switch item {
            case .marker(let location):
                markers += 1
                if markers > 1 {
                    sink.error(
                        .duplicateExtensionMarker, location,
                        "there is more than one extension marker")
                } else if root.isEmpty {
                    sink.error(
                        .emptyEnumeration, location, "no item stands before the extension marker")
                }
            case .item(let name, let value):
                if !names.insert(name.text).inserted {
                    sink.error(
                        .duplicateEnumeration, name.location, "\"\(name.text)\" is defined twice")
                }
                if markers == 0 {
                    root.append((name, value))
                } else {
                    additions.append((name, value))
                }
            }
        }
        if root.isEmpty, markers == 0 {
            sink.error(.emptyEnumeration, node.location, "the enumeration has no item")
        }
        var used: Set<BigInteger> = []
        func explicit(_ syntax: ValueSyntax) -> BigInteger? {
            guard case .integer(let number)? = integerValue(syntax, node.scope) else { return nil }
            if !used.insert(number).inserted {
                sink.error(
                    .duplicateEnumerationValue, syntax.location, "the value \(number) is used twice"
                )
            }
            return number
        }
        var rootValues: [BigInteger?] = root.map { $0.1.flatMap { explicit($0) } }
        var next = BigInteger.zero
        for index in root.indices where root[index].1 == nil {
            while used.contains(next) { next = next.successor }
            rootValues[index] = next
            used.insert(next)
        }
        var items: [Enumeration.Item] = []
        for (index, entry) in root.enumerated() {
            guard let value = rootValues[index] else { continue }
            items.append(Enumeration.Item(name: entry.0.text, value: value, isAddition: false))
        }
        var previous: BigInteger?
        next = .zero
        for (name, syntax) in additions {
            let value: BigInteger
            if let syntax {
                guard let number = explicit(syntax) else { continue }
                value = number
                // 20.6: additions ascend.
                if let previous, value < previous {
                    sink.error(
                        .enumerationOrder, name.location,
                        "the values after the extension marker do not ascend: \(value) follows \(previous)"
                    )
                }
            } else {
                if let previous, previous >= next { next = previous.successor }
                while used.contains(next) { next = next.successor }
                value = next
                used.insert(value)
            }
            previous = value
            items.append(Enumeration.Item(name: name.text, value: value, isAddition: true))
        }
        let result = Enumeration(
            items: items,
            isExtensible: markers > 0 || node.scope.module.syntax.isExtensibilityImplied)
        enumerations[id] = result
        return result
    }
}
