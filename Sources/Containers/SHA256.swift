import CMessageDigest

/// SHA-256 (FIPS 180-4) by libmd.
enum SHA256 {
    /// In hexadecimal digits.
    static func hex(_ octets: [UInt8]) -> String {
        var context = SHA2_CTX()
        var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        unsafe SHA256Init(&context)
        // The library reads just the array's octets, and writes 32.
        unsafe octets.withUnsafeBufferPointer {
            unsafe SHA256Update(&context, $0.baseAddress, $0.count)
        }
        unsafe SHA256Final(&digest, &context)
        return digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
