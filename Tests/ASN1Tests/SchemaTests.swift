import ASN1
import Testing

/// The table that comes out, against what the standard's clauses say must come out.
struct SchemaTests {
    private func definition(_ name: String, _ schema: Schema) throws -> TypeDefinition {
        schema.types[try #require(schema.type(named: name))]
    }

    private func component(_ type: String, _ name: String, _ schema: Schema) throws -> (
        Structure.Component, TypeDefinition
    ) {
        let structure: Structure
        switch try definition(type, schema).kind {
        case .sequence(let found), .set(let found), .choice(let found): structure = found
        default: throw Missing()
        }
        let component = try #require(structure.components.first { $0.name == name })
        return (component, schema.types[component.use.type])
    }

    struct Missing: Error {}

    @Test("Implicit and explicit tags fold as X.680 31.2 says")
    func foldedTags() throws {
        // asn1c's test 65 gives the results in its comments.
        let schema = try #require(
            compile(
                body: """
                    T2 ::= [3] EXPLICIT T3
                    T3 ::= [4] IMPLICIT T4
                    T4 ::= [5] EXPLICIT T5
                    T5 ::= [6] IMPLICIT REAL
                    Ts ::= [123] IMPLICIT SEQUENCE {
                      m1 [1] IMPLICIT T2, m2 [2] EXPLICIT T3 OPTIONAL, m3 [3] IMPLICIT T3 }
                    T ::= [0] IMPLICIT Ts
                    """
            ).schema)
        func numbers(_ type: TypeDefinition) -> [UInt64] { type.tags.map(\.number) }
        #expect(numbers(try component("Ts", "m1", schema).1) == [1, 4, 6])
        #expect(numbers(try component("Ts", "m2", schema).1) == [2, 4, 6])
        #expect(numbers(try component("Ts", "m3", schema).1) == [3, 6])
        #expect(numbers(try definition("T", schema)) == [0])
    }

    @Test("Automatic tags count the root first, and are explicit on a CHOICE")
    func automaticTags() throws {
        let schema = try #require(
            compile(
                body: """
                    C ::= CHOICE {x NULL, y BOOLEAN}
                    S ::= SEQUENCE {a INTEGER, ..., b NULL, ..., c C}
                    I ::= SEQUENCE {d BOOLEAN, COMPONENTS OF S}
                    """, tags: "AUTOMATIC TAGS"
            ).schema)
        func tags(_ type: String, _ name: String) throws -> [ASN1.Tag] {
            try component(type, name, schema).1.tags
        }
        #expect(try tags("S", "a") == [ASN1.Tag(.contextSpecific, 0)])
        #expect(try tags("S", "c") == [ASN1.Tag(.contextSpecific, 1)])
        #expect(try tags("S", "b") == [ASN1.Tag(.contextSpecific, 2)])
        #expect(try tags("I", "c") == [ASN1.Tag(.contextSpecific, 2)])
        guard case .sequence(let included) = try definition("I", schema).kind else {
            throw Missing()
        }
        #expect(included.components.map(\.name) == ["d", "a", "c"])
    }

    @Test("Enumerations get their values as X.680 20.6 to 20.8 say")
    func enumerations() throws {
        // The clauses' own examples: A has 0, 1, 2; B has 1, 2, 0, 3; C has 0, 1, 3, 4; D has 0, 25, 1.
        let schema = try #require(
            compile(
                body: """
                    A ::= ENUMERATED {a, b, ..., c}
                    B ::= ENUMERATED {a, b, c(0), ..., d}
                    C ::= ENUMERATED {a, b, ..., c(3), d}
                    D ::= ENUMERATED {a, z(25), ..., d}
                    """
            ).schema)
        func values(_ name: String) throws -> [Int?] {
            guard case .enumerated(let found) = try definition(name, schema).kind else {
                throw Missing()
            }
            return found.items.map { $0.value.asInt }
        }
        #expect(try values("A") == [0, 1, 2])
        #expect(try values("B") == [1, 2, 0, 3])
        #expect(try values("C") == [0, 1, 3, 4])
        #expect(try values("D") == [0, 25, 1])
    }

    @Test("Ranges, sizes and alphabets are worked out over references and set algebra")
    func effectiveConstraints() throws {
        let schema = try #require(
            compile(
                body: """
                    A ::= INTEGER (0..100)
                    B ::= A (MIN..10 | 20..<30 EXCEPT 25)
                    C ::= INTEGER (0..18446744073709551615)
                    D ::= OCTET STRING (SIZE (1..4)) (SIZE (2..MAX))
                    E ::= IA5String (FROM ("a".."c" | "x")) (SIZE (n))
                    F ::= INTEGER (0..5, ...)
                    n INTEGER ::= 3
                    """
            ).schema)
        func ranges(_ pairs: [(Int, Int)]) -> IntegerRanges {
            IntegerRanges(
                pairs.map { IntegerRanges.Range(lower: BigInteger($0.0), upper: BigInteger($0.1)) })
        }
        #expect(try definition("B", schema).valueRange == ranges([(0, 10), (20, 24), (26, 29)]))
        #expect(
            try definition("C", schema).valueRange?.upper?.description == "18446744073709551615")
        #expect(try definition("D", schema).size == ranges([(2, 4)]))
        #expect(try definition("E", schema).permittedAlphabet == ranges([(97, 99), (120, 120)]))
        #expect(try definition("E", schema).size == ranges([(3, 3)]))
        #expect(try definition("F", schema).valueRange == nil)
        #expect(try definition("F", schema).isExtensible)
    }

    @Test("What stands behind the marker of a constraint is kept apart from its root")
    func additions() throws {
        let schema = try #require(compile(body: "A ::= INTEGER (1..10, ..., 12..20 | 30)").schema)
        let constraint = try #require(try definition("A", schema).constraints.first)
        func range(_ lower: Int, _ upper: Int) -> ConstraintExpression {
            .integerRange(lower: BigInteger(lower), upper: BigInteger(upper))
        }
        #expect(constraint.isExtensible)
        #expect(constraint.expression == range(1, 10))
        #expect(constraint.additions == .union([range(12, 20), range(30, 30)]))
    }

    @Test("A table constraint leads to the rows of its object set, over parameters")
    func tables() throws {
        let schema = try #require(
            compile(
                body: """
                    C ::= CLASS {&id INTEGER UNIQUE, &Type} WITH SYNTAX {&Type IDENTIFIED BY &id}
                    Base C ::= {{INTEGER IDENTIFIED BY 1} | {BOOLEAN IDENTIFIED BY two}, ...}
                    two INTEGER ::= 2
                    M ::= SEQUENCE {content P {{Base}}}
                    P {C:Set} ::= SEQUENCE {id C.&id ({Set}), value [0] C.&Type ({Set}{@id})}
                    """
            ).schema)
        let (content, _) = try component("M", "content", schema)
        guard case .sequence(let inner) = schema.types[content.use.type].kind else {
            throw Missing()
        }
        let value = schema.types[inner.components[1].use.type]
        guard case .table(let table)? = value.constraints.first?.expression else { throw Missing() }
        #expect(table.field == "Type")
        #expect(table.relations.map(\.path) == [["id"]])
        let set = schema.objectSets[table.objectSet]
        #expect(set.isExtensible)
        let rows = set.rows.map { row -> String in
            guard case .value(.integer(let key))? = row.settings["id"],
                case .type(let use)? = row.settings["Type"]
            else { return "?" }
            return "\(key) \(schema.types[use.type].tags)"
        }
        #expect(rows == ["1 [[UNIVERSAL 2]]", "2 [[UNIVERSAL 1]]"])
    }

    @Test("A rule and its use keep their places in the text")
    func places() throws {
        let schema = try #require(
            compile(body: "Page ::= OCTET STRING (SIZE (4))\nE ::= SEQUENCE {\n  page Page }")
                .schema)
        let (component, type) = try component("E", "page", schema)
        #expect(component.use.location.line == 4)
        #expect(component.use.location.column == 8)
        #expect(type.name == "Page")
        #expect(type.constraints.first?.location == SourceLocation(file: 0, line: 2, column: 23))
    }

    @Test("Recursive types refer to themselves by index")
    func recursion() throws {
        let schema = try #require(compile(body: "T ::= SEQUENCE {a SEQUENCE OF T}").schema)
        let (_, list) = try component("T", "a", schema)
        guard case .sequenceOf(let element) = list.kind else { throw Missing() }
        #expect(element.type == schema.type(named: "T"))
    }

    @Test("Imports are followed over modules and by object identifier")
    func imports() throws {
        let result = SchemaCompiler().compile([
            SourceFile(
                name: "a",
                text:
                    "A DEFINITIONS ::= BEGIN IMPORTS T, v FROM Renamed {1 2 3}; U ::= T (0..v) END"),
            SourceFile(
                name: "b",
                text:
                    "B {iso(1) member-body(2) 3} DEFINITIONS ::= BEGIN IMPORTS T FROM C; v INTEGER ::= 9 END"
            ),
            SourceFile(name: "c", text: "C DEFINITIONS ::= BEGIN T ::= INTEGER END"),
        ])
        let schema = try #require(result.schema, "\(result.errors.map(\.line))")
        #expect(try definition("U", schema).valueRange?.upper == BigInteger(9))
    }
}
