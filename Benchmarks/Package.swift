// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// A package of its own: users of Berth's libraries get nothing of it.
let package = Package(
    name: "berth-benchmarks",
    dependencies: [
        .package(name: "berth", path: ".."),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
    ],
    targets: [
        .target(name: "CAllocationCounter"),
        .executableTarget(
            name: "berth-micro",
            dependencies: [
                "CAllocationCounter",
                .product(name: "ByteIO", package: "berth"),
                .product(name: "BER", package: "berth"),
                .product(name: "ASN1", package: "berth"),
                .product(name: "SchemaValidation", package: "berth"),
                .product(name: "Migration", package: "berth"),
                .product(name: "QEMUStream", package: "berth"),
                .product(name: "MigrationBER", package: "berth"),
                .product(name: "Inspection", package: "berth"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
    ]
)
