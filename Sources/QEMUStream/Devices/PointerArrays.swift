/// Arrays of pointers, which the vmdesc tells in parts and often wrongly.
///
/// Up to 9.2 a null pointer hides the elements behind it; 10.0 to 11.0 count runs of nulls twice
/// (QEMU's `vmstate_save_vmsd_v`).
enum PointerArrays {
    /// A null pointer on the wire: the character 0.
    static let null: UInt8 = 0x30

    /// The entries from `start` on that have one name and so belong to one array.
    static func group(_ fields: [VMDescription.Field], at start: Int) -> Range<Int> {
        var end = start + 1
        while end < fields.count, fields[end].name == fields[start].name { end += 1 }
        return start..<end
    }

    /// Whether entries can be an array of pointers whose lengths are told wrongly.
    static func mayBeMisdescribed(_ fields: ArraySlice<VMDescription.Field>) -> Bool {
        fields.contains { field in
            ["nullptr", "ptr-marker"].contains(field.type) || field.arrayLength != nil
                || field.bodies.count == 1 && !field.bodies[0].isDescribed
        }
    }
}
