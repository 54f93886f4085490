extension VMDescription {
    /// What the JSON lacks or has instead.
    public struct Fault: Error, Hashable, Sendable {
        /// Octets from the start of the JSON.
        public var offset: Int
        public var expected: String
    }

    /// Reads a vmdesc, in order and keeping members that occur twice.
    public init(json: [UInt8]) throws(Fault) {
        var parser = DescriptionParser(json)
        do throws(JSONScanner.Fault) {
            try parser.expect(.beginObject, "an object")
            var result = VMDescription()
            try parser.members { (parser, key) throws(JSONScanner.Fault) in
                switch key {
                case "page_size":
                    result.pageSize = try parser.integer().flatMap { UInt64(exactly: $0) }
                case "configuration": result.configuration = try parser.body()
                case "devices":
                    try parser.elements { (parser) throws(JSONScanner.Fault) in
                        result.devices.append(try parser.device())
                    }
                default: try parser.skipValue()
                }
            }
            guard try parser.scanner.next() == .end else {
                throw JSONScanner.Fault(
                    offset: parser.scanner.offset, expected: "nothing behind the object")
            }
            self = result
        } catch {
            throw Fault(offset: error.offset, expected: error.expected)
        }
    }
}

/// Turns tokens into descriptions. Nesting is bounded by ``JSONScanner/depthLimit``.
struct DescriptionParser: ~Copyable {
    var scanner: JSONScanner
    var depth = 0
    /// Objects so far: each takes some hundred octets of memory.
    private var objects = 0
    /// Objects in a description. A machine with 4096 virtual CPUs has fewer.
    static let objectLimit = 1 << 20

    /// Counts an object that begins.
    private mutating func countObject() throws(JSONScanner.Fault) {
        objects += 1
        guard objects <= DescriptionParser.objectLimit else {
            throw fault("at most \(DescriptionParser.objectLimit) objects")
        }
    }

    init(_ json: [UInt8]) {
        scanner = JSONScanner(json)
    }

    func fault(_ expected: String) -> JSONScanner.Fault {
        JSONScanner.Fault(offset: scanner.offset, expected: expected)
    }

    mutating func expect(
        _ token: JSONScanner.Token, _ expected: String
    ) throws(JSONScanner.Fault) {
        guard try scanner.next() == token else { throw fault(expected) }
        if token == .beginObject || token == .beginArray {
            depth += 1
            guard depth <= JSONScanner.depthLimit else {
                throw fault("at most \(JSONScanner.depthLimit) levels")
            }
        }
    }

    /// The members of an object that has begun, in order.
    mutating func members(
        _ body: (inout DescriptionParser, String) throws(JSONScanner.Fault) -> Void
    ) throws(JSONScanner.Fault) {
        var isFirst = true
        while true {
            var token = try scanner.next()
            if token == .endObject {
                depth -= 1
                return
            }
            if !isFirst {
                guard token == .comma else { throw fault("a comma or the object's end") }
                token = try scanner.next()
            }
            isFirst = false
            guard case .string(let key) = token else { throw fault("a member's name") }
            try expect(.colon, "a colon")
            try body(&self, key)
        }
    }

    /// The elements of an array that is to come. The body starts at each one's first token.
    mutating func elements(
        _ body: (inout DescriptionParser) throws(JSONScanner.Fault) -> Void
    ) throws(JSONScanner.Fault) {
        try expect(.beginArray, "an array")
        while true {
            // Only arrays of objects occur, which begin with a brace.
            let token = try scanner.next()
            switch token {
            case .endArray:
                depth -= 1
                return
            case .comma: continue
            case .beginObject:
                depth += 1
                guard depth <= JSONScanner.depthLimit else {
                    throw fault("at most \(JSONScanner.depthLimit) levels")
                }
                try countObject()
                try body(&self)
            default: throw fault("an object or the array's end")
            }
        }
    }

    mutating func integer() throws(JSONScanner.Fault) -> Int64? {
        switch try scanner.next() {
        case .integer(let value): return value
        case .other: return nil
        default: throw fault("a number")
        }
    }

    mutating func string() throws(JSONScanner.Fault) -> String {
        guard case .string(let text) = try scanner.next() else { throw fault("a string") }
        return text
    }

    mutating func boolean() throws(JSONScanner.Fault) -> Bool {
        let start = scanner.offset
        guard try scanner.next() == .other else { throw fault("true or false") }
        return scanner.text(from: start).last == UInt8(ascii: "e")
            && scanner.text(from: start).dropLast().last == UInt8(ascii: "u")
    }

    mutating func skipValue() throws(JSONScanner.Fault) {
        var open = 0
        repeat {
            switch try scanner.next() {
            case .beginObject, .beginArray: open += 1
            case .endObject, .endArray: open -= 1
            case .end: throw fault("a value")
            default: break
            }
        } while open > 0
    }

    mutating func device() throws(JSONScanner.Fault) -> VMDescription.Device {
        var device = VMDescription.Device()
        try members { (parser, key) throws(JSONScanner.Fault) in
            switch key {
            case "name": device.name = try parser.string()
            case "instance_id":
                let value = try parser.integer() ?? 0
                device.instanceID = UInt32(truncatingIfNeeded: value)
            default: try parser.member(key, of: &device.body)
            }
        }
        return device
    }

    mutating func body() throws(JSONScanner.Fault) -> VMDescription.Body {
        try expect(.beginObject, "an object")
        return try openBody()
    }

    mutating func openBody() throws(JSONScanner.Fault) -> VMDescription.Body {
        var body = VMDescription.Body()
        try members { (parser, key) throws(JSONScanner.Fault) in
            try parser.member(key, of: &body)
        }
        return body
    }

    mutating func member(
        _ key: String, of body: inout VMDescription.Body
    ) throws(JSONScanner.Fault) {
        switch key {
        case "vmsd_name": body.name = try string()
        case "version": body.version = try integer() ?? 0
        case "fields":
            try elements { (parser) throws(JSONScanner.Fault) in
                body.fields.append(try parser.field())
            }
        case "subsections":
            try elements { (parser) throws(JSONScanner.Fault) in
                body.subsections.append(try parser.openBody())
            }
        default: return try skipValue()
        }
        body.isDescribed = true
    }

    mutating func field() throws(JSONScanner.Fault) -> VMDescription.Field {
        var field = VMDescription.Field()
        try members { (parser, key) throws(JSONScanner.Fault) in
            switch key {
            case "name": field.name = try parser.string()
            case "type": field.type = try parser.string()
            case "size":
                guard let size = try parser.integer(), let size = UInt64(exactly: size) else {
                    throw parser.fault("a size of 0 or more")
                }
                field.size = size
            case "array_len":
                guard let length = try parser.integer(), let length = UInt64(exactly: length)
                else { throw parser.fault("a length of 0 or more") }
                field.arrayLength = length
            case "struct": field.bodies.append(try parser.body())
            case "vmsd_name":
                // Members in place of `struct`: each name begins the next element.
                var body = VMDescription.Body()
                body.name = try parser.string()
                body.isDescribed = true
                field.bodies.append(body)
            case "version", "fields", "subsections":
                if field.bodies.isEmpty { field.bodies.append(VMDescription.Body()) }
                try parser.member(key, of: &field.bodies[field.bodies.count - 1])
            default: try parser.skipValue()
            }
        }
        return field
    }
}
