// swift-tools-version: 6.2
import PackageDescription

// Apart from the package, so that who uses Berth neither fetches nor builds it. `make fuzz` builds it
// with coverage; it links with `-sanitize=fuzzer` alone.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
    name: "berth-fuzzing",
    products: [
        .executable(name: "berth-fuzz", targets: ["berth-fuzz"]),
        .executable(name: "berth-damage", targets: ["berth-damage"]),
    ],
    dependencies: [
        .package(name: "berth", path: ".."),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    ],
    targets: [
        .target(name: "CLibFuzzer"),
        // The package's tests compile the same folder, for the inputs that were found.
        .target(
            name: "InputProperties",
            dependencies: [
                .product(name: "ByteIO", package: "berth"),
                .product(name: "BER", package: "berth"),
                .product(name: "ASN1", package: "berth"),
                .product(name: "SchemaValidation", package: "berth"),
                .product(name: "Migration", package: "berth"),
                .product(name: "QEMUStream", package: "berth"),
                .product(name: "MigrationBER", package: "berth"),
                .product(name: "Containers", package: "berth"),
                .product(name: "Inspection", package: "berth"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "berth-damage", dependencies: ["InputProperties"], swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
        .executableTarget(
            name: "berth-fuzz", dependencies: ["CLibFuzzer", "InputProperties"],
            swiftSettings: settings,
            // The gold linker takes libFuzzer's main and Swift's for the same.
            linkerSettings: [.unsafeFlags(["-use-ld=lld"])]),
    ]
)
