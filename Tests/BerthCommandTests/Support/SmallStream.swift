import TestSupport

/// A stream with a bit of everything, written by hand. The offsets in the comments are counted by
/// hand too: tests take their expectations from them.
enum SmallStream {
    static let octets = with(json: json)

    /// The stream with another vmdesc.
    static func with(json: String) -> [UInt8] {
        head + Array(repeating: 0x41, count: 4096) + tail
            + [6] + bigEndian(UInt32(json.utf8.count)) + Array(json.utf8)
    }

    /// The stream with other octets from `offset` on.
    static func changed(_ offset: Int, _ new: [UInt8]) -> [UInt8] {
        var octets = octets
        octets.replaceSubrange(offset..<offset + new.count, with: new)
        return octets
    }

    private static let head = TestSupport.octets(
        """
        5145564d 00000003                          ;    0: QEVM, version 3
        07 00000004 6e6f6e65                       ;    8: configuration, machine "none"
        05 1e 636f6e66 69677572 6174696f 6e2f7461  ;   17: configuration/target-page-bits,
              72676574 2d706167 652d6269 7473      ;       30 octets of name,
           00000001 0000000c                       ;       version 1, 12 bits
        01 00000002 03 72616d 00000000 00000004    ;   57: START 2, "ram", instance 0, version 4
        0000000000005004                           ;   74: MEM_SIZE, 0x5000 in all
        01 6d 0000000000004000                     ;   82: "m", 0x4000
        03 726f6d 0000000000001000                 ;   92: "rom", 0x1000
        0000000000000010                           ;  104: end of section
        7e 00000002                                ;  112: footer
        02 00000002                                ;  117: PART 2
        0000000000000002 01 6d 00                  ;  122: m, offset 0: a page of zeros
        0000000000001022 00                        ;  133: offset 0x1000: a page of zeros
        0000000000003028                           ;  142: offset 0x3000: a page, 4096 octets
        """)

    private static let tail = TestSupport.octets(
        """
        0000000000000002 03 726f6d ff              ; 4246: rom, offset 0: a page of ff
        0000000000000010                           ; 4259: end of section
        7e 00000002                                ; 4267: footer
        03 00000002                                ; 4272: END 2
        0000000000000010                           ; 4277: end of section
        7e 00000002                                ; 4285: footer
        08 0002 0004 00000007                      ; 4290: command PING, 7
        04 00000005 03 646576 00000001 00000002    ; 4299: FULL 5, "dev", instance 1, version 2
        00000005 01                                ; 4316: n = 5, on = true
        7e 00000005                                ; 4321: footer
        04 00000006 03 626f78 00000000 00000001    ; 4326: FULL 6, "box", instance 0, version 1
        c0ffee                                     ; 4343: b
        7e 00000006                                ; 4346: footer
        00                                         ; 4351: end mark
        """)

    /// At 4352: 06 and the length of four octets; at 4357: these 287 octets.
    static let json =
        #"{"page_size":4096,"devices":[{"name":"dev","instance_id":1,"vmsd_name":"dev","version":2,"#
        + #""fields":[{"name":"n","type":"uint32","size":4},{"name":"on","type":"bool","size":1}]},"#
        + #"{"name":"box","instance_id":0,"vmsd_name":"box","version":1,"#
        + #""fields":[{"name":"b","type":"buffer","size":3}]}]}"#
}
