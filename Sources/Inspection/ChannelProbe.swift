import Migration
import QEMUStream

/// Tells the channels that have no magic by what they begin with.
///
/// | channel | begins with |
/// | --- | --- |
/// | return path | a type from 1 on and a length that it can have, or a word of COLO |
/// | preempt | a page's record, which names its block |
/// | continued | a command, or a PART of RAM |
enum ChannelProbe {
    static func kind(_ window: RawSpan) -> ChannelKind? {
        guard window.byteCount >= 4 else { return nil }
        if StreamReader.isReturnPath(window) { return .returnPath }
        if StreamReader.isPreempt(window) { return .preempt }
        return StreamReader.isContinued(window) ? .continued : nil
    }
}
