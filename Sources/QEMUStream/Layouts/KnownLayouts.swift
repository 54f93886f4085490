/// Layouts of sections that belong to no device, so that `-dump-vmstate` leaves them out (QEMU's
/// `softmmu/cpus.c` and `cpu.c`).
enum KnownLayouts {
    static let all: [DeviceLayout] = [timer, common]

    private static func fields(_ fields: [(String, String, UInt64)]) -> [DeviceLayout.Field] {
        fields.map { name, type, size in
            var field = VMDescription.Field()
            field.name = name
            field.type = type
            field.size = size
            return DeviceLayout.Field(field)
        }
    }

    private static let timer = DeviceLayout(
        name: "timer", version: 2,
        fields: fields([
            ("cpu_ticks_offset", "int64", 8), ("unused", "unused_buffer", 8),
            ("cpu_clock_offset", "int64", 8),
        ]),
        subsections: [
            DeviceLayout(
                name: "timer/icount", version: 1,
                fields: fields([("qemu_icount_bias", "int64", 8), ("qemu_icount", "int64", 8)]),
                subsections: [
                    DeviceLayout(
                        name: "timer/icount/warp_timer", version: 1,
                        fields: fields([
                            ("vm_clock_warp_start", "int64", 8), ("icount_warp_timer", "timer", 8),
                        ])),
                    DeviceLayout(
                        name: "timer/icount/timers", version: 1,
                        fields: fields([
                            ("icount_rt_timer", "timer", 8), ("icount_vm_timer", "timer", 8),
                        ])),
                    DeviceLayout(
                        name: "timer/icount/shift", version: 2,
                        fields: fields([
                            ("icount_time_shift", "int16", 2), ("last_delta", "int64", 8),
                        ])),
                ])
        ])

    private static let common = DeviceLayout(
        name: "cpu_common", version: 1,
        fields: fields([("halted", "uint32", 4), ("interrupt_request", "uint32", 4)]),
        subsections: [
            DeviceLayout(
                name: "cpu_common/exception_index", version: 1,
                fields: fields([("exception_index", "int32", 4)])),
            DeviceLayout(
                name: "cpu_common/crash_occurred", version: 1,
                fields: fields([("crash_occurred", "bool", 1)])),
        ])
}
