import Inspection

/// Paths into device state, as arguments.
enum DevicePathOptions {
    static func patterns(_ texts: [String]) throws(CommandFailure) -> [DevicePathPattern] {
        var patterns: [DevicePathPattern] = []
        for text in texts {
            do throws(DevicePathPattern.Fault) {
                patterns.append(try DevicePathPattern(text))
            } catch {
                throw CommandFailure(
                    status: CommandFailure.usage,
                    "\(text): character \(error.position + 1): expected \(error.expected)",
                    hint: "a path looks like 0000:00:01.3/piix4_pm[0].ar.pm1.evt.sts")
            }
        }
        return patterns
    }
}
