// swift-tools-version: 6.2
import PackageDescription

// What the libraries are for, in a file each: `swift run --package-path Examples devices vm.mig`.
let package = Package(
    name: "berth-examples",
    dependencies: [.package(name: "berth", path: "..")],
    targets: ["devices", "pages", "validate"].map { name in
        .executableTarget(
            name: name,
            dependencies: (name == "validate"
                ? ["ASN1", "ByteIO", "SchemaValidation"] : ["Inspection", "Migration"])
                .map { .product(name: $0, package: "berth") })
    })
