import CLibFuzzer
import Glibc
import InputProperties

// libFuzzer's driver and its callbacks. BERTH_FUZZ names the target: the environment reaches libFuzzer's own
// subprocesses too.

/// CPU time that one input may take. Inputs are small, so this is a matter of growth.
private let secondsLimit = 4.0

private let target: InputTarget = {
    let name = unsafe getenv("BERTH_FUZZ").map { unsafe String(cString: $0) } ?? ""
    guard let found = InputTarget.named(name) else {
        let names = InputTarget.all.map(\.name).joined(separator: " ")
        print("BERTH_FUZZ must name a target: \(names)")
        exit(64)
    }
    return found
}()

private func seconds() -> Double {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// What libFuzzer takes for a crash, and keeps the input of.
private func breach(_ text: String) -> Never {
    let octets = Array("BREACH: \(text)\n".utf8)
    // The array lives during the call.
    _ = unsafe octets.withUnsafeBytes {
        unsafe write(STDERR_FILENO, $0.baseAddress, $0.count)
    }
    fatalError("a property does not hold")
}

@main
struct Entry {
    static func main() {
        var count = CommandLine.argc
        // The C library's own arguments, which live as long as the program.
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
            unsafe CommandLine
            .unsafeArgv
        _ = target
        exit(unsafe LLVMFuzzerRunDriver(&count, &arguments, testOneInput))
    }
}

private func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    // libFuzzer's octets, valid during the call.
    let octets = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
    let begin = seconds()
    do {
        let verdict = try target.check(octets)
        if unsafe getenv("BERTH_FUZZ_VERDICT") != nil { print(verdict) }
    } catch {
        breach("\(error)")
    }
    let taken = seconds() - begin
    if taken > secondsLimit {
        breach("\(taken) s for \(size) octets")
    }
    return 0
}

@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(
    _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: UInt32
) -> Int {
    var random = MutationRandom(seed: UInt64(seed))
    let octets = unsafe [UInt8](UnsafeBufferPointer(start: data, count: size))
    guard let mutated = Mutators.mutate(octets, for: target.name, &random),
        mutated.count <= maximum
    else { return unsafe LLVMFuzzerMutate(data, size, maximum) }
    // No more than `maximum` octets, for which there is room.
    for (index, octet) in mutated.enumerated() { unsafe data[index] = octet }
    return mutated.count
}
