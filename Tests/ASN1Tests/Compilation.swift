import ASN1

/// Compiles one text under the name `m.asn`.
func compile(_ text: String, isStrict: Bool = false) -> SchemaCompiler.Result {
    SchemaCompiler(isStrict: isStrict).compile([SourceFile(name: "m.asn", text: text)])
}

/// Compiles assignments as the body of a module.
func compile(body: String, tags: String = "", isStrict: Bool = false) -> SchemaCompiler.Result {
    compile("M DEFINITIONS \(tags) ::= BEGIN\n\(body)\nEND\n", isStrict: isStrict)
}
