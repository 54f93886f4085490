// swift-tools-version: 6.2
import PackageDescription

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
    name: "berth",
    products: [
        .library(name: "ByteIO", targets: ["ByteIO"]),
        .library(name: "BER", targets: ["BER"]),
        .library(name: "ASN1", targets: ["ASN1"]),
        .library(name: "SchemaValidation", targets: ["SchemaValidation"]),
        .library(name: "Migration", targets: ["Migration"]),
        .library(name: "QEMUStream", targets: ["QEMUStream"]),
        .library(name: "MigrationBER", targets: ["MigrationBER"]),
        .library(name: "Containers", targets: ["Containers"]),
        .library(name: "Inspection", targets: ["Inspection"]),
        .library(name: "Relay", targets: ["Relay"]),
        .executable(name: "berth", targets: ["berth"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    ],
    targets: [
        .target(name: "CChecksum"),
        .target(name: "CMirror"),
        // The system's libraries; Scripts/need.sh installs what is missing. No pkgConfig: its -L
        // would come before the folder of archives (Scripts/static-libraries.sh).
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CLZMA", providers: [.apt(["liblzma-dev"])]),
        .systemLibrary(name: "CBZip2", providers: [.apt(["libbz2-dev"])]),
        .systemLibrary(
            name: "CMessageDigest", providers: [.apt(["libmd-dev"])]),
        .target(name: "CLZO"),
        .target(
            name: "ByteIO",
            dependencies: [
                "CChecksum", "CMirror",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(name: "BER", dependencies: ["ByteIO"], swiftSettings: settings),
        .target(name: "ASN1", swiftSettings: settings),
        .testTarget(
            name: "ASN1Tests", dependencies: ["ASN1"], exclude: ["Fixtures"],
            swiftSettings: settings),
        .target(
            name: "SchemaValidation", dependencies: ["ASN1", "BER", "ByteIO"],
            swiftSettings: settings),
        .testTarget(
            name: "SchemaValidationTests",
            dependencies: ["SchemaValidation", "ASN1", "BER", "ByteIO", "berth"],
            exclude: ["Fixtures", "Oracles"],
            swiftSettings: settings),
        .target(name: "Migration", dependencies: ["ByteIO"], swiftSettings: settings),
        .target(
            name: "QEMUStream",
            dependencies: [
                "ByteIO", "Migration", .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .target(
            name: "MigrationBER", dependencies: ["BER", "ByteIO", "Migration"],
            swiftSettings: settings),
        .target(
            name: "Containers",
            dependencies: [
                "ByteIO", "Migration", "CZlib", "CZstd", "CLZMA", "CBZip2", "CLZO",
                "CMessageDigest",
            ],
            swiftSettings: settings),
        .target(
            name: "Inspection",
            dependencies: [
                "ByteIO", "BER", "Migration", "QEMUStream", "MigrationBER", "Containers",
            ],
            swiftSettings: settings),
        .target(
            name: "Relay",
            dependencies: [
                "ByteIO", "Migration", "QEMUStream", "MigrationBER", "Inspection",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .executableTarget(
            name: "berth",
            dependencies: [
                "ByteIO", "BER", "Migration", "QEMUStream", "MigrationBER", "Containers",
                "Inspection", "Relay",
                "ASN1", "SchemaValidation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        // What the tests share; no product.
        .target(
            name: "TestSupport",
            dependencies: [
                "ByteIO", "Migration", "MigrationBER", "QEMUStream",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(
            name: "ByteIOTests",
            dependencies: [
                "ByteIO", "CChecksum", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "BERTests",
            dependencies: [
                "BER", "ByteIO", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "MigrationTests",
            dependencies: [
                "Migration", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "QEMUStreamTests",
            dependencies: [
                "ByteIO", "Migration", "QEMUStream", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ContainersTests",
            dependencies: [
                "ByteIO", "Containers", "Migration", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "MigrationBERTests",
            dependencies: [
                "BER", "ByteIO", "Migration", "MigrationBER", "QEMUStream", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "InspectionTests",
            dependencies: ["Inspection", "Migration"], swiftSettings: settings),
        // What must hold of any input; the package Fuzzing compiles the same folder.
        .target(
            name: "InputProperties",
            dependencies: [
                "ByteIO", "BER", "ASN1", "SchemaValidation", "Migration", "QEMUStream",
                "MigrationBER", "Containers", "Inspection",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Fuzzing/Sources/InputProperties", swiftSettings: settings),
        .testTarget(
            name: "FoundInputTests", dependencies: ["InputProperties", "TestSupport"],
            swiftSettings: settings),
        // Runs the program that was built, as a user does.
        .testTarget(
            name: "BerthCommandTests",
            dependencies: [
                "berth", "ByteIO", "Relay", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
    ]
)
